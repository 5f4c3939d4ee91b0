/**
 * The switch: a checked message and who sent it become an event with its facts. The only place of the calling half
 * that waits for the outside (directory, limits); it decides nothing that a rule of `call` decides.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type CallId, type ClientEvent, type Party, userOf } from '@ringdown/call';
import {
  type ClientMessage,
  type ClientMessageOf,
  type ErrorReason,
  EXTENDED_CLIENT_TYPES,
  isoTime,
  type ServerMessage,
} from '@ringdown/protocol';
import type { CallLimits } from './call-limits.ts';
import type { CallStore, Relayed, Soon } from './call-store/call-store.ts';
import { framesOf } from './call-store/candidate-frames.ts';
import { type Actor, type Calls, type Outcome, outgoingCall, type Remember } from './calls.ts';
import type { Config } from './config.ts';
import type { Directory, Person, Relation } from './directory/directory.ts';
import type { Logger } from './log.ts';
import type { Presence } from './presence.ts';
import { isExtended, type Session } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

/** The error a client is sent. */
export interface Failure {
  readonly reason: ErrorReason;
  readonly callId?: CallId;
  readonly retryAfterMs?: number;
  /** Says it instead of the reason's own text. */
  readonly message?: string;
  /** The versions there are, of `unsupported_version`. */
  readonly supported?: number[];
}

/** What is to be written on the socket at once: an acknowledgement, an error, or nothing. */
export type Response =
  | { readonly type: 'none' }
  | { readonly type: 'ack'; readonly callId?: CallId; readonly negotiationId?: number }
  | { readonly type: 'error'; readonly failure: Failure }
  /** An answer given before, word for word (OF-4). */
  | { readonly type: 'repeat'; readonly message: ServerMessage };

/** What dispatch stands on. */
export interface DispatchPorts {
  readonly config: Pick<Config, 'ringTimeoutMs' | 'busyPolicy' | 'denials'>;
  readonly store: CallStore;
  readonly calls: Calls;
  readonly directory: Directory;
  readonly limits: CallLimits;
  readonly presence: Presence;
  readonly log: Logger;
  /** Whether the service is about to stop. */
  readonly isDraining: () => boolean;
}

/** How long an answer waits for the directory before it passes unchecked (AN-2), ms. */
const ANSWER_CHECK_MS = 2_000;
/** What a caller may ask for as ring time (TI-1), ms. */
const RING_TIMEOUT = { leastMs: 10_000, mostMs: 180_000 };
/** How often a session may tell what it sends (MS-1). */
const MEDIA_STATES_PER_SECOND = 5;
const EXTENDED: ReadonlySet<string> = new Set(EXTENDED_CLIENT_TYPES);

/** Makes the function that handles one message of one session. It throws only for faults of the service. */
export function createDispatch(ports: DispatchPorts): (message: ClientMessage, session: Session) => Soon<Response> {
  const { store, calls, directory, limits, config, presence } = ports;
  const mediaStates = new WeakMap<Session, TokenBucket>();

  // Most of what comes are candidates, and those need not wait.
  return (message, session) =>
    message.type === 'call:ice_candidate' ? candidate(message, session) : dispatch(message, session);

  async function dispatch(
    message: Exclude<ClientMessage, { type: 'call:ice_candidate' }>,
    session: Session,
  ): Promise<Response> {
    const actor: Actor = {
      endpoint: session.endpoint,
      sessionId: session.sessionId,
      ...(message.id !== undefined && { requestId: message.id }),
    };
    if (EXTENDED.has(message.type) && !isExtended(session)) {
      return failure('invalid_payload', { message: `${message.type} needs the subprotocol ringdown.v1 and a hello` });
    }
    switch (message.type) {
      case 'call:offer':
        return message.data.callId && isExtended(session)
          ? renegotiate(message.data.callId, message, session, actor)
          : offer(message, session, actor);
      case 'call:answer':
        return answer(message, session, actor);
      case 'call:hang_up': {
        const { callId, receiverId, reason, metrics } = message.data;
        const meant = callId || (await outgoingOf(session, receiverId));
        if (!meant) return { type: 'ack' };
        return told(
          await calls.apply(
            meant,
            {
              type: 'hangUp',
              ...sender(session, receiverId),
              ...(reason !== undefined && { reason }),
              ...(metrics && { metrics }),
            },
            actor,
          ),
        );
      }
      case 'call:reject': {
        const { callId, receiverId, reason } = message.data;
        const event: ClientEvent = {
          type: 'reject',
          ...sender(session, receiverId),
          ...(reason !== undefined && { reason }),
        };
        return told(await calls.apply(callId, event, actor));
      }
      case 'call:busy': {
        const { callId, receiverId } = message.data;
        return told(await calls.apply(callId, { type: 'busy', ...sender(session, receiverId) }, actor));
      }
      case 'call:accepting': {
        const { callId, receiverId } = message.data;
        return told(await calls.apply(callId, { type: 'accepting', ...sender(session, receiverId) }, actor));
      }
      case 'call:media_state': {
        const { callId, receiverId, audio, video } = message.data;
        const retryAfterMs = mediaStateBucket(session).take(performance.now());
        if (retryAfterMs > 0) return failure('rate_limited', { callId, retryAfterMs });
        const event: ClientEvent = { type: 'mediaState', ...sender(session, receiverId), media: { audio, video } };
        return told(await calls.apply(callId, event, actor));
      }
      case 'call:report': {
        const { callId, receiverId, ...report } = message.data;
        return told(await calls.apply(callId, { type: 'report', ...sender(session, receiverId), report }, actor));
      }
      case 'call:quality': {
        const { callId, receiverId, metrics } = message.data;
        return told(await calls.apply(callId, { type: 'quality', ...sender(session, receiverId), metrics }, actor));
      }
      case 'presence:subscribe':
        await presence.subscribe(session);
        return { type: 'ack' };
      case 'presence:unsubscribe':
        presence.unsubscribe(session);
        return { type: 'ack' };
      case 'ping':
      case 'auth':
      case 'hello':
      case 'ack':
        // The socket itself has dealt with what they mean.
        return { type: 'ack' };
    }
  }

  function mediaStateBucket(session: Session): TokenBucket {
    let bucket = mediaStates.get(session);
    if (!bucket) {
      bucket = new TokenBucket(MEDIA_STATES_PER_SECOND, MEDIA_STATES_PER_SECOND, performance.now());
      mediaStates.set(session, bucket);
    }
    return bucket;
  }

  /** An offer inside a running call (RN-1): no ring, no record, no rate of offers. */
  async function renegotiate(
    callId: CallId,
    { data, id }: ClientMessageOf<'call:offer'>,
    session: Session,
    actor: Actor,
  ): Promise<Response> {
    const { request, answered } = await recall(session, id, data);
    if (answered) return answered;
    const { offer: description, callType, receiverId } = data;
    return told(
      await calls.apply(
        callId,
        { type: 'renegotiate', ...sender(session, receiverId), offer: description, ...(callType && { callType }) },
        actor,
        request,
      ),
    );
  }

  /**
   * Looks whether a request was answered before (OF-4).
   * @returns what it is to be remembered by, and what to say when it was seen; nothing for a frame without an id
   */
  async function recall(
    session: Session,
    id: string | undefined,
    data: unknown,
  ): Promise<{ request?: Remember; answered?: Response }> {
    if (id === undefined) return {};
    const request = { key: `${session.endpoint}#${id}`, digest: digestOf(data) };
    const { request: seen } = await store.read([], [], request.key);
    if (!seen) return { request };
    if (seen.digest !== request.digest) return { answered: failure('duplicate_id') };
    return { answered: { type: 'repeat', message: JSON.parse(seen.reply) as ServerMessage } };
  }

  async function offer(message: ClientMessageOf<'call:offer'>, session: Session, actor: Actor): Promise<Response> {
    const { data, id } = message;
    const me = userOf(session.endpoint);
    if (session.identity.expiresAt <= Date.now()) return failure('token_expired');
    const { request, answered } = await recall(session, id, data);
    if (answered) return answered;
    if (ports.isDraining()) return failure('draining');
    const rate = await limits.offer(me, data.receiverId);
    if (!rate.ok) return failure('rate_limited', { retryAfterMs: rate.retryAfterMs });

    const relation = await directory.relation(me, data.receiverId, data.conversationId);
    const { sender: caller, receiver: callee } = relation;
    if (!caller) return failure('unauthenticated');
    const denial = denialOf(relation, me, data.receiverId);
    if (denial || !callee) {
      await limits.denied(me);
      return failure(config.denials === 'uniform' ? 'receiver_not_found' : (denial ?? 'receiver_not_found'));
    }
    if (relation.tie === 'group') {
      const stranger = await limits.strangerOffer(me, callee.id);
      if (!stranger.ok) return failure('rate_limited', { retryAfterMs: stranger.retryAfterMs });
    }
    await limits.acquainted(callee.id, me);

    const callId = randomUUID();
    const asked = data.ringTimeoutMs;
    const attempt = {
      callId,
      from: session.endpoint,
      language: session.language,
      capabilities: session.capabilities,
      ...(data.takeover && isExtended(session) && { takeover: true }),
      caller: partyOf(caller),
      callee: partyOf(callee),
      offer: data.offer,
      callType: data.callType ?? ('video' as const),
      ...(data.conversationId !== undefined && { conversationId: data.conversationId }),
      ringTimeoutMs:
        asked === undefined
          ? config.ringTimeoutMs
          : Math.min(Math.max(asked, RING_TIMEOUT.leastMs), RING_TIMEOUT.mostMs),
    };
    const facts = {
      blocked: relation.blockedByReceiver,
      doNotDisturb: callee.doNotDisturb,
      hideBusy: callee.hideBusy,
      busyPolicy: config.busyPolicy,
    };
    return told(await calls.offer(attempt, facts, actor, request));
  }

  async function answer(message: ClientMessageOf<'call:answer'>, session: Session, actor: Actor): Promise<Response> {
    const { callId, receiverId, answer: description, negotiationId } = message.data;
    if (negotiationId !== undefined && isExtended(session)) {
      const event: ClientEvent = {
        type: 'answer',
        ...sender(session, receiverId),
        answer: description,
        allowed: true,
        negotiationId,
      };
      return told(await calls.apply(callId, event, actor));
    }
    const { calls: found } = await store.read([], [callId]);
    const state = found.get(callId)?.state;
    const me = userOf(session.endpoint);
    const mayAnswer = state?.phase === 'ringing' && state.callee.id === me;
    const allowed = mayAnswer ? await stillAllowed(state.caller.id, me) : true;
    const outcome = await calls.apply(
      callId,
      { type: 'answer', ...sender(session, receiverId), answer: description, allowed },
      actor,
    );
    if (outcome.ok && mayAnswer) await limits.acquainted(state.caller.id, me);
    return told(outcome);
  }

  /** Looks the pair up again at the answer (AN-2). A directory that is silent or broken does not cost a call. */
  async function stillAllowed(caller: string, callee: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ANSWER_CHECK_MS);
    });
    try {
      const relation = await Promise.race([directory.relation(caller, callee), silence]);
      if (!relation) return true;
      const { tie, blockedBySender, blockedByReceiver, receiver, sender: asker } = relation;
      return asker !== undefined && receiver !== undefined && tie !== 'none' && !blockedBySender && !blockedByReceiver;
    } catch (error) {
      ports.log.warn({ err: error }, 'the directory failed at an answer; the answer passes');
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  function candidate(message: ClientMessageOf<'call:ice_candidate'>, session: Session): Soon<Response> {
    const { callId, receiverId } = message.data;
    if (callId) return passOn(callId, message, session);
    return outgoingOf(session, receiverId).then((meant) =>
      // A browser goes on trickling after its call failed: a silent success (OF-3).
      meant ? passOn(meant, message, session) : { type: 'ack' },
    );
  }

  function passOn(callId: CallId, { data }: ClientMessageOf<'call:ice_candidate'>, session: Session): Soon<Response> {
    const { receiverId } = data;
    const frames = framesOf(callId, userOf(session.endpoint), data, isoTime(store.now()));
    const relay = () => store.relay(session.endpoint, session.sessionId, callId, frames, receiverId);
    const relayed = relay();
    if (typeof relayed === 'string' && relayed !== 'claim') return relayOutcome(relayed, callId);
    return afterClaim();

    async function afterClaim(): Promise<Response> {
      const first = await relayed;
      if (first !== 'claim') return relayOutcome(first, callId);
      const { endpoint, sessionId } = session;
      await calls.apply(callId, { type: 'claim', ...sender(session, receiverId) }, { endpoint, sessionId });
      return relayOutcome(await relay(), callId);
    }
  }

  async function outgoingOf(session: Session, receiverId: string | undefined): Promise<CallId | undefined> {
    const me = userOf(session.endpoint);
    const { users } = await store.read([me], []);
    return outgoingCall(users.get(me)?.calls ?? [], me, receiverId);
  }
}

/** Why a sender may not offer to this receiver, in the order of OF-1; undefined when it may. */
function denialOf(relation: Relation, sender: string, receiver: string): ErrorReason | undefined {
  if (!relation.receiver) return 'receiver_not_found';
  if (sender === receiver) return 'self_call';
  if (relation.tie === 'none' || relation.blockedBySender) return 'not_allowed';
  return relation.conversationAllowed ? undefined : 'not_allowed';
}

function relayOutcome(relayed: Relayed, callId: CallId): Response {
  switch (relayed) {
    case 'ok':
      return { type: 'ack', callId };
    case 'unknown':
      return failure('call_not_found', { callId });
    case 'mismatch':
      return failure('receiver_mismatch', { callId });
    case 'full':
      return failure('rate_limited', { callId });
    case 'claim':
    case 'foreign':
      return failure('not_participant', { callId });
    case 'fenced':
      return failure('unauthenticated');
  }
}

function partyOf(person: Person): Party {
  return { id: person.id, info: person.info };
}

function sender(session: Session, receiverId: string | undefined) {
  return {
    from: session.endpoint,
    language: session.language,
    capabilities: session.capabilities,
    ...(receiverId !== undefined && { receiverId }),
  };
}

function failure(reason: ErrorReason, more: Omit<Failure, 'reason'> = {}): Response {
  return { type: 'error', failure: { reason, ...more } };
}

function told(outcome: Outcome): Response {
  if (!outcome.ok) {
    return failure(outcome.reason, outcome.callId === undefined ? {} : { callId: outcome.callId });
  }
  const { callId, negotiationId } = outcome;
  if (outcome.acknowledged) return { type: 'none' };
  return { type: 'ack', callId, ...(negotiationId !== undefined && { negotiationId }) };
}

/** Tells the same request from another one under the same id (OF-4). */
function digestOf(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('base64');
}
