/** What only time ends. Slow: these wait for the limits of the server. */
import { offerTo, ring, talk } from '../../calls.ts';
import type { Scenario } from '../../scenario.ts';
import { fields } from '../../unmet.ts';

/** A ring as short as may be asked for (TI-1), and what a server that does not hear the wish may take, ms. */
const SHORT_RING_MS = 10_000;
const LONGEST_RING_MS = 75_000;
/** How long a lost caller of a ring, and a lost side of a call, is waited for (DS-1), and some slack, ms. */
const RINGING_GRACE_MS = 15_000 + 5_000;
const TALKING_GRACE_MS = 30_000 + 5_000;

export const limitsInTime: readonly Scenario[] = [
  {
    name: 'ring-timeout',
    title: 'a ring that nobody answers ends with call:timeout on both sides',
    rules: ['TI-1', '§3'],
    needs: ['slow'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee, { ringTimeoutMs: SHORT_RING_MS }));
      const { callId } = (await b.next('call:offer')).data;
      const end = await a.next('call:timeout', 'the caller to hear call:timeout', LONGEST_RING_MS);
      fields(end, { callId, senderId: caller.id, receiverId: callee.id, stage: 'ring' });
      fields(await b.next('call:timeout'), { callId, stage: 'ring' });
    },
  },
  {
    name: 'lost-caller',
    title: 'a ring whose caller is gone ends for the callee within 15 seconds',
    rules: ['DS-1'],
    needs: ['slow'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      a.vanish();
      const end = await b.next('call:hang_up', 'the ring to end for the callee', RINGING_GRACE_MS);
      fields(end, { callId, reason: 'connection_lost' });
    },
  },
  {
    name: 'lost-peer',
    title: 'an answered call whose other side is gone ends within 30 seconds',
    rules: ['DS-1'],
    needs: ['slow'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      b.vanish();
      const end = await a.next('call:hang_up', 'the call to end for the side that is there', TALKING_GRACE_MS);
      fields(end, { callId, reason: 'connection_lost' });
    },
  },
];
