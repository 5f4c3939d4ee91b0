/** Bad input and every limit of the wire, each at its bound and one past it. */
import { readFileSync } from 'node:fs';
import { WIRE_LIMITS } from '@ringdown/protocol';
import { describe, expect, test } from 'vitest';
import {
  ANSWER,
  befriend,
  candidate,
  offerTo,
  Person,
  rest,
  ring,
  shareGroup,
  talk,
  twoFriends,
  wsUrl,
} from './harness/people.ts';
import { startServer } from './harness/server.ts';
import { TestSocket } from './harness/socket.ts';

async function oneSocket(overrides: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(overrides);
  const anna = await Person.signUp(server);
  return { server, anna, a: await anna.online() };
}

describe('frames', () => {
  test.each([
    ['not JSON', 'hello', 'invalid_json'],
    ['half of JSON', '{"type":"call:offer"', 'invalid_json'],
    ['a list', '[]', 'invalid_payload'],
    ['no type', '{"data":{}}', 'invalid_payload'],
    ['an unknown type', '{"type":"call:dance","data":{}}', 'invalid_payload'],
    ['a type that is a name every object has', '{"type":"constructor","data":{}}', 'invalid_payload'],
    ['no data', '{"type":"call:offer"}', 'invalid_payload'],
    [
      'an offer without receiver',
      '{"type":"call:offer","data":{"offer":{"type":"offer","sdp":"v=0"}}}',
      'invalid_payload',
    ],
    [
      'an offer that is an answer',
      '{"type":"call:offer","data":{"receiverId":"7","offer":{"type":"answer","sdp":"v=0"}}}',
      'invalid_payload',
    ],
    [
      'an answer without call',
      '{"type":"call:answer","data":{"answer":{"type":"answer","sdp":"v=0"}}}',
      'invalid_payload',
    ],
    ['a candidate message without one', '{"type":"call:ice_candidate","data":{"callId":"x"}}', 'invalid_payload'],
    ['too deep', `{"type":"ping","data":${'['.repeat(8)}${']'.repeat(8)}}`, 'invalid_json'],
  ])('%s is answered with what was expected, and the socket stays', async (_, frame, reason) => {
    const { a } = await oneSocket();
    a.raw.send(frame);
    const { data } = await a.next('error');
    expect(data).toMatchObject({ code: 400, reason });
    expect(data.message.length).toBeGreaterThan(10);
    expect(await a.request('ping')).toMatchObject({ type: 'ack' });
  });

  test('[T24] user ids that are not canonical are refused', async () => {
    const { a } = await oneSocket();
    for (const id of [
      '01',
      ' 7',
      '7 ',
      '7.0',
      '1e1',
      '+7',
      '-7',
      '0',
      '',
      '٧',
      '9007199254740992',
      7.5,
      -7,
      0,
      ['7'],
      null,
      true,
    ]) {
      a.send('call:offer', offerTo('x', { receiverId: id }));
      expect((await a.next('error')).data, JSON.stringify(id)).toMatchObject({ code: 400, reason: 'invalid_payload' });
    }
  });

  test('[T37] eight levels of nesting pass', async () => {
    const { a } = await oneSocket();
    a.raw.send(`{"type":"ping","id":"deep","data":${'['.repeat(7)}${']'.repeat(7)}}`);
    expect(await a.next('ack')).toMatchObject({ id: 'deep' });
  });

  test('[T23] keys that every object has, and keys nobody knows, are dropped', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    a.raw.send(
      `{"type":"call:offer","__proto__":{"x":1},"data":{"receiverId":"${ben.id}","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"more":1,"offer":{"type":"offer","sdp":"v=0","more":1}}}`,
    );
    const { data } = await b.next('call:offer');
    expect(data.offer).toEqual({ type: 'offer', sdp: 'v=0' });
    expect(JSON.stringify(data)).not.toContain('polluted');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('[T34] a frame of 64 KiB passes, one byte more closes with 1009', async () => {
    const { anna, a } = await oneSocket();
    const frame = (bytes: number) => {
      const empty = JSON.stringify({ type: 'ping', id: 'big', data: '' }).length;
      return JSON.stringify({ type: 'ping', id: 'big', data: 'x'.repeat(bytes - empty) });
    };
    a.raw.send(frame(WIRE_LIMITS.frameBytes));
    expect(await a.next('ack')).toMatchObject({ id: 'big' });
    const b = await anna.online();
    b.raw.send(frame(WIRE_LIMITS.frameBytes + 1));
    expect(await b.closed).toMatchObject({ code: 1009 });
  });

  test('[T34] an SDP of 48 KiB passes, one character more is 400', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const sdp = (length: number) => ({ offer: { type: 'offer', sdp: 'v'.repeat(length) } });
    expect((await a.request('call:offer', offerTo(ben, sdp(WIRE_LIMITS.sdpChars + 1)))).data).toMatchObject({
      code: 400,
    });
    expect(await a.request('call:offer', offerTo(ben, sdp(WIRE_LIMITS.sdpChars)))).toMatchObject({ type: 'ack' });
    expect((await b.next('call:offer')).data.offer.sdp).toHaveLength(WIRE_LIMITS.sdpChars);
  });

  test('[IC-3] a candidate of 1 KiB passes, a larger one is 400; 20 in a batch pass, 21 are 400', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    const sized = (length: number) => {
      const empty = JSON.stringify({ candidate: '' }).length;
      return { candidate: 'c'.repeat(length - empty) };
    };
    const send = (data: object) => a.request('call:ice_candidate', { callId, ...data });
    expect(await send({ candidate: sized(1024) })).toMatchObject({ type: 'ack' });
    expect((await send({ candidate: sized(1025) })).data).toMatchObject({ code: 400 });
    const many = (n: number) => Array.from({ length: n }, (_, k) => candidate(k));
    expect(await send({ candidates: many(20) })).toMatchObject({ type: 'ack' });
    expect((await send({ candidates: many(21) })).data).toMatchObject({ code: 400 });
    expect(await b.rest()).toHaveLength(21);
  });

  test('[T38] [IC-3] the hundredth candidate of a side passes, the next is 429', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    for (let n = 0; n < 5; n += 1) {
      await a.request('call:ice_candidate', { callId, candidates: Array.from({ length: 20 }, (_, k) => candidate(k)) });
    }
    expect((await a.request('call:ice_candidate', { callId, candidate: candidate(1) })).data).toMatchObject({
      code: 429,
    });
    expect(await b.rest()).toHaveLength(100);
    expect(await b.request('call:ice_candidate', { callId, candidate: candidate(1) })).toMatchObject({ type: 'ack' });
  });

  test('a request id may have 64 characters and not one more', async () => {
    const { a } = await oneSocket();
    expect(await a.request('ping', {}, 'i'.repeat(64))).toMatchObject({ type: 'ack' });
    a.send('ping', {}, 'i'.repeat(65));
    expect((await a.next('error')).data).toMatchObject({ code: 400 });
  });

  test('a conversation id may have 64 characters and not one more', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const a = await anna.online();
    expect(await a.request('call:offer', offerTo(ben, { conversationId: 'c'.repeat(64) }))).toMatchObject({
      type: 'ack',
    });
    expect((await a.request('call:offer', offerTo(ben, { conversationId: 'c'.repeat(65) }))).data).toMatchObject({
      code: 400,
    });
  });

  test('[T37] a binary frame closes with 1003', async () => {
    const { a } = await oneSocket();
    a.raw.send(Buffer.from('{"type":"ping"}'), { binary: true });
    expect(await a.closed).toMatchObject({ code: 1003 });
  });

  test('[HU-1] a hang-up with figures out of range still hangs up, without them', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    await a.request('call:hang_up', { callId, metrics: { quality: 9, packetLoss: -1, latency: 30 } });
    await b.next('call:hang_up');
    await expect.poll(() => anna.history()).toMatchObject([{ quality: { latency: 30 } }]);
    expect((await anna.history())[0]?.quality).toEqual({ latency: 30 });
  });
});

describe('rates', () => {
  test('badFramesPerMinute: so many bad frames are answered, the next one closes with 4500', async () => {
    const { a } = await oneSocket({ limits: { badFramesPerMinute: 3 } });
    for (let n = 0; n < 3; n += 1) {
      a.raw.send('nonsense');
      await a.next('error');
    }
    expect(await a.request('ping')).toMatchObject({ type: 'ack' });
    a.raw.send('nonsense');
    expect(await a.closed).toMatchObject({ code: 4500 });
  });

  test('messagesBurst: past the burst messages are 429 with the time to wait, then 4129; a hang-up always passes', async () => {
    const server = await startServer({ limits: { messagesPerSecond: 1, messagesBurst: 5 } });
    const [anna, ben] = await twoFriends(server);
    const a = await anna.online();
    for (let n = 0; n < 4; n += 1) expect(await a.request('ping')).toMatchObject({ type: 'ack' });
    expect((await a.request('ping')).data).toMatchObject({
      code: 429,
      reason: 'rate_limited',
      retryAfterMs: expect.any(Number),
    });
    expect(await a.request('call:hang_up', { receiverId: ben.id })).toMatchObject({ type: 'ack' });
    for (let n = 0; n < 6; n += 1) a.send('ping');
    expect(await a.closed).toMatchObject({ code: 4129 });
  });

  test('[T42] socketsPerUser: one more than that is refused with 429, also by a first frame', async () => {
    const { server, anna } = await oneSocket({ limits: { socketsPerUser: 2 } });
    await anna.online();
    const third = new TestSocket(wsUrl(server), [], { authorization: `Bearer ${anna.token}` });
    expect(await third.refusal()).toMatchObject({ status: 429, body: { error: { reason: 'rate_limited' } } });
    const fourth = await new TestSocket(wsUrl(server)).opened();
    fourth.send('auth', { token: anna.token });
    expect((await fourth.next('error')).data.code).toBe(429);
    expect(await fourth.closed).toMatchObject({ code: 4129 });
  });

  test('[T42] unauthenticatedSocketsPerAddress: one more than that is refused; one that authenticates makes room', async () => {
    const { server, anna } = await oneSocket({ limits: { unauthenticatedSocketsPerAddress: 2 } });
    const first = await new TestSocket(wsUrl(server)).opened();
    await new TestSocket(wsUrl(server)).opened();
    expect(await new TestSocket(wsUrl(server)).refusal()).toMatchObject({ status: 429 });
    await first.request('auth', { token: anna.token });
    await first.request('ping');
    await new TestSocket(wsUrl(server)).opened();
  });

  test('[T39] offersPerPairPerMinute and offersPerMinute: the next offer is 429, a repeated request is none', async () => {
    const server = await startServer({ limits: { offersPerPairPerMinute: 2, offersPerMinute: 3 } });
    const [anna, ben] = await twoFriends(server);
    const cleo = await Person.signUp(server);
    await befriend(anna, cleo);
    const a = await anna.online();
    expect(await a.request('call:offer', offerTo(ben), 'one')).toMatchObject({ type: 'ack' });
    expect(await a.request('call:offer', offerTo(ben), 'one')).toMatchObject({ type: 'ack' });
    expect(await a.request('call:offer', offerTo(ben))).toMatchObject({ type: 'ack' });
    expect((await a.request('call:offer', offerTo(ben))).data).toMatchObject({
      code: 429,
      retryAfterMs: expect.any(Number),
    });
    expect((await a.request('call:offer', offerTo(cleo))).data).toMatchObject({ code: 429 });
  });

  test('[T39] offersPerStrangerPairPerHour: who only shares a group rings so often, and again once called back', async () => {
    const server = await startServer({ limits: { offersPerStrangerPairPerHour: 2 } });
    const [anna, ben] = [await Person.signUp(server), await Person.signUp(server)];
    await shareGroup(anna, ben);
    const [a, b] = [await anna.online(), await ben.online()];
    for (let n = 0; n < 2; n += 1) {
      const { callId } = await ring(a, ben, b);
      await a.request('call:hang_up', { callId });
      await b.rest();
    }
    expect((await a.request('call:offer', offerTo(ben))).data).toMatchObject({ code: 429 });
    const { callId } = await ring(b, anna, a);
    await b.request('call:hang_up', { callId });
    await a.rest();
    expect(await a.request('call:offer', offerTo(ben))).toMatchObject({ type: 'ack' });
  });

  test('offersPerStrangerPairPerHour: an answer makes acquainted', async () => {
    const server = await startServer({ limits: { offersPerStrangerPairPerHour: 1 } });
    const [anna, ben] = [await Person.signUp(server), await Person.signUp(server)];
    await shareGroup(anna, ben);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    await a.request('call:hang_up', { callId });
    expect(await a.request('call:offer', offerTo(ben))).toMatchObject({ type: 'ack' });
  });

  test('[T25] denialsPer10Minutes: after so many refused offers every offer is 429', async () => {
    const server = await startServer({ limits: { denialsPer10Minutes: 2 } });
    const [anna, ben] = await twoFriends(server);
    const a = await anna.online();
    for (let n = 0; n < 2; n += 1) {
      expect((await a.request('call:offer', offerTo('4503599627370000'))).data).toMatchObject({ code: 404 });
    }
    expect((await a.request('call:offer', offerTo(ben))).data).toMatchObject({ code: 429 });
  });
});

describe('what stays inside', () => {
  test('[T33] no SDP, candidate, address or token of a whole call is in the log or on the disk', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const secret = 'canary203.0.113.77';
    const marked = {
      candidate: `candidate:1 1 udp 1 203.0.113.77 5000 typ host ${secret}`,
      usernameFragment: 'canaryfrag',
    };
    const ack = await a.request('call:offer', offerTo(ben, { offer: { type: 'offer', sdp: `v=0 ${secret}` } }));
    const { callId } = ack.data;
    await b.next('call:offer');
    await a.request('call:ice_candidate', { callId, candidate: marked });
    await b.request('call:answer', { callId, answer: { type: 'answer', sdp: `v=0 ${secret}` } });
    a.send('call:offer', { receiverId: ben.id, offer: { type: 'offer', sdp: 7, secret } });
    a.raw.send(`{"type":"auth","data":{"token":"${secret}"`);
    await a.request('auth', { token: secret });
    await a.request('call:hang_up', { callId });
    await expect.poll(async () => (await anna.history()).length).toBe(1);
    const { dataDir } = server;
    const disk = ['ringdown.db', 'ringdown.db-wal']
      .map((name) => readFileSync(`${dataDir}/${name}`).toString('latin1'))
      .join('');
    for (const text of [server.log(), disk]) {
      expect(text).not.toMatch(/canary|203\.0\.113|candidate:1|v=0/);
      expect(text).not.toContain(anna.token);
      expect(text).not.toContain(anna.refreshToken);
    }
    expect(server.log()).toContain(callId as string);
  });

  test('[T45] a handler that throws ends its own request with 500 and a correlation id, nothing else', async () => {
    const server = await startServer();
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await ring(a, ben, b);
    server.breakDirectory();
    const { data } = await a.request('call:offer', offerTo(ben));
    expect(data).toMatchObject({ code: 500, reason: 'internal' });
    const [correlationId] = /[0-9a-f-]{36}/.exec((data as { message: string }).message) ?? [];
    expect(server.log()).toContain(correlationId as string);
    // [AN-2] A directory that fails does not cost the call that is ringing.
    expect(await b.request('call:answer', { callId, answer: ANSWER })).toMatchObject({ type: 'ack' });
    await a.next('call:answer');
    expect((await rest(server, 'GET', '/livez')).status).toBe(200);
  });
});
