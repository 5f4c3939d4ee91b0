/** What calls do when two things happen at once: one of them between the steps of the other, as on several nodes. */
import { describe, expect, test } from 'vitest';
import type { CallStore } from './call-store/call-store.ts';
import { MemoryWorld } from './call-store/memory.ts';
import { Calls, outgoingCall } from './calls.ts';
import { ANNA, BEN, ringing, session } from './ringing-for-tests.ts';

/**
 * Calls over a store in memory; what is set in `between` happens before the next read that decides, and as many commits as
 * `conflicts` says are refused.
 */
function callsBetween() {
  const clock = { ms: 1_800_000_000_000 };
  const inner = new MemoryWorld(() => clock.ms).open('node');
  const held: { between: (() => Promise<unknown>) | undefined; conflicts: number } = {
    between: undefined,
    conflicts: 0,
  };
  const store: CallStore = {
    ...inner,
    async read(...asked) {
      const { between } = held;
      held.between = undefined;
      await between?.();
      return inner.read(...asked);
    },
    async commit(commit) {
      if (held.conflicts === 0) return inner.commit(commit);
      held.conflicts -= 1;
      return 'conflict';
    },
  };
  const calls = new Calls(store, { onRecord: () => {}, onCommit: () => {}, onQuality: async () => {} });
  return { store: inner, calls, held, clock };
}

function answer(calls: Calls) {
  return calls.apply(
    'c',
    {
      type: 'answer',
      from: BEN,
      language: 'en',
      capabilities: [],
      answer: { type: 'answer', sdp: 'v=0' },
      allowed: true,
    },
    { endpoint: BEN, sessionId: 'b' },
  );
}

/** They talk, and Anna's phone has lost its socket. */
async function talking(calls: Calls): Promise<void> {
  await ringing(calls);
  await answer(calls);
  await calls.detached(ANNA, 'a');
}

test('[DS-1] a device that is back before its loss was noted is not waited for', async () => {
  const { store, calls, held } = callsBetween();
  await ringing(calls);
  held.between = () => calls.attached(ANNA, session('back'));
  await calls.detached(ANNA, 'a');
  const { calls: found } = await store.read([], ['c']);
  expect(found.get('c')?.state).toMatchObject({ phase: 'ringing', callerSeat: { endpoint: ANNA } });
  expect(found.get('c')?.state).not.toHaveProperty('callerSeat.goneAt');
});

test('[AN-1] a caller that comes while its call is being answered gets the answer once', async () => {
  const { store, calls, held } = callsBetween();
  await ringing(calls);
  await calls.detached(ANNA, 'a');
  held.between = () => answer(calls);
  const attached = await calls.attached(ANNA, session('back'));
  const frames = await store.mailbox(ANNA, 'back', attached?.after ?? 0, 10);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({ text: expect.stringContaining('"call:answer"') });
});

describe('a session that its calls cannot take in is not greeted', () => {
  test('[RI-2] since it was detached meanwhile: it comes again, and then has the answer', async () => {
    const { store, calls, held } = callsBetween();
    await talking(calls);
    held.between = () => store.detach(ANNA, 'back');
    expect(await calls.attached(ANNA, session('back'))).toBeUndefined();
    const attached = await calls.attached(ANNA, session('again'));
    const frames = await store.mailbox(ANNA, 'again', attached?.after ?? 0, 10);
    expect(frames).toMatchObject([{ text: expect.stringContaining('"call:answer"') }]);
  });

  test('[RI-2] for all the conflicts', async () => {
    const { calls, held } = callsBetween();
    await talking(calls);
    held.conflicts = 5;
    expect(await calls.attached(ANNA, session('back'))).toBeUndefined();
    expect(await calls.attached(ANNA, session('again'))).toMatchObject({ resumed: false });
  });
});

test('[DS-1] a loss that a call could not be told for all the conflicts is told it later', async () => {
  const { store, calls, held, clock } = callsBetween();
  await ringing(calls);
  held.conflicts = 5;
  await calls.detached(ANNA, 'a');
  const caller = async () => (await store.read([], ['c'])).calls.get('c')?.state;
  expect(await caller()).not.toHaveProperty('callerSeat.goneAt');
  clock.ms += 15_000;
  for (const { endpoint, sessionId } of await store.beat()) await calls.detached(endpoint, sessionId);
  expect(await caller()).toHaveProperty('callerSeat.goneAt');
  clock.ms += 15_000;
  expect(await store.beat()).toEqual([]);
});

test('[OF-3] a word without an id means the one outgoing call, unless it names somebody else', async () => {
  const { store, calls } = callsBetween();
  await ringing(calls);
  const { users } = await store.read(['1', '2'], []);
  const [anna, ben] = ['1', '2'].map((user) => users.get(user)?.calls ?? []);
  expect(outgoingCall(anna ?? [], '1', undefined)).toBe('c');
  expect(outgoingCall(anna ?? [], '1', '2')).toBe('c');
  expect(outgoingCall(anna ?? [], '1', '3')).toBeUndefined();
  expect(outgoingCall(ben ?? [], '2', undefined)).toBeUndefined();
  expect(outgoingCall(ben ?? [], '2', '1')).toBeUndefined();
});
