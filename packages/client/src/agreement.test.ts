import { afterEach, expect, it, vi } from 'vitest';
import { FakeBrowser } from './fake-tabs.ts';
import { FakeWorld } from './fake-world.ts';

let world = new FakeWorld();
afterEach(() => {
  world.close();
  world = new FakeWorld();
});

const until = (expectation: () => void): Promise<void> => vi.waitFor(expectation, { interval: 1, timeout: 3_000 });

function said(id: string, type: string): unknown[] {
  return world.service.received
    .filter(({ from, message }) => from === id && message.type === type)
    .map(({ message }) => message.data);
}

it('[GL-2] a picture that was added comes back after a reload, though the service tells of an audio call', async () => {
  const tab = new FakeBrowser().openTab();
  const before = await world.online('1', { platform: { tabs: tab } });
  const bob = await world.online('2');
  const outgoing = await before.client.call('2', { video: false });
  await until(() => expect(bob.incoming).toHaveLength(1));
  const bobs = bob.incoming[0]!;
  await bobs.accept();
  await until(() => expect([outgoing.state, bobs.state]).toEqual(['connected', 'connected']));
  await bobs.setCamera(true);
  expect(outgoing.remoteStream?.getVideoTracks()).toHaveLength(1);
  const ada = await world.online('1', { platform: { tabs: tab.reload() } });
  expect(ada.client.openCalls).toMatchObject([{ callType: 'audio' }]);
  const back = await ada.client.call('2', { takeover: true });
  await until(() => expect(back.remoteStream?.getVideoTracks()).toHaveLength(1));
  expect([back.callType, back.cameraOn, bobs.cameraOn]).toEqual(['video', false, true]);
  await back.setCamera(true);
  await until(() => expect(bobs.remoteStream?.getVideoTracks()).toHaveLength(1));
  expect([...ada.errors, ...bob.errors]).toEqual([]);
});

it('[DS-1] a path that broke is looked for anew when the service says that the other side is back', async () => {
  const { caller, outgoing, incoming } = await world.connected();
  world.service.reachable = false;
  world.service.cut('2');
  await until(() => expect(outgoing.peerConnection).toBe('reconnecting'));
  caller.client.simulate('ice-failure');
  await until(() => expect(outgoing.state).toBe('reconnecting'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(said('1', 'call:offer')).toHaveLength(1);
  world.service.reachable = true;
  await until(() => expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']));
  expect(said('1', 'call:offer')).toHaveLength(2);
});

it('[GL-2] who comes back on another device is connected again', async () => {
  const { outgoing } = await world.connected();
  world.service.reachable = false;
  world.service.cut('2');
  await until(() => expect(outgoing.peerConnection).toBe('reconnecting'));
  world.service.reachable = true;
  const laptop = await world.online('2');
  const moved = await laptop.client.call('1', { takeover: true });
  await until(() => expect([outgoing.state, moved.state]).toEqual(['connected', 'connected']));
  expect(outgoing.peerConnection).toBe('connected');
});

it('[GL-2] a reloaded page that loses its session again and again on the way back never hangs up its call', async () => {
  const tab = new FakeBrowser().openTab();
  const before = await world.online('1', { platform: { tabs: tab } });
  const bob = await world.online('2');
  const outgoing = await before.client.call('2');
  await until(() => expect(bob.incoming).toHaveLength(1));
  const bobs = bob.incoming[0]!;
  await bobs.accept();
  await until(() => expect([outgoing.state, bobs.state]).toEqual(['connected', 'connected']));
  const ada = await world.online('1', { platform: { tabs: tab.reload() } });

  const loseSession = () => {
    world.service.cut('1');
    world.service.forgetMailboxes();
  };
  // The answer to the first copy is lost, and no other copy is acknowledged before the session is lost once more.
  let lost = 0;
  world.service.intercept = (from, { type }) => {
    if (from === '2' && type === 'call:answer') {
      if (lost === 0) loseSession();
      lost = Math.max(lost, 1);
      return true;
    }
    if (from !== '1' || type !== 'call:offer' || lost === 0 || lost === 3) return false;
    lost += 1;
    if (lost === 3) world.service.intercept = undefined;
    loseSession();
    return true;
  };
  const back = await ada.client.call('2', { takeover: true });
  await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
  expect(lost).toBe(3);
  expect(said('1', 'call:hang_up')).toEqual([]);
});
