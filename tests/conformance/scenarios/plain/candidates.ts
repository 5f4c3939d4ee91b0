/** Candidates: untouched, in order, never before the description they belong to, and to nobody else. */
import { dialAbsent, offerTo, ring, talk } from '../../calls.ts';
import { ANSWER, candidate, NO_CALL } from '../../frame.ts';
import { candidatesOf } from '../../person.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, refused, same, shaped } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);
const texts = (...numbers: number[]) => numbers.map((n) => candidate(n).candidate);

export const candidates: readonly Scenario[] = [
  {
    name: 'candidates-in-a-call',
    title: 'in a call candidates go both ways, with the fields of the contract',
    rules: ['§4.3', '§7.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      for (const [from, to, receiver] of [
        [a, b, callee],
        [b, a, caller],
      ] as const) {
        from.send('call:ice_candidate', { callId, receiverId: receiver.id, candidate: candidate(1) });
        const frame = await to.next('call:ice_candidate');
        shaped(frame);
        fields(frame, { callId, candidate: candidate(1) });
      }
    },
  },
  {
    name: 'candidate-sender-cannot-be-forged',
    title: 'senderId of a candidate is the sender’s, whatever it sends',
    rules: ['OF-2', '§4.3', '§5.1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      const forged = { senderId: callee.id, timestamp: 'x' };
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: candidate(1), ...forged });
      fields(await b.next('call:ice_candidate'), { senderId: caller.id });
    },
  },
  {
    name: 'candidate-untouched',
    title: 'a candidate is passed on as it is, unknown fields included',
    rules: ['IC-3', '§4.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      const odd = { ...candidate(1), usernameFragment: 'abcd', relayProtocol: 'udp', extra: { deep: [1, null] } };
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: odd });
      fields(await b.next('call:ice_candidate'), { candidate: odd });
    },
  },
  {
    name: 'candidates-of-a-ringing-caller',
    title: 'the caller’s candidates reach the callee while it rings, after the offer',
    rules: ['IC-1', 'IC-2', '§7.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const before = b.heard.length;
      const callId = await ring(a, callee, b);
      for (const n of [1, 2, 3]) {
        a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: candidate(n) });
        await b.next('call:ice_candidate', 'the callee to receive the caller’s candidates before it answers');
      }
      const order = types(b.heard.slice(before));
      same('what the callee hears', order, ['call:offer', ...Array.from({ length: 3 }, () => 'call:ice_candidate')]);
    },
  },
  {
    name: 'candidates-of-a-ringing-callee',
    title: 'the callee’s candidates are held until its answer and follow it',
    rules: ['IC-1', 'IC-2', 'AN-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      const before = a.heard.length;
      for (const n of [1, 2]) {
        b.send('call:ice_candidate', { callId, receiverId: caller.id, candidate: candidate(n) });
      }
      await b.rest();
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      b.send('call:ice_candidate', { callId, receiverId: caller.id, candidate: candidate(3) });
      await a.next('call:answer');
      for (let n = 0; n < 3; n += 1) {
        await a.next('call:ice_candidate', 'all three candidates of the callee to follow its answer');
      }
      const got = a.heard.slice(before).filter(({ type }) => type.startsWith('call:'));
      const order = ['call:answer', ...Array.from({ length: 3 }, () => 'call:ice_candidate')];
      same('what the caller hears, in order', types(got), order);
      same('the candidates, in order', candidatesOf(got), texts(1, 2, 3));
    },
  },
  {
    name: 'candidates-in-a-burst',
    title: 'a call dialled in one burst arrives in order: the offer, then twenty candidates',
    rules: ['IC-2', 'OF-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const before = b.heard.length;
      a.send('call:offer', offerTo(callee));
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      for (const n of numbers) a.send('call:ice_candidate', { receiverId: callee.id, candidate: candidate(n) });
      for (const _ of numbers) await b.next('call:ice_candidate', 'the callee to receive all twenty candidates');
      same('what comes first', b.heard[before]?.type, 'call:offer');
      same('the candidates, in order', candidatesOf(b.heard.slice(before)), texts(...numbers));
    },
  },
  {
    name: 'candidate-without-a-call-id',
    title: 'a caller that does not know its callId yet may send candidates without one, or with an empty one',
    rules: ['OF-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee));
      a.send('call:ice_candidate', { receiverId: callee.id, candidate: candidate(1) });
      a.send('call:ice_candidate', { callId: '', receiverId: callee.id, candidate: candidate(2) });
      const { callId } = (await b.next('call:offer')).data;
      for (const n of [1, 2]) fields(await b.next('call:ice_candidate'), { callId, candidate: candidate(n) });
    },
  },
  {
    name: 'candidate-after-not-available',
    title: 'a caller that goes on trickling after call:not_available is not told off',
    rules: ['OF-3'],
    async run({ caller, callee, pace }) {
      const a = await caller.online();
      await dialAbsent(a, callee, pace);
      a.send('call:ice_candidate', { receiverId: callee.id, candidate: candidate(1) });
      a.send('call:ice_candidate', { callId: '', receiverId: callee.id, candidate: candidate(2) });
      same('what the caller hears', types(await a.rest()), []);
    },
  },
  {
    name: 'candidates-for-a-late-device',
    title: 'a device of the callee that comes late gets the offer, marked as replayed, and then the candidates',
    rules: ['RI-2', 'IC-1', 'IC-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: candidate(1) });
      await b.next('call:ice_candidate');
      const late = await callee.online();
      fields(await late.next('call:offer', 'a device that comes late to be rung'), { callId, replayed: true });
      fields(await late.next('call:ice_candidate'), { callId, candidate: candidate(1) });
      const order = types(late.heard.filter(({ type }) => type.startsWith('call:')));
      same('what the late device hears', order, ['call:offer', 'call:ice_candidate']);
    },
  },
  {
    name: 'candidates-of-the-loser',
    title: 'the candidates of a device that did not answer are dropped',
    rules: ['IC-1'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      b.send('call:ice_candidate', { callId, receiverId: caller.id, candidate: candidate(1) });
      b2.send('call:ice_candidate', { callId, receiverId: caller.id, candidate: candidate(2) });
      await Promise.all([b.rest(), b2.rest()]);
      b2.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
      same('the candidates the caller gets', candidatesOf(await a.rest()), texts(2));
    },
  },
  {
    name: 'candidate-of-a-third',
    title: 'nobody else can put a candidate into a call: it is 404 and not delivered',
    rules: ['HU-2', 'IC-1', '§5.2'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const callId = await talk(a, caller, callee, b);
      c.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: candidate(1) });
      await c.settled();
      same('what the two hear', types([...(await a.rest()), ...(await b.rest())]), []);
      refused(await c.next('error', 'an error 404 for a stranger’s candidate'), 404, 'call_not_found');
    },
  },
  {
    name: 'candidate-of-no-call',
    title: 'a candidate for a call that never was is an error 404',
    rules: ['HU-2', '§5.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:ice_candidate', { callId: NO_CALL, receiverId: callee.id, candidate: candidate(1) });
      refused(await a.next('error', 'an error 404 for an unknown callId'), 404);
      same('what the other person hears', types(await b.rest()), []);
    },
  },
  {
    name: 'candidates-batch-for-a-plain-session',
    title: 'a batch reaches a plain session one by one, without the marks of the end',
    rules: ['IC-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      const batch = [candidate(1), null, candidate(2), { candidate: '' }];
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidates: batch });
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: null });
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: candidate(3) });
      for (let n = 0; n < 3; n += 1) await b.next('call:ice_candidate', 'three candidates, one a frame');
      await a.rest();
      same('what comes besides', types(await b.rest()), []);
      const got = b.heard.filter(({ type }) => type === 'call:ice_candidate');
      for (const frame of got) shaped(frame);
      same('the candidates, in order', candidatesOf(got), texts(1, 2, 3));
    },
  },
  {
    name: 'candidates-are-counted',
    title: 'the hundred-and-first candidate of a side is refused with 429',
    rules: ['IC-3', 'Limits'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      const twenty = Array.from({ length: 20 }, (_, n) => candidate(n));
      for (let n = 0; n < 5; n += 1) await a.done('call:ice_candidate', { callId, candidates: twenty });
      refused(await a.request('call:ice_candidate', { callId, candidate: candidate(100) }), 429, 'rate_limited');
      same('how many arrive', (await b.rest()).filter(({ type }) => type === 'call:ice_candidate').length, 100);
    },
  },
];
