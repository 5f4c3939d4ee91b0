/** The client that the README shows, run as it stands there: against the real service, with real media. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Account, befriend, createAccount } from './harness/accounts.ts';
import { isConnected, seesFrames, setStage } from './harness/stage.ts';

const stage = setStage();
const ROOT = resolve(import.meta.dirname, '..', '..');

/** What the client gives to who calls it. */
interface Phone {
  call(receiverId: string): Promise<void>;
  answer(): Promise<void>;
  hangUp(): void;
}
interface PhoneWindow {
  openPhone(
    token: string,
    options: { mine: HTMLVideoElement; theirs: HTMLVideoElement; onEvent: (type: string, data: unknown) => void },
  ): Phone;
  phone: Phone;
  heard: string[];
}

/** The block of code in a README that defines the client. */
function clientIn(readme: string): string {
  const blocks = readFileSync(resolve(ROOT, readme), 'utf8').matchAll(/```js\n([\s\S]*?)```/g);
  const found = [...blocks].map(([, code = '']) => code).filter((code) => code.includes('function openPhone('));
  expect(found, `${readme} shows the client once`).toHaveLength(1);
  return found[0] ?? '';
}

/** A page of the service with nothing on it but the client and two pictures. */
async function pageWithClient(account: Account): Promise<Page> {
  const { page } = await stage.visitor();
  await page.evaluate(
    ([code, token]) => {
      const here = globalThis as unknown as PhoneWindow;
      document.body.innerHTML = '<video id="mine" autoplay muted></video><video id="theirs" autoplay></video>';
      here.openPhone = new Function(`${code}\nreturn openPhone;`)();
      here.heard = [];
      here.phone = here.openPhone(token, {
        mine: document.querySelector('#mine') as HTMLVideoElement,
        theirs: document.querySelector('#theirs') as HTMLVideoElement,
        onEvent: (type) => here.heard.push(type),
      });
    },
    [clientIn('README.md'), account.token] as const,
  );
  return page;
}

const call = (page: Page, receiver: Account) =>
  page.evaluate((id) => (globalThis as unknown as PhoneWindow).phone.call(id), receiver.id);
const answer = (page: Page) => page.evaluate(() => (globalThis as unknown as PhoneWindow).phone.answer());
const hangUp = (page: Page) => page.evaluate(() => (globalThis as unknown as PhoneWindow).phone.hangUp());

/** Waits until the client has told of an event. */
async function hears(page: Page, type: string): Promise<void> {
  await page.waitForFunction((wanted) => (globalThis as unknown as PhoneWindow).heard.includes(wanted), type);
}

/** Waits until the other side's picture moves. */
async function seesOther(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const theirs = document.querySelector('#theirs') as HTMLVideoElement;
    return theirs.videoWidth > 0 && theirs.getVideoPlaybackQuality().totalVideoFrames > 5;
  });
}

test('two clients written from the contract alone see each other', async () => {
  const { url } = stage.server();
  const [anna, ben] = [await createAccount(url, 'anna'), await createAccount(url, 'ben')];
  await befriend(url, anna, ben);
  const [hers, his] = [await pageWithClient(anna), await pageWithClient(ben)];
  await call(hers, ben);
  await hears(his, 'call:offer');
  await answer(his);
  await Promise.all([seesOther(hers), seesOther(his)]);
  await hangUp(hers);
  await hears(his, 'call:hang_up');
});

test('a client written from the contract alone calls somebody in the web app, and is called back', async () => {
  const { url } = stage.server();
  const anna = await createAccount(url, 'anna');
  const ben = await createAccount(url, 'ben');
  await befriend(url, anna, ben);
  const hers = await pageWithClient(anna);
  const his = await stage.anotherDevice(ben);

  await call(hers, ben);
  await his.accepts();
  await isConnected(his);
  await Promise.all([seesOther(hers), seesFrames(his)]);
  await his.press('hang-up');
  await hears(hers, 'call:hang_up');

  await his.calls(anna.username);
  await hears(hers, 'call:offer');
  await answer(hers);
  await isConnected(his);
  await seesFrames(his);
  await hangUp(hers);
  await his.seesNo('call-view');
});

test('both READMEs show the same client', () => {
  expect(clientIn('README.zh-CN.md')).toBe(clientIn('README.md'));
});
