/** The witness is shown commits in which one thing is wrong, for every single thing it looks at. */
import {
  type Active,
  type Attempt,
  admit,
  type CallEvent,
  type CallState,
  type Effect,
  type Ended,
  type Endpoint,
  type Ringing,
  transition,
} from '@ringdown/call';
import type { Capability, ServerMessage } from '@ringdown/protocol';
import type { Commit, Snapshot } from '@ringdown/server/core';
import { describe, expect, test } from 'vitest';
import { Violation, Witness, type WitnessOptions } from './witness.ts';

const T = 1_800_000_000_000;
/** After everything that happens here. */
const LATER = T + 400_000;
const CAN: readonly Capability[] = ['renegotiate', 'media_state'];
const A: Endpoint = '1/phone';
const A2: Endpoint = '1/laptop';
const B: Endpoint = '2/phone';
const B2: Endpoint = '2/laptop';
const C: Endpoint = '3/phone';
const AP: Endpoint = '1/~a';
const AP2: Endpoint = '1/~b';
const BP: Endpoint = '2/~c';
const BP2: Endpoint = '2/~d';

const isPlain = (endpoint: Endpoint) => endpoint.includes('~');
const userOf = (endpoint: Endpoint) => endpoint.split('/')[0] as string;
const common = (from: Endpoint) => ({ from, language: 'en' as const, capabilities: isPlain(from) ? [] : CAN });
const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });
const OFFER = { type: 'offer', sdp: 'v=0' } as const;
const ANSWER = { type: 'answer', sdp: 'v=0' } as const;

// ----------------------------------------------------------------------------------------- commits that are as they should be

function attempt(from: Endpoint, callee: string, overrides: Partial<Attempt> = {}): Attempt {
  return {
    callId: 'c1',
    ...common(from),
    caller: party(userOf(from)),
    callee: party(callee),
    offer: OFFER,
    callType: 'video',
    ringTimeoutMs: 60_000,
    ...overrides,
  };
}

/** The commit of an offer, by the rules. */
function offered(from: Endpoint = A, to: readonly Endpoint[] = [B, B2], overrides: Partial<Attempt> = {}): Commit {
  const admission = admit(
    attempt(from, userOf(to[0] ?? B), overrides),
    {
      blocked: false,
      doNotDisturb: false,
      hideBusy: false,
      busyPolicy: 'busy',
      callerCalls: [],
      calleeCalls: [],
      calleeEndpoints: to.map((endpoint) => ({ endpoint, language: 'en', capabilities: isPlain(endpoint) ? [] : CAN })),
    },
    T,
  );
  if (admission.verdict !== 'begun') throw new Error('the offer did not begin a call');
  return commitOf([admission.state], admission.effects, from);
}

/** The commit of an event, by the rules. */
function followed(before: Commit, event: CallEvent, at: number, by?: Endpoint): Commit {
  const step = transition(before.calls.at(-1) as CallState, event, at);
  return commitOf([step.state], step.effects, by ?? ('from' in event ? event.from : undefined));
}

function commitOf(calls: readonly CallState[], effects: readonly Effect[], by?: Endpoint): Commit {
  return {
    ...(by && { by: { endpoint: by, sessionId: 's' } }),
    expect: { calls: new Map(), users: new Map() },
    calls,
    effects,
  };
}

const answer = (from: Endpoint): CallEvent => ({ type: 'answer', ...common(from), answer: ANSWER, allowed: true });
const hangUp = (from: Endpoint): CallEvent => ({ type: 'hangUp', ...common(from), reason: 'normal' });
const detached = (endpoint: Endpoint): CallEvent => ({ type: 'detached', endpoint });
const attached = (endpoint: Endpoint): CallEvent => ({
  type: 'attached',
  endpoint,
  language: 'en',
  capabilities: isPlain(endpoint) ? [] : CAN,
  resumed: false,
});
const TICK: CallEvent = { type: 'tick' };

const RING = offered();
const PLAIN_RING = offered(AP, [BP, BP2]);
const TALK = followed(RING, answer(B), T + 1_000);
const PLAIN_TALK = followed(PLAIN_RING, answer(BP), T + 1_000);
const OVER = followed(TALK, hangUp(A), T + 2_000);
const NEGOTIATING = followed(TALK, { type: 'renegotiate', ...common(A), offer: OFFER }, T + 2_000);
const NEGOTIATED = followed(
  NEGOTIATING,
  { type: 'answer', ...common(B), answer: ANSWER, allowed: true, negotiationId: 1 },
  T + 3_000,
);
const MOVED = followed(TALK, { type: 'takeover', ...common(A2), offer: OFFER }, T + 2_000);
/** Anna dialled somebody else from the same phone: her first call is replaced in the same commit. */
function redialled(first: Commit, at: number, by: Endpoint = A): Commit {
  const ended = transition(first.calls.at(-1) as CallState, { type: 'replaced', by: '1' }, at);
  const second = offered(by, [C], { callId: 'c2' });
  return commitOf([ended.state, ...second.calls], [...ended.effects, ...second.effects], by);
}

// --------------------------------------------------------------------------------------------------- one thing made wrong

/** The last call of a commit, changed. */
function withState<S extends CallState = CallState>(commit: Commit, change: (state: S) => object): Commit {
  const state = commit.calls.at(-1) as S;
  return { ...commit, calls: [...commit.calls.slice(0, -1), { ...state, ...change(state) } as CallState] };
}
const withBy = (commit: Commit, by: Endpoint | undefined): Commit => commitOf(commit.calls, commit.effects, by);
const withEffects = (commit: Commit, change: (effects: readonly Effect[]) => Effect[]): Commit => ({
  ...commit,
  effects: change(commit.effects),
});
const also = (commit: Commit, ...more: Effect[]): Commit => withEffects(commit, (effects) => [...effects, ...more]);
const without = (commit: Commit, type: string, to?: Endpoint): Commit =>
  withEffects(commit, (effects) =>
    effects.filter(
      (effect) =>
        !(
          (effect.type === type || (effect.type === 'send' && effect.message.type === type)) &&
          (to === undefined || ('to' in effect && effect.to === to))
        ),
    ),
  );
/** The frames of a type, each with other fields. */
function withFrame(commit: Commit, type: ServerMessage['type'], data: object, to?: Endpoint): Commit {
  return withEffects(commit, (effects) =>
    effects.map((effect) =>
      effect.type === 'send' && effect.message.type === type
        ? {
            ...effect,
            ...(to && { to }),
            message: { ...effect.message, data: { ...effect.message.data, ...data } } as ServerMessage,
          }
        : effect,
    ),
  );
}
const frame = (to: Endpoint, type: ServerMessage['type'], data: object): Effect => ({
  type: 'send',
  to,
  message: { type, data: { callId: 'c1', ...data } } as ServerMessage,
});
const hungUp = (to: Endpoint, reason = 'x', senderId = '1') => frame(to, 'call:hang_up', { senderId, reason });
function withRecord(commit: Commit, change: object): Commit {
  return withEffects(commit, (effects) =>
    effects.map((effect) =>
      effect.type === 'record' ? { ...effect, record: { ...effect.record, ...change } } : effect,
    ),
  );
}
const gone = (commit: Commit, seat: 'callerSeat' | 'calleeSeat', goneAt: number): Commit =>
  withState<Active>(commit, (state) => ({ [seat]: { ...state[seat], goneAt } }));

/** Shows commits one after another, the last one wrong. */
function show(commits: readonly Commit[], now = LATER, options: WitnessOptions = {}): Witness {
  const witness = new Witness(options);
  for (const commit of commits) witness.committed(commit, now);
  return witness;
}

function seen(run: () => unknown): string {
  try {
    run();
  } catch (violation) {
    if (violation instanceof Violation) return violation.message;
    throw violation;
  }
  return 'nothing wrong';
}

type Row = [what: string, expected: RegExp, run: () => unknown];
const wrong = (what: string, expected: RegExp, ...commits: Commit[]): Row => [what, expected, () => show(commits)];

const WAITING: WitnessOptions = { busyPolicy: 'waiting' };
const GOOD: [string, Commit[]][] = [
  [
    'about a ring that is answered, negotiated and hung up',
    [RING, TALK, NEGOTIATING, NEGOTIATED, followed(NEGOTIATED, hangUp(B), T + 9_000)],
  ],
  ['about a call that moves to another device', [RING, TALK, MOVED, followed(MOVED, hangUp(A2), T + 9_000)]],
  ['about a ring that runs out', [RING, followed(RING, TICK, T + 60_000)]],
  ['about a ring that is cancelled', [RING, followed(RING, hangUp(A), T + 1_000)]],
  ['about a ring that is rejected', [RING, followed(RING, { type: 'reject', ...common(B2) }, T + 1_000)]],
  ['about two busy devices', busyBoth()],
  [
    'about an answer that is not allowed',
    [RING, followed(RING, { ...answer(B), allowed: false } as CallEvent, T + 1_000)],
  ],
  ['about a plain heir that is given the answer', plainHeir()],
  [
    'about a plain heir that hangs up at once',
    [...plainHeir().slice(0, 3), followed(lostPlain(), hangUp(AP2), T + 3_000)],
  ],
  ['about a call that is redialled', [RING, TALK, redialled(TALK, T + 5_000)]],
  ['about a lost side', [RING, TALK, lostCaller(), followed(lostCaller(), TICK, T + 32_000)]],
  ['about media that never comes', [RING, TALK, followed(TALK, TICK, T + 46_000)]],
  ['about nobody to ring', [offered(A, [])]],
  ['about a person who dials away', dialledAway()],
  ['about a person who answers another call', answeredAnother()],
  ['about devices of which one spoke and one stayed away', refusedInTime()],
  ['about a caller that does not come back', [RING, goneCaller(), followed(goneCaller(), TICK, T + 16_000)]],
  ['about a callee that does not come back', [RING, TALK, lostCallee(), followed(lostCallee(), TICK, T + 32_000)]],
  ['about a ring hung up by the callee', [RING, followed(RING, hangUp(B), T + 1_000)]],
  ['about a device that cannot take the only ring', cannotTake()],
];

describe('a witness has nothing to say', () => {
  test.each(GOOD)('%s', (_, commits) => {
    expect(seen(() => show(commits, LATER, WAITING))).toBe('nothing wrong');
  });
});

const ENDS = ['call:hang_up', 'call:reject', 'call:busy', 'call:timeout', 'call:not_available'];

describe('I4: [I7] a witness sees every end that is missing, doubled or changed', () => {
  test.each(GOOD)('%s', (_, commits) => {
    const last = commits.at(-1) as Commit;
    const before = commits.slice(0, -1);
    const isWrong = (effects: readonly Effect[], calls = last.calls) =>
      expect(seen(() => show([...before, { ...last, calls, effects }], LATER, WAITING))).not.toBe('nothing wrong');
    for (const [n, effect] of last.effects.entries()) {
      if (effect.type !== 'send' || !ENDS.includes(effect.message.type)) continue;
      const otherwise = (data: object) =>
        last.effects.with(n, {
          ...effect,
          message: { ...effect.message, data: { ...effect.message.data, ...data } } as ServerMessage,
        });
      isWrong(last.effects.filter((each) => each !== effect));
      isWrong([...last.effects, effect]);
      isWrong(otherwise('senderId' in effect.message.data ? { senderId: '9' } : { receiverId: '9' }));
      isWrong(otherwise({ reason: 'another' }));
      isWrong(
        last.effects.with(n, {
          ...effect,
          message: {
            ...effect.message,
            type: effect.message.type === 'call:busy' ? 'call:reject' : 'call:busy',
          } as ServerMessage,
        }),
      );
    }
    for (const [n, state] of last.calls.entries()) {
      if (state.phase !== 'ended') continue;
      const differently = (change: Partial<Ended>, record: object) =>
        isWrong(
          last.effects.map((each) =>
            each.type === 'record' ? { ...each, record: { ...each.record, ...record } } : each,
          ),
          last.calls.with(n, { ...state, ...change } as Ended),
        );
      for (const endedBy of ['caller', 'callee', 'service'] as const) {
        if (endedBy !== state.endedBy) differently({ endedBy }, { endedBy });
      }
      const outcome = state.outcome.caller === 'completed' ? 'failed' : 'completed';
      differently({ outcome: { caller: outcome, callee: outcome } }, { caller: { outcome }, callee: { outcome } });
    }
  });
});

function goneCaller(): Commit {
  return followed(RING, detached(A), T + 1_000);
}
function lostCallee(): Commit {
  return followed(TALK, detached(B), T + 2_000);
}
function cannotTake(): Commit[] {
  const ring = offered(A, [B]);
  return [ring, followed(ring, { type: 'reject', ...common(B), reason: 'media_error' }, T + 1_000)];
}
/** Ben's laptop is gone when his phone says that it is busy. */
function refusedInTime(): Commit[] {
  const away = followed(RING, detached(B2), T + 1_000);
  const spoken = followed(away, { type: 'busy', ...common(B) }, T + 2_000);
  return [RING, away, spoken, followed(spoken, TICK, T + 31_000)];
}
/** Ben dials Cleo while Anna rings him. */
function dialledAway(): Commit[] {
  const left = transition(RING.calls[0] as CallState, { type: 'dialledAway' }, T + 5_000);
  const second = offered(B, [C], { callId: 'c2' });
  return [RING, commitOf([left.state, ...second.calls], [...left.effects, ...second.effects], B)];
}
/** Ben's call with Anna ends since he answers Cleo. */
function answeredAnother(): Commit[] {
  const left = transition(TALK.calls[0] as CallState, { type: 'answeredAnother', by: '2' }, T + 5_000);
  const second = offered(C, [B2], { callId: 'c2' });
  const answeredThere = followed(second, answer(B2), T + 5_000);
  return [
    RING,
    TALK,
    second,
    commitOf([left.state, ...answeredThere.calls], [...left.effects, ...answeredThere.effects], B2),
  ];
}
function busyBoth(): Commit[] {
  const one = followed(RING, { type: 'busy', ...common(B) }, T + 1_000);
  return [RING, one, followed(one, { type: 'busy', ...common(B2) }, T + 2_000)];
}
function lostPlain(): Commit {
  return followed(PLAIN_TALK, detached(AP), T + 2_000);
}
function plainHeir(): Commit[] {
  return [PLAIN_RING, PLAIN_TALK, lostPlain(), followed(lostPlain(), attached(AP2), T + 3_000, AP2)];
}
function lostCaller(): Commit {
  return followed(TALK, detached(A), T + 2_000);
}
const ACCEPTING = followed(RING, { type: 'accepting', ...common(B) }, T + 50_000);
const RANG = followed(RING, { type: 'rang', endpoint: B }, T + 100, B);
const REJECTED = followed(RING, { type: 'reject', ...common(B), reason: 'rejected' }, T + 1_000);
const FORBIDDEN = followed(RING, { ...answer(B), allowed: false } as CallEvent, T + 1_000);
const TIMEOUT = followed(RING, TICK, T + 60_000);
const REPLAYED = followed(RING, attached('2/tablet'), T + 5_000, '2/tablet');
const MEDIA = followed(TALK, { type: 'mediaState', ...common(A), media: { audio: 'on', video: 'off' } }, T + 2_000);
const NOBODY = offered(A, []);

describe('I1: one answer', () => {
  test.each<Row>([
    wrong('a call that begins answered', /I1.*began answered/, TALK),
    wrong('an answer by a device that did not act', /I1.*did not act/, RING, withBy(TALK, B2)),
    wrong(
      'an answer after a no',
      /I1.*after its no/,
      ...busyBoth().slice(0, 2),
      withState<Active>(TALK, () => ({
        timeline: [...(busyBoth()[1]?.calls[0]?.timeline ?? []), ...TALK.calls[0]!.timeline.slice(1)],
      })),
    ),
    wrong(
      'an answer that moves the caller',
      /I1.*moved its caller/,
      RING,
      withState<Active>(TALK, ({ callerSeat }) => ({ callerSeat: { ...callerSeat, endpoint: A2 } })),
    ),
    wrong(
      'another answer than before',
      /I1.*another answer now/,
      RING,
      TALK,
      withState<Active>(NEGOTIATING, () => ({ answer: { type: 'answer', sdp: 'other' } })),
    ),
    wrong('an answer nobody is told of', /I1.*not told/, RING, without(without(TALK, 'call:answer'), 'sendCandidates')),
    wrong('an answer that is sent twice', /I1.*2 times/, RING, also(TALK, ...TALK.effects.slice(0, 1))),
    wrong('an answer to another device', /I1.*did not dial/, RING, withFrame(TALK, 'call:answer', {}, A2)),
    wrong(
      'another answer than the one that won',
      /I1.*another answer/,
      RING,
      withFrame(TALK, 'call:answer', { answer: { type: 'answer', sdp: 'other' } }),
    ),
    wrong(
      'the answer again, unasked',
      /I1.*again/,
      RING,
      TALK,
      also(
        MEDIA,
        ...withBy(TALK, B)
          .effects.slice(0, 1)
          .map((effect) => effect),
      ).by
        ? withBy(also(MEDIA, TALK.effects[0] as Effect), B)
        : MEDIA,
    ),
    wrong(
      'an heir who is not given the answer',
      /I1.*not given the answer/,
      ...plainHeir().slice(0, 3),
      without(without(plainHeir()[3] as Commit, 'call:answer'), 'sendCandidates'),
    ),
    [
      'an answer to a call nobody knows',
      /I1.*nobody knows/,
      () => show([RING]).answered(B, 'c9', true, { ok: true, acknowledged: true, callId: 'c9' }),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('I2: one call a person', () => {
  const other = offered(A2, [C], { callId: 'c2' });
  const fromCleo = offered(C, [B], { callId: 'c2' });
  test.each<Row>([
    wrong('two calls dialled', /I2.*in both/, RING, other),
    wrong('two rings', /I2.*rung by both/, RING, fromCleo),
    wrong('a ring beside a call', /I2.*while in/, RING, TALK, offered(C, [A2], { callId: 'c2' })),
    [
      'a ring beside a ring that was dialled, under the policy of waiting',
      /I2.*while in/,
      () => show([RING, offered(C, [A2], { callId: 'c2' })], T, { busyPolicy: 'waiting' }),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
  test('but one ring may stand beside an answered call under the policy of waiting', () => {
    const ring = offered(C, [A2], { callId: 'c2' });
    expect(seen(() => show([RING, TALK, ring], T + 2_000, { busyPolicy: 'waiting' }))).toBe('nothing wrong');
  });
});

describe('I3: the end is the end', () => {
  test.each<Row>([
    wrong(
      'an ended call that changes',
      /I3.*changed after/,
      RING,
      TALK,
      OVER,
      withState(OVER, () => ({ reason: 'other' })),
    ),
    wrong('a frame after the end', /I3.*after the end/, RING, TALK, OVER, commitOf(OVER.calls, [hungUp(B)], A)),
    wrong(
      'an answered call that rings again',
      /I3.*rings again/,
      RING,
      TALK,
      withState<Ringing>(RING, () => ({ ringingAt: T + 1_000 })),
    ),
    wrong('a frame of a call that the commit does not touch', /I3.*does not touch/, RING, commitOf([], [hungUp(B)], A)),
    wrong(
      'a frame of no call',
      /I3.*does not touch/,
      RING,
      commitOf([], [frame(A, 'call:not_available', { callId: undefined })], A),
    ),
    wrong(
      'candidates of a call that the commit does not touch',
      /I3.*does not touch/,
      commitOf([], [{ type: 'sendCandidates', callId: 'c1', from: A, to: B }], A),
    ),
    wrong(
      'candidates after the end',
      /I3.*after the end/,
      RING,
      TALK,
      OVER,
      commitOf(OVER.calls, [{ type: 'sendCandidates', callId: 'c1', from: A, to: B }], A),
    ),
    [
      'a late candidate that is refused',
      /I3.*late candidate/,
      () => show([RING, TALK, OVER]).relayed(A, 'c1', 'foreign'),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('I4: one end each', () => {
  const cancelled = followed(RING, hangUp(A), T + 1_000);
  const spoken = busyBoth()[1] as Commit;
  test.each<Row>([
    wrong('a device that is not told', /I4.*not told the end/, RING, without(cancelled, 'call:hang_up', B2)),
    wrong('a loser who is not told', /I4.*not told the end.*goes on/, RING, without(TALK, 'call:hang_up', B2)),
    wrong(
      'a device that the call left, and that is not told',
      /I4.*not told/,
      RING,
      TALK,
      without(MOVED, 'call:hang_up'),
    ),
    wrong('the seat of the other side that is not told', /I4.*not told/, RING, TALK, without(OVER, 'call:hang_up')),
    wrong('a caller that is not told', /I4.*not told/, RING, without(TIMEOUT, 'call:timeout', A)),
    wrong('nobody to ring, and the caller is not told', /I4.*not told/, without(NOBODY, 'call:not_available')),
    wrong('two ends for one device', /I4.*after its end/, RING, also(cancelled, hungUp(B, 'cancelled'))),
    wrong(
      'an end for who ended it',
      /I4.*were told the end/,
      RING,
      withEffects(cancelled, (effects) => [hungUp(A, 'cancelled'), ...effects]),
    ),
    wrong(
      'an end for a loser of long ago',
      /I4.*had heard the end/,
      RING,
      TALK,
      withEffects(OVER, (effects) => [hungUp(B2, 'normal'), ...effects]),
    ),
    wrong('an end while the call goes on', /I4.*which goes on/, RING, also(RANG, hungUp(B))),
    wrong('an end for the caller while it is answered', /I4.*while c1 was answered/, RING, also(TALK, hungUp(A))),
    wrong(
      'another reason',
      /I4.*not call:hang_up\(cancelled\)/,
      RING,
      withFrame(cancelled, 'call:hang_up', { reason: 'gone' }),
    ),
    wrong('another stage', /I4.*another timeout/, RING, withFrame(TIMEOUT, 'call:timeout', { stage: 'connect' })),
    wrong(
      'a device that is forgotten',
      /I4.*forgotten/,
      RING,
      withState<Ringing>(RANG, ({ devices }) => ({ devices: { [B]: devices[B] } })),
    ),
    wrong(
      'a word that was not said',
      /I4.*did not say/,
      RING,
      spoken,
      withState<Ringing>(spoken, ({ devices }) => ({
        devices: { ...devices, [B]: { ...devices[B], said: 'unsupported' } },
      })),
    ),
    wrong(
      'a device that rings without an offer',
      /I4.*was sent no offer/,
      RING,
      without(without(REPLAYED, 'call:offer'), 'sendCandidates'),
    ),
    wrong(
      'an offer for a device that does not ring',
      /I4.*does not ring/,
      withState<Ringing>(RING, ({ devices }) => ({ devices: { [B]: devices[B] } })),
    ),
    wrong('an end in another’s name', /I4.*another's name/, RING, TALK, withBy(OVER, B)),
    wrong('an end by a device without a seat', /I4.*cannot have ended/, RING, TALK, withBy(OVER, A2)),
    wrong('a cancelling by another device', /I4.*cannot have ended/, RING, withBy(cancelled, A2)),
    wrong(
      'refusals while somebody rings',
      /I4.*cannot have ended/,
      RING,
      withBy(
        withState<Ended>(busyBoth()[2] as Commit, () => ({
          timeline: [RING.calls[0]!.timeline[0], busyBoth()[2]!.calls[0]!.timeline.at(-1)],
          endedAt: T + 2_000,
        })),
        B2,
      ),
    ),
    wrong('a call that nobody left', /I4.*nobody left/, RING, TALK, endedFirst({ endedBy: 'service' })),
    wrong('a call that somebody else left', /I4.*did not act/, RING, TALK, withBy(redialled(TALK, T + 5_000), C)),
    wrong(
      'a call that is left and called cancelled',
      /I4.*cannot have ended/,
      RING,
      TALK,
      endedFirst({ reason: 'other' }),
    ),
    wrong('a call that another device replaced', /I4.*cannot have ended/, RING, TALK, redialled(TALK, T + 5_000, A2)),
    [
      'a call that ended as if its people had left',
      /I4.*cannot have ended/,
      () => show([RING, withState<Ended>(REJECTED, () => ({ endedBy: 'service' }))]),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));

  function endedFirst(change: object): Commit {
    const commit = redialled(TALK, T + 5_000);
    const [first, ...rest] = commit.calls;
    return { ...commit, calls: [{ ...first, ...change } as CallState, ...rest] };
  }
});

describe('I5: silence before the answer', () => {
  test.each<Row>([
    wrong(
      'candidates of the callee',
      /I5.*before the answer/,
      RING,
      also(RANG, { type: 'sendCandidates', callId: 'c1', from: B, to: A }),
    ),
    wrong('an answer in a ring', /I5.*not answered/, RING, also(RANG, TALK.effects[0] as Effect)),
    wrong(
      'media before the answer',
      /I5.*before the answer/,
      RING,
      also(RANG, frame(A, 'call:media_state', { senderId: '2' })),
    ),
    wrong('a ringing tone for another device', /I5.*told that c1 rings/, RING, withFrame(RANG, 'call:ringing', {}, A2)),
    wrong('devices that do not ring', /I5.*do not ring/, RING, withFrame(RANG, 'call:ringing', { devices: 2 })),
    wrong(
      'who accepts, told to the caller',
      /I5.*who accepts/,
      RING,
      withFrame(ACCEPTING, 'call:accepting_elsewhere', {}, A),
    ),
    wrong(
      'an offer inside a ring',
      /I5.*no negotiation/,
      RING,
      also(RANG, frame(B, 'call:offer', { renegotiation: true, negotiationId: 1 })),
    ),
    wrong(
      'the offer of a call that does not ring',
      /I5.*does not ring/,
      RING,
      TALK,
      also(MEDIA, RING.effects[0] as Effect),
    ),
    wrong('a type that no commit sends', /I5.*by a commit/, RING, also(RANG, frame(A, 'pong', {}))),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('I6: only the two parties', () => {
  const moveTo = (endpoint: Endpoint) =>
    withState<Active>(MOVED, ({ callerSeat }) => ({ callerSeat: { ...callerSeat, endpoint } }));
  test.each<Row>([
    wrong('a stranger', /I6.*not its call/, RING, also(RANG, hungUp(C))),
    wrong(
      'a call with oneself',
      /I6.*oneself/,
      withState<Ringing>(RING, ({ caller }) => ({ callee: caller, devices: {} })),
    ),
    wrong(
      'a ring at a stranger',
      /I6.*rings at/,
      withState<Ringing>(RING, ({ devices }) => ({ devices: { ...devices, [C]: devices[B] } })),
    ),
    wrong('a call dialled by another device', /I6.*not by its seat/, withBy(RING, A2)),
    wrong(
      'an acknowledgement nobody asked for',
      /I6.*did not ask/,
      RING,
      also(RANG, { type: 'send', to: A, message: { type: 'ack', data: {} } }),
    ),
    wrong('an offer to the caller', /I6.*was sent the offer/, withFrame(RING, 'call:offer', {}, A2)),
    wrong('a ring again', /I6.*rung again/, RING, also(RANG, { ...(RING.effects[1] as Effect & { type: 'send' }) })),
    wrong(
      'an offer inside a call to the wrong seat',
      /I6.*went to/,
      RING,
      TALK,
      withFrame(NEGOTIATING, 'call:offer', {}, A),
    ),
    wrong(
      'an answer inside a call to the wrong seat',
      /I6.*went to/,
      RING,
      TALK,
      NEGOTIATING,
      withFrame(NEGOTIATED, 'call:answer', {}, B),
    ),
    wrong(
      'media for a device without a seat',
      /I6.*has no seat/,
      RING,
      TALK,
      withFrame(MEDIA, 'call:media_state', {}, A2),
    ),
    wrong(
      'who accepts, told to a device that does not ring',
      /I6.*does not ring/,
      RING,
      withFrame(ACCEPTING, 'call:accepting_elsewhere', {}, '2/tablet'),
    ),
    wrong('a seat for another person', /I6.*sits at/, RING, TALK, moveTo(C)),
    wrong(
      'the other seat for another person',
      /I6.*sits at/,
      RING,
      withState<Active>(TALK, ({ calleeSeat }) => ({ calleeSeat: { ...calleeSeat, endpoint: C } })),
    ),
    wrong(
      'the caller’s seat in a ring for another person',
      /I6.*another person/,
      RING,
      withState<Ringing>(RANG, ({ callerSeat }) => ({ callerSeat: { ...callerSeat, endpoint: C } })),
    ),
    wrong('a seat for a device that did not act', /I6.*did not act/, RING, TALK, withBy(MOVED, B)),
    wrong('a seat that was not free', /I6.*not free/, RING, TALK, withBy(moveTo(AP), AP)),
    wrong(
      'candidates that go to another person',
      /I6.*went to/,
      RING,
      also(RANG, { type: 'moveCandidates', callId: 'c1', from: A, to: B }),
    ),
    wrong(
      'candidates of a device that did not dial',
      /I6.*did not dial/,
      RING,
      withEffects(REPLAYED, (effects) =>
        effects.map((effect) => (effect.type === 'sendCandidates' ? { ...effect, from: A2 } : effect)),
      ),
    ),
    wrong(
      'candidates of a device that did not answer',
      /I6.*did not answer/,
      RING,
      withEffects(TALK, (effects) =>
        effects.map((effect) => (effect.type === 'sendCandidates' ? { ...effect, from: B2 } : effect)),
      ),
    ),
    wrong(
      'candidates for a device that did not dial',
      /I6.*was sent candidates/,
      RING,
      withEffects(TALK, (effects) =>
        effects.map((effect) => (effect.type === 'sendCandidates' ? { ...effect, to: A2 } : effect)),
      ),
    ),
    ['a stranger who learns of a call', /I6.*not its own/, () => show([RING]).relayed(C, 'c1', 'ok')],
    ['a candidate for somebody else', /I6.*was ok/, () => show([RING]).relayed(A, 'c1', 'ok', '9')],
    [
      'a free seat that is refused',
      /I6.*may take the seat/,
      () => show([PLAIN_RING, PLAIN_TALK, lostPlain()]).relayed(AP2, 'c1', 'foreign'),
    ],
    ['a candidate of another device of the caller', /I6.*unbound/, () => show([RING]).relayed(A2, 'c1', 'ok')],
    [
      'a roster with another’s device',
      /I6.*stands in the roster/,
      () => show([RING]).agrees(snapshotOf({ roster: [{ endpoint: C, language: 'en', capabilities: [] }] })),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('I7: who it is from', () => {
  const reconnecting = lostCaller();
  test.each<Row>([
    wrong('an offer', /I7.*who calls/, withFrame(RING, 'call:offer', { senderId: '9' })),
    wrong(
      'an offer with another name',
      /I7.*who calls/,
      withFrame(RING, 'call:offer', { senderInfo: { id: 9, username: '', avatar: '' } }),
    ),
    wrong(
      'an offer with another content',
      /I7.*another offer/,
      withFrame(RING, 'call:offer', { offer: { type: 'offer', sdp: 'x' } }),
    ),
    wrong('a first offer that claims to be replayed', /I7.*replay/, withFrame(RING, 'call:offer', { replayed: true })),
    wrong('an answer', /I7.*whose it is/, RING, withFrame(TALK, 'call:answer', { senderId: '1' })),
    wrong(
      'an offer inside a call',
      /I7.*whose it is/,
      RING,
      TALK,
      withFrame(NEGOTIATING, 'call:offer', { senderId: '2' }),
    ),
    wrong(
      'an answer inside a call',
      /I7.*whose it is/,
      RING,
      TALK,
      NEGOTIATING,
      withFrame(NEGOTIATED, 'call:answer', { senderId: '1' }),
    ),
    wrong('an end', /I7.*names 2, not 1/, RING, TALK, withFrame(OVER, 'call:hang_up', { senderId: '2' })),
    wrong('somebody away', /I7.*another is away/, withFrame(NOBODY, 'call:not_available', { receiverId: '9' })),
    wrong('media of oneself', /I7.*its own media/, RING, TALK, withFrame(MEDIA, 'call:media_state', { senderId: '2' })),
    wrong(
      'a peer who is not gone',
      /I7.*wrongly/,
      RING,
      TALK,
      withFrame(reconnecting, 'call:peer_state', { state: 'connected' }),
    ),
    wrong('a call in another’s name', /I7.*another's name/, withBy(RING, C)),
    wrong('a negotiation in another’s name', /I7.*another's name/, RING, TALK, withBy(NEGOTIATING, B)),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('I8: the order', () => {
  test.each<Row>([
    wrong(
      'candidates before the answer',
      /I8.*without the answer/,
      RING,
      withEffects(TALK, (effects) => [effects[1] as Effect, effects[0] as Effect, ...effects.slice(2)]),
    ),
    wrong(
      'candidates without the offer',
      /I8.*without the offer/,
      RING,
      also(RANG, { type: 'sendCandidates', callId: 'c1', from: A, to: B }),
    ),
    wrong('an offer twice at once', /I8.*twice at once/, also(RING, RING.effects[0] as Effect)),
    ['a candidate of a seat that is refused', /I8/, () => show([RING]).relayed(A, 'c1', 'foreign')],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('[IC-1] [IC-3] [DS-3] candidates that were kept', () => {
  test.each<Row>([
    wrong('are missing after an answer', /IC-1.*1\/phone was not given/, RING, without(TALK, 'sendCandidates')),
    wrong('are missing after an offer', /IC-1.*was not given/, RING, without(REPLAYED, 'sendCandidates')),
    wrong(
      'of the lost socket are not the heir’s',
      /DS-3.*was not given/,
      ...plainHeir().slice(0, -1),
      without(plainHeir().at(-1) as Commit, 'moveCandidates'),
    ),
    wrong('of an old negotiation stay', /IC-3.*1\/phone stay/, RING, TALK, without(NEGOTIATING, 'dropCandidates')),
    wrong(
      'of an old negotiation stay at its answer',
      /IC-3.*2\/phone stay/,
      RING,
      TALK,
      NEGOTIATING,
      without(NEGOTIATED, 'dropCandidates'),
    ),
    wrong('of the device that was left stay', /IC-3.*1\/phone stay/, RING, TALK, without(MOVED, 'dropCandidates')),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

test('[OF-3] a witness sees that a caller learns of the end before it learns of which call', () => {
  const ack: Effect = { type: 'send', to: A, message: { type: 'ack', id: '1', data: { callId: 'c1' } } };
  expect(seen(() => show([withEffects(NOBODY, (effects) => [ack, ...effects])]))).toBe('nothing wrong');
  expect(seen(() => show([also(NOBODY, ack)]))).toMatch(/OF-3.*after the end/);
});

describe('I9: a bounded life', () => {
  const held = withState<Ringing>(ACCEPTING, () => ({ ringUntil: T + 70_000 }));
  test.each<Row>([
    wrong(
      'a ring without end',
      /I9.*too long/,
      withState<Ringing>(RING, () => ({ ringUntil: Number.POSITIVE_INFINITY })),
    ),
    wrong(
      'an end after its time',
      /I9.*later than/,
      RING,
      withState<Ended>(TIMEOUT, () => ({ endedAt: T + 60_001 })),
    ),
    wrong(
      'an answer after its time',
      /I9.*after its time/,
      RING,
      withState<Active>(TALK, () => ({ answeredAt: T + 60_000 })),
    ),
    wrong(
      'an end in time with another name',
      /I9.*ran out of time/,
      RING,
      withState<Ended>(TIMEOUT, () => ({ outcome: { caller: 'completed', callee: 'completed' } })),
    ),
    wrong(
      'a ring that is cut short',
      /I9.*shorter/,
      RING,
      withState<Ringing>(RANG, () => ({ ringUntil: T + 1 })),
    ),
    wrong(
      'a ring that grows',
      /I9.*held without/,
      RING,
      withState<Ringing>(RANG, () => ({ ringUntil: T + 70_000 })),
    ),
    wrong(
      'a ring held by another device',
      /I9.*another device/,
      RING,
      held,
      withState<Ringing>(held, () => ({ acceptingBy: B2 })),
    ),
    wrong(
      'a ring in which all have spoken',
      /I9.*every device has spoken/,
      withState<Ringing>(RING, ({ devices }) => ({ devices: { [B]: { ...devices[B], said: 'busy' } } })),
    ),
    wrong(
      'an offer that rings until another time',
      /I9.*another time/,
      withEffects(RING, (effects) => effects.map((effect) => ({ ...effect, ringUntil: T }) as Effect)),
    ),
    wrong(
      'a ring in the last moment',
      /I9.*too late/,
      RING,
      withFrame(REPLAYED, 'call:offer', { timestamp: new Date(T + 58_000).toISOString() }),
    ),
    wrong(
      'media that is not waited for',
      /I9.*as it should/,
      RING,
      withState<Active>(TALK, () => ({ connectBy: undefined })),
    ),
    wrong(
      'media that is waited for too long',
      /I9.*too long for its media/,
      RING,
      withState<Active>(TALK, () => ({ connectBy: T + 99_000 })),
    ),
    wrong(
      'media that is waited for no more',
      /I9.*any more/,
      RING,
      TALK,
      withState<Active>(MEDIA, () => ({ connectBy: undefined })),
    ),
    wrong(
      'media that is waited for anew',
      /I9.*anew for its media/,
      RING,
      TALK,
      withState<Active>(MEDIA, () => ({ connectBy: T + 40_000 })),
    ),
    wrong(
      'a seat that is waited for anew',
      /I9.*anew/,
      RING,
      TALK,
      gone(MEDIA, 'callerSeat', T + 2_000),
      gone(MEDIA, 'callerSeat', T + 3_000),
    ),
    wrong('a device that is waited for anew', /I9.*anew/, RING, deviceGone(T + 1), deviceGone(T + 2)),
    ['a seat nobody waits for', /I9.*nobody waits/, () => show([RING]).waitsFor((endpoint) => endpoint !== A)],
    [
      'a seat that is there and waited for',
      /I9.*is waited for/,
      () => show([RING, TALK, lostCaller()]).waitsFor(() => true),
    ],
    [
      'a device that is gone and counts as ringing',
      /I9.*counts as ringing/,
      () => show([RING]).waitsFor((endpoint) => endpoint !== B),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));

  function deviceGone(goneAt: number): Commit {
    return withState<Ringing>(RANG, ({ devices }) => ({ devices: { ...devices, [B2]: { ...devices[B2], goneAt } } }));
  }
  test('a witness knows by when each call must be over', () => {
    const witness = show([RING, TALK, lostCaller()]);
    expect(witness.overdue(T + 31_999)).toEqual([]);
    expect(witness.overdue(T + 32_000)).toEqual(['c1']);
    expect(show([RING]).overdue(T + 60_000)).toEqual(['c1']);
  });
});

/** What a store says of users 1 and 2 while c1 rings, but for these. */
function snapshotOf(
  change: {
    calls?: Ringing[];
    roster?: Snapshot['users'] extends ReadonlyMap<string, infer R> ? (R & { roster: unknown })['roster'] : never;
    state?: CallState;
  } = {},
): Snapshot {
  const state = change.state ?? (RING.calls[0] as CallState);
  const calls = change.calls ?? [RING.calls[0] as Ringing];
  return {
    now: T,
    calls: new Map([[state.callId, { state, version: 1 }]]),
    users: new Map([['1', { version: 1, calls, roster: change.roster ?? [] }]]),
  };
}

describe('I10: the store says what was committed', () => {
  test.each<Row>([
    [
      'a call nobody committed',
      /I10.*never committed/,
      () => show([RING]).agrees(snapshotOf({ state: { ...(RING.calls[0] as Ringing), callId: 'c9' } })),
    ],
    [
      'another state',
      /I10.*not what was committed/,
      () => show([RING]).agrees(snapshotOf({ state: TALK.calls[0] as Active })),
    ],
    [
      'a person who is free and should not be',
      /I10.*does not say so/,
      () => show([RING]).agrees(snapshotOf({ calls: [] })),
    ],
    [
      'a person who is held by a call that is over',
      /I10.*is over/,
      () => show([RING, TALK, OVER]).agrees(snapshotOf({ state: OVER.calls[0] as Ended })),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
  test('a copy of the same state will do', () => {
    expect(seen(() => show([RING]).agrees(snapshotOf({ state: structuredClone(RING.calls[0] as Ringing) })))).toBe(
      'nothing wrong',
    );
    expect(
      seen(() =>
        show([RING, TALK, OVER]).agrees(snapshotOf({ calls: [], state: structuredClone(OVER.calls[0] as Ended) })),
      ),
    ).toBe('nothing wrong');
  });
});

describe('I14: who may call', () => {
  const refusal = { ok: false, reason: 'not_allowed', callId: 'c1' } as const;
  test.each<Row>([
    ['a ring for a blocked caller', /I14.*blocked/, () => show([RING], T, { isBlocked: () => true })],
    [
      'an answer that is not allowed, and counts',
      /I14.*may not talk/,
      () => show([RING, TALK]).answered(B, 'c1', false, { ok: true, acknowledged: true, callId: 'c1' }),
    ],
    [
      'an answer that is not allowed, and leaves the ring',
      /I14.*goes on/,
      () => show([RING]).answered(B, 'c1', false, refusal),
    ],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
  test('an answer that is not allowed ends the ring', () => {
    expect(seen(() => show([RING, FORBIDDEN]).answered(B, 'c1', false, refusal))).toBe('nothing wrong');
  });
});

describe('HI-1: the record', () => {
  const first = OVER.effects.find((effect) => effect.type === 'record') as Effect;
  const glare = withState<Ended>(without(offered(A, []), 'call:not_available'), () => ({
    outcome: { caller: null, callee: null },
  }));
  const busyNow = also(glare, frame(A, 'call:busy', { senderId: '2' }));
  test.each<Row>([
    wrong('none', /HI-1.*without a record/, RING, TALK, without(OVER, 'record')),
    wrong('two', /HI-1.*twice/, RING, TALK, also(OVER, first)),
    wrong('one before the end', /HI-1.*not at its end/, RING, TALK, also(MEDIA, first)),
    wrong('one of another call', /HI-1.*does not touch/, RING, commitOf([], [first], A)),
    wrong('one of a call in nobody’s history', /HI-1.*nobody's history/, busyNow),
    wrong('other people', /HI-1.*names others/, RING, TALK, withRecord(OVER, { callerId: '9' })),
    wrong('another outcome', /HI-1.*another outcome/, RING, TALK, withRecord(OVER, { caller: { outcome: 'failed' } })),
    wrong(
      'a callee who must not know',
      /HI-1.*another outcome/,
      withRecord(
        withState<Ended>(NOBODY, () => ({ outcome: { caller: 'unavailable', callee: null } })),
        {},
      ),
    ),
    wrong('other times', /HI-1.*other times/, RING, TALK, withRecord(OVER, { answeredAt: T })),
    wrong(
      'times out of order',
      /HI-1.*out of order/,
      RING,
      TALK,
      withRecord(
        withState<Ended>(OVER, () => ({ endedAt: T + 1 })),
        { endedAt: T + 1 },
      ),
    ),
    wrong(
      'sides that were told different things',
      /HI-1.*sides/,
      RING,
      TALK,
      withState<Ended>(OVER, () => ({ outcome: { caller: 'completed', callee: 'failed' } })),
    ),
    wrong(
      'half a history',
      /HI-1.*half a history/,
      withState<Ended>(NOBODY, () => ({ outcome: { caller: null, callee: 'busy' } })),
    ),
    wrong(
      'a call that never rang and is called completed',
      /HI-1.*never rang/,
      withState<Ended>(NOBODY, () => ({ outcome: { caller: 'completed', callee: 'completed' } })),
    ),
    wrong(
      'a call that never rang and ended later',
      /HI-1.*at once/,
      withState<Ended>(NOBODY, () => ({ endedAt: T + 1 })),
    ),
    wrong(
      'a ring that is called completed',
      /HI-1.*rang and is called/,
      RING,
      withState<Ended>(REJECTED, () => ({ outcome: { caller: 'completed', callee: 'completed' } })),
    ),
    ['a call from the future', /HI-1.*future/, () => show([RING], T - 1)],
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('HI-2: the timeline', () => {
  const [offeredStep] = RING.calls[0]!.timeline;
  const endStep = OVER.calls[0]!.timeline.at(-1);
  test.each<Row>([
    wrong(
      'a lost step',
      /HI-2.*lost a step/,
      RING,
      TALK,
      withState(MEDIA, () => ({ timeline: [offeredStep] })),
    ),
    wrong(
      'back in time',
      /HI-2.*back in time/,
      RING,
      TALK,
      withState(MEDIA, ({ timeline }) => ({ timeline: [...timeline, { ...offeredStep, at: T - 1 }] })),
    ),
    wrong(
      'on after the end',
      /HI-2.*after the end/,
      RING,
      TALK,
      withState(OVER, ({ timeline }) => ({ timeline: [...timeline, endStep] })),
    ),
    wrong(
      'no end',
      /HI-2.*does not end/,
      RING,
      TALK,
      withState(OVER, ({ timeline }) => ({ timeline: timeline.slice(0, -1) })),
    ),
    wrong('another one in the record', /HI-2.*another timeline/, RING, TALK, withRecord(OVER, { timeline: [] })),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('RN-2: one negotiation', () => {
  const second = followed(NEGOTIATING, { type: 'renegotiate', ...common(A), offer: OFFER }, T + 3_000);
  const callees = withBy(
    withState<Active>(
      withFrame(second, 'call:offer', { senderId: '2', senderInfo: party('2').info, polite: false }, A),
      ({ negotiation }) => ({ negotiation: { ...negotiation, by: 'callee' } }),
    ),
    B,
  );
  test.each<Row>([
    wrong('a second one of the callee', /RN-2.*second negotiation/, RING, TALK, NEGOTIATING, callees),
    wrong(
      'a number out of turn',
      /RN-2.*out of turn/,
      RING,
      TALK,
      withState<Active>(NEGOTIATING, ({ negotiation }) => ({ negotiation: { ...negotiation, id: 7 } })),
    ),
    wrong(
      'a lost count',
      /RN-2.*lost count/,
      RING,
      TALK,
      withState<Active>(NEGOTIATING, () => ({ negotiations: 7 })),
    ),
    wrong(
      'a count without a negotiation',
      /RN-2.*lost count/,
      RING,
      TALK,
      withState<Active>(MEDIA, () => ({ negotiations: 7 })),
    ),
    wrong(
      'an offer of another number',
      /RN-2.*not 1/,
      RING,
      TALK,
      withFrame(NEGOTIATING, 'call:offer', { negotiationId: 2 }),
    ),
    wrong('nobody who yields', /RN-2.*yield/, RING, TALK, withFrame(NEGOTIATING, 'call:offer', { polite: false })),
    wrong(
      'an answer to an old one',
      /RN-2.*not open/,
      RING,
      TALK,
      NEGOTIATING,
      withFrame(NEGOTIATED, 'call:answer', { negotiationId: 9 }),
    ),
    wrong(
      'one that is open after its answer',
      /RN-2.*open after/,
      RING,
      TALK,
      NEGOTIATING,
      withState<Active>(NEGOTIATED, () => ({ negotiation: (NEGOTIATING.calls[0] as Active).negotiation })),
    ),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('the contract of plain sessions', () => {
  test.each<Row>([
    wrong(
      'a type of the extended protocol',
      /plain contract.*call:ringing/,
      PLAIN_RING,
      also(
        followed(PLAIN_RING, { type: 'accepting', ...common(BP) }, T + 1),
        frame(AP, 'call:ringing', { devices: 1 }),
      ),
    ),
    wrong(
      'a field of the extended protocol',
      /plain contract.*negotiationId/,
      withFrame(PLAIN_RING, 'call:offer', { negotiationId: 1 }),
    ),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('what a call is does not change', () => {
  const changed = (change: object) => withState(MEDIA, () => change);
  test.each<Row>([
    wrong('its caller', /identity.*caller/, RING, TALK, changed({ caller: party('9') })),
    wrong('its callee', /identity.*callee/, RING, TALK, changed({ callee: party('9') })),
    wrong('its begin', /identity.*began/, RING, TALK, changed({ startedAt: T - 1 })),
    wrong('its type', /identity.*type/, RING, TALK, changed({ callType: 'audio' })),
    wrong('its conversation', /identity.*conversation/, RING, TALK, changed({ conversationId: 'x' })),
    wrong('when it rang', /identity.*rang/, RING, TALK, changed({ ringingAt: T })),
    wrong('when it was answered', /identity.*answered/, RING, TALK, changed({ answeredAt: T + 5 })),
    wrong(
      'its offer',
      /identity.*offer/,
      RING,
      withState<Ringing>(RANG, () => ({ offer: { type: 'offer', sdp: 'x' } })),
    ),
    wrong(
      'when it was connected',
      /identity.*connected/,
      RING,
      TALK,
      changed({ connectedAt: T + 1 }),
      changed({ connectedAt: T + 2 }),
    ),
  ])('%s', (_, expected, run) => expect(seen(run)).toMatch(expected));
});

describe('a witness', () => {
  test('says where a candidate has to go', () => {
    const devices = show([RING]).relayed(A, 'c1', 'ok');
    expect(devices).toEqual([B, B2]);
    expect(show([RING]).relayed(B, 'c1', 'ok')).toEqual([]);
    expect(show([RING, TALK]).relayed(B, 'c1', 'ok')).toEqual([A]);
    expect(show([RING, TALK]).relayed(A, 'c1', 'ok')).toEqual([B]);
    expect(show([RING, TALK]).relayed(A, 'c1', 'full')).toEqual([]);
    expect(show([RING, TALK, OVER]).relayed(A, 'c1', 'ok')).toEqual([]);
  });

  test('goes on from where it was forked, apart from the other', () => {
    const witness = show([RING]);
    const fork = witness.fork();
    fork.committed(TALK, T + 1_000);
    expect(fork.stateOf('c1')?.phase).toBe('active');
    expect(witness.stateOf('c1')?.phase).toBe('ringing');
    expect([witness.hasLiveCalls, witness.liveCall(0)?.callId, witness.liveCall(1), witness.liveCalls.length]).toEqual([
      true,
      'c1',
      undefined,
      1,
    ]);
  });

  test('forgets an ended call after 120 s', () => {
    const witness = show([RING, TALK, OVER]);
    witness.forget(T + 121_999);
    expect(witness.stateOf('c1')?.phase).toBe('ended');
    witness.forget(T + 122_000);
    expect(witness.stateOf('c1')).toBeUndefined();
  });
});
