/**
 * Where a candidate goes: a pure function of the call's state and of who sent it (IC-1). The store asks it inside its
 * one atomic step, so that a candidate can neither overtake an answer nor slip past an end.
 */

import type { Endpoint } from './ids.ts';
import { freeSeat, roleOf } from './role.ts';
import type { CallState } from './state.ts';

/** What to do with a candidate. Whatever is not dropped is kept, within its bounds, for who joins or comes back late. */
export type CandidateRoute =
  /** Keep it, and send it to these now. */
  | { readonly to: readonly Endpoint[] }
  /** A plain socket may take the place of a lost one of its user, and ask again (DS-3). */
  | 'claim'
  /** The call is over, or this device lost the race to answer: a silent success. */
  | 'drop'
  /** Another session of the caller: it has no part in the call. */
  | 'foreign'
  /** A stranger: as if there were no call. */
  | 'unknown';

/** Where a candidate from an endpoint goes. */
export function candidateRoute(state: CallState, from: Endpoint): CandidateRoute {
  const role = roleOf(state, from);
  if (role === 'stranger') return 'unknown';
  if (state.phase === 'ended') return 'drop';
  if (freeSeat(state, from)) return 'claim';
  switch (role) {
    case 'callerOther':
      return 'foreign';
    case 'calleeOther':
      return 'drop';
    case 'caller':
      if (state.phase === 'active') return { to: [state.calleeSeat.endpoint] };
      return {
        to: (Object.keys(state.devices) as Endpoint[]).filter((device) => state.devices[device]?.said === undefined),
      };
    case 'callee':
      if (state.phase === 'active') return { to: [state.callerSeat.endpoint] };
      // Held: nothing of the callee's reaches the caller before its answer (AN-3).
      return state.devices[from]?.said === undefined ? { to: [] } : 'drop';
  }
}
