/** Who may open a socket, how long it stays, and how a person that lost one finds its call again. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ANSWER, candidate, offerTo, Person, ring, talk, twoFriends, wsUrl } from './harness/people.ts';
import { startServer, type TestServer } from './harness/server.ts';
import { TestSocket } from './harness/socket.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});

const gone = (left: number) => expect.poll(async () => (await server.running.sizes()).sockets).toBe(left);

describe('proving who one is', () => {
  test('[AU-1] by the Authorization header of the upgrade', async () => {
    const anna = await Person.signUp(server);
    const socket = await new TestSocket(wsUrl(server), [], { authorization: `Bearer ${anna.token}` }).opened();
    expect(await socket.request('ping')).toMatchObject({ type: 'ack' });
  });

  test('[AU-1] by the subprotocol that carries the token; the service answers the other one, never the token', async () => {
    const anna = await Person.signUp(server);
    const socket = await new TestSocket(wsUrl(server), [`bearer.${anna.token}`, 'ringdown.plain']).opened();
    expect(socket.raw.protocol).toBe('ringdown.plain');
    expect(await socket.request('ping')).toMatchObject({ type: 'ack' });
  });

  test('[AU-1] by a first frame; frames sent right behind it are handled after it, in order', async () => {
    const [anna, ben] = await twoFriends(server);
    const b = await ben.online();
    const socket = await new TestSocket(wsUrl(server)).opened();
    socket.send('auth', { token: anna.token });
    socket.send('call:offer', offerTo(ben));
    for (let n = 0; n < 5; n += 1) socket.send('call:ice_candidate', { receiverId: ben.id, candidate: candidate(n) });
    expect(await socket.rest()).toEqual([]);
    expect((await b.rest()).map(({ type }) => type)).toEqual(['call:offer', ...Array(5).fill('call:ice_candidate')]);
  });

  test.each([
    ['nonsense', 'nonsense', 'unauthenticated'],
    ['an empty bearer', '', 'unauthenticated'],
    ['a token of another service', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', 'unauthenticated'],
  ])('[AU-1] an upgrade with %s is refused with HTTP 401', async (_, token, reason) => {
    const socket = new TestSocket(wsUrl(server), [], { authorization: `Bearer ${token || 'x'}` });
    expect(await socket.refusal()).toMatchObject({ status: 401, body: { error: { reason } } });
  });

  test('[AU-1] [T17] a token in the URL proves nothing', async () => {
    const anna = await Person.signUp(server);
    const socket = await new TestSocket(`${wsUrl(server)}?token=${anna.token}&access_token=${anna.token}`).opened();
    socket.send('call:offer', offerTo('7'));
    expect((await socket.next('error')).data).toMatchObject({ code: 401, reason: 'unauthenticated' });
  });

  test('[AU-1] a first frame with a bad token is told 401 and closed to come back with a new one', async () => {
    const socket = await new TestSocket(wsUrl(server)).opened();
    socket.send('auth', { token: 'nonsense' });
    expect((await socket.next('error')).data).toMatchObject({ code: 401 });
    expect(await socket.closed).toMatchObject({ code: 4501 });
  });

  test('[AU-1] anything else before authentication is 401, and a second such frame the end', async () => {
    const socket = await new TestSocket(wsUrl(server)).opened();
    socket.send('call:offer', offerTo('7'));
    expect((await socket.next('error')).data).toMatchObject({ code: 401, reason: 'unauthenticated' });
    socket.send('call:offer', offerTo('7'));
    expect((await socket.next('error')).data).toMatchObject({ code: 401 });
    socket.send('call:offer', offerTo('7'));
    expect(await socket.closed).toMatchObject({ code: 4500 });
  });

  test('[AU-1] [T43] a socket that says nothing is closed after 5 s, and one that says nonsense no later', async () => {
    const silent = await new TestSocket(wsUrl(server)).opened();
    const began = performance.now();
    expect(await silent.closed).toMatchObject({ code: 4500 });
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThan(4_500);
    expect(tookMs).toBeLessThan(7_500);
  }, 10_000);

  test('[AU-1] a first frame may have 8 KiB and not one character more', async () => {
    const frame = (length: number) => {
      const empty = JSON.stringify({ type: 'auth', data: { token: 'x' }, pad: '' }).length;
      return JSON.stringify({ type: 'auth', data: { token: 'x' }, pad: 'p'.repeat(length - empty) });
    };
    const fits = await new TestSocket(wsUrl(server)).opened();
    fits.raw.send(frame(8 * 1024));
    expect((await fits.next('error')).data.code).toBe(401);
    const large = await new TestSocket(wsUrl(server)).opened();
    large.raw.send(frame(8 * 1024 + 1));
    expect(await large.closed).toMatchObject({ code: 1009 });
  });

  test.each([
    ['another site', 'https://evil.example', 403],
    ['a suffix of ours', 'http://localhost:8080.evil.example', 403],
    ['our name on another port', 'http://localhost:8081', 403],
    ['another scheme', 'https://localhost:8080', 403],
    ['null', 'null', 403],
    ['our own', 'http://localhost:8080', 101],
  ])('[AU-2] [T16] an upgrade from %s', async (_, origin, status) => {
    const anna = await Person.signUp(server);
    const socket = new TestSocket(wsUrl(server), [], { authorization: `Bearer ${anna.token}`, origin });
    if (status === 101) expect(await (await socket.opened()).request('ping')).toMatchObject({ type: 'ack' });
    else expect(await socket.refusal()).toMatchObject({ status, body: { error: { reason: 'not_allowed' } } });
  });

  test('[T47] only /ws opens a socket', async () => {
    const socket = new TestSocket(wsUrl(server).replace('/ws', '/ws/other'));
    expect(await socket.refusal()).toMatchObject({ status: 404 });
  });

  test('[T36] compression is not negotiated', async () => {
    const anna = await Person.signUp(server);
    const socket = await new TestSocket(wsUrl(server), [], { authorization: `Bearer ${anna.token}` }).opened();
    expect(socket.raw.extensions).toBe('');
  });
});

describe('losing the right to be there', () => {
  test('[AU-3] [T19] logging out closes the sockets of that login within a second, and no other', async () => {
    const anna = await Person.signUp(server);
    const other = await anna.logIn();
    const [here, there] = [await anna.online(), await other.online()];
    const began = performance.now();
    await anna.rest('POST', '/api/auth/logout', {});
    expect(await here.closed).toMatchObject({ code: 4501 });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await there.request('ping')).toMatchObject({ type: 'ack' });
    expect(await new TestSocket(wsUrl(server), [], { authorization: `Bearer ${anna.token}` }).refusal()).toMatchObject({
      status: 401,
    });
  });

  test.each([
    ['logging out everywhere', (p: Person) => p.rest('POST', '/api/auth/logout', { everywhere: true })],
    [
      'a new password',
      (p: Person) =>
        p.rest('PUT', '/api/users/me/password', { currentPassword: 'correct horse', newPassword: 'battery staple' }),
    ],
  ])('[AU-3] [T19] %s closes every socket of the user', async (_, act) => {
    const anna = await Person.signUp(server);
    const sockets = [await anna.online(), await (await anna.logIn()).online()];
    await act(anna);
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4501 });
  });

  test('[AU-3] a socket may bring a newer token, of the same person only', async () => {
    const [anna, ben] = await twoFriends(server);
    const socket = await anna.online();
    const newer = await anna.logIn();
    expect(await socket.request('auth', { token: newer.token })).toMatchObject({ type: 'ack' });
    await anna.rest('POST', '/api/auth/logout', {});
    expect(await socket.request('ping')).toMatchObject({ type: 'ack' });
    expect((await socket.request('auth', { token: ben.token })).data).toMatchObject({ code: 401 });
    expect((await socket.request('auth', { token: 'nonsense' })).data).toMatchObject({ code: 401 });
    expect(await socket.request('ping')).toMatchObject({ type: 'ack' });
  });
});

describe('coming back', () => {
  test('[RI-2] who opens the app while being rung gets the offer, the time left and the candidates', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await ring(a, ben, b);
    await a.request('call:ice_candidate', { callId, candidate: candidate(1) });
    const late = await ben.online();
    const { data } = await late.next('call:offer');
    expect(data).toMatchObject({ callId, senderId: anna.id, replayed: true });
    expect(data.ttlMs).toBeLessThan(60_000);
    expect((await late.next('call:ice_candidate')).data.candidate).toEqual(candidate(1));
    late.send('call:answer', { callId, answer: ANSWER });
    await a.next('call:answer');
  });

  test('[RI-2] [T13] a ring that is over is not replayed', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await ring(a, ben, b);
    await a.request('call:hang_up', { callId });
    expect(await (await ben.online()).rest()).toEqual([]);
  });

  test('[DS-3] [RI-2] a plain caller that lost its socket gets the answer and the candidates on its next one', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await ring(a, ben, b);
    a.vanish();
    await gone(1);
    await b.request('call:answer', { callId, answer: ANSWER });
    await b.request('call:ice_candidate', { callId, candidate: candidate(1) });
    const back = await anna.online();
    expect((await back.next('call:answer')).data).toMatchObject({ callId, answer: ANSWER });
    expect((await back.next('call:ice_candidate')).data.candidate).toEqual(candidate(1));
    await back.request('call:ice_candidate', { callId, candidate: candidate(2) });
    expect((await b.next('call:ice_candidate')).data.candidate).toEqual(candidate(2));
    await back.request('call:hang_up', { callId });
    expect((await b.next('call:hang_up')).data.callId).toBe(callId);
  });

  test.each(['caller', 'callee'])('[DS-3] a plain %s finds itself in its call again and can hang up', async (who) => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    const [lost, person, peer] = who === 'caller' ? [a, anna, b] : [b, ben, a];
    lost.vanish();
    await gone(1);
    const back = await person.online();
    await peer.request('call:ice_candidate', { callId, candidate: candidate(3) });
    expect((await back.next('call:ice_candidate')).data.candidate).toEqual(candidate(3));
    await back.request('call:hang_up', { callId });
    expect((await peer.next('call:hang_up')).data.callId).toBe(callId);
  });

  test('[DS-3] an end that was missed is told on the next socket, once', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    a.vanish();
    await gone(1);
    await b.request('call:hang_up', { callId });
    const back = await anna.online();
    expect((await back.next('call:hang_up')).data).toMatchObject({ callId, senderId: ben.id });
    expect(await (await anna.online()).rest()).toEqual([]);
  });

  test('[DS-3] [AN-1] who lost a ringing socket and answered on the next one is not told that it was answered elsewhere', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await ring(a, ben, b);
    b.vanish();
    await gone(1);
    const second = await ben.online();
    await second.next('call:offer');
    await second.request('call:answer', { callId, answer: ANSWER });
    second.vanish();
    await gone(1);
    const third = await ben.online();
    expect((await third.rest()).map(({ type }) => type)).toEqual([]);
    await third.request('call:hang_up', { callId });
    expect((await a.next('call:hang_up')).data.callId).toBe(callId);
  });

  test('[DS-3] an unbound plain socket takes over by speaking of the call', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, a2, b] = [await anna.online(), await anna.online(), await ben.online()];
    const { callId } = await talk(a, ben, b);
    a.vanish();
    await gone(2);
    await a2.request('call:ice_candidate', { callId, candidate: candidate(4) });
    expect((await b.next('call:ice_candidate')).data.candidate).toEqual(candidate(4));
    expect((await a2.next('call:answer')).data.callId).toBe(callId);
    await a2.request('call:hang_up', { callId });
    await b.next('call:hang_up');
  });

  test('[TI-1] nobody answers: both sides hear the timeout, and the history says so', async () => {
    const brief = await startServer({ ringTimeoutMs: 400 });
    const [anna, ben] = await twoFriends(brief);
    const [a, b] = [await anna.online(), await ben.online()];
    const { callId } = await ring(a, ben, b);
    const expected = {
      callId,
      senderId: anna.id,
      receiverId: ben.id,
      stage: 'ring',
      message: expect.any(String),
      timestamp: expect.any(String),
    };
    expect((await a.next('call:timeout')).data).toEqual(expected);
    expect((await b.next('call:timeout')).data).toEqual(expected);
    await expect.poll(() => ben.history()).toMatchObject([{ outcome: 'no_answer', missed: true, endedBy: 'service' }]);
    expect(await anna.history()).toMatchObject([{ outcome: 'no_answer', missed: false }]);
  });

  test('[TI-1] a caller may ask for another ring time, within 10 to 180 s', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    for (const [asked, given] of [
      [1_000, 10_000],
      [30_000, 30_000],
      [1e9, 180_000],
    ] as const) {
      const ack = await a.request('call:offer', offerTo(ben, { ringTimeoutMs: asked }));
      const { ttlMs } = (await b.next('call:offer')).data;
      expect(ttlMs).toBeLessThanOrEqual(given);
      expect(ttlMs).toBeGreaterThan(given - 1_000);
      await a.request('call:hang_up', { callId: ack.data.callId });
      await b.rest();
    }
  });
});

describe('nobody comes back', () => {
  test('[DS-1] [T14] a ring whose caller stays away ends after 15 s, a call whose two sides do after 30 s, and nobody is busy any more', async () => {
    const [anna, ben] = await twoFriends(server);
    const [cleo, dora] = await twoFriends(server);
    const [a, b, c, d] = [await anna.online(), await ben.online(), await cleo.online(), await dora.online()];
    const rung = await ring(a, ben, b);
    await talk(c, dora, d);
    const began = performance.now();
    for (const socket of [a, c, d]) socket.vanish();

    const { data } = await b.next('call:hang_up', 17_000);
    expect(data).toMatchObject({ callId: rung.callId, senderId: anna.id, reason: 'connection_lost' });
    expect(performance.now() - began).toBeGreaterThan(14_500);
    expect((await server.running.sizes()).live).toBe(1);

    await expect.poll(async () => (await server.running.sizes()).live, { timeout: 17_000 }).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(29_500);
    await expect.poll(() => cleo.history()).toMatchObject([{ outcome: 'connection_lost', endedBy: 'service' }]);
    const [c2, d2] = [await cleo.online(), await dora.online()];
    await Promise.all([c2.rest(), d2.rest()]);
    await ring(c2, dora, d2);
  }, 45_000);
});

describe('a planned stop', () => {
  test('closes every socket to come back, refuses nothing that is under way, and leaves no record behind', async () => {
    const [anna, ben] = await twoFriends(server);
    const [a, b] = [await anna.online(), await ben.online()];
    await talk(a, ben, b);
    await server.stop();
    expect(await a.closed).toMatchObject({ code: 4100 });
    expect(await b.closed).toMatchObject({ code: 4100 });
  });
});
