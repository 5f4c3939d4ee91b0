/**
 * An independent witness of every commit: it keeps its own picture of all calls and states each invariant of a call anew
 * (docs/proof.md), without asking the rules it watches. For searches and simulations, which call it millions of times.
 */
import {
  type Active,
  type CallId,
  type CallRecord,
  type CallState,
  type Effect,
  type Ended,
  type Endpoint,
  isPlain,
  type LiveCall,
  type Millis,
  type Ringing,
  type Seat,
  type UserId,
  userOf,
} from '@ringdown/call';
import type { ServerMessage } from '@ringdown/protocol';
import type { Commit, Outcome, Relayed, Snapshot } from '@ringdown/server/core';

/** What can be broken: a numbered invariant (docs/proof.md), a rule of the protocol, or one that has no number. */
export type Invariant = `I${number}` | `${string}-${number}` | 'plain contract' | 'identity';

/** An invariant does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  /** @param invariant which one @param what what was seen */
  constructor(invariant: Invariant, what: string) {
    super(`[${invariant}] ${what}`);
    this.invariant = invariant;
  }
}

/** What the witness is told of the world it watches. */
export interface WitnessOptions {
  /** Whether one ring may stand beside one answered call (BU-1). */
  readonly busyPolicy?: 'busy' | 'waiting';
  /** Whether the second has blocked the first: such a call must never ring (BL-1). */
  readonly isBlocked?: (caller: UserId, callee: UserId) => boolean;
}

// The times of semantics DS-1, RJ-2, TI-1 to TI-3, RN-2, HU-2 and RI-2, in ms; written down a second time on purpose.
const LONGEST_RING = 180_000;
const ACCEPTING_HOLD = 15_000;
const CALLER_GRACE_WHILE_RINGING = 15_000;
const DEVICE_GRACE = 30_000;
const GRACE_IN_CALL = 30_000;
const LONGEST_GRACE = 300_000;
const FLOWING_COUNTS = 25_000;
const CONNECT_WITHIN = 45_000;
const NEGOTIATE_WITHIN = 15_000;
const REMEMBERED = 120_000;
const SHORTEST_REPLAY = 3_000;
const NEVER = Number.POSITIVE_INFINITY;

/** The types a plain session knows; the acknowledgement is asked for by an `id`. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'call:offer',
  'call:answer',
  'call:ice_candidate',
  'call:hang_up',
  'call:reject',
  'call:busy',
  'call:not_available',
  'call:timeout',
  'ack',
]);
/** Fields of the extended protocol that would confuse a plain session. */
const EXTENDED_FIELDS = ['negotiationId', 'renegotiation', 'polite', 'takeover', 'candidates'] as const;

/** Why a call ended. `…AtOnce`: it never rang. */
type Cause =
  | 'busyAtOnce'
  | 'unavailableAtOnce'
  | 'lost'
  | 'deviceRefusals'
  | 'ringTimeout'
  | 'connectTimeout'
  | 'replaced'
  | 'answeredAnother'
  | 'dialledAway'
  | 'cancelled'
  | 'rejected'
  | 'forbidden'
  | 'completed';

interface Known {
  readonly state: CallState;
  /** Who has heard an end of this call, which goes on for others. */
  readonly out: readonly Endpoint[];
}

/** One call in the commit that is being judged. */
interface Step {
  readonly before: CallState | undefined;
  readonly after: CallState;
  readonly out: readonly Endpoint[];
  readonly cause: Cause | undefined;
  /** The call ended because its person went into another one in the same commit. */
  readonly left: boolean;
  /** Who was sent the offer of the ring, the answer, an end. */
  readonly rung: Endpoint[];
  readonly answered: Endpoint[];
  readonly told: Endpoint[];
  record: CallRecord | undefined;
}

const NOBODY: readonly Endpoint[] = [];

/** Watches the commits of one store. Every method throws a {@link Violation} when something is wrong. */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #live: Map<CallId, Known>;
  readonly #over: Map<CallId, Known>;

  constructor(options: WitnessOptions = {}, of?: { live: Map<CallId, Known>; over: Map<CallId, Known> }) {
    this.#options = options;
    this.#live = new Map(of?.live);
    this.#over = new Map(of?.over);
  }

  /** Another witness that knows what this one knows. */
  fork(): Witness {
    return new Witness(this.#options, { live: this.#live, over: this.#over });
  }

  /** The calls that live, by what was committed. */
  get liveCalls(): readonly LiveCall[] {
    return Array.from(this.#live.values(), ({ state }) => state as LiveCall);
  }

  /** Whether any call lives. */
  get hasLiveCalls(): boolean {
    return this.#live.size > 0;
  }

  /** A live call by its age, the oldest is 0; undefined when there are not so many. */
  liveCall(nth: number): LiveCall | undefined {
    let n = 0;
    for (const { state } of this.#live.values()) {
      if (n === nth) return state as LiveCall;
      n += 1;
    }
    return undefined;
  }

  /** A call as it was committed last; undefined when it never was, or is forgotten. */
  stateOf(callId: CallId): CallState | undefined {
    return (this.#live.get(callId) ?? this.#over.get(callId))?.state;
  }

  /**
   * Judges a commit that the store took.
   * @param now the store's time when it took it
   */
  committed(commit: Commit, now: Millis): void {
    const steps: Step[] = [];
    for (const after of commit.calls) {
      const known = this.#live.get(after.callId) ?? this.#over.get(after.callId);
      steps.push(open(known, after, commit));
    }
    for (const step of steps) {
      checkStates(step, commit, now);
      if (step.before === undefined && step.after.phase === 'ringing') this.#mayRing(step.after);
    }
    for (const effect of commit.effects) checkEffect(effect, steps, commit);
    for (const step of steps) {
      checkRung(step);
      checkAnswered(step, commit);
      checkTold(step, commit);
      checkRecord(step);
    }
    for (const step of steps) this.#keep(step);
    for (const { after } of steps) {
      if (after.phase === 'ended') continue;
      this.#checkClaims(after.caller.id);
      this.#checkClaims(after.callee.id);
    }
  }

  /**
   * Judges what became of a candidate frame (IC-1).
   * @param receiverId whom its sender named
   * @returns the endpoints that must have been given it, at once and in this order of frames
   */
  relayed(from: Endpoint, callId: CallId, result: Relayed, receiverId?: UserId): readonly Endpoint[] {
    if (result === 'fenced' || result === 'full') return NOBODY;
    const state = this.stateOf(callId);
    const user = userOf(from);
    if (!state || (user !== state.caller.id && user !== state.callee.id)) {
      return allow(result === 'unknown', 'I6', () => `${from} was told ${result} of call ${callId}, not its own`);
    }
    const isCaller = user === state.caller.id;
    if (receiverId !== undefined && receiverId !== (isCaller ? state.callee.id : state.caller.id)) {
      return allow(result === 'mismatch', 'I6', () => `a candidate for ${receiverId} was ${result} in ${callId}`);
    }
    if (state.phase === 'ended') {
      return allow(result === 'ok', 'I3', () => `a late candidate of ${from} was ${result} in ${callId}`);
    }
    const seat = isCaller ? state.callerSeat : state.phase === 'active' ? state.calleeSeat : undefined;
    if (seat && seat.endpoint !== from) {
      if (isPlain(from) && isPlain(seat.endpoint) && seat.goneAt !== undefined) {
        return allow(result === 'claim', 'I6', () => `${from} may take the seat in ${callId}, and was ${result}`);
      }
      const expected = isCaller ? 'foreign' : 'ok';
      return allow(result === expected, 'I6', () => `a candidate of unbound ${from} was ${result} in ${callId}`);
    }
    allow(result === 'ok', 'I8', () => `a candidate of ${from} was ${result} in ${callId}`);
    // The callee's are held until it answers: nothing of it reaches the caller before (AN-3).
    if (state.phase === 'ringing') return isCaller ? listeners(state) : NOBODY;
    return [isCaller ? state.calleeSeat.endpoint : state.callerSeat.endpoint];
  }

  /**
   * Judges what an answer came to, once it has come to it (AN-2, I14).
   * @param allowed whether the two might still talk
   */
  answered(from: Endpoint, callId: CallId, allowed: boolean, outcome: Outcome): void {
    const state = this.stateOf(callId);
    if (!outcome.ok) {
      if (outcome.reason === 'not_allowed' && state && state.phase !== 'ended') {
        fail('I14', `call ${callId} goes on although its two people may not talk any more`);
      }
      return;
    }
    if (!allowed) fail('I14', `${from} answered ${callId} although the two may not talk any more`);
    if (state === undefined) fail('I1', `${from} answered ${callId}, which nobody knows`);
  }

  /** Compares what the store says with what was committed (I10). Only for what was read when no commit was under way. */
  agrees(snapshot: Snapshot): void {
    for (const [callId, { state }] of snapshot.calls) {
      const known = this.stateOf(callId);
      if (known === undefined) fail('I10', `the store knows call ${callId}, which was never committed`);
      if (known !== state && !isSame(known, state)) fail('I10', `the store's call ${callId} is not what was committed`);
    }
    for (const [user, { calls, roster }] of snapshot.users) {
      let mine = 0;
      for (const { state } of this.#live.values()) {
        if (state.caller.id !== user && state.callee.id !== user) continue;
        mine += 1;
        if (!calls.some(({ callId }) => callId === state.callId)) {
          fail('I10', `user ${user} is in call ${state.callId}, and the store does not say so`);
        }
      }
      if (calls.length !== mine) fail('I10', `user ${user} is held by a call that is over`);
      for (const { endpoint } of roster) {
        if (userOf(endpoint) !== user) fail('I6', `${endpoint} stands in the roster of user ${user}`);
      }
    }
  }

  /**
   * Checks that every live call waits for exactly those who are away (DS-1, I9): a seat that nobody waits for would keep
   * its call for ever, one that is waited for though it is there would lose it. Only when nothing is under way.
   */
  waitsFor(isAttached: (endpoint: Endpoint) => boolean): void {
    for (const { state } of this.#live.values()) {
      const live = state as LiveCall;
      const seats = live.phase === 'active' ? [live.callerSeat, live.calleeSeat] : [live.callerSeat];
      for (const { endpoint, goneAt } of seats) {
        if (goneAt === undefined && !isAttached(endpoint)) fail('I9', `nobody waits for ${endpoint} in ${live.callId}`);
        if (goneAt !== undefined && isAttached(endpoint)) fail('I9', `${endpoint} is waited for in ${live.callId}`);
      }
      if (live.phase === 'active') continue;
      for (const key in live.devices) {
        const endpoint = key as Endpoint;
        if (live.devices[endpoint]?.goneAt === undefined && !isAttached(endpoint)) {
          fail('I9', `${endpoint} counts as ringing in ${live.callId} and is gone`);
        }
      }
    }
  }

  /** The live calls that should have ended by a time: a shell that runs its alarm leaves none (I9). */
  overdue(now: Millis): CallId[] {
    const overdue: CallId[] = [];
    for (const { state } of this.#live.values()) if (endsBy(state as LiveCall) <= now) overdue.push(state.callId);
    return overdue;
  }

  /** Drops the ended calls that the service need not know any more, to stay small. */
  forget(now: Millis): void {
    for (const [callId, { state }] of this.#over) {
      if (state.phase === 'ended' && state.endedAt + REMEMBERED <= now) this.#over.delete(callId);
    }
  }

  #mayRing({ callId, caller, callee }: Ringing): void {
    if (caller.id === callee.id) fail('I6', `${callId} is a call with oneself`);
    if (this.#options.isBlocked?.(caller.id, callee.id)) fail('I14', `${callId} rings for a caller who is blocked`);
  }

  #keep({ before, after, out, told }: Step): void {
    if (after.phase === 'ended') {
      this.#live.delete(after.callId);
      this.#over.set(after.callId, { state: after, out: NOBODY });
      return;
    }
    let heard = out;
    if (before?.phase === 'active' && after.phase === 'active' && out.length > 0) {
      heard = out.filter((each) => each !== after.callerSeat.endpoint && each !== after.calleeSeat.endpoint);
    }
    this.#live.set(after.callId, { state: after, out: told.length > 0 ? [...heard, ...told] : heard });
  }

  /** I2: at most one dialled or answered, at most one ringing in; by policy not even both at once (BU-1). */
  #checkClaims(user: UserId): void {
    let held: CallState | undefined;
    let rung: CallState | undefined;
    for (const { state } of this.#live.values()) {
      if (state.caller.id === user || (state.callee.id === user && state.phase === 'active')) {
        if (held) fail('I2', `user ${user} is in both ${held.callId} and ${state.callId}`);
        held = state;
      } else if (state.callee.id === user) {
        if (rung) fail('I2', `user ${user} is rung by both ${rung.callId} and ${state.callId}`);
        rung = state;
      }
    }
    if (held && rung && (this.#options.busyPolicy !== 'waiting' || held.phase !== 'active')) {
      fail('I2', `user ${user} is rung by ${rung.callId} while in ${held.callId}`);
    }
  }
}

function fail(invariant: Invariant, what: string): never {
  throw new Violation(invariant, what);
}

function allow(holds: boolean, invariant: Invariant, what: () => string): readonly Endpoint[] {
  if (!holds) fail(invariant, what());
  return NOBODY;
}

// ------------------------------------------------------------------------------------------------------------- times

/** By when a live call must have ended if nothing more happens (I9). A negotiation running out ends no call. */
function endsBy(state: LiveCall): Millis {
  if (state.phase === 'ringing') {
    return Math.min(state.ringUntil, callerGraceEnd(state), refusedBy(state));
  }
  return Math.min(
    lostBy(state.callerSeat, state.calleeSeat),
    lostBy(state.calleeSeat, state.callerSeat),
    connectBy(state),
  );
}

function callerGraceEnd({ callerSeat: { goneAt } }: Ringing): Millis {
  return goneAt === undefined ? NEVER : goneAt + CALLER_GRACE_WHILE_RINGING;
}

/** When nobody counts as ringing any more, once somebody has spoken. */
function refusedBy({ devices }: Ringing): Millis {
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

function lostBy(seat: Seat, other: Seat): Millis {
  if (seat.goneAt === undefined) return NEVER;
  const least = seat.goneAt + GRACE_IN_CALL;
  if (other.flowingAt === undefined) return least;
  return Math.min(seat.goneAt + LONGEST_GRACE, Math.max(least, other.flowingAt + FLOWING_COUNTS));
}

/** Two plain sessions report nothing: for them answered means active (TI-3). */
function connectBy({ connectedAt, answeredAt, connectBy: noted }: Active): Millis {
  if (connectedAt !== undefined || noted === undefined) return NEVER;
  return answeredAt + CONNECT_WITHIN;
}

// ------------------------------------------------------------------------------------------------------- what it was

function open(known: Known | undefined, after: CallState, commit: Commit): Step {
  const before = known?.state;
  const left =
    commit.calls.length > 1 && before !== undefined && before.phase !== 'ended' && isLeft(before, after, commit);
  return {
    before,
    after,
    out: known?.out ?? NOBODY,
    cause: after.phase === 'ended' && before?.phase !== 'ended' ? causeOf(before, after, commit, left) : undefined,
    left,
    rung: [],
    answered: [],
    told: [],
    record: undefined,
  };
}

/** Whether a call of this commit ended because one of its people went into another call of the commit. */
function isLeft(before: LiveCall, after: CallState, { calls }: Commit): boolean {
  if (after.phase !== 'ended') return false;
  if (after.endedAt >= endsBy(before)) return false;
  const last = calls[calls.length - 1];
  return last !== undefined && last !== after;
}

/** Why a call ended, from the state before and what the end says of itself. Fails when the two do not go together. */
function causeOf(before: LiveCall | undefined, after: Ended, commit: Commit, left: boolean): Cause {
  const { callId, endedAt, endedBy, outcome, reason } = after;
  const word = outcome.caller;
  if (before === undefined) {
    if (endedBy !== 'service' || endedAt !== after.startedAt)
      fail('HI-1', `${callId} never rang and did not end at once`);
    if (word === null) return outcome.callee === null ? 'busyAtOnce' : fail('HI-1', `${callId} is in half a history`);
    if (word === 'busy') return 'busyAtOnce';
    return word === 'unavailable' ? 'unavailableAtOnce' : fail('HI-1', `${callId} never rang and is called ${word}`);
  }
  if (word === null || outcome.callee !== word)
    fail('HI-1', `the sides of ${callId} were told ${word}, ${outcome.callee}`);
  const due = endsBy(before);
  if (endedAt > due) fail('I9', `${callId} ended ${endedAt - due} ms later than it should have`);
  if (endedAt === due) return timedCause(before, after, due);
  if (left) {
    const leaver = endedBy === 'service' ? fail('I4', `nobody left ${callId}`) : after[endedBy].id;
    if (!commit.by || userOf(commit.by.endpoint) !== leaver)
      fail('I4', `${callId} was left by somebody who did not act`);
    if (before.phase === 'ringing' && endedBy === 'callee') return expect(after, word === 'busy', 'dialledAway');
    if (reason === 'replaced') {
      return expect(after, word === 'replaced' && mayReplace(before, leaver, commit.by.endpoint), 'replaced');
    }
    return expect(
      after,
      reason === 'answered_another' && word === (before.phase === 'active' ? 'completed' : 'cancelled'),
      'answeredAnother',
    );
  }
  const actor = commit.by?.endpoint;
  const side = actor === undefined ? undefined : userOf(actor) === before.caller.id ? 'caller' : 'callee';
  if (endedBy !== 'service' && side !== undefined && side !== endedBy)
    fail('I4', `${callId} was ended in another's name`);
  if (before.phase === 'active') {
    const seated = actor === undefined || (endedBy !== 'service' && actor === seatOf(before, endedBy, commit));
    return expect(after, word === 'completed' && seated, 'completed');
  }
  switch (word) {
    case 'cancelled':
      return expect(after, endedBy === 'caller' && (!actor || actor === seatOf(before, 'caller', commit)), 'cancelled');
    case 'rejected':
      return expect(after, endedBy === 'callee', 'rejected');
    case 'unavailable':
      return expect(after, endedBy === 'service' && side === 'callee', 'forbidden');
    case 'busy':
    case 'failed':
      return expect(
        after,
        endedBy === 'callee' && actor !== undefined && isLastToSpeak(before, actor, endedAt),
        'deviceRefusals',
      );
    default:
      return fail('HI-1', `${callId} rang and is called ${word}`);
  }
}

function expect({ callId, endedBy, reason, outcome }: Ended, holds: boolean, cause: Cause): Cause {
  if (!holds) fail('I4', `${callId} cannot have ended as ${outcome.caller} by the ${endedBy} (${reason})`);
  return cause;
}

/**
 * Whether an offer from this endpoint ends a call that its user dialled or answered (GL-2): it held the call itself, or
 * took over from a plain socket that is lost, or the call cannot move to it since its peer knows nothing of that.
 */
function mayReplace(before: LiveCall, leaver: UserId, actor: Endpoint): boolean {
  if (before.phase === 'ringing') return before.caller.id === leaver;
  const [seat, peer] =
    before.caller.id === leaver ? [before.callerSeat, before.calleeSeat] : [before.calleeSeat, before.callerSeat];
  if (seat.endpoint === actor || isHeir(seat, actor)) return true;
  return !isPlain(actor) && (isPlain(peer.endpoint) || !peer.capabilities.includes('renegotiate'));
}

/** An end that time brought; of limits that run out together any may be named. */
function timedCause(before: LiveCall, after: Ended, due: Millis): Cause {
  const { callId, endedBy } = after;
  const word = after.outcome.caller;
  if (before.phase === 'active') {
    if (word === 'failed' && connectBy(before) === due) return expect(after, endedBy === 'service', 'connectTimeout');
    return expect(after, word === 'connection_lost' && endedBy === 'service', 'lost');
  }
  if (word === 'connection_lost' && callerGraceEnd(before) === due) return expect(after, endedBy === 'service', 'lost');
  if (word === 'no_answer' && before.ringUntil === due) return expect(after, endedBy === 'service', 'ringTimeout');
  if ((word === 'busy' || word === 'failed') && refusedBy(before) === due)
    return expect(after, endedBy === 'callee', 'deviceRefusals');
  return fail('I9', `${callId} ran out of time and is called ${word}`);
}

/** Whether nobody is left ringing once this device has spoken (RJ-2). */
function isLastToSpeak({ devices, callee }: Ringing, actor: Endpoint, at: Millis): boolean {
  if (userOf(actor) !== callee.id || devices[actor]?.said !== undefined) return false;
  for (const key in devices) {
    const device = devices[key as Endpoint];
    if (!device || key === actor || device.said !== undefined) continue;
    if (device.goneAt === undefined || device.goneAt + DEVICE_GRACE > at) return false;
  }
  return true;
}

/** Who sits on a side of a call when the actor's word counts: a plain socket may first take a lost one's place (DS-3). */
function seatOf(before: LiveCall, side: 'caller' | 'callee', { by }: Commit): Endpoint | undefined {
  const seat = side === 'caller' ? before.callerSeat : before.phase === 'active' ? before.calleeSeat : undefined;
  if (!seat) return undefined;
  return by && isHeir(seat, by.endpoint) ? by.endpoint : seat.endpoint;
}

function isHeir(seat: Seat, endpoint: Endpoint): boolean {
  return (
    seat.goneAt !== undefined &&
    seat.endpoint !== endpoint &&
    isPlain(seat.endpoint) &&
    isPlain(endpoint) &&
    userOf(seat.endpoint) === userOf(endpoint)
  );
}

/** The devices that ring: they were sent the offer and have not spoken. */
function listeners({ devices }: Ringing): Endpoint[] {
  const ringing: Endpoint[] = [];
  for (const key in devices) if (devices[key as Endpoint]?.said === undefined) ringing.push(key as Endpoint);
  return ringing;
}

// ------------------------------------------------------------------------------------------------------------ states

/** What may and what may not change from one state of a call to the next. */
function checkStates({ before, after }: Step, commit: Commit, now: Millis): void {
  const { callId, timeline } = after;
  if (before) {
    if (before.phase === 'ended' && before !== after) fail('I3', `${callId} changed after its end`);
    checkIdentity(before, after);
    if (before.phase === 'active' && after.phase === 'ringing') fail('I3', `${callId} rings again after its answer`);
  } else if (after.phase === 'active') {
    fail('I1', `${callId} began answered`);
  } else if (after.startedAt > now) {
    fail('HI-1', `${callId} began in the future`);
  } else if (!commit.by || userOf(commit.by.endpoint) !== after.caller.id) {
    fail('I7', `${callId} was begun in another's name`);
  }
  checkTimeline(before?.timeline, timeline, callId, after.phase === 'ended');
  if (after.phase === 'ringing') checkRinging(before as Ringing | undefined, after, commit);
  if (after.phase === 'active' && before !== undefined && before.phase !== 'ended') checkActive(before, after, commit);
}

function checkIdentity(before: CallState, after: CallState): void {
  if (
    before.caller !== after.caller &&
    (before.caller.id !== after.caller.id || before.caller.info.id !== after.caller.info.id)
  )
    fail('identity', `${after.callId} has another caller now`);
  if (
    before.callee !== after.callee &&
    (before.callee.id !== after.callee.id || before.callee.info.id !== after.callee.info.id)
  )
    fail('identity', `${after.callId} has another callee now`);
  if (before.startedAt !== after.startedAt) fail('identity', `${after.callId} began at another time now`);
  if (before.callType !== after.callType) fail('identity', `${after.callId} is of another type now`);
  if (before.conversationId !== after.conversationId)
    fail('identity', `${after.callId} is of another conversation now`);
  if (before.ringingAt !== undefined && before.ringingAt !== after.ringingAt) {
    fail('identity', `${after.callId} rang at another time now`);
  }
}

function checkTimeline(
  before: CallState['timeline'] | undefined,
  after: CallState['timeline'],
  callId: CallId,
  isOver: boolean,
): void {
  const length = before?.length ?? 0;
  if (after.length < length || (length > 0 && !isSameStep(after[length - 1], before?.[length - 1]))) {
    fail('HI-2', `the timeline of ${callId} lost a step`);
  }
  for (let n = Math.max(1, length); n < after.length; n += 1) {
    if ((after[n]?.at ?? 0) < (after[n - 1]?.at ?? 0)) fail('HI-2', `the timeline of ${callId} goes back in time`);
    if (after[n - 1]?.what === 'ended') fail('HI-2', `the timeline of ${callId} goes on after the end`);
  }
  if ((after[after.length - 1]?.what === 'ended') !== isOver)
    fail('HI-2', `the timeline of ${callId} does not end with it`);
}

/** The same object, or the same step written down and read again. */
function isSameStep(one: CallState['timeline'][number] | undefined, other: typeof one): boolean {
  return one === other || (one?.at === other?.at && one?.what === other?.what && one?.who === other?.who);
}

function checkRinging(before: Ringing | undefined, after: Ringing, { by }: Commit): void {
  const { callId, callerSeat, devices, ringUntil, startedAt, callee } = after;
  if (!(ringUntil <= startedAt + LONGEST_RING + ACCEPTING_HOLD)) fail('I9', `${callId} rings too long`);
  if (refusedBy(after) === Number.NEGATIVE_INFINITY) fail('I9', `${callId} rings although every device has spoken`);
  for (const key in devices) {
    if (userOf(key as Endpoint) !== callee.id) fail('I6', `${callId} rings at ${key}`);
  }
  if (before === undefined) {
    if (by && callerSeat.endpoint !== by.endpoint)
      fail('I6', `${callId} was dialled by ${by.endpoint}, not by its seat`);
    return;
  }
  if (ringUntil < before.ringUntil) fail('I9', `${callId} rings shorter than it did`);
  if (ringUntil !== before.ringUntil && (before.acceptingBy !== undefined || after.acceptingBy === undefined)) {
    fail('I9', `the ring of ${callId} was held without a device that accepts, or twice`);
  }
  if (before.acceptingBy !== undefined && after.acceptingBy !== before.acceptingBy) {
    fail('I9', `the ring of ${callId} is held by another device now`);
  }
  if (before.offer !== after.offer && before.offer.sdp !== after.offer.sdp)
    fail('identity', `${callId} has another offer now`);
  if (callerSeat !== before.callerSeat) checkSeat(before.callerSeat, callerSeat, callId, by?.endpoint, false);
  if (devices === before.devices) return;
  for (const key in before.devices) {
    const [was, is] = [before.devices[key as Endpoint], devices[key as Endpoint]];
    if (!is) fail('I4', `${callId} has forgotten that it rang at ${key}`);
    if (was?.said !== undefined && is.said !== was.said) fail('I4', `${key} did not say ${is.said} in ${callId}`);
    if (was?.goneAt !== undefined && is.goneAt !== undefined && is.goneAt > was.goneAt) {
      fail('I9', `${callId} waits for ${key} anew`);
    }
  }
}

function checkActive(before: LiveCall, after: Active, { by }: Commit): void {
  const { callId, callerSeat, calleeSeat, negotiation } = after;
  if (userOf(callerSeat.endpoint) !== after.caller.id)
    fail('I6', `the caller of ${callId} sits at ${callerSeat.endpoint}`);
  if (userOf(calleeSeat.endpoint) !== after.callee.id)
    fail('I6', `the callee of ${callId} sits at ${calleeSeat.endpoint}`);
  if (before.phase === 'ringing') {
    if (calleeSeat.endpoint !== by?.endpoint)
      fail('I1', `${callId} was answered by ${calleeSeat.endpoint}, which did not act`);
    if (before.devices[calleeSeat.endpoint]?.said !== undefined)
      fail('I1', `${calleeSeat.endpoint} answered after its no`);
    if (callerSeat.endpoint !== before.callerSeat.endpoint) fail('I1', `the answer of ${callId} moved its caller`);
    if (after.answeredAt >= endsBy(before)) fail('I9', `${callId} was answered after its time`);
    if ((after.connectBy === undefined) !== (isPlain(callerSeat.endpoint) && isPlain(calleeSeat.endpoint))) {
      fail('I9', `${callId} does not wait for its media as it should`);
    }
    if (after.connectBy !== undefined && after.connectBy > after.answeredAt + CONNECT_WITHIN) {
      fail('I9', `${callId} waits too long for its media`);
    }
    return;
  }
  if (before.answeredAt !== after.answeredAt) fail('identity', `${callId} was answered at another time now`);
  if (before.answer !== after.answer && before.answer.sdp !== after.answer.sdp)
    fail('I1', `${callId} has another answer now`);
  if (before.connectedAt !== undefined && before.connectedAt !== after.connectedAt) {
    fail('identity', `${callId} was connected at another time now`);
  }
  if (before.connectBy !== undefined && after.connectBy === undefined && after.connectedAt === undefined) {
    fail('I9', `${callId} does not wait for its media any more`);
  }
  if (after.connectBy !== undefined && after.connectBy !== before.connectBy)
    fail('I9', `${callId} waits anew for its media`);
  if (callerSeat !== before.callerSeat) checkSeat(before.callerSeat, callerSeat, callId, by?.endpoint, true);
  if (calleeSeat !== before.calleeSeat) checkSeat(before.calleeSeat, calleeSeat, callId, by?.endpoint, true);
  if (negotiation !== undefined && negotiation.id !== before.negotiation?.id) {
    if (negotiation.id !== before.negotiations + 1)
      fail('RN-2', `negotiation ${negotiation.id} of ${callId} is out of turn`);
    if (after.negotiations !== negotiation.id) fail('RN-2', `${callId} lost count of its negotiations`);
    const openedAt = negotiation.until - NEGOTIATE_WITHIN;
    const moved =
      callerSeat.endpoint !== before.callerSeat.endpoint || calleeSeat.endpoint !== before.calleeSeat.endpoint;
    if (negotiation.by === 'callee' && before.negotiation && before.negotiation.until > openedAt && !moved) {
      fail('RN-2', `the callee of ${callId} opened a second negotiation`);
    }
    if (by?.endpoint !== (negotiation.by === 'caller' ? callerSeat : calleeSeat).endpoint) {
      fail('I7', `a negotiation of ${callId} was opened in another's name`);
    }
  } else if (after.negotiations !== before.negotiations) {
    fail('RN-2', `${callId} lost count of its negotiations`);
  }
}

/** A seat keeps its endpoint, but for a plain heir or a takeover; and the earliest loss of its socket counts (DS-1). */
function checkSeat(before: Seat, after: Seat, callId: CallId, actor: Endpoint | undefined, mayMove: boolean): void {
  if (before.endpoint === after.endpoint) {
    if (before.goneAt !== undefined && after.goneAt !== undefined && after.goneAt > before.goneAt) {
      fail('I9', `${callId} waits for ${after.endpoint} anew`);
    }
    return;
  }
  if (userOf(before.endpoint) !== userOf(after.endpoint)) fail('I6', `a seat of ${callId} went to another person`);
  if (after.endpoint !== actor) fail('I6', `a seat of ${callId} went to ${after.endpoint}, which did not act`);
  if (isHeir(before, after.endpoint)) return;
  if (!mayMove || isPlain(after.endpoint)) fail('I6', `${after.endpoint} took a seat of ${callId} that was not free`);
}

// ----------------------------------------------------------------------------------------------------------- effects

function stepOf(steps: readonly Step[], callId: CallId): Step | undefined {
  for (const step of steps) if (step.after.callId === callId) return step;
  return undefined;
}

function checkEffect(effect: Effect, steps: readonly Step[], commit: Commit): void {
  switch (effect.type) {
    case 'send':
      return checkFrame(effect.to, effect.message, effect.ringUntil, steps, commit);
    case 'sendCandidates':
      return checkCandidates(effect, steps, commit);
    case 'record': {
      const step = stepOf(steps, effect.record.callId);
      if (!step) fail('HI-1', `a record of ${effect.record.callId} was written, which this commit does not touch`);
      if (step.record) fail('HI-1', `the record of ${effect.record.callId} was written twice`);
      step.record = effect.record;
      return;
    }
    case 'moveCandidates':
      if (userOf(effect.from) !== userOf(effect.to)) fail('I6', `candidates of ${effect.from} went to ${effect.to}`);
      return;
    case 'dropCandidates':
    case 'quality':
      return;
  }
}

function checkFrame(
  to: Endpoint,
  message: ServerMessage,
  ringUntil: Millis | undefined,
  steps: readonly Step[],
  commit: Commit,
): void {
  const { type, data } = message;
  if (type === 'ack') {
    if (to !== commit.by?.endpoint) fail('I6', `${to} got an acknowledgement of what it did not ask for`);
    return;
  }
  const plain = isPlain(to);
  if (plain) {
    if (!PLAIN_TYPES.has(type)) fail('plain contract', `${to} was sent ${type}`);
    for (const field of EXTENDED_FIELDS)
      if (field in data) fail('plain contract', `${to} was sent ${type} with ${field}`);
  }
  const callId = 'callId' in data ? data.callId : undefined;
  const step = callId === undefined ? undefined : stepOf(steps, callId);
  if (!step) fail('I3', `${to} was sent ${type} of a call that this commit does not touch`);
  const { before, after, out, told } = step;
  if (before?.phase === 'ended') fail('I3', `${to} was sent ${type} after the end of ${callId}`);
  const toCaller = userOf(to) === after.caller.id;
  if (!toCaller && userOf(to) !== after.callee.id)
    fail('I6', `${to} was sent ${type} of ${callId}, which is not its call`);
  if (told.includes(to)) fail('I4', `${to} was sent ${type} after its end of ${callId}`);
  if (out.includes(to) && !(after.phase === 'active' && isSeated(after, to)) && to !== commit.by?.endpoint) {
    fail('I4', `${to} was sent ${type}, and had heard the end of ${callId}`);
  }
  switch (message.type) {
    case 'call:offer':
      return message.data.renegotiation
        ? checkNegotiation(to, message.data, step)
        : checkRing(to, message.data, ringUntil, step, commit);
    case 'call:answer':
      return checkAnswer(to, message.data, step, commit);
    case 'call:hang_up':
    case 'call:reject':
    case 'call:busy':
    case 'call:timeout':
    case 'call:not_available':
      checkEnd(to, toCaller, message, step);
      told.push(to);
      return;
    case 'call:ringing': {
      if (after.phase !== 'ringing' || to !== after.callerSeat.endpoint)
        fail('I5', `${to} was told that ${callId} rings`);
      let ringing = 0;
      for (const key in after.devices) {
        const device = after.devices[key as Endpoint];
        if (device?.rang && device.said === undefined) ringing += 1;
      }
      if (message.data.devices !== ringing) fail('I5', `${message.data.devices} devices of ${callId} do not ring`);
      return;
    }
    case 'call:accepting_elsewhere':
      if (after.phase !== 'ringing' || toCaller || to === commit.by?.endpoint)
        fail('I5', `${to} was told who accepts ${callId}`);
      if (after.devices[to] === undefined || after.devices[to].said !== undefined)
        fail('I6', `${to} does not ring in ${callId}`);
      return;
    case 'call:peer_state': {
      const peer = insider(to, toCaller, step, type);
      const goneNow = peer.after.goneAt !== undefined;
      if ((message.data.state === 'reconnecting') !== goneNow)
        fail('I7', `${to} was told wrongly that its peer is ${message.data.state}`);
      return;
    }
    case 'call:media_state':
      insider(to, toCaller, step, type);
      if (message.data.senderId !== (toCaller ? after.callee.id : after.caller.id))
        fail('I7', `${to} heard of its own media`);
      return;
    default:
      return fail('I5', `${to} was sent ${type} by a commit`);
  }
}

/** That a frame of a running call goes to one of its two seats. @returns the seat of the other side */
function insider(to: Endpoint, toCaller: boolean, { before, after }: Step, type: string): { after: Seat } {
  const call = after.phase === 'active' ? after : before;
  if (call?.phase !== 'active') fail('I5', `${to} was sent ${type} before the answer of ${after.callId}`);
  const [mine, peer] = toCaller ? [call.callerSeat, call.calleeSeat] : [call.calleeSeat, call.callerSeat];
  if (mine.endpoint !== to) fail('I6', `${to} was sent ${type} of ${after.callId}, and has no seat`);
  // An heir that took the seat only to hang up was back for that moment.
  return { after: after.phase === 'active' ? peer : { endpoint: peer.endpoint, language: 'en', capabilities: [] } };
}

function isSeated(state: Active, endpoint: Endpoint): boolean {
  return state.callerSeat.endpoint === endpoint || state.calleeSeat.endpoint === endpoint;
}

type Data<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>['data'];

/** An offer that rings goes to the devices of the callee, at the begin or when one joins (OF-4, RI-2). */
function checkRing(
  to: Endpoint,
  data: Data<'call:offer'>,
  ringUntil: Millis | undefined,
  step: Step,
  { by }: Commit,
): void {
  const { before, after, rung } = step;
  const { callId } = after;
  if (after.phase !== 'ringing') fail('I5', `${to} was sent the offer of ${callId}, which does not ring`);
  if (data.senderId !== after.caller.id || data.senderInfo.id !== after.caller.info.id)
    fail('I7', `${callId} does not say who calls`);
  if (userOf(to) !== after.callee.id) fail('I6', `${to} was sent the offer of ${callId}`);
  if (data.offer !== after.offer && data.offer.sdp !== after.offer.sdp)
    fail('I7', `${to} was sent another offer in ${callId}`);
  if (ringUntil !== after.ringUntil) fail('I9', `the offer of ${callId} rings until another time than the call`);
  const device = after.devices[to];
  if (!device || device.said !== undefined || device.goneAt !== undefined)
    fail('I4', `${to} was rung and does not ring in ${callId}`);
  if (rung.includes(to)) fail('I8', `${to} was rung twice at once in ${callId}`);
  if (before && (to !== by?.endpoint || data.replayed !== true)) fail('I6', `${to} was rung again in ${callId}`);
  if (!before && data.replayed !== undefined) fail('I7', `the first offer of ${callId} claims to be a replay`);
  if (before && after.ringUntil - SHORTEST_REPLAY < Date.parse(data.timestamp))
    fail('I9', `${to} was rung too late in ${callId}`);
  rung.push(to);
}

/** An offer inside a call goes to the other seat, and says who yields (RN-1, RN-2). */
function checkNegotiation(to: Endpoint, data: Data<'call:offer'>, { before, after }: Step): void {
  const { callId } = after;
  if (before?.phase !== 'active' || after.phase !== 'active' || !after.negotiation) {
    return fail('I5', `${to} was sent an offer inside ${callId}, which has no negotiation`);
  }
  const { id, by } = after.negotiation;
  if (data.negotiationId !== id)
    fail('RN-2', `${to} was sent negotiation ${data.negotiationId} of ${callId}, not ${id}`);
  const peer = by === 'caller' ? after.calleeSeat : after.callerSeat;
  if (to !== peer.endpoint) fail('I6', `the offer inside ${callId} went to ${to}`);
  if (data.senderId !== after[by].id || data.senderInfo.id !== after[by].info.id)
    fail('I7', `the offer inside ${callId} does not say whose it is`);
  if (data.polite !== (by === 'caller')) fail('RN-2', `both or none yield in ${callId}`);
}

/** The answer: one that wins, and to who dialled (AN-1); again only to a caller that came back without it (RI-2). */
function checkAnswer(to: Endpoint, data: Data<'call:answer'>, { before, after, answered }: Step, commit: Commit): void {
  const { callId } = after;
  if (data.negotiationId !== undefined) {
    const asked = before?.phase === 'active' ? before.negotiation : undefined;
    if (before?.phase !== 'active' || asked?.id !== data.negotiationId) {
      return fail('RN-2', `negotiation ${data.negotiationId} of ${callId} was answered and is not open`);
    }
    if (after.phase === 'active' && after.negotiation)
      fail('RN-2', `negotiation ${asked.id} of ${callId} is open after its answer`);
    const [offerer, answerer] =
      asked.by === 'caller' ? (['callerSeat', 'callee'] as const) : (['calleeSeat', 'caller'] as const);
    if (to !== before[offerer].endpoint) fail('I6', `an answer inside ${callId} went to ${to}`);
    if (data.senderId !== after[answerer].id || data.responderInfo.id !== after[answerer].info.id)
      fail('I7', `an answer inside ${callId} does not say whose it is`);
    return;
  }
  if (data.senderId !== after.callee.id || data.responderInfo.id !== after.callee.info.id)
    fail('I7', `the answer of ${callId} does not say whose it is`);
  const answer = after.phase === 'active' ? after.answer : before?.phase === 'active' ? before.answer : undefined;
  if (!answer) return fail('I5', `${to} was sent an answer of ${callId}, which is not answered`);
  if (data.answer !== answer && data.answer.sdp !== answer.sdp)
    fail('I1', `${to} was sent another answer than the one that won ${callId}`);
  const seat =
    after.phase === 'active'
      ? after.callerSeat.endpoint
      : before?.phase === 'active'
        ? seatOf(before, 'caller', commit)
        : undefined;
  if (to !== seat) fail('I1', `the answer of ${callId} went to ${to}, which did not dial`);
  if (before?.phase === 'active' && to !== commit.by?.endpoint)
    fail('I1', `${to} was sent the answer of ${callId} again`);
  answered.push(to);
}

/** Candidates that were kept: after the offer or answer they belong to, from and to the ends of the call alone. */
function checkCandidates(
  { callId, from, to }: Effect & { type: 'sendCandidates' },
  steps: readonly Step[],
  commit: Commit,
): void {
  const step = stepOf(steps, callId);
  if (!step) return fail('I3', `candidates of ${callId} were sent, which this commit does not touch`);
  const { before, after, answered, rung } = step;
  const call = after.phase === 'ended' ? before : after;
  if (!call || call.phase === 'ended') return fail('I3', `candidates were sent after the end of ${callId}`);
  const callerSeat = seatOf(call, 'caller', commit);
  if (userOf(from) === call.caller.id) {
    if (from !== callerSeat) fail('I6', `candidates of ${from} were sent, which did not dial ${callId}`);
    if (call.phase === 'ringing' ? !rung.includes(to) : to !== seatOf(call, 'callee', commit)) {
      fail('I8', `${to} was sent candidates of ${callId} without the offer before them`);
    }
    return;
  }
  if (call.phase === 'ringing') return fail('I5', `candidates of ${from} were sent before the answer of ${callId}`);
  if (from !== seatOf(call, 'callee', commit))
    fail('I6', `candidates of ${from} were sent, which did not answer ${callId}`);
  if (to !== callerSeat) fail('I6', `${to} was sent candidates of ${callId}`);
  if (!answered.includes(to)) fail('I8', `${to} was sent candidates of ${callId} without the answer before them`);
}

// -------------------------------------------------------------------------------------------------------------- ends

/** What an end says: type, reason and sender follow from why the call ended, or why it ended for this endpoint. */
function checkEnd(to: Endpoint, toCaller: boolean, message: ServerMessage, step: Step): void {
  const { before, after, cause } = step;
  const { callId, caller, callee } = after;
  const { type, data } = message;
  const reason = 'reason' in data ? data.reason : undefined;
  const sender = 'senderId' in data ? data.senderId : undefined;
  const is = (expected: string, word: string | undefined, from: UserId | undefined): void => {
    if (type !== expected || reason !== word)
      fail('I4', `${to} was told ${type}(${reason}) at the end of ${callId}, not ${expected}(${word})`);
    if (sender !== from) fail('I7', `${type} of ${callId} names ${sender}, not ${from}`);
  };
  if (cause === undefined) {
    if (before?.phase === 'ringing' && after.phase === 'active') {
      if (toCaller) fail('I4', `${to} was told ${type} while ${callId} was answered`);
      return is('call:hang_up', 'answered_elsewhere', callee.id);
    }
    if (before?.phase === 'active' && after.phase === 'active') return is('call:hang_up', 'takeover', userOf(to));
    return fail('I4', `${to} was told ${type} of ${callId}, which goes on`);
  }
  switch (cause) {
    case 'busyAtOnce':
      return is('call:busy', undefined, callee.id);
    case 'unavailableAtOnce':
      return isUnavailable();
    case 'lost': {
      const first =
        before?.phase === 'active' &&
        lostBy(before.calleeSeat, before.callerSeat) < lostBy(before.callerSeat, before.calleeSeat);
      return is('call:hang_up', 'connection_lost', first ? callee.id : caller.id);
    }
    case 'deviceRefusals': {
      if (!toCaller) return is('call:hang_up', 'rejected_elsewhere', callee.id);
      const { outcome, reason: word } = after as Ended;
      return outcome.caller === 'busy' ? is('call:busy', undefined, callee.id) : is('call:reject', word, callee.id);
    }
    case 'ringTimeout':
    case 'connectTimeout': {
      is('call:timeout', undefined, caller.id);
      const stage = cause === 'ringTimeout' ? 'ring' : 'connect';
      if (message.type === 'call:timeout' && (message.data.stage !== stage || message.data.receiverId !== callee.id)) {
        fail('I4', `${to} was told another timeout of ${callId}`);
      }
      return;
    }
    case 'replaced':
    case 'answeredAnother': {
      const leaver = (after as Ended).endedBy === 'caller' ? caller.id : callee.id;
      return is('call:hang_up', cause === 'replaced' ? 'replaced' : 'answered_another', leaver);
    }
    case 'dialledAway':
      return toCaller ? is('call:busy', undefined, callee.id) : is('call:hang_up', 'rejected_elsewhere', callee.id);
    case 'cancelled':
      return is('call:hang_up', 'cancelled', caller.id);
    case 'rejected':
      if (!toCaller) return is('call:hang_up', 'rejected_elsewhere', callee.id);
      return is(type === 'call:reject' ? 'call:reject' : 'call:hang_up', (after as Ended).reason, callee.id);
    case 'forbidden':
      return toCaller ? isUnavailable() : is('call:hang_up', 'not_allowed', caller.id);
    case 'completed':
      return is('call:hang_up', (after as Ended).reason, (after as Ended).endedBy === 'caller' ? caller.id : callee.id);
  }

  function isUnavailable(): void {
    is('call:not_available', undefined, undefined);
    if (message.type === 'call:not_available' && message.data.receiverId !== callee.id)
      fail('I7', `${to} was told that another is away`);
  }
}

/** Every device that was added to a ring was sent its offer, or has just spoken for itself. */
function checkRung({ before, after, rung }: Step): void {
  if (after.phase !== 'ringing') return;
  const known = before?.phase === 'ringing' ? before.devices : undefined;
  if (known === after.devices) return;
  for (const key in after.devices) {
    if (known?.[key as Endpoint] || rung.includes(key as Endpoint)) continue;
    if (after.devices[key as Endpoint]?.said === undefined)
      fail('I4', `${key} counts as ringing in ${after.callId} and was sent no offer`);
  }
}

/** I1: the commit that answers a call sends the answer exactly once. */
function checkAnswered({ before, after, answered }: Step, commit: Commit): void {
  if (answered.length > 1) fail('I1', `the answer of ${after.callId} was sent ${answered.length} times at once`);
  if (before?.phase === 'ringing' && after.phase === 'active' && answered.length !== 1) {
    fail('I1', `${after.callId} was answered, and its caller was not told`);
  }
  // A plain socket that takes the caller's seat knows nothing of the answer.
  if (before?.phase !== 'active' || after.phase !== 'active') return;
  const heir = commit.by?.endpoint;
  if (heir && isHeir(before.callerSeat, heir) && after.callerSeat.endpoint === heir && answered.length !== 1) {
    fail('I1', `${heir} took the caller's place in ${after.callId} and was not given the answer`);
  }
}

/** I4: exactly those hear an end who believe in the call; `told` holds each at most once already. */
function checkTold(step: Step, commit: Commit): void {
  const { before, after, told, cause } = step;
  const { callId } = after;
  if (before?.phase === 'ended') return;
  let expected = 0;
  const must = (endpoint: Endpoint): void => {
    expected += 1;
    if (!told.includes(endpoint))
      fail('I4', `${endpoint} was not told the end of ${callId} (${cause ?? 'which goes on'})`);
  };
  if (cause !== undefined) {
    const actor = commit.by?.endpoint;
    const own =
      actor !== undefined &&
      (cause === 'cancelled' ||
        cause === 'rejected' ||
        cause === 'completed' ||
        (cause === 'deviceRefusals' && (after as Ended).endedAt < endsBy(before as Ringing)));
    const except = own ? actor : undefined;
    if (before === undefined) {
      if (actor !== undefined) must(actor);
    } else {
      const callerSeat = own ? seatOf(before, 'caller', commit) : before.callerSeat.endpoint;
      if (callerSeat !== undefined && callerSeat !== except) must(callerSeat);
      if (before.phase === 'active') {
        const calleeSeat = own ? seatOf(before, 'callee', commit) : before.calleeSeat.endpoint;
        if (calleeSeat !== undefined && calleeSeat !== except) must(calleeSeat);
      } else {
        for (const endpoint of listeners(before)) if (endpoint !== except) must(endpoint);
      }
    }
  } else if (before?.phase === 'ringing' && after.phase === 'active') {
    for (const endpoint of listeners(before)) if (endpoint !== after.calleeSeat.endpoint) must(endpoint);
  } else if (before?.phase === 'active' && after.phase === 'active') {
    for (const seat of ['callerSeat', 'calleeSeat'] as const) {
      if (before[seat].endpoint !== after[seat].endpoint && !isHeir(before[seat], after[seat].endpoint))
        must(before[seat].endpoint);
    }
  }
  if (told.length !== expected)
    fail('I4', `${told.join(', ')} were told the end of ${callId} (${cause ?? 'which goes on'})`);
}

// ------------------------------------------------------------------------------------------------------------ record

/** HI-1: the record is written with the end, once, and says what the two sides were told. */
function checkRecord({ before, after, record, cause }: Step): void {
  const { callId } = after;
  if (cause === undefined || after.phase !== 'ended') {
    if (record) fail('HI-1', `the record of ${callId} was written, and not at its end`);
    return;
  }
  if (after.outcome.caller === null) {
    if (record) fail('HI-1', `${callId} is in nobody's history, and was written down`);
    return;
  }
  if (!record) return fail('HI-1', `${callId} ended without a record`);
  if (record.callerId !== after.caller.id || record.calleeId !== after.callee.id)
    fail('HI-1', `the record of ${callId} names others`);
  if (record.caller.outcome !== after.outcome.caller || (record.callee?.outcome ?? null) !== after.outcome.callee) {
    fail('HI-1', `the record of ${callId} tells another outcome`);
  }
  const answeredAt = before?.phase === 'active' ? before.answeredAt : undefined;
  const connectedAt = before?.phase === 'active' ? before.connectedAt : undefined;
  if (
    record.startedAt !== after.startedAt ||
    record.ringingAt !== after.ringingAt ||
    record.answeredAt !== answeredAt ||
    record.connectedAt !== connectedAt ||
    record.endedAt !== after.endedAt ||
    record.endedBy !== after.endedBy ||
    record.reason !== after.reason
  ) {
    fail('HI-1', `the record of ${callId} tells other times or another end`);
  }
  const ringingAt = record.ringingAt ?? record.startedAt;
  if (
    !(
      record.startedAt <= ringingAt &&
      ringingAt <= (answeredAt ?? ringingAt) &&
      (answeredAt ?? ringingAt) <= (connectedAt ?? answeredAt ?? ringingAt) &&
      (connectedAt ?? answeredAt ?? ringingAt) <= record.endedAt
    )
  ) {
    fail('HI-1', `the times of ${callId} are out of order`);
  }
  if (record.timeline !== after.timeline && record.timeline.length !== after.timeline.length)
    fail('HI-2', `the record of ${callId} has another timeline`);
}

/** Whether two states are the same call at the same point, for stores that give back copies. */
function isSame(one: CallState, other: CallState): boolean {
  if (one.phase !== other.phase || one.startedAt !== other.startedAt || one.timeline.length !== other.timeline.length)
    return false;
  if (one.phase === 'ended' || other.phase === 'ended') return true;
  return one.callerSeat.endpoint === other.callerSeat.endpoint && one.callerSeat.goneAt === other.callerSeat.goneAt;
}
