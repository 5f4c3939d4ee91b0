import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type FakePerson, FakeWorld } from './fake-world.ts';

let world = new FakeWorld();
beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  world.close();
  world = new FakeWorld();
  vi.useRealTimers();
});

const until = (expectation: () => void): Promise<void> => vi.waitFor(expectation, { interval: 1, timeout: 3_000 });

/** What the service has got from a person, by type, without the ids. */
function said(id: string, type: string): unknown[] {
  return world.service.received
    .filter(({ from, message }) => from === id && message.type === type)
    .map(({ message }) => message.data);
}

/** The service gets the next offer of a person and cannot be reached any more by it, for longer than an offer waits. */
async function offerUnheard(by: FakePerson, dial: () => Promise<unknown>): Promise<void> {
  world.service.intercept = (from, { type }) => {
    if (from !== by.id || type !== 'call:offer') return false;
    world.service.intercept = undefined;
    world.service.reachable = false;
    queueMicrotask(() => world.service.cut(by.id));
    return false;
  };
  await dial();
  await until(() => expect(world.service.reachable).toBe(false));
  await vi.advanceTimersByTimeAsync(21_000);
}

it('[OF-3] an offer that nobody acknowledged in 20 s is taken back as soon as the service is reached', async () => {
  const ada = await world.online('1');
  const bob = await world.online('2');
  await offerUnheard(ada, () => ada.client.call('2'));
  await until(() => expect(ada.client.calls).toEqual([]));
  expect(bob.incoming.map(({ state }) => state)).toEqual(['incoming']);
  world.service.reachable = true;
  await vi.advanceTimersByTimeAsync(10_000);
  await until(() => expect(bob.incoming[0]!.end).toEqual({ reason: 'cancelled', by: 'peer' }));
  expect(said('1', 'call:hang_up')).toEqual([{ receiverId: '2' }]);
});

it('[OF-3] an offer that never left needs no hang-up', async () => {
  const ada = await world.online('1');
  await world.online('2');
  world.service.reachable = false;
  world.service.cut('1');
  await ada.client.call('2');
  await vi.advanceTimersByTimeAsync(21_000);
  expect(ada.client.calls).toEqual([]);
  world.service.reachable = true;
  await vi.advanceTimersByTimeAsync(10_000);
  await until(() => expect(ada.client.state).toBe('online'));
  expect([said('1', 'call:offer'), said('1', 'call:hang_up')]).toEqual([[], []]);
});

it('[GL-2] a call that moved here unheard is hung up when its acknowledgement comes after all', async () => {
  const { outgoing, incoming } = await world.connected();
  const laptop = await world.online('1');
  await offerUnheard(laptop, () => laptop.client.call('2', { takeover: true }));
  await until(() => expect(laptop.client.calls).toEqual([]));
  expect(incoming.state).not.toBe('ended');
  world.service.reachable = true;
  await vi.advanceTimersByTimeAsync(10_000);
  await until(() => expect(incoming.end).toEqual({ reason: 'hung_up', by: 'peer' }));
  expect(said('1', 'call:hang_up')).toContainEqual({ callId: incoming.callId, receiverId: '2' });
  expect(outgoing.end).toEqual({ reason: 'taken_over', by: 'me' });
});
