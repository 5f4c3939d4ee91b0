/** What a client may not put into the mouth of the service, however it writes its frames; seen from the other side. */
import { beforeEach, expect, test } from 'vitest';
import { befriend, candidate, type Device, Person, talk } from './harness/people.ts';
import { startServer } from './harness/server.ts';
import type { TestSocket } from './harness/socket.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let anna: Person;
/** Anna talks to Ben, who has a plain session, and Cleo to Dora, who has an extended one. */
let calls: { from: TestSocket; sender: Person; to: TestSocket | Device; receiverId: string; callId: string }[];

beforeEach(async () => {
  const server = await startServer();
  const people = await Promise.all(['anna', 'ben', 'cleo', 'dora'].map((name) => Person.signUp(server, name)));
  const [a, ben, cleo, dora] = people as [Person, Person, Person, Person];
  anna = a;
  await befriend(anna, ben);
  await befriend(cleo, dora);
  const [one, other, third, fourth] = [
    await anna.online(),
    await ben.online(),
    await cleo.onDevice('phone'),
    await dora.onDevice('phone'),
  ];
  calls = [
    { from: one, sender: anna, to: other, receiverId: ben.id, callId: (await talk(one, ben, other)).callId },
    { from: third, sender: cleo, to: fourth, receiverId: dora.id, callId: (await talk(third, dora, fourth)).callId },
  ];
});

/** Sends a frame word for word and returns what the other side is told. */
async function passedOn({ from, to }: (typeof calls)[number], text: string) {
  from.raw.send(text);
  return to.next('call:ice_candidate');
}

test('[OF-2] a candidate is signed by the service, whatever its sender writes into it', async () => {
  for (const call of calls) {
    const { callId, sender, receiverId } = call;
    const data = {
      callId,
      receiverId,
      candidate: candidate(1),
      senderId: '9',
      timestamp: 'x',
      senderInfo: {},
      type: 'call:hang_up',
    };
    const frame = await passedOn(call, JSON.stringify({ type: 'call:ice_candidate', data, seq: 9, senderId: '9' }));
    expect(frame).toEqual({
      type: 'call:ice_candidate',
      ...(frame.seq !== undefined && { seq: frame.seq }),
      data: { callId, senderId: sender.id, candidate: candidate(1), timestamp: expect.stringMatching(ISO) },
    });
    expect(frame.seq).not.toBe(9);
  }
});

test('[OF-2] nor do keys that stand twice, or hide in the candidate, get a second meaning on the way', async () => {
  for (const call of calls) {
    const { callId, sender } = call;
    const inside =
      '{"candidate":"a","candidate":"b","senderId":"9","__proto__":{"candidate":"c"},"data":{"type":"call:hang_up"}}';
    const text =
      `{"type":"call:hang_up","data":{"callId":"${callId}"},"type":"call:ice_candidate",` +
      `"data":{"senderId":"9","callId":"nobody","callId":"${callId}","candidate":null,"candidate":${inside},"senderId":"8"}}`;
    const raw = call.to.history.length;
    const { data } = await passedOn(call, text);
    expect(data.senderId).toBe(sender.id);
    expect(Object.keys(data).sort()).toEqual(['callId', 'candidate', 'senderId', 'timestamp']);
    // Further keys of a candidate pass, once each, but for those that would trap a careless reader (IC-3, T24).
    const written = call.to.history.slice(raw).find((each) => each.includes('call:ice_candidate')) ?? '';
    expect(written.match(/"candidate":"[abc]"/g)).toEqual(['"candidate":"b"']);
    expect(written.match(/"senderId":"[89]"/g)).toEqual(['"senderId":"9"']);
    expect(JSON.parse(written).type).toBe('call:ice_candidate');
  }
});

test('[IC-3] a candidate arrives as it was sent, also what is no ASCII and what is half a character', async () => {
  for (const call of calls) {
    for (const text of [
      '…',
      '☎️',
      '\\ud83d',
      '\\ude00\\ud83d',
      '\\"},\\"data\\":{',
      '\\\\',
      '\\u2028',
      'é'.repeat(100),
    ]) {
      const sent = `{"candidate":"${text}","sdpMid":"0"}`;
      const { data } = await passedOn(
        call,
        `{"type":"call:ice_candidate","data":{"callId":"${call.callId}","candidate":${sent}}}`,
      );
      expect(data.candidate).toEqual(JSON.parse(sent));
    }
  }
});

test('[IC-3] a batch reaches a plain session one by one, without the marks of the end, each signed', async () => {
  const [plain, extended] = calls as [(typeof calls)[number], (typeof calls)[number]];
  const candidates = [candidate(1), null, candidate(2), { candidate: '' }, candidate(3)];
  for (const { from, callId, receiverId } of calls) {
    from.send('call:ice_candidate', { callId, receiverId, candidates, senderId: '9' });
  }
  for (const n of [1, 2, 3]) {
    expect((await plain.to.next('call:ice_candidate')).data).toEqual({
      callId: plain.callId,
      senderId: anna.id,
      candidate: candidate(n),
      timestamp: expect.stringMatching(ISO),
    });
  }
  expect((await extended.to.next('call:ice_candidate')).data).toMatchObject({
    candidates,
    senderId: extended.sender.id,
  });
  expect(await plain.to.rest()).toEqual([]);
});
