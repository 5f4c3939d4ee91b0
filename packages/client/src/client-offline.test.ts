import { afterEach, describe, expect, it } from 'vitest';
import { FakeBrowser } from './fake-tabs.ts';
import { FakeWorld } from './fake-world.ts';

let world: FakeWorld;

afterEach(() => {
  world.close();
});

/** Somebody in a tab, and two ways to go offline. */
async function setUp() {
  world = new FakeWorld();
  const browser = new FakeBrowser();
  const tab = browser.openTab();
  const ada = await world.online('1', { platform: { tabs: tab } });
  const goOffline = {
    disconnect: () => ada.client.disconnect(),
    'be refused': () => {
      world.service.refusedTokens.add('user-1');
      world.service.cut('1', 4501);
    },
  };
  return { ada, browser, tab, goOffline };
}

describe('an application that hears of offline', () => {
  it.each(['disconnect', 'be refused'] as const)('may connect again at once and keeps its device (%s)', async (how) => {
    const { ada, browser, tab, goOffline } = await setUp();
    const device = `ringdown.deviceId.${tab.recall('ringdown.deviceId')}`;
    const again = new Promise<void>((resolve) => {
      const stop = ada.client.on('state', (state) => {
        if (state !== 'offline') return;
        stop();
        world.service.refusedTokens.clear();
        resolve(ada.client.connect());
      });
    });
    goOffline[how]();
    await again;
    expect(ada.client.state).toBe('online');
    expect(browser.holders.get(device)).toBe(tab);
  });

  it('because the service refuses it has no calls any more', async () => {
    const { ada, goOffline } = await setUp();
    await world.online('2');
    const call = await ada.client.call('2');
    const atOffline = new Promise((resolve) => {
      ada.client.on('state', (state) => state === 'offline' && resolve([call.state, ada.client.calls.length]));
    });
    goOffline['be refused']();
    expect(await atOffline).toEqual(['ended', 0]);
    expect(ada.errors).toMatchObject([{ code: 'unauthenticated' }]);
  });

  it('because it asked for that still has its calls', async () => {
    const { ada, goOffline } = await setUp();
    await world.online('2');
    const call = await ada.client.call('2');
    goOffline.disconnect();
    expect([ada.client.state, call.state]).toEqual(['offline', 'dialling']);
    await ada.client.connect();
  });
});

it('who connects again at the end of a call, because the service refuses, is not told to be offline after that', async () => {
  const { ada, goOffline } = await setUp();
  await world.online('2');
  const call = await ada.client.call('2');
  const states: string[] = [];
  ada.client.on('state', (state) => states.push(state));
  const again = new Promise<void>((resolve) => {
    call.on('ended', () => {
      states.push(`ended ${ada.client.state}`);
      world.service.refusedTokens.clear();
      resolve(ada.client.connect());
    });
  });
  goOffline['be refused']();
  await again;
  expect(states).toEqual(['resuming', 'ended offline', 'connecting', 'online']);
});
