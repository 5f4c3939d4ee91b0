/** A plain client that loses its socket: the call waits, and what was missed comes. */
import { offerTo, ring, talk } from '../../calls.ts';
import { ANSWER, candidate } from '../../frame.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, same } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

export const lostSockets: readonly Scenario[] = [
  {
    name: 'caller-comes-back-to-an-answer',
    title: 'a caller that lost its socket while it rang gets the answer and the candidates on its next one',
    rules: ['DS-3', 'DS-1', 'RI-2', 'IC-2'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      a.vanish();
      await a.closed;
      await pace.quiet();
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      b.send('call:ice_candidate', { callId, receiverId: caller.id, candidate: candidate(1) });
      await b.rest();
      const back = await caller.online();
      fields(await back.next('call:answer', 'the answer to come on the caller’s next socket'), { callId });
      fields(await back.next('call:ice_candidate'), { callId, candidate: candidate(1) });
      const order = types(back.heard.filter(({ type }) => type.startsWith('call:')));
      same('what comes on the new socket', order, ['call:answer', 'call:ice_candidate']);
    },
  },
  {
    name: 'call-outlives-a-socket',
    title: 'a lost socket does not end a call, and the next one of that person takes its place',
    rules: ['DS-1', 'DS-3'],
    async run({ caller, callee, pace }) {
      for (const lost of ['caller', 'callee'] as const) {
        const [a, b] = [await caller.online(), await callee.online()];
        const callId = await talk(a, caller, callee, b);
        const [gone, stays] = lost === 'caller' ? [a, b] : [b, a];
        const [person, peer] = lost === 'caller' ? [caller, callee] : [callee, caller];
        gone.vanish();
        await gone.closed;
        await pace.quiet();
        same('what the other side hears of it', types(await stays.rest()), []);
        const back = await person.online();
        stays.send('call:ice_candidate', { callId, receiverId: person.id, candidate: candidate(1) });
        fields(await back.next('call:ice_candidate'), { callId });
        back.send('call:hang_up', { callId, receiverId: peer.id });
        fields(await stays.next('call:hang_up'), { callId });
        await Promise.all([back.leave(), stays.leave()]);
      }
    },
  },
  {
    name: 'missed-end-is-told',
    title: 'who lost its socket in a call and missed the end hears it on the next one',
    rules: ['DS-3'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.vanish();
      await a.closed;
      await pace.quiet();
      b.send('call:hang_up', { callId, receiverId: caller.id, reason: 'normal' });
      await b.rest();
      const back = await caller.online();
      fields(await back.next('call:hang_up', 'the end that was missed to come on the next socket'), { callId });
    },
  },
  {
    name: 'reloaded-page-dials-again',
    title: 'a page that was reloaded in a call can dial again at once: the lost call is replaced',
    rules: ['GL-2'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      a.vanish();
      await a.closed;
      await pace.quiet();
      const reloaded = await caller.online();
      reloaded.send('call:offer', offerTo(callee));
      fields(await b.next('call:hang_up'), { callId, reason: 'replaced' });
      await b.next('call:offer');
    },
  },
];
