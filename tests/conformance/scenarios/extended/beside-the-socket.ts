/** What stands beside the calls of an extended server: live calls and endings over REST, timeline, diagnosis, presence. */
import { dialAbsent, ring, talk } from '../../calls.ts';
import { candidate } from '../../frame.ts';
import type { Person } from '../../person.ts';
import { ask, asObject } from '../../rest.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, holds, same } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);
const rtc = (callId: unknown, what: string) => `/api/rtc/calls/${callId}/${what}`;

/** The steps of a call as one side may know them. */
async function steps(person: Person, callId: unknown): Promise<Record<string, unknown>[]> {
  const { status, data } = await person.rest('GET', rtc(callId, 'timeline'));
  same('the status of the timeline', status, 200);
  return Array.isArray(data['steps']) ? data['steps'].map(asObject) : [];
}

/** What presence frames told of one person, in order. */
const statesOf = (frames: readonly { type: string; data: Readonly<Record<string, unknown>> }[], id: string) =>
  frames
    .filter(({ type }) => type === 'presence')
    .flatMap(({ data }) => (Array.isArray(data['users']) ? data['users'].map(asObject) : []))
    .filter(({ userId }) => userId === id)
    .map(({ state }) => state);

export const besideTheSocket: readonly Scenario[] = [
  {
    name: 'live-calls',
    title: 'a person sees its live calls over REST, without descriptions, and nobody else’s',
    rules: ['Without a socket'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await talk(a, caller, callee, b);
      const { status, data } = await caller.rest('GET', '/api/rtc/calls/active');
      same('the status', status, 200);
      const calls = (data['calls'] as unknown[]).map(asObject);
      same(
        'the live calls',
        calls.map((call) => [call['callId'], call['phase'], call['direction']]),
        [[callId, 'active', 'outgoing']],
      );
      holds('no description among them', !JSON.stringify(data).includes('v=0'), 'an sdp');
      same('the live calls of another', (await third.rest('GET', '/api/rtc/calls/active')).data['calls'], []);
    },
  },
  {
    name: 'hang-up-over-rest',
    title: 'a person ends its call over REST from anywhere, once and again',
    rules: ['HU-1', 'Without a socket'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await talk(a, caller, callee, b);
      for (let n = 0; n < 2; n += 1) {
        same('the status', (await caller.rest('POST', rtc(callId, 'hang-up'))).status, 200);
      }
      for (const line of [a, b]) fields(await line.next('call:hang_up'), { callId });
      same('the live calls', (await caller.rest('GET', '/api/rtc/calls/active')).data['calls'], []);
    },
  },
  {
    name: 'reject-over-rest',
    title: 'a reject over REST is a person’s: it ends the ring everywhere',
    rules: ['RJ-1', 'Without a socket'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.online()];
      const callId = await ring(a, callee, b);
      same('the status', (await callee.rest('POST', rtc(callId, 'reject'), { reason: 'busy' })).status, 200);
      fields(await a.next('call:reject'), { callId, senderId: callee.id });
      fields(await b.next('call:hang_up'), { callId, reason: 'rejected_elsewhere' });
    },
  },
  {
    name: 'accepting-over-rest',
    title: 'a device that wakes up may say so over REST; the caller hears nothing of it',
    rules: ['TI-2', 'AN-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.device('phone')];
      const callId = await ring(a, callee, b);
      same('the status', (await callee.rest('POST', rtc(callId, 'accepting'))).status, 200);
      fields(await b.next('call:accepting_elsewhere'), { callId });
      same('what the caller hears', types(await a.rest()), []);
    },
  },
  {
    name: 'rest-is-for-the-parties',
    title: 'a stranger finds no such call over REST, whatever it asks, and nobody does without a token',
    rules: ['HU-2', 'Without a socket'],
    needs: ['third'],
    async run({ caller, callee, third, target }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await talk(a, caller, callee, b);
      for (const [method, what] of [
        ['POST', 'hang-up'],
        ['POST', 'reject'],
        ['POST', 'accepting'],
        ['GET', 'timeline'],
      ] as const) {
        same(`the status of ${what} by a stranger`, (await third.rest(method, rtc(callId, what))).status, 404);
        same(`the status of ${what} by nobody`, (await ask(target.rest, method, rtc(callId, what))).status, 401);
      }
      same('what the two in the call hear', types([...(await a.rest()), ...(await b.rest())]), []);
    },
  },
  {
    name: 'timeline',
    title: 'each side finds the steps of a call in order, as it may know them, without descriptions or addresses',
    rules: ['HI-2', 'ST-1'],
    needs: ['history'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await ring(a, callee, b);
      b.send('ack', { seq: b.seqs.at(-1) });
      await a.next('call:ringing');
      await a.done('call:ice_candidate', { callId, candidate: candidate(1) });
      await b.done('call:answer', { callId, answer: { type: 'answer', sdp: 'v=0' } });
      await a.next('call:answer');
      await a.done('call:report', { callId, state: 'connected', path: 'relay' });
      await a.done('call:hang_up', { callId });
      const { connectedAt } = await caller.record(callId);
      holds('connectedAt to be a time', !Number.isNaN(Date.parse(String(connectedAt))), connectedAt);
      for (const [person, offered, answered] of [
        [caller, 'me', 'peer'],
        [callee, 'peer', 'me'],
      ] as const) {
        const known = await steps(person, callId);
        const told = known.map(({ who, what }) => `${who} ${what}`);
        const wanted = [
          `${offered} offered`,
          `${answered} rang`,
          `${answered} answered`,
          `${offered} connected`,
          `${offered} ended`,
        ];
        same(`the steps ${person.role} is told`, told, wanted);
        const times = known.map(({ at }) => Date.parse(String(at)));
        holds(
          'steps in order of time',
          times.every((at, n) => n === 0 || at >= (times[n - 1] as number)),
          times,
        );
        const secret = ['192.0.2.1', 'candidate:', 'v=0'].find((each) => JSON.stringify(known).includes(each));
        same('descriptions, candidates or addresses in it', secret, undefined);
      }
    },
  },
  {
    name: 'diagnosis',
    title: 'a call that did not work says why, in plain language',
    rules: ['HI-2'],
    needs: ['history'],
    async run({ caller, callee, pace }) {
      const a = await caller.device('phone');
      const { callId } = (await dialAbsent(a, callee, pace)).data;
      const diagnosis = asObject((await caller.record(callId))['diagnosis']);
      same('the code', diagnosis['code'], 'peer_not_online');
      holds('a sentence', String(diagnosis['message'] ?? '').length > 10, diagnosis['message']);
    },
  },
  {
    name: 'presence',
    title: 'who asked is told which friends are online, at once and as they come and go',
    rules: ['PR-1'],
    async run({ caller, callee }) {
      const a = await caller.device('phone');
      a.send('presence:subscribe');
      await a.next('presence');
      same('what it is told of an absent friend', statesOf(a.heard, callee.id), ['offline']);
      const b = await callee.online();
      await a.next('presence', 'a friend that comes online to be told');
      await b.leave();
      await a.next('presence', 'a friend that goes offline to be told');
      same('what it is told of the friend', statesOf(a.heard, callee.id), ['offline', 'online', 'offline']);
    },
  },
  {
    name: 'presence-is-for-friends',
    title: 'whoever may not call a person is never told of them',
    rules: ['PR-1'],
    needs: ['third'],
    async run({ caller, third }) {
      const a = await caller.device('phone');
      a.send('presence:subscribe');
      await a.next('presence');
      await third.online();
      await a.settled();
      same('what it is told of a stranger', statesOf(a.heard, third.id), []);
    },
  },
  {
    name: 'presence-ends',
    title: 'after unsubscribing nothing more is told',
    rules: ['PR-1'],
    async run({ caller, callee }) {
      const a = await caller.device('phone');
      a.send('presence:subscribe');
      await a.next('presence');
      await a.done('presence:unsubscribe');
      await callee.online();
      same('what it is told', types(await a.rest()), []);
    },
  },
  {
    name: 'logout',
    title: 'ending a login closes its sockets within a second',
    rules: ['AU-3'],
    needs: ['own'],
    async run({ caller, target, pace }) {
      const { username, password } = caller.account;
      const { data } = await ask(target.rest, 'POST', '/api/auth/login', { body: { username, password } });
      const token = String(data['token']);
      const line = caller.dial({ headers: { authorization: `Bearer ${token}` } });
      await line.opened();
      const stays = await caller.online();
      same('the status', (await ask(target.rest, 'POST', '/api/auth/logout', { token, body: {} })).status, 200);
      same('the close code', (await line.ends('its socket to be closed', 1_000 + pace.patienceMs)).code, 4501);
      await stays.rest();
      holds('the socket of another login to stay', stays.isOpen, 'closed');
    },
  },
];
