/**
 * The whole machine as a table: every role × phase × event, with what the sender is told, what becomes of the call and
 * who is sent what. A row that is missing fails the test; so does a row nobody asked for.
 */
import { expect, test } from 'vitest';
import { ANNA, active, answered, BEN, CAN, CLEO, ended, ringing, START } from './calls-for-tests.ts';
import { candidateRoute } from './candidates.ts';
import type { CallEvent } from './events.ts';
import type { Endpoint } from './ids.ts';
import { roleOf } from './role.ts';
import type { CallState } from './state.ts';
import type { Step } from './step.ts';
import { transition } from './transition.ts';

const NOW = START + 5_000;

const PHASES = { ringing: () => ringing(), active: () => active(), ended: () => ended() };
type Phase = keyof typeof PHASES;

/** In a ringing call both of Ben's devices ring; in the active one his phone has answered. */
const ACTORS = {
  caller: ANNA.phone,
  callerOther: ANNA.laptop,
  callee: BEN.phone,
  calleeOther: BEN.laptop,
  stranger: CLEO.phone,
};
type Actor = keyof typeof ACTORS;

const by = (from: Endpoint) => ({ from, language: 'en', capabilities: CAN }) as const;

const EVENTS = {
  answer: (from: Endpoint) => answered(from),
  'answer, not allowed any more': (from: Endpoint) => answered(from, false),
  reject: (from: Endpoint) => ({ type: 'reject', from, language: 'en', capabilities: CAN, reason: 'rejected' }),
  'reject for this device': (from: Endpoint) => ({
    type: 'reject',
    from,
    language: 'en',
    capabilities: CAN,
    reason: 'media_error',
  }),
  busy: (from: Endpoint) => ({ type: 'busy', from, language: 'en', capabilities: CAN }),
  hangUp: (from: Endpoint) => ({ type: 'hangUp', from, language: 'en', capabilities: CAN, reason: 'normal' }),
  'hangUp naming somebody else': (from: Endpoint) => ({
    type: 'hangUp',
    from,
    language: 'en',
    capabilities: CAN,
    receiverId: '9',
  }),
  claim: (from: Endpoint) => ({ type: 'claim', ...by(from) }),
  accepting: (from: Endpoint) => ({ type: 'accepting', ...by(from) }),
  renegotiate: (from: Endpoint) => ({ type: 'renegotiate', ...by(from), offer: { type: 'offer', sdp: 'v=0 again' } }),
  'answer to no negotiation': (from: Endpoint) => ({ ...answered(from), negotiationId: 1 }),
  takeover: (from: Endpoint) => ({ type: 'takeover', ...by(from), offer: { type: 'offer', sdp: 'v=0 here' } }),
  mediaState: (from: Endpoint) => ({ type: 'mediaState', ...by(from), media: { audio: 'on', video: 'screen' } }),
  'report connected': (from: Endpoint) => ({
    type: 'report',
    ...by(from),
    report: { state: 'connected', path: 'host' },
  }),
  'report failed': (from: Endpoint) => ({ type: 'report', ...by(from), report: { state: 'failed', iceErrors: [701] } }),
  quality: (from: Endpoint) => ({ type: 'quality', ...by(from), metrics: { quality: 3 } }),
  hangUpAnywhere: (from: Endpoint) => ({ type: 'hangUp', ...by(from), anywhere: true }),
  rang: (endpoint: Endpoint) => ({ type: 'rang', endpoint }),
  'attached again, resumed': (endpoint: Endpoint) => ({
    type: 'attached',
    endpoint,
    language: 'en',
    capabilities: CAN,
    resumed: true,
  }),
  attached: (endpoint: Endpoint) => ({ type: 'attached', endpoint, language: 'en', capabilities: CAN, resumed: false }),
  detached: (endpoint: Endpoint) => ({ type: 'detached', endpoint }),
} satisfies Record<string, (endpoint: Endpoint) => CallEvent>;
type EventName = keyof typeof EVENTS | 'candidate';

/** No event type is without rows: this does not compile when one is missing. */
const COVERED: Record<CallEvent['type'], true> = {
  answer: true,
  reject: true,
  busy: true,
  hangUp: true,
  claim: true,
  accepting: true,
  renegotiate: true,
  takeover: true,
  mediaState: true,
  report: true,
  quality: true,
  attached: true,
  detached: true,
  rang: true,
  replaced: true,
  dialledAway: true,
  answeredAnother: true,
  tick: true,
};

const SERVICE_EVENTS = {
  tick: { type: 'tick' },
  'replaced by the caller': { type: 'replaced', by: '1' },
  'replaced by the callee': { type: 'replaced', by: '2' },
  dialledAway: { type: 'dialledAway' },
  'caller answered another': { type: 'answeredAnother', by: '1' },
  'callee answered another': { type: 'answeredAnother', by: '2' },
} satisfies Record<string, CallEvent>;
type ServiceEventName = keyof typeof SERVICE_EVENTS;

const NAMES: Record<string, string> = {
  ...Object.fromEntries(Object.entries(ACTORS).map(([name, endpoint]) => [endpoint, name])),
};
const named = (endpoint: Endpoint): string => NAMES[endpoint] ?? endpoint;

/** A step in one line: `reply; next state; receiver<message(reason) …`. */
function describeStep(before: CallState, step: Step): string {
  const next =
    step.state === before
      ? 'same'
      : step.state.phase === 'ended'
        ? `ended ${step.state.outcome.caller} by ${step.state.endedBy}`
        : step.state.phase === before.phase
          ? 'noted'
          : step.state.phase;
  const effects = step.effects.map((effect) => {
    switch (effect.type) {
      case 'send': {
        const { data } = effect.message;
        const reason = 'reason' in data && data.reason !== undefined ? `(${data.reason})` : '';
        return `${named(effect.to)}<${effect.message.type.replace('call:', '')}${reason}`;
      }
      case 'sendCandidates':
        return `${named(effect.to)}<candidates of ${named(effect.from)}`;
      case 'moveCandidates':
        return `candidates of ${named(effect.from)} to ${named(effect.to)}`;
      case 'dropCandidates':
        return `candidates of ${named(effect.from)} dropped`;
      case 'quality':
        return `quality of the ${effect.side}`;
      case 'record':
        return 'record';
      default:
        return 'unknown effect';
    }
  });
  return [step.reply.ok ? 'ok' : step.reply.reason, next, effects.join(' ')].filter(Boolean).join('; ');
}

function describeRoute(state: CallState, from: Endpoint): string {
  const route = candidateRoute(state, from);
  return typeof route === 'string' ? route : `kept, to ${route.to.map(named).join(' and ') || 'nobody yet'}`;
}

const TABLE: Record<Phase, Record<EventName, Record<Actor, string>>> = {
  ringing: {
    answer: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'ok; active; caller<answer caller<candidates of callee calleeOther<hang_up(answered_elsewhere)',
      calleeOther: 'ok; active; caller<answer caller<candidates of calleeOther callee<hang_up(answered_elsewhere)',
      stranger: 'call_not_found; same',
    },
    'answer, not allowed any more': {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee:
        'not_allowed; ended unavailable by service; caller<not_available callee<hang_up(not_allowed) calleeOther<hang_up(not_allowed) record',
      calleeOther:
        'not_allowed; ended unavailable by service; caller<not_available callee<hang_up(not_allowed) calleeOther<hang_up(not_allowed) record',
      stranger: 'call_not_found; same',
    },
    reject: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'ok; ended rejected by callee; caller<reject(rejected) calleeOther<hang_up(rejected_elsewhere) record',
      calleeOther: 'ok; ended rejected by callee; caller<reject(rejected) callee<hang_up(rejected_elsewhere) record',
      stranger: 'call_not_found; same',
    },
    'reject for this device': {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'ok; noted',
      calleeOther: 'ok; noted',
      stranger: 'call_not_found; same',
    },
    busy: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'ok; noted',
      calleeOther: 'ok; noted',
      stranger: 'call_not_found; same',
    },
    hangUp: {
      caller: 'ok; ended cancelled by caller; callee<hang_up(cancelled) calleeOther<hang_up(cancelled) record',
      callerOther: 'ok; same',
      callee: 'ok; ended rejected by callee; caller<hang_up(normal) calleeOther<hang_up(rejected_elsewhere) record',
      calleeOther: 'ok; ended rejected by callee; caller<hang_up(normal) callee<hang_up(rejected_elsewhere) record',
      stranger: 'call_not_found; same',
    },
    'hangUp naming somebody else': {
      caller: 'receiver_mismatch; same',
      callerOther: 'receiver_mismatch; same',
      callee: 'receiver_mismatch; same',
      calleeOther: 'receiver_mismatch; same',
      stranger: 'call_not_found; same',
    },
    claim: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    accepting: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'ok; noted; calleeOther<accepting_elsewhere',
      calleeOther: 'ok; noted; callee<accepting_elsewhere',
      stranger: 'call_not_found; same',
    },
    renegotiate: {
      caller: 'invalid_state; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    'answer to no negotiation': {
      caller: 'invalid_state; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    takeover: {
      caller: 'invalid_state; same',
      callerOther: 'invalid_state; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    mediaState: {
      caller: 'invalid_state; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    'report connected': {
      caller: 'invalid_state; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    'report failed': {
      caller: 'invalid_state; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    quality: {
      caller: 'invalid_state; same',
      callerOther: 'invalid_state; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    hangUpAnywhere: {
      caller:
        'ok; ended cancelled by caller; caller<hang_up(cancelled) callee<hang_up(cancelled) calleeOther<hang_up(cancelled) record',
      callerOther:
        'ok; ended cancelled by caller; caller<hang_up(cancelled) callee<hang_up(cancelled) calleeOther<hang_up(cancelled) record',
      callee: 'ok; ended rejected by callee; caller<hang_up calleeOther<hang_up(rejected_elsewhere) record',
      calleeOther: 'ok; ended rejected by callee; caller<hang_up callee<hang_up(rejected_elsewhere) record',
      stranger: 'call_not_found; same',
    },
    rang: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; noted; caller<ringing',
      calleeOther: 'ok; noted; caller<ringing',
      stranger: 'ok; same',
    },
    'attached again, resumed': {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    attached: {
      caller: 'ok; noted',
      callerOther: 'ok; same',
      callee: 'ok; noted; callee<offer callee<candidates of caller',
      calleeOther: 'ok; noted; calleeOther<offer calleeOther<candidates of caller',
      stranger: 'ok; same',
    },
    detached: {
      caller: 'ok; noted',
      callerOther: 'ok; same',
      callee: 'ok; noted',
      calleeOther: 'ok; noted',
      stranger: 'ok; same',
    },
    candidate: {
      caller: 'kept, to callee and calleeOther',
      callerOther: 'foreign',
      callee: 'kept, to nobody yet',
      calleeOther: 'kept, to nobody yet',
      stranger: 'unknown',
    },
  },
  active: {
    answer: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'answered_elsewhere; same',
      stranger: 'call_not_found; same',
    },
    'answer, not allowed any more': {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'answered_elsewhere; same',
      stranger: 'call_not_found; same',
    },
    reject: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'answered_elsewhere; same',
      stranger: 'call_not_found; same',
    },
    'reject for this device': {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'answered_elsewhere; same',
      stranger: 'call_not_found; same',
    },
    busy: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'answered_elsewhere; same',
      stranger: 'call_not_found; same',
    },
    hangUp: {
      caller: 'ok; ended completed by caller; callee<hang_up(normal) record',
      callerOther: 'ok; same',
      callee: 'ok; ended completed by callee; caller<hang_up(normal) record',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    'hangUp naming somebody else': {
      caller: 'receiver_mismatch; same',
      callerOther: 'receiver_mismatch; same',
      callee: 'receiver_mismatch; same',
      calleeOther: 'receiver_mismatch; same',
      stranger: 'call_not_found; same',
    },
    claim: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    accepting: {
      caller: 'not_participant; same',
      callerOther: 'not_participant; same',
      callee: 'invalid_state; same',
      calleeOther: 'answered_elsewhere; same',
      stranger: 'call_not_found; same',
    },
    renegotiate: {
      caller: 'ok; noted; candidates of caller dropped callee<offer',
      callerOther: 'not_participant; same',
      callee: 'ok; noted; candidates of callee dropped caller<offer',
      calleeOther: 'not_participant; same',
      stranger: 'call_not_found; same',
    },
    'answer to no negotiation': {
      caller: 'stale_negotiation; same',
      callerOther: 'not_participant; same',
      callee: 'stale_negotiation; same',
      calleeOther: 'not_participant; same',
      stranger: 'call_not_found; same',
    },
    takeover: {
      caller: 'ok; noted; candidates of caller dropped callee<offer',
      callerOther:
        'ok; noted; caller<hang_up(takeover) candidates of caller dropped candidates of callerOther dropped callee<offer',
      callee: 'ok; noted; candidates of callee dropped caller<offer',
      calleeOther:
        'ok; noted; callee<hang_up(takeover) candidates of callee dropped candidates of calleeOther dropped caller<offer',
      stranger: 'call_not_found; same',
    },
    mediaState: {
      caller: 'ok; noted; callee<media_state',
      callerOther: 'not_participant; same',
      callee: 'ok; noted; caller<media_state',
      calleeOther: 'not_participant; same',
      stranger: 'call_not_found; same',
    },
    'report connected': {
      caller: 'ok; noted',
      callerOther: 'not_participant; same',
      callee: 'ok; noted',
      calleeOther: 'not_participant; same',
      stranger: 'call_not_found; same',
    },
    'report failed': {
      caller: 'ok; noted',
      callerOther: 'not_participant; same',
      callee: 'ok; noted',
      calleeOther: 'not_participant; same',
      stranger: 'call_not_found; same',
    },
    quality: {
      caller: 'invalid_state; same',
      callerOther: 'invalid_state; same',
      callee: 'invalid_state; same',
      calleeOther: 'invalid_state; same',
      stranger: 'call_not_found; same',
    },
    hangUpAnywhere: {
      caller: 'ok; ended completed by caller; caller<hang_up callee<hang_up record',
      callerOther: 'ok; ended completed by caller; caller<hang_up callee<hang_up record',
      callee: 'ok; ended completed by callee; caller<hang_up callee<hang_up record',
      calleeOther: 'ok; ended completed by callee; caller<hang_up callee<hang_up record',
      stranger: 'call_not_found; same',
    },
    rang: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    'attached again, resumed': {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    attached: {
      caller: 'ok; noted; caller<answer caller<candidates of callee',
      callerOther: 'ok; same',
      callee: 'ok; noted; callee<candidates of caller',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    detached: {
      caller: 'ok; noted; callee<peer_state',
      callerOther: 'ok; same',
      callee: 'ok; noted; caller<peer_state',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    candidate: {
      caller: 'kept, to callee',
      callerOther: 'foreign',
      callee: 'kept, to caller',
      calleeOther: 'drop',
      stranger: 'unknown',
    },
  },
  ended: {
    answer: {
      caller: 'call_ended; same',
      callerOther: 'call_ended; same',
      callee: 'call_ended; same',
      calleeOther: 'call_ended; same',
      stranger: 'call_not_found; same',
    },
    'answer, not allowed any more': {
      caller: 'call_ended; same',
      callerOther: 'call_ended; same',
      callee: 'call_ended; same',
      calleeOther: 'call_ended; same',
      stranger: 'call_not_found; same',
    },
    reject: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    'reject for this device': {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    busy: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    hangUp: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    'hangUp naming somebody else': {
      caller: 'receiver_mismatch; same',
      callerOther: 'receiver_mismatch; same',
      callee: 'receiver_mismatch; same',
      calleeOther: 'receiver_mismatch; same',
      stranger: 'call_not_found; same',
    },
    claim: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    accepting: {
      caller: 'call_ended; same',
      callerOther: 'call_ended; same',
      callee: 'call_ended; same',
      calleeOther: 'call_ended; same',
      stranger: 'call_not_found; same',
    },
    renegotiate: {
      caller: 'call_ended; same',
      callerOther: 'call_ended; same',
      callee: 'call_ended; same',
      calleeOther: 'call_ended; same',
      stranger: 'call_not_found; same',
    },
    'answer to no negotiation': {
      caller: 'call_ended; same',
      callerOther: 'call_ended; same',
      callee: 'call_ended; same',
      calleeOther: 'call_ended; same',
      stranger: 'call_not_found; same',
    },
    takeover: {
      caller: 'call_ended; same',
      callerOther: 'call_ended; same',
      callee: 'call_ended; same',
      calleeOther: 'call_ended; same',
      stranger: 'call_not_found; same',
    },
    mediaState: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    'report connected': {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    'report failed': {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    quality: {
      caller: 'ok; same; quality of the caller',
      callerOther: 'ok; same; quality of the caller',
      callee: 'ok; same; quality of the callee',
      calleeOther: 'ok; same; quality of the callee',
      stranger: 'call_not_found; same',
    },
    hangUpAnywhere: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'call_not_found; same',
    },
    rang: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    'attached again, resumed': {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    attached: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    detached: {
      caller: 'ok; same',
      callerOther: 'ok; same',
      callee: 'ok; same',
      calleeOther: 'ok; same',
      stranger: 'ok; same',
    },
    candidate: {
      caller: 'drop',
      callerOther: 'drop',
      callee: 'drop',
      calleeOther: 'drop',
      stranger: 'unknown',
    },
  },
};

const SERVICE_TABLE: Record<Phase, Record<ServiceEventName, string>> = {
  ringing: {
    tick: 'ok; same',
    'replaced by the caller':
      'ok; ended replaced by caller; caller<hang_up(replaced) callee<hang_up(replaced) calleeOther<hang_up(replaced) record',
    'replaced by the callee': 'ok; same',
    dialledAway:
      'ok; ended busy by callee; caller<busy callee<hang_up(rejected_elsewhere) calleeOther<hang_up(rejected_elsewhere) record',
    'caller answered another':
      'ok; ended cancelled by caller; caller<hang_up(answered_another) callee<hang_up(answered_another) calleeOther<hang_up(answered_another) record',
    'callee answered another': 'ok; same',
  },
  active: {
    tick: 'ok; same',
    'replaced by the caller': 'ok; ended replaced by caller; caller<hang_up(replaced) callee<hang_up(replaced) record',
    'replaced by the callee': 'ok; ended replaced by callee; caller<hang_up(replaced) callee<hang_up(replaced) record',
    dialledAway: 'ok; same',
    'caller answered another':
      'ok; ended completed by caller; caller<hang_up(answered_another) callee<hang_up(answered_another) record',
    'callee answered another':
      'ok; ended completed by callee; caller<hang_up(answered_another) callee<hang_up(answered_another) record',
  },
  ended: {
    tick: 'ok; same',
    'replaced by the caller': 'ok; same',
    'replaced by the callee': 'ok; same',
    dialledAway: 'ok; same',
    'caller answered another': 'ok; same',
    'callee answered another': 'ok; same',
  },
};

const eventNames = [...Object.keys(EVENTS), 'candidate'] as EventName[];

test.each(Object.keys(PHASES) as Phase[])(
  '[T1] [T10] while %s, every event of every role does what its row says',
  (phase) => {
    const actual = Object.fromEntries(
      eventNames.map((name) => [
        name,
        Object.fromEntries(
          (Object.entries(ACTORS) as [Actor, Endpoint][]).map(([actor, endpoint]) => {
            const state = PHASES[phase]();
            if (name === 'candidate') return [actor, describeRoute(state, endpoint)];
            return [actor, describeStep(state, transition(state, EVENTS[name](endpoint), NOW))];
          }),
        ),
      ]),
    );
    expect(actual).toEqual(TABLE[phase]);
  },
);

test.each(Object.keys(PHASES) as Phase[])('while %s, every event of the service does what its row says', (phase) => {
  const actual = Object.fromEntries(
    (Object.entries(SERVICE_EVENTS) as [ServiceEventName, CallEvent][]).map(([name, event]) => {
      const state = PHASES[phase]();
      return [name, describeStep(state, transition(state, event, NOW))];
    }),
  );
  expect(actual).toEqual(SERVICE_TABLE[phase]);
});

test('every event type there is stands in the table', () => {
  const used = new Set(
    [...Object.values(EVENTS).map((make) => make(ANNA.phone)), ...Object.values(SERVICE_EVENTS)].map(
      ({ type }) => type,
    ),
  );
  expect([...used].sort()).toEqual(Object.keys(COVERED).sort());
});

test('each actor of the table has the role it is named after', () => {
  const roles = (state: CallState) =>
    Object.fromEntries(Object.entries(ACTORS).map(([actor, endpoint]) => [actor, roleOf(state, endpoint)]));
  const exact = { caller: 'caller', callerOther: 'callerOther', callee: 'callee', stranger: 'stranger' };
  expect(roles(ringing())).toEqual({ ...exact, calleeOther: 'callee' });
  expect(roles(active())).toEqual({ ...exact, calleeOther: 'calleeOther' });
  expect(roles(ended())).toEqual({ ...exact, callerOther: 'caller', calleeOther: 'callee' });
});
