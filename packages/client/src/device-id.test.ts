import { describe, expect, it } from 'vitest';
import { claimDeviceId } from './device-id.ts';
import { FakeBrowser } from './fake-tabs.ts';
import { type Tabs, tabsOf } from './tabs.ts';

const claim = (tabs: Tabs) => claimDeviceId({ tabs });

describe('the device id of a tab', () => {
  it('[HE-1] is what the service takes, and hard to guess', async () => {
    const { deviceId } = await claim(new FakeBrowser().openTab());
    expect(deviceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('[HE-3] is the same after a reload', async () => {
    const tab = new FakeBrowser().openTab();
    const before = await claim(tab);
    const after = await claim(tab.reload());
    expect(after.deviceId).toBe(before.deviceId);
  });

  it('[HE-3] is another one in a duplicated tab, which keeps its own over a reload', async () => {
    const browser = new FakeBrowser();
    const original = browser.openTab();
    const first = await claim(original);
    const copy = browser.openTab(original);
    const second = await claim(copy);
    expect(second.deviceId).not.toBe(first.deviceId);
    expect((await claim(copy.reload())).deviceId).toBe(second.deviceId);
  });

  it('[HE-3] waits a moment for the page that was reloaded to let go', async () => {
    const tab = new FakeBrowser().openTab();
    const before = await claim(tab);
    const after = claim(tab);
    before.release();
    expect((await after).deviceId).toBe(before.deviceId);
  });

  it('[HE-3] waits longer where the browser says that the page was reloaded, as on a busy computer', async () => {
    const tab = new FakeBrowser().openTab();
    const before = await claim(tab);
    const after = claim(Object.assign(tab, { reloaded: true }));
    await new Promise((resolve) => setTimeout(resolve, 400));
    before.release();
    expect((await after).deviceId).toBe(before.deviceId);
  });

  it('can be claimed again by the same page once it was released', async () => {
    const tab = new FakeBrowser().openTab();
    const first = await claim(tab);
    const besides = await claim(tab);
    expect(besides.deviceId).not.toBe(first.deviceId);
    besides.release();
    expect((await claim(tab)).deviceId).toBe(besides.deviceId);
  });

  it.each(['', 'with space', 'ä', 'x'.repeat(65)])('is made anew when %j is remembered', async (text) => {
    const tab = new FakeBrowser().openTab();
    tab.remember('ringdown.deviceId', text);
    expect((await claim(tab)).deviceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is made anew at every load where nothing keeps a duplicated tab from having the same', async () => {
    const tab = new FakeBrowser().openTab();
    const withoutLocks = { ...tabsOf({}), recall: (key: string) => tab.recall(key), remember: tab.remember.bind(tab) };
    const before = await claim(withoutLocks);
    expect((await claim(withoutLocks)).deviceId).not.toBe(before.deviceId);
  });
});
