/**
 * What one browser sees of one call. Pure: state and event in, next state and effects out; it knows no socket, no
 * media and no clock.
 *
 *   caller   dialling ──acked──► ringing ──answered──► connecting ──media──► connected ◄──► reconnecting
 *               │  └────────────────┴──merged──┐                                  (any) ──► ended
 *   callee   incoming ──accept──► connecting ◄─┘ (not answered yet) ──answer_sent──► connecting …
 *   device   dialling ──moved_here──► connecting …   (the call of another device of this person)
 *
 * Two rules hold everywhere: an ended call never changes again, and only the first answer counts (AN-1).
 */
import type { CallEnd, CallPhase, EndReason } from './call.ts';

/** A call, as far as its rules need it. */
export interface CallModel {
  readonly phase: CallPhase;
  /** The part this side plays. Somebody who dialled becomes the callee when both dialled at once (GL-1). */
  readonly role: 'caller' | 'callee';
  /** Whether an answer was sent or came. */
  readonly answered: boolean;
  /** Whether media ever flowed. */
  readonly flowed: boolean;
  /** Whether the browser gave the media connection up and nothing has revived it yet. */
  readonly transportFailed: boolean;
  readonly end?: CallEnd;
}

/** Anything that can happen to a call. */
export type CallEvent =
  // The person
  | { readonly type: 'accept' }
  | { readonly type: 'reject'; readonly reason: 'rejected' | 'busy' }
  | { readonly type: 'hang_up' }
  // This side's own work
  | { readonly type: 'media_denied' }
  | { readonly type: 'negotiation_failed' }
  | { readonly type: 'answer_sent' }
  /** The offer of the other side takes the place of our own (GL-1). */
  | { readonly type: 'merged' }
  /** Another call here took this one's offer over (GL-1). */
  | { readonly type: 'surrendered' }
  // The service
  | { readonly type: 'acked' }
  /** A call that another device of this person had goes on here (GL-2). */
  | { readonly type: 'moved_here' }
  | { readonly type: 'offer_refused'; readonly message: string }
  | { readonly type: 'offer_unheard' }
  | { readonly type: 'answered' }
  | { readonly type: 'answer_lost_race' }
  | { readonly type: 'told_hang_up'; readonly reason: string | undefined; readonly fromPeer: boolean }
  | { readonly type: 'told_reject'; readonly reason: string | undefined }
  | { readonly type: 'told_busy'; readonly message: string }
  | { readonly type: 'told_not_available'; readonly message: string }
  | { readonly type: 'told_timeout'; readonly stage: 'ring' | 'connect'; readonly message: string }
  /** The service says that the call is over, without an event of its own. */
  | { readonly type: 'gone'; readonly end: CallEnd }
  // The media connection
  | { readonly type: 'transport'; readonly state: 'connected' | 'disconnected' | 'failed' | 'given_up' }
  // Time
  | { readonly type: 'over'; readonly limit: Limit };

/** What the service has to be told. The end of a call always means besides: let go of media, peer and timers. */
export type Saying = { readonly what: 'hang_up' | 'reject'; readonly reason: string } | { readonly what: 'busy' };

/** A limit of a call in time. */
export type Limit = 'ring' | 'connect' | 'recovery';

/** What came of an event. */
export interface Step {
  /** The very same object when the event changed nothing. */
  readonly model: CallModel;
  readonly say?: Saying;
}

/** How a call begins. */
export function beginCall(role: 'caller' | 'callee'): CallModel {
  return {
    phase: role === 'caller' ? 'dialling' : 'incoming',
    role,
    answered: false,
    flowed: false,
    transportFailed: false,
  };
}

/** Which limits run in a state. They are the safety net: the service and the browser normally speak first. */
export function limitsOf(model: CallModel): readonly Limit[] {
  if (model.phase === 'ended') return [];
  const limits: Limit[] = [];
  if (!model.answered && model.phase !== 'dialling') limits.push('ring');
  if (model.answered && model.phase === 'connecting') limits.push('connect');
  if (model.transportFailed) limits.push('recovery');
  return limits;
}

/** Applies an event. Never throws; what does not fit the state changes nothing. */
export function step(model: CallModel, event: CallEvent): Step {
  if (model.phase === 'ended') return stay(model);
  switch (event.type) {
    case 'accept':
      return model.phase === 'incoming' ? go({ ...model, phase: 'connecting' }) : stay(model);
    case 'reject':
      return isUnansweredCallee(model) ? refuse(model, event.reason) : hangUp(model);
    case 'hang_up':
      return hangUp(model);
    case 'media_denied':
      if (model.phase === 'dialling') return end(model, 'media_error', 'me');
      return isAnswering(model) ? end(model, 'media_error', 'me', say('reject', 'media_error')) : stay(model);
    case 'negotiation_failed':
      if (model.phase === 'dialling') return end(model, 'failed', 'me');
      if (isAnswering(model)) return end(model, 'failed', 'me', say('reject', 'unsupported'));
      return model.phase === 'connecting' ? end(model, 'failed', 'me', say('hang_up', 'error')) : stay(model);
    case 'answer_sent':
      return isAnswering(model) ? go({ ...model, answered: true }) : stay(model);
    case 'merged':
      return isUnansweredCaller(model) ? go({ ...model, role: 'callee', phase: 'connecting' }) : stay(model);
    case 'surrendered':
      return model.phase === 'incoming' ? end(model, 'replaced', 'me') : stay(model);
    case 'acked':
      return model.phase === 'dialling' ? go({ ...model, phase: 'ringing' }) : stay(model);
    case 'moved_here':
      return model.phase === 'dialling' ? go({ ...model, phase: 'connecting', answered: true }) : stay(model);
    case 'offer_refused':
      return model.phase === 'dialling' ? end(model, 'failed', 'service', event.message) : stay(model);
    case 'offer_unheard':
      return model.phase === 'dialling'
        ? end(model, 'connection_lost', 'service', say('hang_up', 'error'))
        : stay(model);
    case 'answered':
      return model.phase === 'ringing' ? go({ ...model, phase: 'connecting', answered: true }) : stay(model);
    case 'answer_lost_race':
      return model.role === 'callee' && model.answered ? end(model, 'answered_elsewhere', 'me') : stay(model);
    case 'told_hang_up':
      return onToldHangUp(model, event.reason, event.fromPeer);
    case 'told_reject':
      return isUnansweredCaller(model) ? end(model, rejectReason(event.reason), 'peer') : stay(model);
    case 'told_busy':
      return isUnansweredCaller(model) ? end(model, 'busy', 'peer', event.message) : stay(model);
    case 'told_not_available':
      return isUnansweredCaller(model) ? end(model, 'not_available', 'service', event.message) : stay(model);
    case 'told_timeout':
      // Also after our own answer: the two crossed, and the service decides (TI-1).
      return end(model, event.stage === 'connect' ? 'failed' : 'no_answer', 'service', event.message);
    case 'gone':
      return go({ ...model, phase: 'ended', transportFailed: false, end: event.end });
    case 'transport':
      return onTransport(model, event.state);
    case 'over':
      return limitsOf(model).includes(event.limit) ? onOver(model, event.limit) : stay(model);
  }
}

function onTransport(model: CallModel, state: Extract<CallEvent, { type: 'transport' }>['state']): Step {
  if (!model.answered) return stay(model);
  switch (state) {
    case 'connected':
      if (model.phase === 'connected') return stay(model);
      return go({ ...model, phase: 'connected', flowed: true, transportFailed: false });
    case 'disconnected':
      return model.phase === 'connected' ? go({ ...model, phase: 'reconnecting' }) : stay(model);
    case 'failed':
      if (model.transportFailed) return stay(model);
      return go({ ...model, phase: model.flowed ? 'reconnecting' : 'connecting', transportFailed: true });
    case 'given_up':
      return lost(model);
  }
}

function onOver(model: CallModel, limit: Limit): Step {
  if (limit === 'ring') {
    return model.role === 'caller'
      ? end(model, 'no_answer', 'service', say('hang_up', 'timeout'))
      : end(model, 'no_answer', 'service');
  }
  return lost(model);
}

/** The two browsers cannot reach each other, and nothing more is tried. */
function lost(model: CallModel): Step {
  return end(model, model.flowed ? 'connection_lost' : 'failed', 'me', say('hang_up', 'error'));
}

function hangUp(model: CallModel): Step {
  if (isUnansweredCallee(model)) return refuse(model, 'rejected');
  return end(model, model.answered ? 'hung_up' : 'cancelled', 'me', say('hang_up', 'normal'));
}

function refuse(model: CallModel, reason: 'rejected' | 'busy'): Step {
  return end(model, reason, 'me', reason === 'busy' ? { what: 'busy' } : say('reject', 'rejected'));
}

/** The reason words that the service itself writes, and by whose doing they come; others are a person's. */
function onToldHangUp(model: CallModel, reason: string | undefined, fromPeer: boolean): Step {
  const by = fromPeer ? 'peer' : 'me';
  switch (reason) {
    case 'answered_elsewhere':
    case 'rejected_elsewhere':
      return end(model, reason, 'me');
    case 'takeover':
      return end(model, 'taken_over', 'me');
    case 'connection_lost':
      return end(model, 'connection_lost', 'service');
    case 'not_allowed':
      return end(model, 'failed', 'service');
    case 'replaced':
      return end(model, 'replaced', by);
    case 'timeout':
      return end(model, model.answered ? 'connection_lost' : 'no_answer', by);
    case 'error':
      // Both sides of a call that ran are told the same (see `lost`).
      return end(model, model.flowed ? 'connection_lost' : 'failed', by);
    case 'media_error':
    case 'unsupported':
      return end(model, 'media_error', by);
    case 'busy':
      return end(model, 'busy', by);
    default:
      if (model.answered) return end(model, 'hung_up', by);
      // Before the answer a hang-up is the caller's change of mind, or the callee's no (HU-1).
      return end(model, (model.role === 'callee') === fromPeer ? 'cancelled' : 'rejected', by);
  }
}

function rejectReason(reason: string | undefined): EndReason {
  if (reason === 'busy') return 'busy';
  return reason === 'media_error' || reason === 'unsupported' ? 'media_error' : 'rejected';
}

function isUnansweredCaller(model: CallModel): boolean {
  return model.role === 'caller' && !model.answered;
}
function isUnansweredCallee(model: CallModel): boolean {
  return model.role === 'callee' && !model.answered;
}
/** Accepted, and the answer is not on its way yet. */
function isAnswering(model: CallModel): boolean {
  return isUnansweredCallee(model) && model.phase === 'connecting';
}

const say = (what: 'hang_up' | 'reject', reason: string): Saying => ({ what, reason });
const stay = (model: CallModel): Step => ({ model });
const go = (model: CallModel): Step => ({ model });

/** @param extra the service's text for the person, or what the service has to be told */
function end(model: CallModel, reason: EndReason, by: CallEnd['by'], extra?: string | Saying): Step {
  const message = typeof extra === 'string' ? { message: extra } : {};
  return {
    model: { ...model, phase: 'ended', transportFailed: false, end: { reason, by, ...message } },
    ...(typeof extra === 'object' && { say: extra }),
  };
}
