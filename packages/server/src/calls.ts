/**
 * The only place that changes a call: load, decide by the pure rules, commit in one atomic step, and again when what
 * the decision was based on has changed. Nothing but the store is awaited between reading and committing.
 */
import {
  type AdmissionFacts,
  type Attempt,
  admit,
  answerConsequences,
  type CallEvent,
  type CallId,
  type CallState,
  type Consequence,
  deadlineOf,
  type Effect,
  type Endpoint,
  isPlain,
  type LiveCall,
  type Reply,
  transition,
  type UserId,
  userOf,
} from '@ringdown/call';
import type { ErrorReason, QualityMetrics, ServerMessageOf } from '@ringdown/protocol';
import type { Alarm } from './alarm.ts';
import {
  type Attached,
  type CallStore,
  type Commit,
  type NewSession,
  type Snapshot,
  STORE_LIMITS,
  type Version,
} from './call-store/call-store.ts';

/** How often a decision is made again before the client is told to repeat it. */
const TRIES = 5;

/** Whose socket acts, and the request id to acknowledge in the same commit. */
export interface Actor {
  readonly endpoint: Endpoint;
  readonly sessionId: string;
  readonly requestId?: string;
}

/** What came of a request: done (and acknowledged, if it asked for that, in the commit), or the error to send. */
export type Outcome =
  | { readonly ok: true; readonly acknowledged: boolean; readonly callId: CallId; readonly negotiationId?: number }
  | { readonly ok: false; readonly reason: ErrorReason; readonly callId?: CallId };

/** A request whose answer is remembered in the commit that it leads to, so that it does nothing twice (OF-4). */
export type Remember = Pick<NonNullable<Commit['request']>, 'key' | 'digest'>;

/** The facts about an offer that do not come from the store. */
export type OfferFacts = Pick<AdmissionFacts, 'blocked' | 'doNotDisturb' | 'hideBusy' | 'busyPolicy'>;

/** What calls tell the rest of the server. */
export interface CallListeners {
  /** A record was committed and waits to be settled. */
  onRecord(): void;
  /** States were committed, for the log. Must not throw. */
  onCommit(states: readonly CallState[]): void;
  /** A side told its quality after the end (QU-1). @throws when the history cannot be written */
  onQuality(callId: CallId, side: 'caller' | 'callee', metrics: QualityMetrics): Promise<void>;
}

/** The calls of this node. */
export class Calls {
  readonly #store: CallStore;
  readonly #listeners: CallListeners;
  #alarm: Alarm | undefined;

  constructor(store: CallStore, listeners: CallListeners) {
    this.#store = store;
    this.#listeners = listeners;
  }

  /** The alarm fires calls and calls arm the alarm, so one of them comes later. */
  set alarm(alarm: Alarm) {
    this.#alarm = alarm;
  }

  /**
   * Begins a call, or its failure, from an offer that passed every check outside the store (OF-1).
   * @param request remembered in the same commit, so that the same request rings nobody twice (OF-4)
   */
  async offer(attempt: Attempt, facts: OfferFacts, actor: Actor, request?: Remember): Promise<Outcome> {
    const users = [attempt.caller.id, attempt.callee.id];
    for (let tries = 0; tries < TRIES; tries += 1) {
      const snapshot = await this.#store.read(users, []);
      const callee = snapshot.users.get(attempt.callee.id);
      const admission = admit(
        attempt,
        {
          ...facts,
          callerCalls: snapshot.users.get(attempt.caller.id)?.calls ?? [],
          calleeCalls: callee?.calls ?? [],
          calleeEndpoints: callee?.roster ?? [],
        },
        snapshot.now,
      );
      if (admission.verdict === 'refused') return { ok: false, reason: admission.reason, callId: admission.callId };
      if (admission.verdict === 'takeover') {
        const { from, language, capabilities, callType } = attempt;
        const event = { type: 'takeover', from, language, capabilities, offer: attempt.offer, callType } as const;
        return this.apply(admission.callId, event, actor, request);
      }
      const ended = follow(admission.consequences, snapshot);
      const committed = await this.#commit({
        by: actor,
        expect: {
          calls: new Map([[attempt.callId, 0], ...ended.versions]),
          users: new Map(users.map((user) => [user, snapshot.users.get(user)?.version ?? 0])),
        },
        calls: [...ended.states, admission.state],
        effects: [...ended.effects, ...acknowledgement(actor, attempt.callId), ...admission.effects],
        ...(request && { request: { ...request, reply: replyTo(actor, attempt.callId) } }),
      });
      if (committed === 'committed') return { ok: true, acknowledged: true, callId: attempt.callId };
      if (committed === 'fenced') return { ok: false, reason: 'unauthenticated' };
    }
    return { ok: false, reason: 'overloaded' };
  }

  /**
   * Applies an event to a call.
   * @param actor whose socket it came through; absent for events of the service
   * @param request remembered in the same commit, when the event is taken
   */
  async apply(callId: CallId, event: CallEvent, actor?: Actor, request?: Remember): Promise<Outcome> {
    const users = usersConcerned(event);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const snapshot = await this.#store.read(users, [callId]);
      const row = snapshot.calls.get(callId);
      if (!row) return { ok: false, reason: 'call_not_found', callId };
      if (event.type === 'detached' && isAttached(event.endpoint, snapshot)) return outcome(OK, callId, false);
      const step = transition(row.state, event, snapshot.now);
      const answered = event.type === 'answer' && row.state.phase === 'ringing' && step.state.phase === 'active';
      const ended = follow(
        answered && row.state.phase === 'ringing'
          ? answerConsequences(snapshot.users.get(userOf(event.from))?.calls ?? [], row.state)
          : [],
        snapshot,
      );
      if (step.state === row.state && step.effects.length === 0) return outcome(step.reply, callId, false);
      if (step.state === row.state && step.effects.every((effect) => effect.type === 'quality')) {
        for (const { side, metrics } of step.effects) await this.#listeners.onQuality(callId, side, metrics);
        return outcome(step.reply, callId, false);
      }
      const committed = await this.#commit({
        ...(actor && { by: actor }),
        expect: {
          calls: new Map([[callId, row.version], ...ended.versions]),
          users: new Map(users.map((user) => [user, snapshot.users.get(user)?.version ?? 0])),
        },
        calls: [...ended.states, step.state],
        effects: [
          ...(actor && step.reply.ok ? acknowledgement(actor, callId, step.reply.negotiationId) : []),
          ...ended.effects,
          ...step.effects,
        ],
        ...(actor &&
          request &&
          step.reply.ok && { request: { ...request, reply: replyTo(actor, callId, step.reply.negotiationId) } }),
      });
      if (committed === 'committed') return outcome(step.reply, callId, true);
      if (committed === 'fenced') return { ok: false, reason: 'unauthenticated' };
    }
    return { ok: false, reason: 'overloaded' };
  }

  /**
   * An endpoint came online: its user's live calls take it in (RI-2, DS-3), and a plain one hears of ends it missed.
   * @returns undefined when a call could not: it was detached meanwhile, or there were too many conflicts. Such a session
   *   must not be greeted, or it would go on as if it had been handed what its calls have for it
   */
  async attached(endpoint: Endpoint, session: NewSession): Promise<Attached | undefined> {
    const attached = await this.#store.attach(endpoint, session);
    const { sessionId, language, capabilities } = session;
    for (const { callId, phase } of attached.calls) {
      const outcome = await this.apply(
        callId,
        { type: 'attached', endpoint, language, capabilities, resumed: attached.resumed, cameWhile: phase },
        { endpoint, sessionId },
      );
      if (!outcome.ok && (outcome.reason === 'unauthenticated' || outcome.reason === 'overloaded')) return undefined;
    }
    if (isPlain(endpoint)) await this.#store.adoptEnds(endpoint, sessionId);
    return attached;
  }

  /**
   * An endpoint lost its socket: its user's live calls begin to wait for it (DS-1).
   * @param leaving its page went away, and said so
   */
  async detached(endpoint: Endpoint, sessionId: string, leaving = false): Promise<void> {
    const live = await this.#store.detach(endpoint, sessionId);
    let told = live !== undefined;
    for (const { callId } of live ?? []) {
      const outcome = await this.apply(callId, { type: 'detached', endpoint, ...(leaving && { leaving }) });
      if (!outcome.ok && outcome.reason === 'overloaded') told = false;
    }
    // A call that could not be told is told by whoever finds the endpoint untold (`beat`).
    if (told) await this.#store.detachTold(endpoint, sessionId);
    // By then the store forgets its mailbox; what its calls wait for, their commits have told the alarm.
    this.#alarm?.note(this.#store.now() + STORE_LIMITS.resumeWindowMs);
  }

  async #commit(commit: Commit): ReturnType<CallStore['commit']> {
    const result = await this.#store.commit(commit);
    if (result !== 'committed') return result;
    for (const state of commit.calls) this.#alarm?.note(deadlineOf(state));
    if (commit.effects.some((effect) => effect.type === 'record')) this.#listeners.onRecord();
    this.#listeners.onCommit(commit.calls);
    return result;
  }
}

const OK: Reply = { ok: true };

/** The users whose other calls or sockets the event is judged by. */
function usersConcerned(event: CallEvent): UserId[] {
  if (event.type === 'answer') return [userOf(event.from)];
  return event.type === 'detached' ? [userOf(event.endpoint)] : [];
}

/** Whether an endpoint has a socket. One that came back before its loss was noted is not to be waited for (DS-1). */
function isAttached(endpoint: Endpoint, { users }: Snapshot): boolean {
  return users.get(userOf(endpoint))?.roster.some((attached) => attached.endpoint === endpoint) === true;
}

function outcome(reply: Reply, callId: CallId, committed: boolean): Outcome {
  if (!reply.ok) return { ok: false, reason: reply.reason, callId };
  const { negotiationId } = reply;
  return { ok: true, acknowledged: committed, callId, ...(negotiationId !== undefined && { negotiationId }) };
}

/** The acknowledgement stands in the mailbox before whatever else the same commit sends there (OF-3). */
function acknowledgement(actor: Actor, callId: CallId, negotiationId?: number): Effect[] {
  if (actor.requestId === undefined) return [];
  return [{ type: 'send', to: actor.endpoint, message: acknowledges(actor, callId, negotiationId) }];
}

/** The same, as it is remembered and said again word for word. */
function replyTo(actor: Actor, callId: CallId, negotiationId?: number): string {
  return JSON.stringify(acknowledges(actor, callId, negotiationId));
}

function acknowledges({ requestId }: Actor, callId: CallId, negotiationId?: number): ServerMessageOf<'ack'> {
  return {
    type: 'ack',
    ...(requestId !== undefined && { id: requestId }),
    data: { callId, ...(negotiationId !== undefined && { negotiationId }) },
  };
}

/** Runs what an admission or answer does to other calls of the same snapshot. */
function follow(
  consequences: readonly Consequence[],
  snapshot: Snapshot,
): { states: CallState[]; effects: Effect[]; versions: [CallId, Version][] } {
  const states: CallState[] = [];
  const effects: Effect[] = [];
  const versions: [CallId, Version][] = [];
  for (const { callId, event } of consequences) {
    const row = snapshot.calls.get(callId);
    if (!row) continue;
    const step = transition(row.state, event, snapshot.now);
    states.push(step.state);
    effects.push(...step.effects);
    versions.push([callId, row.version]);
  }
  return { states, effects, versions };
}

/** The call that a frame without `callId` means: the only live outgoing one, to this receiver if it names one (OF-3). */
export function outgoingCall(
  calls: readonly LiveCall[],
  user: UserId,
  receiverId: UserId | undefined,
): CallId | undefined {
  const outgoing = calls.filter(
    ({ caller, callee }) => caller.id === user && (receiverId === undefined || callee.id === receiverId),
  );
  return outgoing.length === 1 ? outgoing[0]?.callId : undefined;
}
