/** The ways a call ends: hang up, reject, busy; who may, who hears of it, and what comes after. */
import { offerTo, ring, talk } from '../../calls.ts';
import { ANSWER, candidate, NO_CALL } from '../../frame.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, refused, same, shaped } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

export const ends: readonly Scenario[] = [
  {
    name: 'hang-up-in-a-call',
    title: 'either side may hang up, and the other is told with the fields of the contract',
    rules: ['§4.4', '§7.4'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      for (const [from, to, receiver] of [
        [a, b, callee],
        [b, a, caller],
      ] as const) {
        const callId = await talk(a, caller, callee, b);
        from.send('call:hang_up', { callId, receiverId: receiver.id });
        const frame = await to.next('call:hang_up');
        shaped(frame);
        fields(frame, { callId });
      }
    },
  },
  {
    name: 'hang-up-sender-cannot-be-forged',
    title: 'senderId of a hang-up is the sender’s, whatever it sends',
    rules: ['OF-2', '§4.4', '§5.1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.send('call:hang_up', { callId, receiverId: callee.id, senderId: callee.id, timestamp: 'x' });
      fields(await b.next('call:hang_up'), { senderId: caller.id });
    },
  },
  {
    name: 'hang-up-reason',
    title: 'the reason of a hang-up reaches the other side as it was given',
    rules: ['§4.4'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.send('call:hang_up', { callId, receiverId: callee.id, reason: 'the battery is empty' });
      fields(await b.next('call:hang_up'), { reason: 'the battery is empty' });
    },
  },
  {
    name: 'hang-up-metrics',
    title: 'quality figures of a hang-up are not passed on, and nonsense in them does not keep a call alive',
    rules: ['§4.4', 'HU-1', 'QU-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      for (const metrics of [{ quality: 4, packetLoss: 1.5, latency: 80 }, { quality: 99, latency: -1 }, 'good']) {
        const callId = await talk(a, caller, callee, b);
        a.send('call:hang_up', { callId, receiverId: callee.id, reason: 'normal', metrics });
        fields(await b.next('call:hang_up'), { callId, metrics: undefined });
      }
    },
  },
  {
    name: 'hang-up-cancels',
    title: 'a caller that hangs up before the answer stops every device of the callee, with reason cancelled',
    rules: ['HU-1', '§7.4'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      for (const device of [b, b2]) {
        fields(await device.next('call:hang_up'), { callId, reason: 'cancelled', senderId: caller.id });
      }
    },
  },
  {
    name: 'hang-up-without-a-call-id',
    title: 'a caller that does not know its callId yet may cancel without one',
    rules: ['OF-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee));
      a.send('call:hang_up', { receiverId: callee.id });
      const { callId } = (await b.next('call:offer')).data;
      fields(await b.next('call:hang_up'), { callId });
    },
  },
  {
    name: 'hang-up-of-a-ringing-callee',
    title: 'a callee that hangs up while it rings says no: the caller hears it, the other devices stop',
    rules: ['HU-1'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      b.send('call:hang_up', { callId, receiverId: caller.id });
      fields(await a.next('call:hang_up'), { callId, senderId: callee.id });
      fields(await b2.next('call:hang_up'), { callId, reason: 'rejected_elsewhere' });
    },
  },
  {
    name: 'hang-up-of-an-idle-session',
    title: 'a hang-up from another session of a party has no effect',
    rules: ['HU-1'],
    async run({ caller, callee }) {
      const [a, a2, b] = [await caller.online(), await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a2.send('call:hang_up', { callId, receiverId: callee.id });
      same('what the other session hears', types(await a2.rest()), []);
      same('what the two in the call hear', types([...(await a.rest()), ...(await b.rest())]), []);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      await b.next('call:hang_up');
    },
  },
  {
    name: 'hang-up-of-a-third',
    title: 'nobody else can end a call: it is 404, and the call goes on',
    rules: ['HU-2', 'HU-1', '§5.2'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const callId = await talk(a, caller, callee, b);
      c.send('call:hang_up', { callId, receiverId: callee.id, reason: 'normal' });
      await c.settled();
      same('what the two in the call hear', types([...(await a.rest()), ...(await b.rest())]), []);
      refused(await c.next('error', 'an error 404 for a stranger’s hang-up'), 404, 'call_not_found');
      a.send('call:ice_candidate', { callId, receiverId: callee.id, candidate: candidate(1) });
      await b.next('call:ice_candidate', 'the call to go on: a candidate to reach the other side');
    },
  },
  {
    name: 'hang-up-of-no-call',
    title: 'a hang-up of a call that never was is an error 404',
    rules: ['HU-2', '§5.3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:hang_up', { callId: NO_CALL, receiverId: callee.id });
      refused(await a.next('error', 'an error 404 for an unknown callId'), 404);
      same('what the other person hears', types(await b.rest()), []);
    },
  },
  {
    name: 'hang-up-of-both',
    title: 'when both hang up at once neither is told off',
    rules: ['HU-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      b.send('call:hang_up', { callId, receiverId: caller.id });
      await Promise.all([a.rest(), b.rest()]);
      const errors = [...a.heard, ...b.heard].filter(({ type }) => type === 'error');
      same('the errors either hears', types(errors), []);
    },
  },
  {
    name: 'late-frames',
    title: 'after the end a party’s late frames are harmless and reach nobody',
    rules: ['HU-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      await b.next('call:hang_up');
      for (const [line, receiver] of [
        [a, callee],
        [b, caller],
      ] as const) {
        const late = { callId, receiverId: receiver.id };
        line.send('call:ice_candidate', { ...late, candidate: candidate(1) });
        line.send('call:hang_up', late);
        line.send('call:reject', late);
        line.send('call:busy', late);
      }
      await Promise.all([a.settled(), b.settled()]);
      same('what the two hear', types([...(await a.rest()), ...(await b.rest())]), []);
    },
  },
  {
    name: 'foreign-calls-look-unknown',
    title: 'to a stranger a foreign, an ended and an unknown call look the same, to the byte',
    rules: ['HU-2'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const ended = await ring(a, callee, b);
      a.send('call:hang_up', { callId: ended, receiverId: callee.id });
      await b.next('call:hang_up');
      const foreign = await ring(a, callee, b);
      for (const [type, data] of [
        ['call:answer', { answer: ANSWER }],
        ['call:hang_up', {}],
        ['call:reject', {}],
        ['call:busy', {}],
        ['call:ice_candidate', { candidate: candidate(1) }],
      ] as const) {
        const answers = new Set<string>();
        for (const callId of [NO_CALL, ended, foreign]) {
          c.send(type, { callId, receiverId: caller.id, ...data });
          answers.add((await c.next('error', `an error for a stranger’s ${type}`)).text.replace(callId, ''));
        }
        same(`the different answers to a stranger’s ${type}`, answers.size, 1);
      }
    },
  },
  {
    name: 'reject-arrives',
    title: 'a reject reaches the caller with the fields of the contract',
    rules: ['§4.5', '§7.4'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      b.send('call:reject', { callId, receiverId: caller.id });
      const frame = await a.next('call:reject');
      shaped(frame);
      fields(frame, { callId, senderId: callee.id });
    },
  },
  {
    name: 'reject-reason',
    title: 'the reason of a reject reaches the caller as it was given',
    rules: ['§4.5'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      for (const reason of ['rejected', 'not now, later']) {
        const callId = await ring(a, callee, b);
        b.send('call:reject', { callId, receiverId: caller.id, reason });
        fields(await a.next('call:reject'), { callId, reason });
      }
    },
  },
  {
    name: 'reject-of-a-lone-device',
    title: 'a lone device that has no camera or cannot do calls rejects with that reason',
    rules: ['RJ-2', '§4.5'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      for (const reason of ['media_error', 'unsupported']) {
        const callId = await ring(a, callee, b);
        b.send('call:reject', { callId, receiverId: caller.id, reason });
        fields(await a.next('call:reject'), { callId, reason });
      }
    },
  },
  {
    name: 'reject-ends-it-everywhere',
    title: 'a person’s reject stops the other devices, with reason rejected_elsewhere',
    rules: ['RJ-1'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      b.send('call:reject', { callId, receiverId: caller.id });
      await a.next('call:reject');
      fields(await b2.next('call:hang_up', 'the callee’s other device to stop ringing'), {
        callId,
        reason: 'rejected_elsewhere',
      });
    },
  },
  {
    name: 'reject-of-an-answered-call',
    title: 'an answered call cannot be rejected any more',
    rules: ['RJ-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      b.send('call:reject', { callId, receiverId: caller.id });
      refused(await b.next('error', 'an error 409 for a reject of an answered call'), 409, 'invalid_state');
      same('what the caller hears', types(await a.rest()), []);
    },
  },
  {
    name: 'reject-and-busy-are-the-callees',
    title: 'the caller can neither reject nor be busy in its own call',
    rules: ['RJ-1', '§4.5', '§4.7'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      for (const type of ['call:reject', 'call:busy']) {
        a.send(type, { callId, receiverId: callee.id });
        refused(await a.next('error', `an error 403 for a caller’s ${type}`), 403, 'not_participant');
      }
      same('what the callee hears', types(await b.rest()), []);
    },
  },
  {
    name: 'reject-of-a-third',
    title: 'nobody else can reject a call or say busy in it: it is 404, and it rings on',
    rules: ['HU-2', 'RJ-1', '§5.2'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const callId = await ring(a, callee, b);
      for (const type of ['call:reject', 'call:busy']) {
        c.send(type, { callId, receiverId: caller.id });
        await c.settled();
        same('what the two hear', types([...(await a.rest()), ...(await b.rest())]), []);
        refused(await c.next('error', `an error 404 for a stranger’s ${type}`), 404, 'call_not_found');
      }
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
    },
  },
  {
    name: 'busy-arrives',
    title: 'a callee that says busy is busy to the caller, with the fields of the contract',
    rules: ['§4.7', 'RJ-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      b.send('call:busy', { callId, receiverId: caller.id });
      const frame = await a.next('call:busy');
      shaped(frame);
      fields(frame, { callId, senderId: callee.id });
    },
  },
  {
    name: 'busy-speaks-for-one-device',
    title: 'a busy device stops ringing and may not answer; the others ring on',
    rules: ['RJ-2'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      const callId = await ring(a, callee, b, b2);
      b.send('call:busy', { callId, receiverId: caller.id });
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      refused(await b.next('error', 'an error 409 for an answer after busy'), 409, 'invalid_state');
      same('what the caller hears while another device rings', types(await a.rest()), []);
      b2.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
    },
  },
  {
    name: 'busy-is-the-strongest-word',
    title: 'when the last device has spoken the caller hears the strongest of what was said',
    rules: ['RJ-2'],
    async run({ caller, callee }) {
      const [a, b, b2] = [await caller.online(), await callee.online(), await callee.online()];
      let callId = await ring(a, callee, b, b2);
      b.send('call:busy', { callId, receiverId: caller.id });
      await b.rest();
      b2.send('call:reject', { callId, receiverId: caller.id, reason: 'media_error' });
      fields(await a.next('call:busy', 'the caller to hear busy, which beats media_error'), { callId });
      callId = await ring(a, callee, b, b2);
      b.send('call:reject', { callId, receiverId: caller.id, reason: 'unsupported' });
      await b.rest();
      b2.send('call:reject', { callId, receiverId: caller.id, reason: 'media_error' });
      fields(await a.next('call:reject'), { callId, reason: 'media_error' });
    },
  },
];
