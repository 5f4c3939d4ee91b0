import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginCall, type CallEvent, type CallModel, limitsOf, type Step, step } from './call-machine.ts';

/** Every state a call can be in, and the events that lead there. */
const STATES = {
  dialling: from('caller'),
  ringing: from('caller', { type: 'acked' }),
  'caller connecting': from('caller', { type: 'acked' }, { type: 'answered' }),
  'caller connecting, given up': from('caller', { type: 'acked' }, { type: 'answered' }, transport('failed')),
  incoming: from('callee'),
  answering: from('callee', { type: 'accept' }),
  'callee connecting': from('callee', { type: 'accept' }, { type: 'answer_sent' }),
  connected: from('callee', { type: 'accept' }, { type: 'answer_sent' }, transport('connected')),
  reconnecting: from(
    'caller',
    { type: 'acked' },
    { type: 'answered' },
    transport('connected'),
    transport('disconnected'),
  ),
  'reconnecting, given up': from(
    'caller',
    { type: 'acked' },
    { type: 'answered' },
    transport('connected'),
    transport('failed'),
  ),
  ended: from('caller', { type: 'hang_up' }),
} satisfies Record<string, CallModel>;
type StateName = keyof typeof STATES;

/** Every event, in each of its variants that make a difference. */
const EVENTS = {
  accept: { type: 'accept' },
  reject: { type: 'reject', reason: 'rejected' },
  'reject as busy': { type: 'reject', reason: 'busy' },
  'hang up': { type: 'hang_up' },
  'media denied': { type: 'media_denied' },
  'negotiation failed': { type: 'negotiation_failed' },
  'answer sent': { type: 'answer_sent' },
  merged: { type: 'merged' },
  surrendered: { type: 'surrendered' },
  acked: { type: 'acked' },
  'moved here': { type: 'moved_here' },
  'offer refused': { type: 'offer_refused', message: 'text' },
  'offer unheard': { type: 'offer_unheard' },
  answered: { type: 'answered' },
  'answer lost race': { type: 'answer_lost_race' },
  'told hang up': { type: 'told_hang_up', reason: undefined, fromPeer: true },
  'told hang up from me': { type: 'told_hang_up', reason: undefined, fromPeer: false },
  'told reject': { type: 'told_reject', reason: undefined },
  'told busy': { type: 'told_busy', message: 'text' },
  'told not available': { type: 'told_not_available', message: 'text' },
  'told timeout': { type: 'told_timeout', stage: 'ring', message: 'text' },
  'told connect timeout': { type: 'told_timeout', stage: 'connect', message: 'text' },
  gone: { type: 'gone', end: { reason: 'connection_lost', by: 'service' } },
  'transport connected': transport('connected'),
  'transport disconnected': transport('disconnected'),
  'transport failed': transport('failed'),
  'transport given up': transport('given_up'),
  'ring over': { type: 'over', limit: 'ring' },
  'connect over': { type: 'over', limit: 'connect' },
  'recovery over': { type: 'over', limit: 'recovery' },
} satisfies Record<string, CallEvent>;
type EventName = keyof typeof EVENTS;

/** What comes of each event in each state: the state it leads to, or the end, and what is said. `-`: nothing. */
const TABLE: Record<StateName, Record<EventName, string>> = {
  dialling: {
    accept: '-',
    reject: 'cancelled by me, says hang_up normal',
    'reject as busy': 'cancelled by me, says hang_up normal',
    'hang up': 'cancelled by me, says hang_up normal',
    'media denied': 'media_error by me',
    'negotiation failed': 'failed by me',
    'answer sent': '-',
    merged: 'answering',
    surrendered: '-',
    acked: 'ringing',
    'moved here': 'caller connecting',
    'offer refused': 'failed by service',
    'offer unheard': 'connection_lost by service, says hang_up error',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'rejected by peer',
    'told hang up from me': 'cancelled by me',
    'told reject': 'rejected by peer',
    'told busy': 'busy by peer',
    'told not available': 'not_available by service',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': '-',
    'transport disconnected': '-',
    'transport failed': '-',
    'transport given up': '-',
    'ring over': '-',
    'connect over': '-',
    'recovery over': '-',
  },
  ringing: {
    accept: '-',
    reject: 'cancelled by me, says hang_up normal',
    'reject as busy': 'cancelled by me, says hang_up normal',
    'hang up': 'cancelled by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': '-',
    'answer sent': '-',
    merged: 'answering',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: 'caller connecting',
    'answer lost race': '-',
    'told hang up': 'rejected by peer',
    'told hang up from me': 'cancelled by me',
    'told reject': 'rejected by peer',
    'told busy': 'busy by peer',
    'told not available': 'not_available by service',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': '-',
    'transport disconnected': '-',
    'transport failed': '-',
    'transport given up': '-',
    'ring over': 'no_answer by service, says hang_up timeout',
    'connect over': '-',
    'recovery over': '-',
  },
  'caller connecting': {
    accept: '-',
    reject: 'hung_up by me, says hang_up normal',
    'reject as busy': 'hung_up by me, says hang_up normal',
    'hang up': 'hung_up by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': 'failed by me, says hang_up error',
    'answer sent': '-',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'hung_up by peer',
    'told hang up from me': 'hung_up by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': 'caller connected',
    'transport disconnected': '-',
    'transport failed': 'caller connecting, given up',
    'transport given up': 'failed by me, says hang_up error',
    'ring over': '-',
    'connect over': 'failed by me, says hang_up error',
    'recovery over': '-',
  },
  'caller connecting, given up': {
    accept: '-',
    reject: 'hung_up by me, says hang_up normal',
    'reject as busy': 'hung_up by me, says hang_up normal',
    'hang up': 'hung_up by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': 'failed by me, says hang_up error',
    'answer sent': '-',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'hung_up by peer',
    'told hang up from me': 'hung_up by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': 'caller connected',
    'transport disconnected': '-',
    'transport failed': '-',
    'transport given up': 'failed by me, says hang_up error',
    'ring over': '-',
    'connect over': 'failed by me, says hang_up error',
    'recovery over': 'failed by me, says hang_up error',
  },
  incoming: {
    accept: 'answering',
    reject: 'rejected by me, says reject rejected',
    'reject as busy': 'busy by me, says busy',
    'hang up': 'rejected by me, says reject rejected',
    'media denied': '-',
    'negotiation failed': '-',
    'answer sent': '-',
    merged: '-',
    surrendered: 'replaced by me',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'cancelled by peer',
    'told hang up from me': 'rejected by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': '-',
    'transport disconnected': '-',
    'transport failed': '-',
    'transport given up': '-',
    'ring over': 'no_answer by service',
    'connect over': '-',
    'recovery over': '-',
  },
  answering: {
    accept: '-',
    reject: 'rejected by me, says reject rejected',
    'reject as busy': 'busy by me, says busy',
    'hang up': 'rejected by me, says reject rejected',
    'media denied': 'media_error by me, says reject media_error',
    'negotiation failed': 'failed by me, says reject unsupported',
    'answer sent': 'callee connecting',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'cancelled by peer',
    'told hang up from me': 'rejected by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': '-',
    'transport disconnected': '-',
    'transport failed': '-',
    'transport given up': '-',
    'ring over': 'no_answer by service',
    'connect over': '-',
    'recovery over': '-',
  },
  'callee connecting': {
    accept: '-',
    reject: 'hung_up by me, says hang_up normal',
    'reject as busy': 'hung_up by me, says hang_up normal',
    'hang up': 'hung_up by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': 'failed by me, says hang_up error',
    'answer sent': '-',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': 'answered_elsewhere by me',
    'told hang up': 'hung_up by peer',
    'told hang up from me': 'hung_up by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': 'connected',
    'transport disconnected': '-',
    'transport failed': 'callee connecting, given up',
    'transport given up': 'failed by me, says hang_up error',
    'ring over': '-',
    'connect over': 'failed by me, says hang_up error',
    'recovery over': '-',
  },
  connected: {
    accept: '-',
    reject: 'hung_up by me, says hang_up normal',
    'reject as busy': 'hung_up by me, says hang_up normal',
    'hang up': 'hung_up by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': '-',
    'answer sent': '-',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': 'answered_elsewhere by me',
    'told hang up': 'hung_up by peer',
    'told hang up from me': 'hung_up by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': '-',
    'transport disconnected': 'callee reconnecting',
    'transport failed': 'callee reconnecting, given up',
    'transport given up': 'connection_lost by me, says hang_up error',
    'ring over': '-',
    'connect over': '-',
    'recovery over': '-',
  },
  reconnecting: {
    accept: '-',
    reject: 'hung_up by me, says hang_up normal',
    'reject as busy': 'hung_up by me, says hang_up normal',
    'hang up': 'hung_up by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': '-',
    'answer sent': '-',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'hung_up by peer',
    'told hang up from me': 'hung_up by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': 'caller connected',
    'transport disconnected': '-',
    'transport failed': 'reconnecting, given up',
    'transport given up': 'connection_lost by me, says hang_up error',
    'ring over': '-',
    'connect over': '-',
    'recovery over': '-',
  },
  'reconnecting, given up': {
    accept: '-',
    reject: 'hung_up by me, says hang_up normal',
    'reject as busy': 'hung_up by me, says hang_up normal',
    'hang up': 'hung_up by me, says hang_up normal',
    'media denied': '-',
    'negotiation failed': '-',
    'answer sent': '-',
    merged: '-',
    surrendered: '-',
    acked: '-',
    'moved here': '-',
    'offer refused': '-',
    'offer unheard': '-',
    answered: '-',
    'answer lost race': '-',
    'told hang up': 'hung_up by peer',
    'told hang up from me': 'hung_up by me',
    'told reject': '-',
    'told busy': '-',
    'told not available': '-',
    'told timeout': 'no_answer by service',
    'told connect timeout': 'failed by service',
    gone: 'connection_lost by service',
    'transport connected': 'caller connected',
    'transport disconnected': '-',
    'transport failed': '-',
    'transport given up': 'connection_lost by me, says hang_up error',
    'ring over': '-',
    'connect over': '-',
    'recovery over': 'connection_lost by me, says hang_up error',
  },
  ended: Object.fromEntries(Object.keys(EVENTS).map((name) => [name, '-'])) as Record<EventName, string>,
};

/** A few states of the table seen from the other side, as far as an event leads there. */
const TWINS: Record<string, CallModel> = {
  'callee connecting, given up': { ...STATES['caller connecting, given up'], role: 'callee' },
  'callee reconnecting': { ...STATES.reconnecting, role: 'callee' },
  'callee reconnecting, given up': { ...STATES['reconnecting, given up'], role: 'callee' },
  'caller connected': { ...STATES.connected, role: 'caller' },
};

const ROWS = (Object.keys(STATES) as StateName[]).flatMap((state) =>
  (Object.keys(EVENTS) as EventName[]).map((event) => [state, event, TABLE[state][event]] as const),
);

function from(role: 'caller' | 'callee', ...events: CallEvent[]): CallModel {
  return events.reduce((model, event) => step(model, event).model, beginCall(role));
}
function transport(state: 'connected' | 'disconnected' | 'failed' | 'given_up'): CallEvent {
  return { type: 'transport', state };
}

/** Names what came of a step, in the words of the table. */
function outcomeOf(before: CallModel, { model, say }: Step): string {
  if (model === before) return '-';
  const said = say ? `, says ${[say.what, ...('reason' in say ? [say.reason] : [])].join(' ')}` : '';
  if (model.end) return `${model.end.reason} by ${model.end.by}${said}`;
  const known = Object.entries({ ...STATES, ...TWINS }).find(
    ([, state]) => JSON.stringify(sorted(state)) === JSON.stringify(sorted(model)),
  );
  return `${known?.[0] ?? JSON.stringify(model)}${said}`;
}
function sorted(model: CallModel): unknown {
  return Object.entries(model).toSorted(([a], [b]) => a.localeCompare(b));
}

const anyEvent = fc.oneof(
  fc.constantFrom<CallEvent>(...Object.values(EVENTS)),
  fc.record({
    type: fc.constant('told_hang_up' as const),
    reason: fc.option(fc.string(), { nil: undefined }),
    fromPeer: fc.boolean(),
  }),
);
const anyCall = fc.constantFrom(beginCall('caller'), beginCall('callee'));

describe('the rules of a call in one browser', () => {
  it.each(ROWS)('%s, %s: %s', (state, event, expected) => {
    expect(outcomeOf(STATES[state], step(STATES[state], EVENTS[event]))).toBe(expected);
  });

  it('no state of the table is another one twice', () => {
    const distinct = new Set(Object.values(STATES).map((state) => JSON.stringify(sorted(state))));
    expect(distinct.size).toBe(Object.keys(STATES).length);
  });

  it.each([
    ['answered_elsewhere', 'answered_elsewhere by me'],
    ['rejected_elsewhere', 'rejected_elsewhere by me'],
    ['cancelled', 'cancelled by peer'],
    ['connection_lost', 'connection_lost by service'],
    ['not_allowed', 'failed by service'],
    ['takeover', 'taken_over by me'],
    ['replaced', 'replaced by peer'],
    ['timeout', 'no_answer by peer'],
    ['error', 'failed by peer'],
    ['media_error', 'media_error by peer'],
    ['unsupported', 'media_error by peer'],
    ['busy', 'busy by peer'],
    ['normal', 'cancelled by peer'],
    ['anything else', 'cancelled by peer'],
  ])('a ring that is told to stop for %s was %s', (reason, expected) => {
    const told = step(STATES.incoming, { type: 'told_hang_up', reason, fromPeer: true });
    expect(outcomeOf(STATES.incoming, told)).toBe(expected);
  });

  it('a call that ran and was given up by the other browser was lost, as it is told there', () => {
    const told = step(STATES.connected, { type: 'told_hang_up', reason: 'error', fromPeer: true });
    expect(outcomeOf(STATES.connected, told)).toBe('connection_lost by peer');
  });

  it.each([
    ['busy', 'busy by peer'],
    ['media_error', 'media_error by peer'],
    ['unsupported', 'media_error by peer'],
    ['rejected', 'rejected by peer'],
  ])('[RJ-2] a refusal with reason %s was %s', (reason, expected) => {
    expect(outcomeOf(STATES.ringing, step(STATES.ringing, { type: 'told_reject', reason }))).toBe(expected);
  });

  it.each([
    ['dialling', []],
    ['ringing', ['ring']],
    ['incoming', ['ring']],
    ['answering', ['ring']],
    ['caller connecting', ['connect']],
    ['caller connecting, given up', ['connect', 'recovery']],
    ['connected', []],
    ['reconnecting', []],
    ['reconnecting, given up', ['recovery']],
    ['ended', []],
  ] as const)('in %s these limits run: %j', (state, limits) => {
    expect(limitsOf(STATES[state])).toEqual(limits);
  });

  it('[HU-2] whatever happens, an ended call never changes again, and its end is said at most once', () => {
    fc.assert(
      fc.property(anyCall, fc.array(anyEvent, { maxLength: 20 }), (begin, events) => {
        let model = begin;
        let lastWords = 0;
        for (const event of events) {
          const next = step(model, event);
          if (model.phase === 'ended') expect(next).toEqual({ model });
          if (next.say) {
            lastWords += 1;
            expect(next.model.phase).toBe('ended');
          }
          model = next.model;
        }
        expect(lastWords).toBeLessThanOrEqual(1);
        expect(model.phase === 'ended').toBe(model.end !== undefined);
      }),
    );
  });

  it('[T3] media can flow only after an answer', () => {
    fc.assert(
      fc.property(anyCall, fc.array(anyEvent, { maxLength: 20 }), (begin, events) => {
        let model = begin;
        for (const event of events) {
          model = step(model, event).model;
          if (model.flowed) expect(model.answered).toBe(true);
        }
      }),
    );
  });
});
