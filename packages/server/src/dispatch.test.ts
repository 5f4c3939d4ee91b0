/** What dispatch does when what it asks is silent. Everything else of it is tested through the socket. */
import { expect, test } from 'vitest';
import { MemoryWorld } from './call-store/memory.ts';
import { Calls } from './calls.ts';
import { createDispatch, type DispatchPorts } from './dispatch.ts';
import { BEN, ringing, session } from './ringing-for-tests.ts';
import type { Session } from './session.ts';

test('[AN-2] an answer passes when the directory is silent for two seconds', async () => {
  const store = new MemoryWorld(() => Date.now()).open('node');
  const calls = new Calls(store, { onRecord: () => {}, onCommit: () => {}, onQuality: async () => {} });
  await ringing(calls);
  const dispatch = createDispatch({
    store,
    calls,
    directory: { relation: () => new Promise(() => {}) } as unknown as DispatchPorts['directory'],
    limits: { acquainted: async () => {} } as unknown as DispatchPorts['limits'],
    isDraining: () => false,
  } as unknown as DispatchPorts);
  const ben = { ...session('b'), endpoint: BEN, identity: { userId: '2' } } as unknown as Session;
  const answer = {
    type: 'call:answer',
    id: '1',
    data: { callId: 'c', answer: { type: 'answer', sdp: 'v=0' } },
  } as const;
  expect(await dispatch(answer, ben)).toMatchObject({ type: expect.not.stringMatching('error') });
  expect((await store.read([], ['c'])).calls.get('c')?.state.phase).toBe('active');
});
