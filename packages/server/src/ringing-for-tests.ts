/** A phone that rings, for tests of what comes next: user 1 calls user 2, over calls that stand on any store. */
import { deviceEndpoint } from '@ringdown/call';
import type { Calls } from './calls.ts';

/** The caller's phone. */
export const ANNA = deviceEndpoint('1', 'phone');
/** The phone that rings. */
export const BEN = deviceEndpoint('2', 'phone');

const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });

/** A session to attach, of the least that a client may be able to. */
export const session = (sessionId: string) => ({ sessionId, language: 'en' as const, capabilities: [] });

/** Attaches both phones, as sessions `a` and `b`, and lets Anna's call Ben's: call `c`. */
export async function ringing(calls: Calls): Promise<void> {
  await calls.attached(ANNA, session('a'));
  await calls.attached(BEN, session('b'));
  await calls.offer(
    {
      callId: 'c',
      from: ANNA,
      language: 'en',
      capabilities: [],
      caller: party('1'),
      callee: party('2'),
      offer: { type: 'offer', sdp: 'v=0' },
      callType: 'video',
      ringTimeoutMs: 60_000,
    },
    { blocked: false, doNotDisturb: false, hideBusy: false, busyPolicy: 'busy' },
    { endpoint: ANNA, sessionId: 'a' },
  );
}
