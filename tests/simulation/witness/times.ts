/** By when a call must be over: the times of the rules, written down a second time on purpose. */
import type { Active, Endpoint, LiveCall, Millis, Ringing, Seat } from '@ringdown/call';

// The times of semantics DS-1, RJ-2, TI-1 to TI-3, RN-2, HU-2 and RI-2, in ms; written down a second time on purpose.
export const LONGEST_RING = 180_000;
export const ACCEPTING_HOLD = 15_000;
const CALLER_GRACE_WHILE_RINGING = 15_000;
export const DEVICE_GRACE = 30_000;
const GRACE_IN_CALL = 30_000;
const GRACE_OF_A_PAGE_THAT_WENT = 10_000;
const LONGEST_GRACE = 300_000;
const FLOWING_COUNTS = 25_000;
export const CONNECT_WITHIN = 45_000;
export const NEGOTIATE_WITHIN = 15_000;
export const REMEMBERED = 120_000;
export const SHORTEST_REPLAY = 3_000;
const NEVER = Number.POSITIVE_INFINITY;

/** By when a live call must have ended if nothing more happens (I9). A negotiation running out ends no call. */
export function endsBy(state: LiveCall): Millis {
  if (state.phase === 'ringing') {
    return Math.min(state.ringUntil, callerGraceEnd(state), refusedBy(state));
  }
  return Math.min(
    lostBy(state.callerSeat, state.calleeSeat),
    lostBy(state.calleeSeat, state.callerSeat),
    connectBy(state),
  );
}

export function callerGraceEnd({ callerSeat: { goneAt, leaving } }: Ringing): Millis {
  return goneAt === undefined ? NEVER : goneAt + (leaving ? GRACE_OF_A_PAGE_THAT_WENT : CALLER_GRACE_WHILE_RINGING);
}

/** When nobody counts as ringing any more, once somebody has spoken. */
export function refusedBy({ devices }: Ringing): Millis {
  let spoken = false;
  let until = Number.NEGATIVE_INFINITY;
  for (const key in devices) {
    const device = devices[key as Endpoint];
    if (!device) continue;
    if (device.said !== undefined) spoken = true;
    else until = Math.max(until, device.goneAt === undefined ? NEVER : device.goneAt + DEVICE_GRACE);
  }
  return spoken ? until : NEVER;
}

export function lostBy(seat: Seat, other: Seat): Millis {
  if (seat.goneAt === undefined) return NEVER;
  if (seat.leaving) return seat.goneAt + GRACE_OF_A_PAGE_THAT_WENT;
  const least = seat.goneAt + GRACE_IN_CALL;
  if (other.flowingAt === undefined) return least;
  return Math.min(seat.goneAt + LONGEST_GRACE, Math.max(least, other.flowingAt + FLOWING_COUNTS));
}

/** Two plain sessions report nothing: for them answered means active (TI-3). */
export function connectBy({ connectedAt, answeredAt, connectBy: noted }: Active): Millis {
  if (connectedAt !== undefined || noted === undefined) return NEVER;
  return answeredAt + CONNECT_WITHIN;
}
