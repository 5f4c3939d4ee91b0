/** Extended sessions: hello, positions, resume and takeover. */
import { dialAbsent, offerTo, ring, talk } from '../../calls.ts';
import { ANSWER, candidate } from '../../frame.ts';
import type { Device, Person } from '../../person.ts';
import { candidatesOf } from '../../person.ts';
import type { Scenario, Stage } from '../../scenario.ts';
import { extendedMismatch } from '../../shapes.ts';
import { fields, holds, refused, same } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);
const texts = (numbers: number[]) => numbers.map((n) => candidate(n).candidate);

/** An answered call between two devices called `phone`. */
async function talking({ caller, callee }: Stage): Promise<{ a: Device; b: Device; callId: string }> {
  const [a, b] = [await caller.device('phone'), await callee.device('phone')];
  const callId = await talk(a, caller, callee, b);
  await Promise.all([a.rest(), b.rest()]);
  return { a, b, callId };
}

/** Loses a socket, and waits until the server can know. */
async function lose(device: Device, pace: Stage['pace']): Promise<void> {
  device.vanish();
  await device.closed;
  await pace.quiet();
}

/** Says hello with a resume token. @returns whether it was granted, and the session */
async function resumes(person: Person, deviceId: string, token: string, lastSeq = 0): Promise<Device> {
  return person.device(deviceId, { resume: { token, lastSeq } });
}

export const sessions: readonly Scenario[] = [
  {
    name: 'hello',
    title: 'hello is answered with the session, who one is, the live calls, the limits and the time',
    rules: ['HE-1'],
    async run({ caller }) {
      const a = await caller.device('phone', { caps: ['renegotiate', 'levitate'] });
      const answer = a.heard.find(({ type }) => type === 'hello');
      const mismatch = answer && extendedMismatch(answer);
      holds('a hello in the shape of the protocol', mismatch === undefined, mismatch);
      same('`resumed`', a.hello['resumed'], false);
      same('`calls`', a.hello['calls'], []);
      same('the id in `user`', (a.hello['user'] as { id?: unknown }).id, caller.info.id);
      const bytes = Buffer.from(String(a.hello['resumeToken']), 'base64url').length;
      holds('a resumeToken of 256 bits', bytes >= 32, `${bytes} bytes`);
    },
  },
  {
    name: 'hello-must-be-first',
    title: 'an extended session whose first frame is not hello is closed with 4500',
    rules: ['HE-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.wordless(), await callee.online()];
      same('the subprotocol', a.raw.protocol, 'ringdown.v1');
      a.send('call:offer', offerTo(callee));
      refused(await a.next('error', 'an error 400 for a first frame that is not hello'), 400);
      same('the close code', (await a.ends()).code, 4500);
      same('what the callee hears', types(await b.rest()), []);
    },
  },
  {
    name: 'hello-of-another-version',
    title: 'a hello of another version is told the ones there are, and closed with 4500',
    rules: ['HE-1'],
    async run({ caller }) {
      const a = await caller.wordless();
      const error = await a.request('hello', { version: 999, deviceId: 'phone' });
      refused(error, 400, 'unsupported_version');
      fields(error, { supported: [1] });
      same('the close code', (await a.ends()).code, 4500);
    },
  },
  {
    name: 'hello-twice',
    title: 'a second hello on a socket is an error',
    rules: ['HE-1'],
    async run({ caller }) {
      const a = await caller.device('phone');
      refused(await a.request('hello', { version: 1, deviceId: 'phone' }), 400);
    },
  },
  {
    name: 'nothing-before-hello',
    title: 'an extended socket without a hello is not rung, and is after it',
    rules: ['HE-1', 'RI-2'],
    async run({ caller, callee, pace }) {
      const [a, b, silent] = [await caller.online(), await callee.online(), await callee.wordless()];
      const callId = await ring(a, callee, b);
      await pace.quiet();
      same('what it hears before its hello', types(silent.heard), []);
      await silent.request('hello', { version: 1, deviceId: 'phone', caps: [] });
      fields(await silent.next('call:offer'), { callId });
      same('what comes first', silent.heard[0]?.type, 'hello');
    },
  },
  {
    name: 'hello-after-a-first-frame',
    title: 'an extended session may prove who it is by a first frame, and then say hello',
    rules: ['AU-1', 'HE-1'],
    async run({ caller }) {
      const a = await caller.dial({ protocols: ['ringdown.v1'] }).opened();
      a.send('auth', { token: caller.account.token });
      const answer = await a.request('hello', { version: 1, deviceId: 'phone' });
      same('the answer', answer.type, 'hello');
    },
  },
  {
    name: 'language-of-the-upgrade',
    title: 'the texts of a session are in the language of its upgrade',
    rules: ['Transport'],
    async run({ caller, callee, pace }) {
      const a = await caller.online({ 'accept-language': 'zh-CN,zh;q=0.9' });
      const { message } = (await dialAbsent(a, callee, pace)).data;
      holds('a message in Chinese', /[\u4e00-\u9fff]/.test(String(message)), message);
    },
  },
  {
    name: 'ping',
    title: 'a ping is answered by a pong under its id',
    rules: ['HE-4'],
    async run({ caller }) {
      const a = await caller.device('phone');
      a.send('ping', {}, 'x');
      same('the id of the pong', (await a.next('pong')).id, 'x');
    },
  },
  {
    name: 'positions-rise',
    title: 'every frame of a call carries a position, and positions rise',
    rules: ['HE-2', 'Transport'],
    async run(stage) {
      const [a, b] = [await stage.caller.device('phone'), await stage.callee.device('phone')];
      const callId = await talk(a, stage.caller, stage.callee, b);
      for (let n = 0; n < 5; n += 1) {
        await b.done('call:ice_candidate', { callId, candidate: candidate(n) });
      }
      b.send('call:hang_up', { callId });
      await a.next('call:hang_up');
      for (const line of [a, b]) {
        const events = line.heard.filter(({ type }) => type.startsWith('call:'));
        const without = events.filter(({ seq }) => typeof seq !== 'number');
        same(`the call events without seq that ${line.name} hears`, types(without), []);
        const rising = line.seqs.every((seq, n) => n === 0 || seq > (line.seqs[n - 1] as number));
        holds(`positions that rise and never repeat (${line.name})`, rising, line.seqs);
      }
    },
  },
  {
    name: 'frames-in-shape',
    title: 'every frame of an extended session has the shape of the protocol',
    rules: ['Transport', 'RI-1', 'MS-1'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await a.done('call:media_state', { callId, audio: 'off', video: 'on' });
      await a.done('call:offer', { ...offerTo(stage.callee), callId });
      b.send('call:hang_up', { callId });
      await a.next('call:hang_up');
      for (const frame of [...a.heard, ...b.heard]) {
        const mismatch = extendedMismatch(frame);
        holds('frames in the shape of the protocol', mismatch === undefined, mismatch);
      }
      same('the texts that are not JSON', a.noise.length + b.noise.length, 0);
    },
  },
  {
    name: 'resume-exactly',
    title: 'a session that resumes gets its hello first, then every missed frame once and in order, then anything new',
    rules: ['HE-2'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await lose(a, stage.pace);
      const missed = Array.from({ length: 10 }, (_, n) => n);
      for (const n of missed) await b.done('call:ice_candidate', { callId, candidate: candidate(n) });
      const back = await stage.caller.resume('phone', a);
      same('`resumed`', back.hello['resumed'], true);
      await b.done('call:ice_candidate', { callId, candidate: candidate(99) });
      await back.settled();
      same('what comes first', back.heard[0]?.type, 'hello');
      same('the candidates, in order', candidatesOf(back.heard), texts([...missed, 99]));
      const last = a.seqs.at(-1) as number;
      const rising = back.seqs.every((seq, n) => seq > (n === 0 ? last : (back.seqs[n - 1] as number)));
      holds('positions that go on rising', rising, { before: last, after: back.seqs });
    },
  },
  {
    name: 'resume-repeats-nothing',
    title: 'what was seen before is not sent again, acknowledged or not',
    rules: ['HE-2'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await b.done('call:ice_candidate', { callId, candidate: candidate(1) });
      await a.next('call:ice_candidate');
      a.send('ack', { seq: a.seqs.at(-1) });
      await b.done('call:ice_candidate', { callId, candidate: candidate(2) });
      await a.next('call:ice_candidate');
      await lose(a, stage.pace);
      const back = await stage.caller.resume('phone', a);
      same('`resumed`', back.hello['resumed'], true);
      same('what comes again', types(await back.rest()), []);
    },
  },
  {
    name: 'resume-token-once',
    title: 'a resume token is good once; a second use is refused in so many words',
    rules: ['HE-1', 'HE-2'],
    async run({ caller }) {
      const phone = await caller.device('phone');
      const token = String(phone.hello['resumeToken']);
      const second = await resumes(caller, 'phone', token);
      same('`resumed` of the first use', second.hello['resumed'], true);
      await second.rest();
      same('`resumed` of the second use', (await resumes(caller, 'phone', token)).hello['resumed'], false);
    },
  },
  {
    name: 'resume-token-before',
    title: 'the token before stays good until the client’s next frame, so that a lost answer costs nothing',
    rules: ['HE-1'],
    async run({ caller, pace }) {
      const phone = await caller.device('phone');
      await phone.rest();
      const token = String(phone.hello['resumeToken']);
      const lost = await resumes(caller, 'phone', token);
      same('`resumed` of the first use', lost.hello['resumed'], true);
      // Its answer never came, as far as the client knows: it says nothing and comes again with the old token.
      await lose(lost, pace);
      same('`resumed` of the second use', (await resumes(caller, 'phone', token)).hello['resumed'], true);
    },
  },
  {
    name: 'resume-token-is-personal',
    title: 'a resume token is good for its user and device alone',
    rules: ['HE-1'],
    async run({ caller, callee }) {
      const token = String((await caller.device('phone')).hello['resumeToken']);
      same('`resumed` for another device', (await resumes(caller, 'laptop', token)).hello['resumed'], false);
      same('`resumed` for another user', (await resumes(callee, 'phone', token)).hello['resumed'], false);
    },
  },
  {
    name: 'resume-refused-tells-all',
    title: 'a session that cannot be resumed is told so, begins empty, and gets its live calls without descriptions',
    rules: ['HE-2', 'HE-1', 'DS-3'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await lose(a, stage.pace);
      const back = await resumes(stage.caller, 'phone', 'bm8gc3VjaCB0b2tlbg', 3);
      same('`resumed`', back.hello['resumed'], false);
      const calls = back.hello['calls'] as Record<string, unknown>[];
      same(
        'the calls it is told of',
        calls.map((call) => [call['callId'], call['phase'], call['here']]),
        [[callId, 'active', true]],
      );
      holds('no description in hello', !JSON.stringify(back.hello).includes('v=0'), 'an sdp');
      await back.done('call:hang_up', { callId });
      fields(await b.next('call:hang_up'), { callId });
    },
  },
  {
    name: 'resume-leaves-out-ended-rings',
    title: 'the offer of a call that ended meanwhile is left out',
    rules: ['HE-2'],
    async run({ caller, callee, pace }) {
      const [a, b, laptop] = [await caller.online(), await callee.device('phone'), await callee.device('laptop')];
      await b.rest();
      await lose(b, pace);
      const callId = await ring(a, callee, laptop);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      await laptop.next('call:hang_up');
      const back = await callee.resume('phone', b);
      same('`resumed`', back.hello['resumed'], true);
      const rings = (await back.rest()).filter(({ type }) => type === 'call:offer');
      same('the offers it is sent', types(rings), []);
    },
  },
  {
    name: 'second-socket-takes-the-session',
    title: 'a second socket of the same device takes the session; the old one closes with 4509',
    rules: ['HE-3'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const again = await stage.caller.resume('phone', a);
      same('the close code of the old socket', (await a.ends()).code, 4509);
      await again.done('call:hang_up', { callId });
      fields(await b.next('call:hang_up'), { callId });
    },
  },
  {
    name: 'another-device-is-another',
    title: 'another device of the same person does not take the session, and rings too',
    rules: ['HE-3', 'OF-4'],
    async run({ caller, callee }) {
      const [a, phone, laptop] = [await caller.online(), await callee.device('phone'), await callee.device('laptop')];
      await ring(a, callee, phone, laptop);
      holds('the first device to stay', phone.isOpen, 'closed');
    },
  },
  {
    name: 'request-repeated-on-a-new-socket',
    title: 'a device that repeats its offer on a new socket gets the same ack and rings nobody twice',
    rules: ['OF-4'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.device('phone'), await callee.online()];
      a.send('call:offer', offerTo(callee), 'the-only-one');
      const { callId } = (await b.next('call:offer')).data;
      await lose(a, pace);
      const back = await caller.device('phone');
      const ack = await back.done('call:offer', offerTo(callee), 'the-only-one');
      same('the callId of the ack', ack.data['callId'], callId);
      same('what the callee hears', types(await b.rest()), []);
    },
  },
  {
    name: 'device-stays-bound',
    title: 'a device that comes back without resuming is still in its call, and gets the answer it missed',
    rules: ['DS-3', 'RI-2'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await ring(a, callee, b);
      await lose(a, pace);
      await b.done('call:answer', { callId, answer: ANSWER });
      const fresh = await caller.device('phone');
      same('`resumed`', fresh.hello['resumed'], false);
      fields(await fresh.next('call:answer', 'the answer that was missed'), { callId });
    },
  },
  {
    name: 'peer-state',
    title: 'the peer is told that the other side is reconnecting, and that it is back',
    rules: ['DS-1'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      a.vanish();
      fields(await b.next('call:peer_state'), { callId, state: 'reconnecting' });
      await stage.caller.resume('phone', a);
      fields(await b.next('call:peer_state'), { callId, state: 'connected' });
    },
  },
  {
    name: 'hello-within-five-seconds',
    title: 'an extended socket that does not say hello within 5 seconds is closed with 4500',
    rules: ['HE-1'],
    needs: ['slow'],
    async run({ caller }) {
      const a = await caller.wordless();
      same('the close code', (await a.ends('the socket without a hello to be closed', 8_000)).code, 4500);
    },
  },
];
