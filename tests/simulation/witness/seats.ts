/** Who sits where in a call, and who may take whose place. */
import { type Endpoint, isPlain, type LiveCall, type Ringing, type Seat, userOf } from '@ringdown/call';
import type { Commit } from '@ringdown/server/core';

/** No endpoint at all. */
export const NOBODY: readonly Endpoint[] = [];

/** Who sits on a side of a call when the actor's word counts: a plain socket may first take a lost one's place (DS-3). */
export function seatOf(before: LiveCall, side: 'caller' | 'callee', { by }: Commit): Endpoint | undefined {
  const seat = side === 'caller' ? before.callerSeat : before.phase === 'active' ? before.calleeSeat : undefined;
  if (!seat) return undefined;
  return by && isHeir(seat, by.endpoint) ? by.endpoint : seat.endpoint;
}

/** Whether a plain socket may take this seat: that of a lost plain one of the same user. */
export function isHeir(seat: Seat, endpoint: Endpoint): boolean {
  return (
    seat.goneAt !== undefined &&
    seat.endpoint !== endpoint &&
    isPlain(seat.endpoint) &&
    isPlain(endpoint) &&
    userOf(seat.endpoint) === userOf(endpoint)
  );
}

/** The devices that ring: they were sent the offer and have not spoken. */
export function listeners({ devices }: Ringing): Endpoint[] {
  const ringing: Endpoint[] = [];
  for (const key in devices) if (devices[key as Endpoint]?.said === undefined) ringing.push(key as Endpoint);
  return ringing;
}
