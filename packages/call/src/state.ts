/**
 * The state of one call. Plain JSON, discriminated on `phase`; nothing here knows a socket, a timer or a clock.
 *
 *            begin (admitted)                answer (first committed)
 *   (offer) ────────────────► ringing ──────────────────────────────► active
 *      │                         │                                      │
 *      │ nobody to ring          │ hang-up, reject, every device spoke, │ hang-up, grace over,
 *      │ (busy, unavailable)     │ ring timeout, caller's grace over,   │ replaced
 *      ▼                         │ dialled away, replaced, forbidden    ▼
 *    ended ◄─────────────────────┴──────────────────────────────────── ended   (absorbing; forgotten after 120 s)
 *
 * Every limit is named in the state, and {@link deadlineOf} is their minimum: the only timer a call has.
 */
import type {
  CallOutcome,
  CallType,
  Language,
  QualityMetrics,
  SenderInfo,
  SessionDescription,
} from '@ringdown/protocol';

/** Canonical wire id of a user. */
export type UserId = string;
/** UUID of a call. */
export type CallId = string;
/** Milliseconds since the epoch by the store's clock. */
export type Millis = number;

/**
 * A user on a device: `<user>/<device>`. A plain session has no device, so its socket stands for one: `<user>/~<socket>`.
 */
export type Endpoint = `${UserId}/${string}`;

/** The endpoint of an extended session, which lives longer than its sockets. */
export function deviceEndpoint(user: UserId, deviceId: string): Endpoint {
  return `${user}/${deviceId}`;
}

/** The endpoint of a plain session, which is its one socket (DS-3). */
export function plainEndpoint(user: UserId, socketId: string): Endpoint {
  return `${user}/~${socketId}`;
}

/** The user an endpoint belongs to. */
export function userOf(endpoint: Endpoint): UserId {
  return endpoint.slice(0, endpoint.indexOf('/'));
}

/** Whether an endpoint is one plain socket. */
export function isPlain(endpoint: Endpoint): boolean {
  return endpoint.charAt(endpoint.indexOf('/') + 1) === '~';
}

/** One of the two people. Fixed at the offer; the set never grows (T2). */
export interface Party {
  readonly id: UserId;
  /** What the other side is shown. */
  readonly info: SenderInfo;
}

/** An endpoint bound to a call: the caller's from the offer on, the callee's from its answer on. */
export interface Seat {
  readonly endpoint: Endpoint;
  /** The language its texts are written in. */
  readonly language: Language;
  /** When it lost its socket; absent while it is attached. */
  readonly goneAt?: Millis;
}

/** What a single device can say against a call without ending it for the person's other devices (RJ-2). */
export type Refusal = 'busy' | 'media_error' | 'unsupported';

/** A device of the callee that was sent the offer. */
export interface Device {
  readonly language: Language;
  /** What it said; a device that has spoken does not ring any more. */
  readonly said?: Refusal;
  /** When it lost its socket; absent while it is attached. */
  readonly goneAt?: Millis;
}

interface Identity {
  readonly callId: CallId;
  readonly caller: Party;
  readonly callee: Party;
  readonly callType: CallType;
  readonly conversationId?: string;
  /** When the offer was admitted. */
  readonly startedAt: Millis;
}

/** The callee is being rung. */
export interface Ringing extends Identity {
  readonly phase: 'ringing';
  readonly offer: SessionDescription;
  /** The ring timeout (TI-1). */
  readonly ringUntil: Millis;
  readonly callerSeat: Seat;
  readonly devices: Readonly<Record<Endpoint, Device>>;
}

/** Answered; the two bound endpoints talk. */
export interface Active extends Identity {
  readonly phase: 'active';
  /** Kept for a caller that comes back without it (RI-2). */
  readonly answer: SessionDescription;
  readonly answeredAt: Millis;
  readonly callerSeat: Seat;
  readonly calleeSeat: Seat;
}

/** Over. Absorbing: no event leads out of it (HU-2). */
export interface Ended extends Identity {
  readonly phase: 'ended';
  /** Absent when nobody was rung. */
  readonly ringingAt?: Millis;
  readonly answeredAt?: Millis;
  readonly endedAt: Millis;
  readonly endedBy: 'caller' | 'callee' | 'service';
  /** Raw reason word, as said by who ended it. */
  readonly reason?: string;
  readonly outcome: SidedOutcome;
  readonly quality: { readonly caller?: QualityMetrics; readonly callee?: QualityMetrics };
}

/**
 * The outcome as each side was told it. `callee` null: the callee must never learn of the attempt (BL-1); `caller` null:
 * the attempt is in nobody's history (GL-1).
 *
 * - completed: answered, then hung up · cancelled: the caller hung up first · no_answer: the ring ran out
 * - rejected: a person said no · busy: in another call, or every device said so · unavailable: nobody to ring
 * - failed: no device could take it · connection_lost: a side did not come back · replaced: its device began another
 */
interface SidedOutcome {
  readonly caller: CallOutcome | null;
  readonly callee: CallOutcome | null;
}

/** A call. */
export type CallState = Ringing | Active | Ended;
/** A call that is not over. */
export type LiveCall = Ringing | Active;

/** How long a call waits for whoever lost the socket, in ms (DS-1, RJ-2). */
export const GRACE = Object.freeze({
  /** The caller, while it rings. */
  callerRingingMs: 15_000,
  /** A device of the callee that is still counted as ringing. */
  deviceMs: 30_000,
  /** Either side of an answered call. */
  activeMs: 30_000,
  /** How long an ended call is remembered, so that late frames can be told from foreign ones (HU-2). */
  tombstoneMs: 120_000,
  /** A device that joins later than this before the end is not rung any more (RI-2). */
  shortestReplayMs: 3_000,
});

/**
 * When the call next has something to do by itself: the earliest of its limits; for an ended call, when to forget it.
 * @returns ms by the store's clock
 */
export function deadlineOf(state: CallState): Millis {
  switch (state.phase) {
    case 'ringing':
      return Math.min(
        state.ringUntil,
        (state.callerSeat.goneAt ?? Number.POSITIVE_INFINITY) + GRACE.callerRingingMs,
        refusalsSettleAt(state),
      );
    case 'active':
      return Math.min(
        (state.callerSeat.goneAt ?? Number.POSITIVE_INFINITY) + GRACE.activeMs,
        (state.calleeSeat.goneAt ?? Number.POSITIVE_INFINITY) + GRACE.activeMs,
      );
    case 'ended':
      return state.endedAt + GRACE.tombstoneMs;
  }
}

/**
 * When the last ringing device counts as gone, provided that some device has spoken (RJ-2). A ring in which nobody has
 * spoken goes on to its timeout, since a device may come back.
 */
export function refusalsSettleAt(state: Ringing): Millis {
  const devices = Object.values(state.devices);
  if (!devices.some((device) => device.said !== undefined)) return Number.POSITIVE_INFINITY;
  let settled = 0;
  for (const device of devices) {
    if (device.said !== undefined) continue;
    settled = Math.max(settled, (device.goneAt ?? Number.POSITIVE_INFINITY) + GRACE.deviceMs);
  }
  return settled;
}

/**
 * The users a live call occupies, and how. Pure function of the state, so that a claim can never outlive its call (I10).
 * @returns `held` for who dialled or answered, `rung` for who is being rung; nothing for an ended call
 */
export function claimsOf(state: CallState): { readonly user: UserId; readonly claim: 'held' | 'rung' }[] {
  if (state.phase === 'ended') return [];
  return [
    { user: state.caller.id, claim: 'held' },
    { user: state.callee.id, claim: state.phase === 'ringing' ? 'rung' : 'held' },
  ];
}
