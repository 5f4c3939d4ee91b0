/** What dispatch does when what it asks is silent. Everything else of it is tested through the socket. */
import { deviceEndpoint } from '@ringdown/call';
import { expect, test } from 'vitest';
import { MemoryWorld } from './call-store/memory.ts';
import { Calls } from './calls.ts';
import { createDispatch, type DispatchPorts } from './dispatch.ts';
import type { Session } from './session.ts';

const [ANNA, BEN] = [deviceEndpoint('1', 'phone'), deviceEndpoint('2', 'phone')];
const party = (id: string) => ({ id, info: { id: Number(id), username: `user ${id}`, avatar: '' } });

test('[AN-2] an answer passes when the directory is silent for two seconds', async () => {
  const store = new MemoryWorld(() => Date.now()).open('node');
  const calls = new Calls(store, { onRecord: () => {}, onCommit: () => {}, onQuality: async () => {} });
  const terms = { language: 'en' as const, capabilities: [] };
  await calls.attached(ANNA, { sessionId: 'a', ...terms });
  await calls.attached(BEN, { sessionId: 'b', ...terms });
  const parties = { caller: party('1'), callee: party('2') };
  const offer = { offer: { type: 'offer', sdp: 'v=0' }, callType: 'video', ringTimeoutMs: 60_000 } as const;
  await calls.offer(
    { callId: 'c', from: ANNA, ...terms, ...parties, ...offer },
    { blocked: false, doNotDisturb: false, hideBusy: false, busyPolicy: 'busy' },
    { endpoint: ANNA, sessionId: 'a' },
  );
  const dispatch = createDispatch({
    store,
    calls,
    directory: { relation: () => new Promise(() => {}) } as unknown as DispatchPorts['directory'],
    limits: { acquainted: async () => {} } as unknown as DispatchPorts['limits'],
    isDraining: () => false,
  } as unknown as DispatchPorts);
  const ben = { sessionId: 'b', endpoint: BEN, ...terms, identity: { userId: '2' } } as unknown as Session;
  const answer = {
    type: 'call:answer',
    id: '1',
    data: { callId: 'c', answer: { type: 'answer', sdp: 'v=0' } },
  } as const;
  expect(await dispatch(answer, ben)).toMatchObject({ type: expect.not.stringMatching('error') });
  expect((await store.read([], ['c'])).calls.get('c')?.state.phase).toBe('active');
});
