/**
 * An independent witness of every commit: it keeps its own picture of all calls and states each invariant of a call anew
 * (docs/proof.md), without asking the rules it watches. For searches and simulations, which call it millions of times.
 */
import {
  type CallId,
  type CallState,
  type Endpoint,
  isPlain,
  type LiveCall,
  type Millis,
  type Ringing,
  type UserId,
  userOf,
} from '@ringdown/call';
import type { Commit, Outcome, Relayed, Snapshot } from '@ringdown/server/core';
import { checkAnswered, checkRung, checkTold } from './witness/ends.ts';
import { checkEffect } from './witness/frames.ts';
import { checkKept } from './witness/kept.ts';
import { checkRecord } from './witness/record.ts';
import { listeners, NOBODY } from './witness/seats.ts';
import { checkStates } from './witness/states.ts';
import { type Known, type Step, stepTo } from './witness/step.ts';
import { endsBy, REMEMBERED } from './witness/times.ts';
import { allow, fail } from './witness/violation.ts';

export { Violation } from './witness/violation.ts';

/** What the witness is told of the world it watches. */
export interface WitnessOptions {
  /** Whether one ring may stand beside one answered call (BU-1). */
  readonly busyPolicy?: 'busy' | 'waiting';
  /** Whether the second has blocked the first: such a call must never ring (BL-1). */
  readonly isBlocked?: (caller: UserId, callee: UserId) => boolean;
}

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
      steps.push(stepTo(known, after, commit));
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
      checkKept(step, commit);
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

/** Whether two states are the same call at the same point, for stores that give back copies. */
function isSame(one: CallState, other: CallState): boolean {
  if (one.phase !== other.phase || one.startedAt !== other.startedAt || one.timeline.length !== other.timeline.length)
    return false;
  if (one.phase === 'ended' || other.phase === 'ended') return true;
  return one.callerSeat.endpoint === other.callerSeat.endpoint && one.callerSeat.goneAt === other.callerSeat.goneAt;
}
