import type { ErrorReason, LiveCallSummary, TimelineStep } from '@ringdown/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Someone, type TestApp, testApp } from './app-for-tests.ts';
import type { LiveCalls } from './live-calls.ts';

// A password hash takes 0.2 s, on a busy machine several times that.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let alice: Someone;
let it: TestApp;
/** What the routes asked of the calls, and what the calls answer. */
const asked: unknown[][] = [];
const answers: { refusal: ErrorReason | undefined; active: LiveCallSummary[]; steps: TimelineStep[] | undefined } = {
  refusal: undefined,
  active: [],
  steps: undefined,
};
const noted =
  (name: string) =>
  async (...about: unknown[]) => {
    asked.push([name, ...about]);
    return answers.refusal;
  };
const liveCalls: LiveCalls = {
  active: async (userId) => (userId === alice.id ? answers.active : []),
  timeline: async (userId, callId) => (userId === alice.id && callId === 'live-1' ? answers.steps : undefined),
  accepting: noted('accepting'),
  reject: noted('reject'),
  hangUp: noted('hangUp'),
};

beforeAll(async () => {
  it = await testApp({}, {}, liveCalls);
  alice = await it.signUp('alice');
});
afterAll(() => it.close());
beforeEach(() => {
  asked.length = 0;
  Object.assign(answers, { refusal: undefined, active: [], steps: undefined });
});

describe('a call that goes on', () => {
  test('is listed to its people under a path that is no call’s id', async () => {
    answers.active = [
      {
        callId: 'live-1',
        direction: 'incoming',
        peer: { id: 8, username: 'bob', avatar: '' },
        callType: 'video',
        phase: 'ringing',
        startedAt: '2026-01-02T03:04:05.678Z',
        answeredAt: null,
        here: false,
      },
    ];
    const { json } = await it.ask('GET', '/api/rtc/calls/active', { token: alice.token });
    expect(json.data).toEqual({ calls: answers.active });
  });

  test('has steps before it has a record, but is not in the history', async () => {
    answers.steps = [{ at: '2026-01-02T03:04:05.678Z', who: 'me', what: 'offered' }];
    const { json } = await it.ask('GET', '/api/rtc/calls/live-1/timeline', { token: alice.token });
    expect(json.data).toEqual({ callId: 'live-1', steps: answers.steps });
    expect((await it.ask('GET', '/api/rtc/calls/live-1', { token: alice.token })).json.error).toMatchObject({
      code: 404,
      reason: 'call_not_found',
    });
  });

  test('has the steps of its record once it has one', async () => {
    answers.steps = [];
    await it.people.records.insert([
      {
        callId: 'live-1',
        callerId: '8',
        calleeId: alice.id,
        callType: 'audio',
        startedAt: it.clock.now(),
        endedAt: it.clock.now(),
        endedBy: 'caller',
        caller: { outcome: 'cancelled' },
        callee: { outcome: 'cancelled' },
        timeline: [{ at: it.clock.now(), who: 'caller', what: 'offered' }],
      },
    ]);
    const { json } = await it.ask('GET', '/api/rtc/calls/live-1/timeline', { token: alice.token });
    expect(json.data).toMatchObject({ steps: [{ who: 'peer', what: 'offered' }] });
  });

  test.each<[string, unknown, unknown[]]>([
    ['accepting', undefined, ['accepting', 'ALICE', 'live-2']],
    ['reject', { reason: 'media_error', more: 1 }, ['reject', 'ALICE', 'live-2', 'media_error']],
    ['reject', {}, ['reject', 'ALICE', 'live-2', undefined]],
    ['reject', undefined, ['reject', 'ALICE', 'live-2', undefined]],
    ['hang-up', undefined, ['hangUp', 'ALICE', 'live-2']],
    ['hang-up', {}, ['hangUp', 'ALICE', 'live-2']],
  ])('hears %s with the body %j in the name of whose token it is', async (word, body, heard) => {
    const { status, json } = await it.ask('POST', `/api/rtc/calls/live-2/${word}`, { token: alice.token, body });
    expect([status, json]).toEqual([200, { success: true, data: {} }]);
    expect(asked).toEqual([heard.map((part) => (part === 'ALICE' ? alice.id : part))]);
  });

  test.each<[string, ErrorReason, number]>([
    ['accepting', 'call_not_found', 404],
    ['accepting', 'not_participant', 403],
    ['accepting', 'answered_elsewhere', 409],
    ['accepting', 'invalid_state', 409],
    ['accepting', 'call_ended', 410],
    ['reject', 'call_not_found', 404],
    ['reject', 'not_participant', 403],
    ['reject', 'answered_elsewhere', 409],
    ['reject', 'overloaded', 503],
    ['hang-up', 'call_not_found', 404],
    ['hang-up', 'overloaded', 503],
  ])('that does not take %s, because of %s, says so with %d', async (word, reason, code) => {
    answers.refusal = reason;
    const { status, json } = await it.ask('POST', `/api/rtc/calls/live-2/${word}`, { token: alice.token });
    expect([status, json.error['code'], json.error['reason']]).toEqual([code, code, reason]);
  });

  test('of somebody else is as if it were not there', async () => {
    const stranger = await it.signUp('mallory');
    answers.steps = [];
    const foreign = await it.ask('GET', '/api/rtc/calls/live-1/timeline', { token: stranger.token });
    const unknown = await it.ask('GET', '/api/rtc/calls/nothing/timeline', { token: stranger.token });
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(unknown.text);
    expect((await it.ask('GET', '/api/rtc/calls/active', { token: stranger.token })).json.data).toEqual({ calls: [] });
  });
});

test('[HI-2] the history says why a call did not work in the language that was asked for', async () => {
  await it.people.records.insert([
    {
      callId: 'lost-1',
      callerId: alice.id,
      calleeId: '8',
      callType: 'audio',
      startedAt: it.clock.now(),
      endedAt: it.clock.now(),
      endedBy: 'service',
      caller: { outcome: 'no_answer', diagnosis: 'rang_unanswered' },
      callee: { outcome: 'no_answer', diagnosis: 'rang_unanswered' },
      timeline: [],
    },
  ]);
  for (const [language, message] of [
    ['zh-CN', '已响铃，但无人接听。'],
    ['en', 'It rang, and nobody answered.'],
  ] as const) {
    const headers = { 'accept-language': language };
    const diagnosis = { code: 'rang_unanswered', message };
    const one = await it.ask('GET', '/api/rtc/calls/lost-1', { token: alice.token, headers });
    expect(one.json.data).toMatchObject({ call: { diagnosis } });
    const all = await it.ask('GET', '/api/rtc/calls?limit=1', { token: alice.token, headers });
    expect(all.json.data).toMatchObject({ calls: [{ callId: 'lost-1', diagnosis }] });
  }
});
