/** Extended sessions on real sockets: hello, resume, mailbox, renegotiation, reports, presence, and plain peers beside. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ANSWER,
  befriend,
  candidate,
  type Device,
  offerTo,
  Person,
  rest,
  ring,
  talk,
  twoFriends,
  wsUrl,
} from './harness/people.ts';
import { startServer, type TestServer } from './harness/server.ts';
import { TestSocket } from './harness/socket.ts';

let server: TestServer;
let anna: Person;
let ben: Person;
beforeEach(async () => {
  server = await startServer();
  [anna, ben] = await twoFriends(server);
});

const gone = (left: number) => expect.poll(async () => (await server.running.sizes()).sockets).toBe(left);
const types = (messages: { type: string }[]) => messages.map(({ type }) => type);

/** The same device on a new socket, going on from where it was. */
const resume = (person: Person, deviceId: string, from: Device, lastSeq = from.seqs.at(-1) ?? from.hello.lastSeq) =>
  person.onDevice(deviceId, { resume: { token: from.hello.resumeToken, lastSeq } });

/** An answered call between two devices. */
async function talking(): Promise<{ a: Device; b: Device; callId: string }> {
  const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
  const { callId } = await ring(a, ben, b);
  b.send('ack', { seq: b.seqs.at(-1) });
  await a.next('call:ringing');
  await b.request('call:answer', { callId, answer: ANSWER });
  await a.next('call:answer');
  return { a, b, callId };
}

describe('hello', () => {
  test('[HE-1] is answered with the session, who one is, the live calls and the limits', async () => {
    const { hello } = await anna.onDevice('phone');
    expect(hello).toMatchObject({
      sessionId: expect.any(String),
      resumed: false,
      user: { id: Number(anna.id), username: anna.username },
      calls: [],
      limits: { frameBytes: 65536, candidatesPerFrame: 20 },
    });
    expect(Buffer.from(hello.resumeToken, 'base64url')).toHaveLength(32);
  });

  test('[HE-1] must be the first frame; anything else closes with 4500', async () => {
    const socket = await new TestSocket(wsUrl(server), ['ringdown.v1', `bearer.${anna.token}`]).opened();
    expect(socket.raw.protocol).toBe('ringdown.v1');
    socket.send('call:offer', offerTo(ben));
    expect((await socket.next('error')).data.code).toBe(400);
    expect(await socket.closed).toMatchObject({ code: 4500 });
  });

  test('[HE-1] of another version is told the ones there are, and closed with 4500', async () => {
    const socket = await new TestSocket(wsUrl(server), ['ringdown.v1', `bearer.${anna.token}`]).opened();
    socket.send('hello', { version: 2, deviceId: 'phone' }, 'h');
    expect((await socket.next('error')).data).toMatchObject({
      code: 400,
      reason: 'unsupported_version',
      supported: [1],
    });
    expect(await socket.closed).toMatchObject({ code: 4500 });
  });

  test('[HE-1] that does not come within 5 s closes with 4500, and nothing was delivered before', async () => {
    const b = await ben.online();
    const socket = await new TestSocket(wsUrl(server), ['ringdown.v1', `bearer.${anna.token}`]).opened();
    b.send('call:offer', offerTo(anna));
    await b.next('call:not_available');
    expect(await socket.closed).toMatchObject({ code: 4500 });
    expect(socket.history).toEqual([]);
  }, 10_000);

  test('[HE-1] may follow an auth frame; said twice it is an error', async () => {
    const socket = await new TestSocket(wsUrl(server), ['ringdown.v1']).opened();
    socket.send('auth', { token: anna.token });
    socket.send('hello', { version: 1, deviceId: 'phone', caps: ['levitate'] });
    expect((await socket.next('hello')).data.resumed).toBe(false);
    socket.send('hello', { version: 1, deviceId: 'phone' });
    expect((await socket.next('error')).data).toMatchObject({ code: 400 });
  });

  test('[HE-4] a ping is answered with a pong', async () => {
    const phone = await anna.onDevice('phone');
    phone.send('ping', {}, 'x');
    expect(await phone.next('pong')).toMatchObject({ id: 'x' });
  });

  test('what only extended sessions may say is refused to a plain one', async () => {
    const plain = await anna.online();
    for (const [type, data] of [
      ['hello', { version: 1, deviceId: 'x' }],
      ['call:report', { callId: 'x', state: 'connected' }],
      ['presence:subscribe', {}],
    ] as const) {
      expect((await plain.request(type, data)).data).toMatchObject({ code: 400, reason: 'invalid_payload' });
    }
  });
});

describe('resume', () => {
  test('[HE-2] [F1] on a new socket the answer to the hello comes first, then every missed frame once and in order', async () => {
    const { a, b, callId } = await talking();
    a.vanish();
    await gone(1);
    for (let n = 0; n < 10; n += 1) b.send('call:ice_candidate', { callId, candidate: candidate(n) });
    await b.rest();
    const back = await resume(anna, 'phone', a);
    expect(back.hello.resumed).toBe(true);
    b.send('call:ice_candidate', { callId, candidate: candidate(99) });
    await b.rest();
    const got = (await back.rest()).flatMap((m) =>
      m.type === 'call:ice_candidate' ? [m.data.candidate?.candidate] : [],
    );
    expect(got).toEqual([...Array.from({ length: 10 }, (_, n) => candidate(n).candidate), candidate(99).candidate]);
    expect(JSON.parse(back.history[0] as string).type).toBe('hello');
    const { seqs } = back;
    expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  test('[HE-2] what was acknowledged is not sent again, what was seen and not acknowledged is not either', async () => {
    const { a, b, callId } = await talking();
    b.send('call:media_state', { callId, audio: 'off', video: 'on' });
    await a.next('call:media_state');
    a.send('ack', { seq: a.seqs.at(-1) });
    await a.rest();
    a.vanish();
    await gone(1);
    const back = await resume(anna, 'phone', a);
    expect(back.hello.resumed).toBe(true);
    expect(await back.rest()).toEqual([]);
  });

  test('[HE-1] [T21] the token is good once, for its device and its user', async () => {
    const phone = await anna.onDevice('phone');
    const other = await anna.onDevice('laptop', { resume: { token: phone.hello.resumeToken, lastSeq: 0 } });
    expect(other.hello.resumed).toBe(false);
    const stranger = await ben.onDevice('phone', { resume: { token: phone.hello.resumeToken, lastSeq: 0 } });
    expect(stranger.hello.resumed).toBe(false);
    const second = await resume(anna, 'phone', phone, 0);
    expect(second.hello.resumed).toBe(true);
    await second.rest();
    const third = await anna.onDevice('phone', { resume: { token: phone.hello.resumeToken, lastSeq: 0 } });
    expect(third.hello.resumed).toBe(false);
  });

  test('[HE-2] after the window the session begins anew and its live calls are told', async () => {
    const jumping = await startServer();
    const [cleo, dora] = await twoFriends(jumping);
    const [c, d] = [await cleo.onDevice('phone'), await dora.onDevice('phone')];
    const { callId } = await talk(c, dora, d);
    await d.request('call:report', { callId, state: 'connected' });
    c.vanish();
    await expect.poll(async () => (await jumping.running.sizes()).sockets).toBe(1);
    jumping.advance(29_000);
    await d.request('call:report', { callId, state: 'flowing' });
    jumping.advance(2_000);
    const back = await cleo.onDevice('phone', { resume: { token: c.hello.resumeToken, lastSeq: c.seqs.at(-1) } });
    expect(back.hello).toMatchObject({
      resumed: false,
      calls: [{ callId, phase: 'active', direction: 'outgoing', here: true }],
    });
    expect(JSON.stringify(back.hello)).not.toContain('v=0');
    expect((await back.next('call:answer')).data.callId).toBe(callId);
  });

  test('[HE-2] a session that began anew and has seen nothing yet resumes from where its hello said', async () => {
    const { a, b, callId } = await talking();
    await a.request('call:hang_up', { callId });
    await b.rest();
    b.vanish();
    await gone(1);
    const anew = await ben.onDevice('phone');
    expect(anew.hello).toMatchObject({ resumed: false, lastSeq: b.seqs.at(-1) });
    anew.vanish();
    await gone(1);
    expect((await resume(ben, 'phone', anew)).hello.resumed).toBe(true);
  });

  test('[HE-2] the offer of a call that ended meanwhile is left out', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
    b.vanish();
    await gone(1);
    // Another device keeps Ben reachable; his phone is gone and misses the whole ring.
    const laptop = await ben.onDevice('laptop');
    const { callId } = await ring(a, ben, laptop);
    await a.request('call:hang_up', { callId });
    const back = await resume(ben, 'phone', b, 0);
    expect(types(await back.rest())).not.toContain('call:offer');
  });

  test('[OF-4] a device that repeats its request on a new socket rings nobody twice, and gets the same answer', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.online()];
    a.send('call:offer', offerTo(ben), 'the-only-one');
    const { callId } = (await b.next('call:offer')).data;
    a.vanish();
    await gone(1);
    const back = await anna.onDevice('phone');
    expect(await back.request('call:offer', offerTo(ben), 'the-only-one')).toMatchObject({
      type: 'ack',
      data: { callId },
    });
    const other = await back.request('call:offer', offerTo(ben, { callType: 'audio' }), 'the-only-one');
    expect(other.data).toMatchObject({ code: 409, reason: 'duplicate_id' });
    expect(await b.rest()).toEqual([]);
  });

  test('[OF-4] [RN-1] an offer inside a call that is repeated on a new socket collides with nothing and gets the same answer', async () => {
    const { a, b, callId } = await talking();
    const offer = { ...offerTo(anna), callId };
    b.send('call:offer', offer, 'once-inside');
    expect((await a.next('call:offer')).data).toMatchObject({ renegotiation: true, negotiationId: 1 });
    b.vanish();
    await gone(1);
    const back = await resume(ben, 'phone', b);
    expect(await back.request('call:offer', offer, 'once-inside')).toMatchObject({
      type: 'ack',
      data: { callId, negotiationId: 1 },
    });
    await a.request('call:answer', { callId, answer: ANSWER, negotiationId: 1 });
    expect((await back.next('call:answer')).data).toMatchObject({ negotiationId: 1 });
    expect((await a.rest()).map(({ type }) => type)).not.toContain('call:offer');
  });

  test('[OF-4] [GL-2] a takeover that is repeated goes on with the call instead of replacing it', async () => {
    const { b, callId } = await talking();
    const laptop = await anna.onDevice('laptop');
    const offer = offerTo(ben, { takeover: true });
    expect((await laptop.request('call:offer', offer, 'mine-now')).data).toMatchObject({ callId, negotiationId: 1 });
    expect(await laptop.request('call:offer', offer, 'mine-now')).toMatchObject({
      type: 'ack',
      data: { callId, negotiationId: 1 },
    });
    await b.request('call:answer', { callId, answer: ANSWER, negotiationId: 1 });
    expect((await laptop.next('call:answer')).data).toMatchObject({ callId, negotiationId: 1 });
    expect((await b.rest()).filter(({ type }) => type === 'call:hang_up')).toEqual([]);
  });

  test('[HE-3] [T20] a second socket of the same device takes the session; the old one closes with 4509', async () => {
    const { a, b, callId } = await talking();
    const again = await resume(anna, 'phone', a);
    expect(await a.closed).toMatchObject({ code: 4509 });
    await again.request('call:hang_up', { callId });
    expect((await b.next('call:hang_up')).data.callId).toBe(callId);
  });

  test('[I13] a mailbox that overflows while its device is away begins anew with a snapshot, never with a gap', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
    const { callId } = await talk(b, anna, a);
    a.vanish();
    await gone(1);
    // The caller's offers supersede each other; each has room for a hundred candidates, the mailbox for 256 frames.
    for (let round = 0; round < 3; round += 1) {
      expect(await b.request('call:offer', { ...offerTo(anna), callId })).toMatchObject({ type: 'ack' });
      for (let n = 0; n < 95; n += 1) await b.request('call:ice_candidate', { callId, candidate: candidate(n) });
    }
    const back = await resume(anna, 'phone', a);
    expect(back.hello).toMatchObject({ resumed: false, calls: [{ callId, here: true }] });
    await back.request('call:hang_up', { callId });
    expect((await b.next('call:hang_up')).data.callId).toBe(callId);
  }, 20_000);
});

describe('a ring between devices', () => {
  test('[RI-1] the caller hears how many devices ring once they acknowledge the offer, plain ones at once', async () => {
    const [a, phone, laptop] = [
      await anna.onDevice('phone'),
      await ben.onDevice('phone'),
      await ben.onDevice('laptop'),
    ];
    const plain = await ben.online();
    const { callId } = await ring(a, ben, phone, laptop, plain);
    expect((await a.next('call:ringing')).data).toEqual({ callId, devices: 1 });
    phone.send('ack', { seq: phone.seqs.at(-1) });
    expect((await a.next('call:ringing')).data).toEqual({ callId, devices: 2 });
    laptop.send('ack', { seq: laptop.seqs.at(-1) });
    expect((await a.next('call:ringing')).data).toEqual({ callId, devices: 3 });
  });

  test('[GL-1] the later of two crossing offers is told 409 glare after the first offer on that socket', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [a, b] = [await anna.onDevice('phone'), await ben.onDevice('phone')];
      const [one, two] = await Promise.all([
        a.request('call:offer', offerTo(ben)),
        b.request('call:offer', offerTo(anna)),
      ]);
      const [winner, loser, error] = one.type === 'ack' ? [a, b, two] : [b, a, one];
      const callId = (one.type === 'ack' ? one : two).data.callId as string;
      expect(error).toMatchObject({ type: 'error', data: { code: 409, reason: 'glare', callId } });
      const order = loser.history.map((text) => JSON.parse(text).type);
      expect(order.indexOf('call:offer')).toBeLessThan(order.indexOf('error'));
      await loser.request('call:answer', { callId, answer: ANSWER });
      await winner.next('call:answer');
      await winner.request('call:hang_up', { callId });
      await loser.next('call:hang_up');
    }
    await expect.poll(async () => (await anna.history()).length).toBe(20);
  });

  test('[TI-2] a device that wakes up holds the ring; extended others are told, plain ones are not; any may answer', async () => {
    const [a, phone, laptop] = [
      await anna.onDevice('phone'),
      await ben.onDevice('phone'),
      await ben.onDevice('laptop'),
    ];
    const plain = await ben.online();
    const { callId } = await ring(a, ben, phone, laptop, plain);
    expect((await ben.rest('POST', `/api/rtc/calls/${callId}/accepting`)).status).toBe(200);
    expect((await laptop.next('call:accepting_elsewhere')).data).toEqual({ callId, holdMs: 15_000 });
    expect(types(await plain.rest())).toEqual([]);
    laptop.send('call:answer', { callId, answer: ANSWER });
    await a.next('call:answer');
  });

  test('a plain and an extended session call each other, both ways, candidates included', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.online()];
    for (const [caller, callee, receiver] of [
      [a, b, ben],
      [b, a, anna],
    ] as const) {
      const { callId } = await ring(caller, receiver, callee);
      await caller.request('call:ice_candidate', { callId, candidates: [candidate(1), candidate(2), null] });
      await callee.request('call:ice_candidate', { callId, candidates: [candidate(3), candidate(4), null] });
      await callee.request('call:answer', { callId, answer: ANSWER });
      await caller.next('call:answer');
      const count = (messages: Awaited<ReturnType<TestSocket['rest']>>) =>
        messages
          .flatMap((m) => (m.type === 'call:ice_candidate' ? (m.data.candidates ?? [m.data.candidate]) : []))
          .filter((each) => each).length;
      expect(count(await caller.rest())).toBe(2);
      expect(count(await callee.rest())).toBe(2);
      await caller.request('call:hang_up', { callId });
      await callee.next('call:hang_up');
    }
  });
});

describe('inside a call', () => {
  test('[DS-1] the peer is told that the other side is reconnecting, and that it is back', async () => {
    const { a, b, callId } = await talking();
    a.vanish();
    expect((await b.next('call:peer_state')).data).toEqual({ callId, state: 'reconnecting' });
    await resume(anna, 'phone', a);
    expect((await b.next('call:peer_state')).data).toEqual({ callId, state: 'connected' });
  });

  test('[RN-1] [RN-2] either side renegotiates; offers that cross leave the caller’s', async () => {
    const { a, b, callId } = await talking();
    const first = await a.request('call:offer', { ...offerTo(ben), callId });
    expect(first).toMatchObject({ type: 'ack', data: { callId, negotiationId: 1 } });
    expect((await b.next('call:offer')).data).toMatchObject({
      callId,
      renegotiation: true,
      negotiationId: 1,
      polite: true,
    });
    await b.request('call:answer', { callId, answer: ANSWER, negotiationId: 1 });
    expect((await a.next('call:answer')).data).toMatchObject({ callId, negotiationId: 1 });

    await b.request('call:offer', { ...offerTo(anna), callId });
    const superseding = await a.request('call:offer', { ...offerTo(ben), callId });
    expect(superseding.data).toMatchObject({ negotiationId: 3 });
    expect((await a.request('call:answer', { callId, answer: ANSWER, negotiationId: 2 })).data).toMatchObject({
      code: 409,
      reason: 'stale_negotiation',
    });
    expect((await b.request('call:offer', { ...offerTo(anna), callId })).data).toMatchObject({
      code: 409,
      reason: 'negotiation_collision',
    });
    await b.request('call:answer', { callId, answer: ANSWER, negotiationId: 3 });
    expect((await anna.history()).length).toBe(0);
  });

  test('[RN-1] each negotiation has its own hundred candidates', async () => {
    const { a, b, callId } = await talking();
    const hundred = async () => {
      for (let n = 0; n < 5; n += 1) {
        const candidates = Array.from({ length: 20 }, (_, k) => candidate(k));
        expect(await a.request('call:ice_candidate', { callId, candidates })).toMatchObject({ type: 'ack' });
      }
      expect((await a.request('call:ice_candidate', { callId, candidate: candidate(1) })).data).toMatchObject({
        code: 429,
      });
    };
    await hundred();
    await a.request('call:offer', { ...offerTo(ben), callId });
    await b.request('call:answer', { callId, answer: ANSWER, negotiationId: 1 });
    await hundred();
  });

  test('[RN-1] a plain peer cannot: 409 peer_unsupported', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.online()];
    const { callId } = await talk(a, ben, b);
    expect((await a.request('call:offer', { ...offerTo(ben), callId })).data).toMatchObject({
      code: 409,
      reason: 'peer_unsupported',
    });
  });

  test('[MS-1] what a side sends is passed on, at most 5 times a second, and never to a plain peer', async () => {
    const { a, b, callId } = await talking();
    await a.request('call:media_state', { callId, audio: 'off', video: 'screen' });
    expect((await b.next('call:media_state')).data).toMatchObject({
      callId,
      senderId: anna.id,
      audio: 'off',
      video: 'screen',
    });
    for (let n = 0; n < 4; n += 1) await a.request('call:media_state', { callId, audio: 'on', video: 'on' });
    expect((await a.request('call:media_state', { callId, audio: 'on', video: 'on' })).data).toMatchObject({
      code: 429,
      retryAfterMs: expect.any(Number),
    });
  });

  test('[ST-1] [HI-2] reports go into the record and the timeline, each side as it may know it', async () => {
    const { a, b, callId } = await talking();
    await a.request('call:report', { callId, state: 'connected', path: 'relay', gathered: ['host', 'relay'] });
    await b.request('call:report', { callId, state: 'flowing' });
    await a.request('call:hang_up', { callId, reason: 'normal' });
    await b.next('call:hang_up');
    await expect
      .poll(() => anna.history())
      .toMatchObject([{ callId, outcome: 'completed', connectedAt: expect.any(String) }]);
    const { body } = await ben.rest('GET', `/api/rtc/calls/${callId}/timeline`);
    const steps = (body.data as { steps: { what: string; who: string }[] }).steps;
    expect(steps.map(({ who, what }) => `${who} ${what}`)).toEqual([
      'peer offered',
      'me rang',
      'me answered',
      'peer connected',
      'peer ended',
    ]);
  });

  test('[TI-3] [HI-2] a call that no side reports connected fails after 45 s, and says why to each', async () => {
    const jumping = await startServer();
    const [cleo, dora] = await twoFriends(jumping);
    const [c, d] = [await cleo.onDevice('phone'), await dora.onDevice('phone')];
    const { callId } = await talk(c, dora, d);
    await d.request('call:report', { callId, state: 'failed', gathered: ['host'], iceErrors: [701] });
    jumping.advance(45_000);
    for (const socket of [c, d])
      expect((await socket.next('call:timeout')).data).toMatchObject({ callId, stage: 'connect' });
    await expect
      .poll(() => cleo.history())
      .toMatchObject([
        { outcome: 'failed', diagnosis: { code: 'peer_relay_unreachable', message: expect.any(String) } },
      ]);
    expect(await dora.history()).toMatchObject([{ diagnosis: { code: 'my_relay_unreachable' } }]);
  });

  test('[QU-1] the other side may tell its quality after the end', async () => {
    const { a, b, callId } = await talking();
    await a.request('call:hang_up', { callId, metrics: { quality: 5 } });
    expect(await b.request('call:quality', { callId, metrics: { quality: 2, latency: 300 } })).toMatchObject({
      type: 'ack',
    });
    expect(await ben.history()).toMatchObject([{ quality: { quality: 2, latency: 300 } }]);
    expect(await anna.history()).toMatchObject([{ quality: { quality: 5 } }]);
  });

  test('[GL-2] takeover moves the call to another device by a renegotiation', async () => {
    const { a, b, callId } = await talking();
    const laptop = await anna.onDevice('laptop');
    expect((await laptop.request('call:offer', offerTo(ben))).data).toMatchObject({
      code: 409,
      reason: 'already_in_call',
      callId,
    });
    const moved = await laptop.request('call:offer', offerTo(ben, { takeover: true }));
    expect(moved).toMatchObject({ type: 'ack', data: { callId, negotiationId: 1 } });
    expect((await a.next('call:hang_up')).data).toMatchObject({ callId, senderId: anna.id, reason: 'takeover' });
    expect((await b.next('call:offer')).data).toMatchObject({ callId, renegotiation: true, takeover: true });
    await b.request('call:answer', { callId, answer: ANSWER, negotiationId: 1 });
    expect((await laptop.next('call:answer')).data).toMatchObject({ callId, negotiationId: 1 });
    await laptop.request('call:hang_up', { callId });
    await b.next('call:hang_up');
  });

  test('[GL-2] takeover from a plain peer: the call is replaced by a new one', async () => {
    const [a, laptop, b] = [await anna.onDevice('phone'), await anna.onDevice('laptop'), await ben.online()];
    const { callId } = await talk(a, ben, b);
    const anew = await laptop.request('call:offer', offerTo(ben, { takeover: true }));
    expect(anew.type).toBe('ack');
    expect((await b.next('call:hang_up')).data).toMatchObject({ callId, reason: 'replaced' });
    expect((await b.next('call:offer')).data.callId).toBe(anew.data.callId);
  });

  test('[DS-3] a device is bound over all its sockets, resumed or not', async () => {
    const { a, b, callId } = await talking();
    a.vanish();
    await gone(1);
    const fresh = await anna.onDevice('phone');
    expect(fresh.hello).toMatchObject({ resumed: false, calls: [{ callId, here: true }] });
    await fresh.request('call:hang_up', { callId });
    expect((await b.next('call:hang_up')).data.callId).toBe(callId);
  });
});

describe('a page that goes away', () => {
  test('[DS-1] in a call is waited for 10 s, since nothing but a reload brings it back', async () => {
    const { a, b, callId } = await talking();
    a.raw.close(1001);
    expect((await b.next('call:peer_state')).data).toEqual({ callId, state: 'reconnecting' });
    server.advance(9_000);
    const back = await anna.onDevice('phone');
    expect(back.hello.calls).toMatchObject([{ callId, here: true }]);
    expect((await b.next('call:peer_state')).data).toEqual({ callId, state: 'connected' });
    back.raw.close(1001);
    expect((await b.next('call:peer_state')).data).toEqual({ callId, state: 'reconnecting' });
    server.advance(10_001);
    expect((await b.next('call:hang_up')).data).toMatchObject({ callId, reason: 'connection_lost' });
  });

  test('[DS-1] a socket that closes in any other way is waited for 30 s', async () => {
    const { a, b, callId } = await talking();
    a.raw.close(1000);
    expect((await b.next('call:peer_state')).data).toEqual({ callId, state: 'reconnecting' });
    server.advance(25_000);
    expect((await anna.onDevice('phone')).hello.calls).toMatchObject([{ callId, here: true }]);
  });
});

describe('without a socket', () => {
  test('a person sees and ends its live calls over REST, from anywhere', async () => {
    const { a, b, callId } = await talking();
    expect((await anna.rest('GET', '/api/rtc/calls/active')).body.data).toMatchObject({
      calls: [{ callId, phase: 'active', direction: 'outgoing' }],
    });
    expect((await anna.rest('POST', `/api/rtc/calls/${callId}/hang-up`)).status).toBe(200);
    for (const socket of [a, b]) expect((await socket.next('call:hang_up')).data.callId).toBe(callId);
    expect((await anna.rest('POST', `/api/rtc/calls/${callId}/hang-up`)).status).toBe(200);
    expect((await anna.rest('GET', '/api/rtc/calls/active')).body.data).toEqual({ calls: [] });
  });

  test('[RJ-1] rejecting over REST ends the ring everywhere', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.online()];
    const { callId } = await ring(a, ben, b);
    expect((await ben.rest('POST', `/api/rtc/calls/${callId}/reject`, { reason: 'not now' })).status).toBe(200);
    expect((await a.next('call:reject')).data).toMatchObject({ callId, reason: 'not now' });
    expect((await b.next('call:hang_up')).data.reason).toBe('rejected_elsewhere');
  });

  test.each(['busy', 'media_error', 'unsupported'])(
    '[RJ-1] a person’s reject over REST is one, also with the reason %s',
    async (reason) => {
      const [a, b] = [await anna.onDevice('phone'), await ben.online()];
      const { callId } = await ring(a, ben, b);
      await ben.rest('POST', `/api/rtc/calls/${callId}/reject`, { reason });
      await a.next('call:reject');
      expect((await b.next('call:hang_up')).data.reason).toBe('rejected_elsewhere');
    },
  );

  test('[AN-3] that a device of the callee wakes up is not in the caller’s timeline while it rings', async () => {
    const [a, b] = [await anna.onDevice('phone'), await ben.online()];
    const { callId } = await ring(a, ben, b);
    await ben.rest('POST', `/api/rtc/calls/${callId}/accepting`);
    const steps = async (person: Person) =>
      (
        (await person.rest('GET', `/api/rtc/calls/${callId}/timeline`)).body.data as { steps: { what: string }[] }
      ).steps.map(({ what }) => what);
    expect(await steps(ben)).toContain('accepting');
    expect(await steps(anna)).not.toContain('accepting');
  });

  test('[HU-2] a stranger finds no such call', async () => {
    const cleo = await Person.signUp(server);
    const { callId } = await talking();
    for (const path of ['accepting', 'reject', 'hang-up']) {
      expect((await cleo.rest('POST', `/api/rtc/calls/${callId}/${path}`)).status).toBe(404);
    }
    expect((await cleo.rest('GET', `/api/rtc/calls/${callId}/timeline`)).status).toBe(404);
  });
});

describe('presence', () => {
  test('[PR-1] who asked is told of its friends, at once and as they come and go; a second device is no news', async () => {
    const a = await anna.onDevice('phone');
    await a.request('presence:subscribe');
    expect((await a.next('presence')).data.users).toEqual([{ userId: ben.id, state: 'offline' }]);
    const b = await ben.online();
    expect((await a.next('presence')).data.users).toEqual([{ userId: ben.id, state: 'online' }]);
    const b2 = await ben.onDevice('phone');
    b2.raw.close();
    await b2.closed;
    b.raw.close();
    await b.closed;
    expect((await a.next('presence')).data.users).toEqual([{ userId: ben.id, state: 'offline' }]);
    expect(await a.rest()).toEqual([]);
  });

  test('[PR-1] neither a stranger nor whoever is blocked, either way, is ever told', async () => {
    const cleo = await Person.signUp(server);
    const dora = await Person.signUp(server);
    await befriend(dora, ben);
    await ben.rest('PUT', `/api/blocks/${dora.id}`);
    const watchers = [await cleo.onDevice('phone'), await dora.onDevice('phone')];
    for (const watcher of watchers) {
      await watcher.request('presence:subscribe');
      expect((await watcher.next('presence')).data.users).toEqual([]);
    }
    await ben.online();
    for (const watcher of watchers) expect(await watcher.rest()).toEqual([]);
  });

  test('[PR-1] after unsubscribing nothing more is told', async () => {
    const a = await anna.onDevice('phone');
    await a.request('presence:subscribe');
    await a.next('presence');
    await a.request('presence:unsubscribe');
    await ben.online();
    expect(await a.rest()).toEqual([]);
  });
});

describe('a restart', () => {
  test('[DS-2] calls and rings are there again: a resumed side goes on, a new one is told', async () => {
    const { a, b, callId } = await talking();
    const [cleo, dora] = await twoFriends(server);
    const [c, d] = [await cleo.onDevice('phone'), await dora.onDevice('phone')];
    const rung = await ring(c, dora, d);
    await c.request('call:ice_candidate', { callId: rung.callId, candidate: candidate(1) });
    await d.next('call:ice_candidate');

    await server.restart();
    for (const socket of [a, b, c, d]) expect(await socket.closed).toMatchObject({ code: 4100 });

    const [a2, b2] = [await resume(anna, 'phone', a), await resume(ben, 'phone', b)];
    expect(a2.hello).toMatchObject({ resumed: true, calls: [{ callId, phase: 'active', here: true }] });
    await a2.request('call:hang_up', { callId });
    expect((await b2.next('call:hang_up')).data.callId).toBe(callId);

    const d2 = await dora.onDevice('phone');
    expect((await d2.next('call:offer')).data).toMatchObject({ callId: rung.callId, replayed: true });
    expect((await d2.next('call:ice_candidate')).data.candidate).toEqual(candidate(1));
    await d2.request('call:answer', { callId: rung.callId, answer: ANSWER });
    const c2 = await resume(cleo, 'phone', c);
    expect((await c2.next('call:answer')).data.callId).toBe(rung.callId);
    expect((await rest(server, 'GET', '/readyz')).status).toBe(200);
  });
});
