/** The SDK in several tabs of one browser: what each is called, and which of them rings. Real locks, channels and sound. */
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../scripts/sdk/bundle.mjs';
import { type Account, befriend, createAccount } from './harness/accounts.ts';
import { setStage } from './harness/stage.ts';

const stage = setStage();
const SOURCES = resolve(import.meta.dirname, '..', '..', 'packages', 'client', 'src');
let sdk: string;

beforeAll(async () => {
  const entry = `
    import { RingdownClient, Ringer } from './bundle.ts';
    import { claimDeviceId } from './device-id.ts';
    Object.assign(globalThis, { RingdownClient, Ringer, claimDeviceId });
  `;
  const { code } = await bundle(entry, SOURCES, 'sdk.js', ['ringdown-source']);
  sdk = `(() => {${code}})()`;
});

const deviceIdOf = (page: Page): Promise<string> =>
  page.evaluate(`${sdk}, claimDeviceId({})
    .then(({ deviceId }) => deviceId)`);

describe('the device id', () => {
  test('[HE-3] stays over a reload, and a duplicated tab becomes another device', async () => {
    const { page, context } = await stage.visitor();
    const own = await deviceIdOf(page);
    await page.reload();
    expect(await deviceIdOf(page)).toBe(own);

    // A page that opens another one of its origin gives it a copy of what it remembers, as duplicating a tab does.
    const opened = context.waitForEvent('page');
    await page.evaluate('void open(location.href)');
    const copy = await opened;
    await copy.waitForLoadState();
    expect(await copy.evaluate("sessionStorage.getItem('ringdown.deviceId')")).toBe(own);
    const other = await deviceIdOf(copy);
    expect(other).not.toBe(own);
    await copy.reload();
    expect(await deviceIdOf(copy)).toBe(other);
  });
});

/** One tab with a client and a ringer. `log` tells what it did, with the time. */
async function phone(page: Page, account: Account): Promise<Page> {
  await page.evaluate(`${sdk};
    globalThis.log = [];
    globalThis.client = new RingdownClient({ url: location.origin, token: () => ${JSON.stringify(account.token)} });
    globalThis.ringer = new Ringer(client);
    ringer.on('ringing', (call) => log.push({ what: call ? 'rings' : 'silent', atMs: Date.now() }));
    ringer.on('missed', () => log.push({ what: 'missed', atMs: Date.now() }));
    ringer.on('error', ({ code }) => log.push({ what: code, atMs: Date.now() }));
    client.on('incoming', (call) => {
      log.push({ what: 'incoming', atMs: Date.now() });
      call.on('ended', ({ reason }) => log.push({ what: reason, atMs: Date.now() }));
    });
    client.connect();`);
  // The gesture after which it may be heard.
  await page.mouse.click(3, 3);
  return page;
}

/** Waits until an expression is true on a page. The page's own rules let no text be waited for from within it. */
const until = (page: Page, expression: string) =>
  expect.poll(() => page.evaluate(expression), { timeout: 10_000 }).toBe(true);

interface Entry {
  readonly what: string;
  readonly atMs: number;
}
const logOf = (page: Page) => page.evaluate('log') as Promise<Entry[]>;
const has = async (page: Page, what: string) => (await logOf(page)).some((entry) => entry.what === what);
async function thoseThat(pages: readonly Page[], what: string): Promise<number[]> {
  const logs = await Promise.all(pages.map((page) => has(page, what)));
  return logs.flatMap((holds, index) => (holds ? [index] : []));
}

/** Anna, and Ben in some tabs, at all of which she rings. */
async function tabsRinging(count: number) {
  const { url } = stage.server();
  const [anna, ben] = await Promise.all([createAccount(url, 'anna'), createAccount(url, 'ben')]);
  await befriend(url, anna, ben);
  const caller = await phone((await stage.visitor()).page, anna);
  const { page, context } = await stage.visitor();
  const tabs = [page];
  while (tabs.length < count) {
    const tab = await context.newPage();
    await tab.goto(page.url());
    tabs.push(tab);
  }
  for (const tab of tabs) await phone(tab, ben);
  for (const each of [caller, ...tabs]) await until(each, "client.state === 'online'");
  await caller.evaluate(`client.call('${ben.id}', { video: false })`);
  await expect.poll(() => thoseThat(tabs, 'incoming')).toHaveLength(count);
  await expect.poll(() => thoseThat(tabs, 'rings')).toHaveLength(1);
  return { caller, tabs };
}

describe('the tabs of one person', () => {
  test('[AN-1] one of six rings, one accepts, and the others fall silent at once', async () => {
    const { tabs } = await tabsRinging(6);
    const [ringing = -1] = await thoseThat(tabs, 'rings');
    const accepting = (ringing + 2) % 6;
    const acceptedAtMs = (await tabs[accepting]!.evaluate(
      'const at = Date.now(); client.activeCall.accept(); at',
    )) as number;
    await expect.poll(() => thoseThat(tabs, 'silent')).toEqual([ringing]);
    const silentAtMs = (await logOf(tabs[ringing]!)).find(({ what }) => what === 'silent')!.atMs;
    expect(silentAtMs - acceptedAtMs).toBeLessThan(500);
    await expect.poll(() => thoseThat(tabs, 'answered_elsewhere')).toHaveLength(5);
    await until(tabs[accepting]!, "client.activeCall?.state === 'connected'");
    expect(await thoseThat(tabs, 'rings')).toEqual([ringing]);
    expect(await thoseThat(tabs, 'missed')).toEqual([]);
  });

  test('when the tab that rings is closed another one rings, and one tells of the missed call', async () => {
    const { caller, tabs } = await tabsRinging(3);
    const [ringing = -1] = await thoseThat(tabs, 'rings');
    await tabs[ringing]!.close();
    const others = tabs.filter((_, index) => index !== ringing);
    await expect.poll(() => thoseThat(others, 'rings')).toHaveLength(1);
    await caller.evaluate('client.activeCall.hangUp()');
    await expect.poll(() => thoseThat(others, 'cancelled')).toHaveLength(2);
    await expect.poll(() => thoseThat(others, 'missed')).toHaveLength(1);
    // Longer than the others leave the tab that rang to tell of it.
    await others[0]!.waitForTimeout(2_000);
    expect(await thoseThat(others, 'missed')).toHaveLength(1);
    expect(await thoseThat(others, 'rings')).toHaveLength(1);
  });
});
