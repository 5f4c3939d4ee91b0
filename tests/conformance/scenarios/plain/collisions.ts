/** Two callers, two calls, two dialling each other; and dialling again. */
import { offerTo, ring, talk } from '../../calls.ts';
import { ANSWER } from '../../frame.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, holds, refused, same, shaped } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

export const collisions: readonly Scenario[] = [
  {
    name: 'busy-in-a-call',
    title: 'who is in a call is busy to others, and is not disturbed',
    rules: ['BU-1', '§4.7'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      await talk(a, caller, callee, b);
      c.send('call:offer', offerTo(callee));
      const busy = await c.next('call:busy', 'another caller to hear call:busy');
      shaped(busy);
      fields(busy, { senderId: callee.id });
      same('what the two in the call hear', types([...(await a.rest()), ...(await b.rest())]), []);
    },
  },
  {
    name: 'busy-while-ringing',
    title: 'who is being rung is busy to others, and rings once',
    rules: ['BU-1'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      await ring(a, callee, b);
      c.send('call:offer', offerTo(callee));
      await c.next('call:busy', 'another caller to hear call:busy');
      same('what the callee hears', types(await b.rest()), []);
    },
  },
  {
    name: 'busy-is-over-with-the-call',
    title: 'when a call has ended both can be rung at once',
    rules: ['BU-1'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const callId = await talk(a, caller, callee, b);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      await b.next('call:hang_up');
      const next = await ring(c, callee, b);
      c.send('call:hang_up', { callId: next, receiverId: callee.id });
      await b.next('call:hang_up');
      await ring(b, caller, a);
    },
  },
  {
    name: 'busy-at-the-same-instant',
    title: 'of two who dial a third in the same instant one rings and one hears busy',
    rules: ['BU-1'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      a.send('call:offer', offerTo(callee));
      c.send('call:offer', offerTo(callee));
      const { senderId } = (await b.next('call:offer')).data;
      await (senderId === caller.id ? c : a).next('call:busy', 'the one that does not ring to hear call:busy');
      same('what the callee hears besides', types(await b.rest()), []);
    },
  },
  {
    name: 'dialling-while-rung',
    title: 'who dials somebody else while being rung is busy to its caller',
    rules: ['BU-1'],
    needs: ['third'],
    async run({ caller, callee, third }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await third.online()];
      const callId = await ring(a, callee, b);
      await ring(b, third, c);
      fields(await a.next('call:busy', 'the first caller to hear call:busy'), { callId });
    },
  },
  {
    name: 'in-a-call-on-another-device',
    title: 'an offer from another device of somebody in a call is 409 already_in_call, with the callId of that call',
    rules: ['BU-1', 'GL-2'],
    async run({ caller, callee }) {
      const [a, a2, b] = [await caller.online(), await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a2.send('call:offer', offerTo(callee));
      const error = await a2.next('error', 'an error 409 for an offer from another device');
      refused(error, 409, 'already_in_call');
      fields(error, { callId });
      same('what the two in the call hear', types([...(await a.rest()), ...(await b.rest())]), []);
    },
  },
  {
    name: 'glare',
    title:
      'when the callee dials its caller there is no second ring: its attempt is busy, the first call can be answered',
    rules: ['GL-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      b.send('call:offer', offerTo(caller));
      const busy = await b.next('call:busy', 'the later of two crossing offers to hear call:busy');
      holds('a callId of the later attempt’s own', busy.data['callId'] !== callId, busy.data['callId']);
      same('what the first caller hears', types(await a.rest()), []);
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      fields(await a.next('call:answer'), { callId });
    },
  },
  {
    name: 'glare-at-the-same-instant',
    title: 'of two who dial each other in the same instant one rings and one hears busy, never both',
    rules: ['GL-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee));
      b.send('call:offer', offerTo(caller));
      await Promise.all([a.settled(), b.settled()]);
      const heard = [types(await a.rest()), types(await b.rest())].sort((x, y) => x.length - y.length);
      same('what the two hear', [heard[0], heard[1]?.toSorted()], [[], ['call:busy', 'call:offer']]);
    },
  },
  {
    name: 'dialling-again',
    title: 'an offer from the session in a call ends that call, with reason replaced, and rings anew',
    rules: ['GL-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const first = await talk(a, caller, callee, b);
      const second = await ring(a, callee, b);
      fields(await b.next('call:hang_up'), { callId: first, reason: 'replaced', senderId: caller.id });
      holds('another callId for the new call', first !== second, second);
    },
  },
];
