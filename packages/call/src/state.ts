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
  CandidateKind,
  Capability,
  Language,
  QualityMetrics,
  SenderInfo,
  SessionDescription,
} from '@ringdown/protocol';
import type { CallId, Endpoint, Millis, UserId } from './ids.ts';
import type { TimelineEntry } from './timeline.ts';

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
  /** What its client can do; empty for a plain session. */
  readonly capabilities: readonly Capability[];
  /** When it lost its socket; absent while it is attached. */
  readonly goneAt?: Millis;
  /** It said that it goes: its media are gone with it, and only a reload brings it back. Absent without `goneAt`. */
  readonly leaving?: true;
  /** When it last said that media flows (ST-1). */
  readonly flowingAt?: Millis;
}

/** What a side sends (MS-1). */
export interface MediaState {
  readonly audio: 'on' | 'off';
  readonly video: 'on' | 'off' | 'screen';
}

/** What a side has told of its media path (ST-1): kinds and codes, never addresses. */
export interface PathReport {
  readonly connected?: true;
  readonly failed?: true;
  readonly path?: CandidateKind;
  readonly gathered?: readonly CandidateKind[];
  readonly iceErrors?: readonly number[];
}

/** An offer in a running call that waits for its answer (RN-1). */
export interface Negotiation {
  readonly id: number;
  readonly by: 'caller' | 'callee';
  /** Dropped when it is still open then (RN-2). */
  readonly until: Millis;
}

/** What a single device can say against a call without ending it for the person's other devices (RJ-2). */
export type Refusal = 'busy' | 'media_error' | 'unsupported';

/** A device of the callee that was sent the offer. */
export interface Device {
  readonly language: Language;
  readonly capabilities: readonly Capability[];
  /** Set once its client has the offer (RI-1). */
  readonly rang?: true;
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
  /** When the first device had the offer; absent until one has. */
  readonly ringingAt?: Millis;
  /** What happened so far (HI-2). */
  readonly timeline: readonly TimelineEntry[];
}

/** The callee is being rung. */
export interface Ringing extends Identity {
  readonly phase: 'ringing';
  readonly offer: SessionDescription;
  /** The ring timeout (TI-1). */
  readonly ringUntil: Millis;
  readonly callerSeat: Seat;
  readonly devices: Readonly<Record<Endpoint, Device>>;
  /** The device whose person tapped Answer while it still wakes up; it holds the ring once (TI-2). */
  readonly acceptingBy?: Endpoint;
}

/** Answered; the two bound endpoints talk. */
export interface Active extends Identity {
  readonly phase: 'active';
  /** Kept for a caller that comes back without it (RI-2). */
  readonly answer: SessionDescription;
  readonly answeredAt: Millis;
  readonly callerSeat: Seat;
  readonly calleeSeat: Seat;
  /** When the first side reported media (ST-1). */
  readonly connectedAt?: Millis;
  /** Until when a side has to report it; absent once one has, and between two plain sessions (TI-3). */
  readonly connectBy?: Millis;
  readonly negotiation?: Negotiation;
  /** Number of the last negotiation; 0 for that of offer and answer. */
  readonly negotiations: number;
  readonly media: { readonly caller?: MediaState; readonly callee?: MediaState };
  readonly reports: { readonly caller: PathReport; readonly callee: PathReport };
}

/** Over. Absorbing: no event leads out of it (HU-2). */
export interface Ended extends Identity {
  readonly phase: 'ended';
  readonly answeredAt?: Millis;
  readonly connectedAt?: Millis;
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
  /** The same, as long as the other side goes on reporting that media flows. */
  activeFlowingMs: 300_000,
  /** The caller of a ring, or a side of an answered call, whose page went away: what loading it again may take. */
  leavingMs: 10_000,
  /** How long such a report counts: two of those due every 10 s may be lost. */
  flowingCountsMs: 25_000,
  /** How long an answered call may take until a side reports media (TI-3). */
  connectMs: 45_000,
  /** How long an offer in a running call waits for its answer (RN-2). */
  negotiationMs: 15_000,
  /** How long a device that is waking up may hold the ring (TI-2). */
  acceptingMs: 15_000,
  /** How long after the end a side may still report its quality (QU-1). */
  qualityMs: 60_000,
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
      return Math.min(state.ringUntil, callerGraceEnd(state), refusalsSettleAt(state));
    case 'active':
      return Math.min(
        graceEnd(state.callerSeat, state.calleeSeat),
        graceEnd(state.calleeSeat, state.callerSeat),
        state.connectBy ?? Number.POSITIVE_INFINITY,
        state.negotiation?.until ?? Number.POSITIVE_INFINITY,
      );
    case 'ended':
      return state.endedAt + GRACE.tombstoneMs;
  }
}

/** Until when the caller of a ring is waited for (DS-1): 10 s when its page went away, else 15 s. Infinite while it is there. */
export function callerGraceEnd({ callerSeat: { goneAt, leaving } }: Ringing): Millis {
  return (goneAt ?? Number.POSITIVE_INFINITY) + (leaving ? GRACE.leavingMs : GRACE.callerRingingMs);
}

/**
 * Until when a seat of an answered call is waited for (DS-1): 10 s when its page went away; else 30 s, and up to 5 min
 * while the other side reports that media flows. Infinite for a seat that is not gone.
 */
export function graceEnd(seat: Seat, other: Seat): Millis {
  if (seat.goneAt === undefined) return Number.POSITIVE_INFINITY;
  if (seat.leaving) return seat.goneAt + GRACE.leavingMs;
  const flowing = (other.flowingAt ?? Number.NEGATIVE_INFINITY) + GRACE.flowingCountsMs;
  return Math.min(seat.goneAt + GRACE.activeFlowingMs, Math.max(seat.goneAt + GRACE.activeMs, flowing));
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
