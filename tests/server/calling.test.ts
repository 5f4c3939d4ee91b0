/** Calling over real sockets, by a client that knows the contract alone: offer, answer, candidates, the ways to end. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ANSWER, befriend, candidate, offerTo, Person, ring, shareGroup, talk, twoFriends } from './harness/people.ts';
import { startServer, type TestServer } from './harness/server.ts';
import type { TestSocket } from './harness/socket.ts';

let server: TestServer;
let anna: Person;
let ben: Person;
let a: TestSocket;
let b: TestSocket;

beforeEach(async () => {
  server = await startServer();
  [anna, ben] = await twoFriends(server);
  a = await anna.online();
  b = await ben.online();
});

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const types = (messages: { type: string }[]) => messages.map(({ type }) => type);

describe('a whole call', () => {
  test('[OF-2] [OF-4] the offer arrives as the contract writes it, signed by the service, with the time left to ring', async () => {
    a.send('call:offer', offerTo(ben, { conversationId: 'chat-7', callId: 'mine', senderId: '9', timestamp: 'x' }));
    const { data } = await b.next('call:offer');
    expect(data).toEqual({
      callId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      senderId: anna.id,
      senderInfo: { id: Number(anna.id), username: anna.username, avatar: expect.any(String) },
      offer: offerTo(ben).offer,
      conversationId: 'chat-7',
      callType: 'video',
      timestamp: expect.stringMatching(ISO),
      ttlMs: expect.any(Number),
    });
    expect(data.ttlMs).toBeGreaterThan(59_000);
    expect(data.ttlMs).toBeLessThanOrEqual(60_000);
  });

  test('[OF-3] the caller learns the callId at once when it asked, and nothing when it did not', async () => {
    const ack = await a.request('call:offer', offerTo(ben));
    expect(ack).toEqual({
      type: 'ack',
      id: expect.any(String),
      data: { callId: (await b.next('call:offer')).data.callId },
    });
    expect(await a.rest()).toEqual([]);
  });

  test('the answer reaches the caller as the contract writes it, and both are in the call', async () => {
    const { callId } = await ring(a, ben, b);
    b.send('call:answer', { callId, receiverId: anna.id, answer: ANSWER });
    expect((await a.next('call:answer')).data).toEqual({
      callId,
      senderId: ben.id,
      responderInfo: { id: Number(ben.id), username: ben.username, avatar: expect.any(String) },
      answer: ANSWER,
      timestamp: expect.stringMatching(ISO),
    });
  });

  test('[HI-1] a hang-up reaches the other side, and both find the call in their history within a second', async () => {
    const { callId } = await talk(a, ben, b);
    const metrics = { quality: 4, packetLoss: 1.5, latency: 80 };
    expect(await a.request('call:hang_up', { callId, receiverId: ben.id, reason: 'normal', metrics })).toMatchObject({
      type: 'ack',
    });
    expect((await b.next('call:hang_up')).data).toEqual({
      callId,
      senderId: anna.id,
      reason: 'normal',
      timestamp: expect.stringMatching(ISO),
    });
    await expect
      .poll(() => anna.history(), { timeout: 1_000 })
      .toMatchObject([
        {
          callId,
          direction: 'outgoing',
          outcome: 'completed',
          missed: false,
          endedBy: 'me',
          reason: 'normal',
          quality: metrics,
          peer: { id: ben.id },
        },
      ]);
    expect(await ben.history()).toMatchObject([
      {
        callId,
        direction: 'incoming',
        outcome: 'completed',
        missed: false,
        endedBy: 'peer',
        quality: null,
        peer: { id: anna.id },
      },
    ]);
    const [entry] = await ben.history();
    expect(Date.parse(String(entry?.answeredAt))).toBeGreaterThanOrEqual(Date.parse(String(entry?.startedAt)));
    expect(entry?.talkMs).toBe(Date.parse(String(entry?.endedAt)) - Date.parse(String(entry?.answeredAt)));
  });

  test('either side may hang up', async () => {
    const { callId } = await talk(a, ben, b);
    b.send('call:hang_up', { callId });
    expect((await a.next('call:hang_up')).data).toMatchObject({ callId, senderId: ben.id });
  });

  test('an audio call says so', async () => {
    a.send('call:offer', offerTo(ben, { callType: 'audio' }));
    expect((await b.next('call:offer')).data.callType).toBe('audio');
  });

  test('[OF-2] a receiverId may be written as a number', async () => {
    a.send('call:offer', { ...offerTo(ben), receiverId: Number(ben.id) });
    expect((await b.next('call:offer')).data.senderId).toBe(anna.id);
  });
});

describe('who may call whom', () => {
  test('[OF-1] an unknown receiver is 404, oneself 403, a stranger 403', async () => {
    const cleo = await Person.signUp(server);
    expect((await a.request('call:offer', offerTo('4503599627370000'))).data).toMatchObject({
      code: 404,
      reason: 'receiver_not_found',
    });
    expect((await a.request('call:offer', offerTo(anna))).data).toMatchObject({ code: 403, reason: 'self_call' });
    expect((await a.request('call:offer', offerTo(cleo))).data).toMatchObject({ code: 403, reason: 'not_allowed' });
  });

  test('without an id an error is written as the contract has it', async () => {
    a.send('call:offer', offerTo('4503599627370000'));
    const error = await a.next('error');
    expect(error).toEqual({
      type: 'error',
      data: { code: 404, reason: 'receiver_not_found', message: expect.any(String) },
    });
  });

  test('members of one group may call each other; an invitation alone is not membership', async () => {
    const cleo = await Person.signUp(server);
    const c = await cleo.online();
    const { body } = await anna.rest('POST', '/api/groups', { name: 'family' });
    const { id } = (body.data as { group: { id: string } }).group;
    await anna.rest('PUT', `/api/groups/${id}/members/${cleo.id}`);
    expect((await a.request('call:offer', offerTo(cleo))).data).toMatchObject({ code: 403 });
    await cleo.rest('PUT', `/api/groups/${id}/members/${cleo.id}`);
    expect(await a.request('call:offer', offerTo(cleo))).toMatchObject({ type: 'ack' });
    await c.next('call:offer');
  });

  test('[OF-5] [T22] a conversation that names one of our groups needs both as members', async () => {
    const cleo = await Person.signUp(server);
    const theirs = await shareGroup(cleo, anna);
    expect((await a.request('call:offer', offerTo(ben, { conversationId: theirs }))).data).toMatchObject({ code: 403 });
    const ours = await shareGroup(anna, ben);
    expect(await a.request('call:offer', offerTo(ben, { conversationId: ours }))).toMatchObject({ type: 'ack' });
  });

  test('[OF-1] whom I have blocked I cannot call; unfriending takes the right away', async () => {
    await anna.rest('PUT', `/api/blocks/${ben.id}`);
    expect((await a.request('call:offer', offerTo(ben))).data).toMatchObject({ code: 403, reason: 'not_allowed' });
    await anna.rest('DELETE', `/api/blocks/${ben.id}`);
    await anna.rest('DELETE', `/api/friends/${ben.id}`);
    expect((await a.request('call:offer', offerTo(ben))).data).toMatchObject({ code: 403, reason: 'not_allowed' });
  });

  test('DENIALS=uniform answers 404 where 403 would tell who exists', async () => {
    const strict = await startServer({ denials: 'uniform' });
    const [dora, emil] = [await Person.signUp(strict), await Person.signUp(strict)];
    const d = await dora.online();
    const refused = (await d.request('call:offer', offerTo(emil))).data;
    expect(refused).toMatchObject({ code: 404, reason: 'receiver_not_found' });
    expect(refused).toEqual((await d.request('call:offer', offerTo('4503599627370000'))).data);
  });

  test('[BL-1] [T27] blocked looks exactly like offline, to the byte, and leaves nothing on the callee’s side', async () => {
    const cleo = await Person.signUp(server);
    await shareGroup(anna, ben, cleo);
    const withoutIds = (text: string) => text.replaceAll(/"(callId|receiverId)":"[^"]*"/g, '"$1":""');
    await a.request('call:offer', offerTo(cleo));
    await a.next('call:not_available');
    const offline = a.history.at(-1) as string;
    await ben.rest('PUT', `/api/blocks/${anna.id}`);
    expect(await a.request('call:offer', offerTo(ben))).toMatchObject({ type: 'ack' });
    await a.next('call:not_available');
    expect(withoutIds(a.history.at(-1) as string)).toBe(withoutIds(offline));
    expect(await b.rest()).toEqual([]);
    await expect
      .poll(async () => (await anna.history()).map(({ outcome }) => outcome))
      .toEqual(['unavailable', 'unavailable']);
    expect(await ben.history()).toEqual([]);
  });
});

describe('nobody to ring', () => {
  test('an offline receiver is not available, and sees a missed call later', async () => {
    const cleo = await Person.signUp(server);
    await befriend(anna, cleo);
    a.send('call:offer', offerTo(cleo));
    expect((await a.next('call:not_available')).data).toEqual({
      callId: expect.any(String),
      message: expect.any(String),
      receiverId: cleo.id,
    });
    await expect
      .poll(() => cleo.history())
      .toMatchObject([{ outcome: 'unavailable', missed: true, direction: 'incoming' }]);
  });

  test('[OF-3] with an id the acknowledgement comes before call:not_available', async () => {
    b.raw.close();
    await b.closed;
    await expect.poll(async () => (await server.running.sizes()).sockets).toBe(1);
    a.send('call:offer', offerTo(ben), 'x1');
    await a.next('call:not_available');
    expect(a.history.slice(-2).map((text) => JSON.parse(text).type)).toEqual(['ack', 'call:not_available']);
  });

  test('[OF-3] a plain caller that goes on trickling after that is dropped in silence', async () => {
    const cleo = await Person.signUp(server);
    await befriend(anna, cleo);
    a.send('call:offer', offerTo(cleo));
    await a.next('call:not_available');
    a.send('call:ice_candidate', { receiverId: cleo.id, candidate: candidate(1) });
    a.send('call:ice_candidate', { callId: '', receiverId: cleo.id, candidate: candidate(2) });
    expect(await a.rest()).toEqual([]);
  });

  test('do not disturb looks like offline', async () => {
    await ben.rest('PATCH', '/api/users/me', { doNotDisturb: true });
    a.send('call:offer', offerTo(ben));
    await a.next('call:not_available');
    expect(await b.rest()).toEqual([]);
  });

  test('the text of call:not_available is in the language of the socket', async () => {
    const zh = await anna.online({ 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' });
    await ben.rest('PATCH', '/api/users/me', { doNotDisturb: true });
    zh.send('call:offer', offerTo(ben));
    expect((await zh.next('call:not_available')).data.message).toMatch(/[\u4e00-\u9fff]/);
  });
});

describe('several devices', () => {
  let b2: TestSocket;
  beforeEach(async () => {
    b2 = await ben.online();
  });

  test('[OF-4] every socket of the callee rings', async () => {
    const { callId } = await ring(a, ben, b, b2);
    expect(callId).toBeTruthy();
  });

  test('[AN-1] the first answer wins, the other device hears answered_elsewhere, its later answer is 409', async () => {
    const { callId } = await ring(a, ben, b, b2);
    b2.send('call:answer', { callId, answer: ANSWER });
    await a.next('call:answer');
    expect((await b.next('call:hang_up')).data).toMatchObject({
      callId,
      senderId: ben.id,
      reason: 'answered_elsewhere',
    });
    expect((await b.request('call:answer', { callId, answer: ANSWER })).data).toMatchObject({
      code: 409,
      reason: 'answered_elsewhere',
    });
    expect(await a.rest()).toEqual([]);
  });

  test('[AN-1] [T5] only the endpoint that dialled hears the answer', async () => {
    const a2 = await anna.online();
    await talk(a, ben, b, b2);
    expect(await a2.rest()).toEqual([]);
  });

  test('[AN-1] [T7] answers sent by both at the same instant make one call', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { callId } = await ring(a, ben, b, b2);
      const [one, two] = await Promise.all([
        b.request('call:answer', { callId, answer: ANSWER }),
        b2.request('call:answer', { callId, answer: ANSWER }),
      ]);
      expect([one.type, two.type].sort()).toEqual(['ack', 'error']);
      await a.next('call:answer');
      await a.request('call:hang_up', { callId });
      expect(types(await a.rest())).toEqual([]);
      await Promise.all([b.rest(), b2.rest()]);
    }
  });

  test('[RJ-1] a person’s reject ends it everywhere', async () => {
    const { callId } = await ring(a, ben, b, b2);
    b.send('call:reject', { callId, receiverId: anna.id, reason: 'rejected' });
    expect((await a.next('call:reject')).data).toEqual({
      callId,
      senderId: ben.id,
      reason: 'rejected',
      timestamp: expect.stringMatching(ISO),
    });
    expect((await b2.next('call:hang_up')).data).toMatchObject({ reason: 'rejected_elsewhere' });
    await expect.poll(() => ben.history()).toMatchObject([{ outcome: 'rejected', missed: false }]);
  });

  test('[RJ-1] a reject of an answered call is 409', async () => {
    const { callId } = await talk(a, ben, b, b2);
    expect((await b.request('call:reject', { callId })).data).toMatchObject({ code: 409, reason: 'invalid_state' });
    expect((await b2.next('call:hang_up')).data.reason).toBe('answered_elsewhere');
    expect((await b2.request('call:reject', { callId })).data).toMatchObject({
      code: 409,
      reason: 'answered_elsewhere',
    });
  });

  test('[RJ-2] one busy device leaves the other ringing; when the last one speaks the caller hears the strongest', async () => {
    const { callId } = await ring(a, ben, b, b2);
    expect(await b.request('call:busy', { callId, receiverId: anna.id })).toMatchObject({ type: 'ack' });
    expect(await a.rest()).toEqual([]);
    expect((await b.request('call:answer', { callId, answer: ANSWER })).data).toMatchObject({
      code: 409,
      reason: 'invalid_state',
    });
    b2.send('call:reject', { callId, reason: 'media_error' });
    expect((await a.next('call:busy')).data).toEqual({
      callId,
      senderId: ben.id,
      message: expect.any(String),
      timestamp: expect.stringMatching(ISO),
    });
  });

  test('[RJ-2] a device that cannot take it does not end it for the other', async () => {
    const { callId } = await ring(a, ben, b, b2);
    b.send('call:reject', { callId, reason: 'unsupported' });
    b2.send('call:answer', { callId, answer: ANSWER });
    await a.next('call:answer');
  });

  test('[HU-1] the caller’s hang-up cancels the ring on every device', async () => {
    const { callId } = await ring(a, ben, b, b2);
    a.send('call:hang_up', { callId });
    for (const device of [b, b2])
      expect((await device.next('call:hang_up')).data).toMatchObject({
        callId,
        senderId: anna.id,
        reason: 'cancelled',
      });
    await expect.poll(() => ben.history()).toMatchObject([{ outcome: 'cancelled', missed: true }]);
  });

  test('[HU-1] a hang-up of the callee while ringing is a no', async () => {
    const { callId } = await ring(a, ben, b, b2);
    b.send('call:hang_up', { callId, reason: 'normal' });
    expect((await a.next('call:hang_up')).data).toMatchObject({ senderId: ben.id, reason: 'normal' });
    expect((await b2.next('call:hang_up')).data.reason).toBe('rejected_elsewhere');
    await expect.poll(() => anna.history()).toMatchObject([{ outcome: 'rejected' }]);
  });

  test('[HU-1] a hang-up from a session that is not in the call succeeds without effect', async () => {
    const a2 = await anna.online();
    const { callId } = await talk(a, ben, b, b2);
    await b2.next('call:hang_up');
    expect(await a2.request('call:hang_up', { callId })).toMatchObject({ type: 'ack' });
    expect(await b2.request('call:hang_up', { callId })).toMatchObject({ type: 'ack' });
    expect([...(await a.rest()), ...(await b.rest())]).toEqual([]);
  });

  test('[OF-3] a plain caller may cancel before it knows the callId', async () => {
    a.send('call:offer', offerTo(ben));
    a.send('call:hang_up', { receiverId: ben.id });
    expect((await b.next('call:hang_up')).data.reason).toBe('cancelled');
    expect((await b2.next('call:hang_up')).data.reason).toBe('cancelled');
  });
});

describe('candidates', () => {
  test('[IC-1] [IC-3] the caller’s follow its offer at once and untouched, also before it knows the callId', async () => {
    const odd = { ...candidate(1), usernameFragment: 'abcd', relayProtocol: 'udp', extra: { deep: [1] } };
    a.send('call:offer', offerTo(ben));
    a.send('call:ice_candidate', { receiverId: ben.id, candidate: odd });
    const { callId } = (await b.next('call:offer')).data;
    expect((await b.next('call:ice_candidate')).data).toEqual({
      callId,
      senderId: anna.id,
      candidate: odd,
      timestamp: expect.stringMatching(ISO),
    });
  });

  test('[IC-1] [AN-3] the callee’s are held until its answer and follow it', async () => {
    const { callId } = await ring(a, ben, b);
    await b.request('call:ice_candidate', { callId, receiverId: anna.id, candidate: candidate(1) });
    expect(await a.rest()).toEqual([]);
    b.send('call:answer', { callId, answer: ANSWER });
    b.send('call:ice_candidate', { callId, candidate: candidate(2) });
    await b.rest();
    const got = await a.rest();
    expect(types(got)).toEqual(['call:answer', 'call:ice_candidate', 'call:ice_candidate']);
  });

  test('[IC-3] a batch is split for a plain session, and end-of-candidates is not sent to it', async () => {
    const { callId } = await talk(a, ben, b);
    await a.request('call:ice_candidate', {
      callId,
      candidates: [candidate(1), null, candidate(2), { candidate: '' }],
    });
    await a.request('call:ice_candidate', { callId, candidate: null });
    expect(
      (await b.rest()).map((m) => (m.type === 'call:ice_candidate' ? m.data.candidate?.candidate : m.type)),
    ).toEqual([candidate(1).candidate, candidate(2).candidate]);
  });

  test('[IC-2] on a call dialled in one burst the offer comes first, then the candidates in order', async () => {
    a.send('call:offer', offerTo(ben));
    for (let n = 0; n < 20; n += 1) a.send('call:ice_candidate', { receiverId: ben.id, candidate: candidate(n) });
    await a.rest();
    const got = await b.rest();
    expect(got.map((m) => (m.type === 'call:ice_candidate' ? m.data.candidate?.candidate : m.type))).toEqual([
      'call:offer',
      ...Array.from({ length: 20 }, (_, n) => candidate(n).candidate),
    ]);
  });
});

describe('busy, glare and calling again', () => {
  test('[BU-1] who is in a call is busy to others and is not disturbed; the history says missed', async () => {
    const cleo = await Person.signUp(server);
    await befriend(cleo, ben);
    const c = await cleo.online();
    await talk(a, ben, b);
    const ack = await c.request('call:offer', offerTo(ben));
    expect((await c.next('call:busy')).data).toEqual({
      callId: ack.data.callId,
      senderId: ben.id,
      message: expect.any(String),
      timestamp: expect.stringMatching(ISO),
    });
    expect(await b.rest()).toEqual([]);
    await expect.poll(() => ben.history()).toMatchObject([{ callId: ack.data.callId, outcome: 'busy', missed: true }]);
  });

  test('[BU-1] [T15] two who dial a third at the same instant: one rings, one is busy', async () => {
    const cleo = await Person.signUp(server);
    await befriend(cleo, ben);
    const c = await cleo.online();
    for (let round = 0; round < 20; round += 1) {
      const [one, two] = await Promise.all([
        a.request('call:offer', offerTo(ben)),
        c.request('call:offer', offerTo(ben)),
      ]);
      const rung = (await b.next('call:offer')).data.callId;
      const winner = rung === one.data.callId ? a : c;
      const loser = winner === a ? c : a;
      await loser.next('call:busy');
      expect(types(await b.rest())).toEqual([]);
      await winner.request('call:hang_up', { callId: rung });
      expect(two.type).toBe('ack');
      await b.next('call:hang_up');
    }
  });

  test('[BU-1] dialling somebody else while being rung ends that ring with busy', async () => {
    const cleo = await Person.signUp(server);
    await befriend(cleo, ben);
    const c = await cleo.online();
    const { callId } = await ring(a, ben, b);
    await b.request('call:offer', offerTo(cleo));
    expect((await a.next('call:busy')).data.callId).toBe(callId);
    await c.next('call:offer');
  });

  test('[BU-1] another device of mine in a call: 409 with the callId', async () => {
    const cleo = await Person.signUp(server);
    await befriend(anna, cleo);
    const { callId } = await talk(a, ben, b);
    const a2 = await anna.online();
    expect((await a2.request('call:offer', offerTo(cleo))).data).toMatchObject({
      code: 409,
      reason: 'already_in_call',
      callId,
    });
  });

  test('[BU-1] BUSY_POLICY=waiting lets one call ring beside an answered one; answering it ends the first', async () => {
    const patient = await startServer({ busyPolicy: 'waiting' });
    const [dora, emil] = await twoFriends(patient);
    const [fay, gus] = [await Person.signUp(patient), await Person.signUp(patient)];
    await befriend(fay, emil);
    await befriend(gus, emil);
    const [d, e, f, g] = [await dora.online(), await emil.online(), await fay.online(), await gus.online()];
    const first = await talk(d, emil, e);
    const second = await ring(f, emil, e);
    g.send('call:offer', offerTo(emil));
    await g.next('call:busy');
    await e.request('call:answer', { callId: second.callId, answer: ANSWER });
    await f.next('call:answer');
    expect((await d.next('call:hang_up')).data).toMatchObject({ callId: first.callId, reason: 'answered_another' });
  });

  test('[GL-1] [T6] two who dial each other: one call rings, and never both are busy', async () => {
    for (let round = 0; round < 50; round += 1) {
      const [one, two] = await Promise.all([
        a.request('call:offer', offerTo(ben)),
        b.request('call:offer', offerTo(anna)),
      ]);
      const [seenByA, seenByB] = [await a.rest(), await b.rest()];
      const all = [...types(seenByA), ...types(seenByB)].sort();
      expect(all).toEqual(['call:busy', 'call:offer']);
      const annaWon = types(seenByB).includes('call:offer');
      const callId = (annaWon ? one : two).data.callId as string;
      const callee = annaWon ? b : a;
      await callee.request('call:answer', { callId, answer: ANSWER });
      await (annaWon ? a : b).next('call:answer');
      await callee.request('call:hang_up', { callId });
      await (annaWon ? a : b).next('call:hang_up');
    }
    await expect.poll(async () => (await anna.history()).length).toBe(50);
    expect((await anna.history()).every(({ outcome }) => outcome === 'completed')).toBe(true);
  });

  test('[GL-2] an offer from the endpoint in the call replaces it, and works at once even to the same person', async () => {
    const { callId } = await talk(a, ben, b);
    const again = await a.request('call:offer', offerTo(ben));
    expect((await b.next('call:hang_up')).data).toMatchObject({ callId, senderId: anna.id, reason: 'replaced' });
    expect((await b.next('call:offer')).data.callId).toBe(again.data.callId);
    await expect.poll(() => anna.history()).toMatchObject([{ callId, outcome: 'replaced' }]);
  });

  test('[GL-2] a reloaded plain page dials again: its lost call is replaced', async () => {
    const { callId } = await talk(a, ben, b);
    a.vanish();
    await expect.poll(async () => (await server.running.sizes()).sockets).toBe(1);
    const reloaded = await anna.online();
    const again = await reloaded.request('call:offer', offerTo(ben));
    expect((await b.next('call:hang_up')).data).toMatchObject({ callId, reason: 'replaced' });
    expect((await b.next('call:offer')).data.callId).toBe(again.data.callId);
  });
});

describe('late, foreign and wrong', () => {
  /** Ben says by REST that Anna may not call him while her call rings, and then answers it. */
  async function answerAfter(method: string, path: string): Promise<void> {
    const { callId } = await ring(a, ben, b);
    await ben.rest(method, path);
    expect((await b.request('call:answer', { callId, answer: ANSWER })).data).toMatchObject({
      code: 403,
      reason: 'not_allowed',
    });
    await a.next('call:not_available');
  }

  test('[HU-2] [T8] after the end late frames of the parties are harmless, an answer is 410', async () => {
    const { callId } = await ring(a, ben, b);
    await a.request('call:hang_up', { callId });
    await b.next('call:hang_up');
    for (const socket of [a, b]) {
      expect(await socket.request('call:hang_up', { callId })).toMatchObject({ type: 'ack' });
      expect(await socket.request('call:reject', { callId })).toMatchObject({ type: 'ack' });
      expect(await socket.request('call:busy', { callId })).toMatchObject({ type: 'ack' });
      expect(await socket.request('call:ice_candidate', { callId, candidate: candidate(1) })).toMatchObject({
        type: 'ack',
      });
      expect((await socket.request('call:answer', { callId, answer: ANSWER })).data).toMatchObject({
        code: 410,
        reason: 'call_ended',
      });
    }
    expect([...(await a.rest()), ...(await b.rest())]).toEqual([]);
  });

  test('[HU-2] [T11] to a stranger an unknown, a foreign and an ended call look the same, to the byte', async () => {
    const c = await (await Person.signUp(server)).online();
    const { callId: live } = await talk(a, ben, b);
    const ended = (await a.request('call:hang_up', { callId: live })) && live;
    const foreign = (await ring(a, ben, b)).callId;
    const frames = [
      ['call:answer', { answer: ANSWER }],
      ['call:hang_up', {}],
      ['call:reject', {}],
      ['call:busy', {}],
      ['call:ice_candidate', { candidate: candidate(1) }],
    ] as const;
    for (const [type, data] of frames) {
      const seen = new Set<string>();
      for (const callId of ['3f1c0a52-0000-4000-8000-000000000000', foreign, ended]) {
        c.send(type, { callId, ...data });
        await c.next('error');
        seen.add((c.history.at(-1) as string).replace(callId, ''));
      }
      expect([...seen]).toHaveLength(1);
      expect([...seen][0]).toContain('"code":404,"reason":"call_not_found"');
    }
  });

  test('[RT-1] a receiverId that names somebody else is 403, an absent one is fine', async () => {
    const { callId } = await talk(a, ben, b);
    for (const type of ['call:hang_up', 'call:answer', 'call:reject', 'call:busy', 'call:ice_candidate'] as const) {
      const data = { callId, receiverId: anna.id, answer: ANSWER, candidate: candidate(1) };
      expect((await a.request(type, data)).data, type).toMatchObject({ code: 403, reason: 'receiver_mismatch' });
    }
    expect(await a.request('call:hang_up', { callId })).toMatchObject({ type: 'ack' });
  });

  test('[AN-2] [T1] the caller cannot answer its own call, nor a stranger', async () => {
    const { callId } = await ring(a, ben, b);
    const a2 = await anna.online();
    for (const socket of [a, a2]) {
      expect((await socket.request('call:answer', { callId, answer: ANSWER })).data).toMatchObject({
        code: 403,
        reason: 'not_participant',
      });
    }
    expect([...(await a.rest()), ...(await b.rest())]).toEqual([]);
  });

  test('[AN-2] [T19] an answer after the friendship ended is 403, and the call ends as not available', async () => {
    await answerAfter('DELETE', `/api/friends/${anna.id}`);
    await expect.poll(() => anna.history()).toMatchObject([{ outcome: 'unavailable' }]);
  });

  test('[AN-2] [BL-1] an answer to somebody who was blocked while it rang is 403, and the call ends as not available', async () => {
    await answerAfter('PUT', `/api/blocks/${anna.id}`);
  });

  test('[T10] a client cannot send what only the service says', async () => {
    const { callId } = await ring(a, ben, b);
    for (const type of ['call:not_available', 'call:timeout', 'call:ringing', 'nonsense']) {
      b.send(type, { callId, receiverId: anna.id });
      expect((await b.next('error')).data).toMatchObject({ code: 400, reason: 'invalid_payload' });
    }
    expect(await a.rest()).toEqual([]);
  });

  test('[OF-4] the same id and content rings nobody twice; other content is 409', async () => {
    const ack = await a.request('call:offer', offerTo(ben), 'same');
    await b.next('call:offer');
    expect(await a.request('call:offer', offerTo(ben), 'same')).toEqual(ack);
    expect((await a.request('call:offer', offerTo(ben, { callType: 'audio' }), 'same')).data).toMatchObject({
      code: 409,
      reason: 'duplicate_id',
    });
    expect(await b.rest()).toEqual([]);
  });
});
