/** Who is speaking: the part an endpoint has in a call. Everything that is allowed follows from it (T1, T10). */
import { type CallState, type Endpoint, userOf } from './state.ts';

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
