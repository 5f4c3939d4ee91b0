/** Answering: what reaches the caller, who may answer, and that one answer wins. */
import { offerTo, ring, talk } from '../../calls.ts';
import { ANSWER, NO_CALL } from '../../frame.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, refused, same, shaped } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

export const answers: readonly Scenario[] = [
  {
    name: 'answer-arrives',
    title: 'an answer reaches the caller with the fields of the contract',
    rules: ['§4.2', '§7.2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      const answer = await a.next('call:answer');
      shaped(answer);
      fields(answer, { callId, answer: ANSWER });
    },
  },
  {
    name: 'answer-sender-cannot-be-forged',
    title: 'senderId and responderInfo of an answer are the callee’s, whatever it sends',
    rules: ['OF-2', '§4.2', '§5.1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      const forged = { senderId: caller.id, responderInfo: { id: 1, username: 'x', avatar: '' } };
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER, ...forged });
      const { data } = await a.next('call:answer');
      same('the senderId of the answer', data['senderId'], callee.id);
      same('the id in responderInfo', (data['responderInfo'] as { id?: unknown } | undefined)?.id, callee.info.id);
    },
  },
  {
    name: 'answer-first-wins',
    title: 'one device answers, and the others are told that it was answered elsewhere',
    rules: ['AN-1'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      b2.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
      const told = await b.next('call:hang_up', 'the callee’s other device to hear that it was answered elsewhere');
      fields(told, { callId, reason: 'answered_elsewhere', senderId: callee.id });
    },
  },
  {
    name: 'answer-later-is-refused',
    title: 'a second answer is 409 answered_elsewhere, and the caller hears one answer only',
    rules: ['AN-1'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
      b2.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await b2.settled();
      same('what the caller hears besides the first answer', types(await a.rest()), []);
      refused(await b2.next('error', 'an error 409 for the second answer'), 409, 'answered_elsewhere');
    },
  },
  {
    name: 'answer-only-to-who-dialled',
    title: 'the answer reaches the session that dialled and no other of the caller',
    rules: ['AN-1'],
    async run({ caller, callee }) {
      const [a, a2, b] = [await caller.online(), await caller.online(), await callee.online()];
      await talk(a, caller, callee, b);
      same('what the caller’s other session hears', types(await a2.rest()), []);
    },
  },
  {
    name: 'answer-by-the-caller',
    title: 'a caller cannot answer its own call; the callee still can',
    rules: ['AN-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      a.send('call:answer', { callId, receiverId: callee.id, answer: ANSWER });
      refused(await a.next('error', 'an error 403 for a caller that answers itself'), 403, 'not_participant');
      same('what the callee hears', types(await b.rest()), []);
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
    },
  },
  {
    name: 'answer-by-a-third',
    title: 'nobody else can answer a call: it is 404, and the caller hears nothing',
    rules: ['HU-2', 'AN-2', '§5.2'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const callId = await ring(a, callee, b);
      c.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await c.settled();
      same('what the caller hears', types(await a.rest()), []);
      refused(await c.next('error', 'an error 404 for a stranger’s answer'), 404, 'call_not_found');
    },
  },
  {
    name: 'answer-to-no-call',
    title: 'an answer to a call that never was is an error 404',
    rules: ['HU-2', '§5.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      b.send('call:answer', { callId: NO_CALL, receiverId: caller.id, answer: ANSWER });
      refused(await b.next('error', 'an error 404 for an unknown callId'), 404);
      same('what the other person hears', types(await a.rest()), []);
    },
  },
  {
    name: 'answer-after-the-end',
    title: 'an answer to a call that has ended is 410, and the caller hears nothing',
    rules: ['HU-2', '§5.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      await b.next('call:hang_up');
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      refused(await b.next('error', 'an error 410 for an answer to an ended call'), 410, 'call_ended');
      same('what the caller hears', types(await a.rest()), []);
    },
  },
  {
    name: 'answer-at-the-same-instant',
    title: 'of two answers in the same instant exactly one reaches the caller',
    rules: ['AN-1'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      for (const device of [b, b2]) device.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await Promise.all([b.rest(), b2.rest()]);
      same('what the caller hears', types(await a.rest()), ['call:answer']);
    },
  },
  {
    name: 'receiver-mismatch',
    title: 'a receiverId that is not the peer of the call is 403; one left out is fine',
    rules: ['RT-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.send('call:hang_up', { callId, receiverId: caller.id });
      refused(await a.next('error', 'an error 403 for the wrong receiverId'), 403, 'receiver_mismatch');
      same('what the callee hears', types(await b.rest()), []);
      a.send('call:hang_up', { callId });
      await b.next('call:hang_up');
    },
  },
  {
    name: 'caller-is-told-nothing-early',
    title: 'before the answer nothing of the callee reaches the caller',
    rules: ['AN-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      b.send('call:ice_candidate', { callId, receiverId: caller.id, candidate: { candidate: 'candidate:1' } });
      b.send('call:offer', offerTo(caller, { callId }));
      await b.rest();
      const early = types(await a.rest());
      same('what the caller hears before the answer', early, []);
    },
  },
];
