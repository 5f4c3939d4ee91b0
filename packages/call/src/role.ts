/** Who is speaking: the part an endpoint has in a call. Everything that is allowed follows from it (T1, T10). */
import { type Endpoint, isPlain, userOf } from './ids.ts';
import type { CallState, LiveCall } from './state.ts';

/**
 * What an endpoint is to a call.
 * - caller: the seat that dialled · callerOther: another session of the caller
 * - callee: before the answer any session of the callee, after it the seat that answered · calleeOther: another of theirs
 *
 * An ended call knows only its two people: every session of theirs is `caller` or `callee`.
 */
export type Role = 'caller' | 'callerOther' | 'callee' | 'calleeOther' | 'stranger';

/** What an endpoint is to a call. */
export function roleOf(state: CallState, endpoint: Endpoint): Role {
  const user = userOf(endpoint);
  if (user === state.caller.id) {
    return state.phase === 'ended' || endpoint === state.callerSeat.endpoint ? 'caller' : 'callerOther';
  }
  if (user !== state.callee.id) return 'stranger';
  return state.phase === 'active' && endpoint !== state.calleeSeat.endpoint ? 'calleeOther' : 'callee';
}

/**
 * The seat a plain socket may take: its user's, when that was a plain socket too and is lost (DS-3).
 * @returns undefined when there is none
 */
export function freeSeat(state: LiveCall, endpoint: Endpoint): 'callerSeat' | 'calleeSeat' | undefined {
  if (!isPlain(endpoint)) return undefined;
  const user = userOf(endpoint);
  if (user === state.caller.id) return isLostPlain(state.callerSeat) ? 'callerSeat' : undefined;
  if (user !== state.callee.id || state.phase !== 'active') return undefined;
  return isLostPlain(state.calleeSeat) ? 'calleeSeat' : undefined;
}

/** Whether a seat belonged to a plain socket that is gone, and with it all that the client knew of the call. */
export function isLostPlain(seat: LiveCall['callerSeat']): boolean {
  return seat.goneAt !== undefined && isPlain(seat.endpoint);
}
