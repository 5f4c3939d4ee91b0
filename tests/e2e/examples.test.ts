/** The examples, built and served as their README says: people in front of different ones call each other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Account, befriend, createAccount } from './harness/accounts.ts';
import { launchBrowser } from './harness/browser.ts';
import { type RunningServer, startServer } from './harness/server.ts';

const EXAMPLES = resolve(import.meta.dirname, '..', '..', 'examples');
const built = mkdtempSync(join(tmpdir(), 'ringdown-examples-'));
const closing: (() => Promise<unknown>)[] = [];
let server: RunningServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all(closing.map((close) => close()));
  await server?.stop();
  rmSync(built, { recursive: true, force: true });
});

/** Builds an example and serves what was built. @returns its address */
async function serve(name: string): Promise<string> {
  const { build, preview } = await import('vite');
  // Read by the examples' configuration.
  process.env['RINGDOWN_SERVICE'] = server.url;
  const root = join(EXAMPLES, name);
  const outDir = join(built, name);
  const common = { root, configFile: join(root, 'vite.config.ts'), logLevel: 'error' } as const;
  await build({ ...common, build: { outDir, emptyOutDir: true } });
  const { httpServer, resolvedUrls } = await preview({
    ...common,
    build: { outDir },
    preview: { host: 'localhost', port: 0 },
  });
  closing.push(() => new Promise((done) => httpServer.close(done)));
  return resolvedUrls?.local[0] ?? '';
}

/** Somebody in front of an example, signed in. */
async function inFrontOf(example: string, account: Account): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(await serve(example));
  await signIn(page, account);
  return page;
}

async function signIn(page: Page, account: Account): Promise<void> {
  await page.getByPlaceholder('Name').fill(account.username);
  await page.getByPlaceholder('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('status').getByText('online').waitFor();
}

const heading = (page: Page, text: string) => page.getByRole('heading', { name: text }).waitFor();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
/** Waits until the other side's picture moves. */
const sees = (page: Page) =>
  expect
    .poll(
      () =>
        page
          .locator('video')
          .first()
          .evaluate((video: HTMLVideoElement) => video.videoWidth),
      { timeout: 15_000 },
    )
    .toBeGreaterThan(0);

test('people in front of the three examples call each other, see each other and hear of missed calls', async () => {
  const [anna, ben, cleo] = await Promise.all(['anna', 'ben', 'cleo'].map((role) => createAccount(server.url, role)));
  await befriend(server.url, anna!, ben!);
  await befriend(server.url, cleo!, anna!);
  const html = await inFrontOf('html', anna!);
  const react = await inFrontOf('react', ben!);

  await press(html, `Call ${ben!.username}`);
  await heading(react, `${anna!.username}: incoming`);
  await press(react, 'Answer');
  await Promise.all([heading(html, `${ben!.username}: connected`), heading(react, `${anna!.username}: connected`)]);
  await Promise.all([sees(html), sees(react)]);
  await press(react, 'Camera off');
  await react.getByRole('button', { name: 'Camera on' }).waitFor();
  await press(html, 'Hang up');
  await react.getByRole('heading', { level: 2 }).waitFor({ state: 'detached' });
  await react.context().close();

  const vue = await inFrontOf('vue', cleo!);
  await press(html, `Call ${cleo!.username}`);
  await heading(vue, `${anna!.username}: incoming`);
  await press(vue, 'Answer');
  await Promise.all([heading(vue, `${anna!.username}: connected`), sees(vue), sees(html)]);
  await press(vue, 'Hang up');
  await vue.getByRole('heading', { level: 2 }).waitFor({ state: 'detached' });

  await press(html, `Call ${cleo!.username}`);
  await heading(vue, `${anna!.username}: incoming`);
  await press(html, 'Hang up');
  await vue.getByText(`You missed a call of ${anna!.username}`).waitFor();
});

test.each(['html', 'react', 'vue'])(
  'the example in %s goes back into a call after a reload, and declines nothing when it is left while it rings',
  async (example) => {
    const [anna, ben] = await Promise.all(['anna', 'ben'].map((role) => createAccount(server.url, role)));
    await befriend(server.url, anna!, ben!);
    const hers = await inFrontOf('html', anna!);
    const his = await inFrontOf(example, ben!);

    await press(hers, `Call ${ben!.username}`);
    await heading(his, `${anna!.username}: incoming`);
    await press(his, 'Answer');
    await heading(hers, `${ben!.username}: connected`);
    await his.reload();
    await press(his, `Return to ${anna!.username}`);
    await heading(his, `${anna!.username}: connected`);
    await sees(his);
    await press(his, 'Hang up');
    await hers.getByRole('heading', { level: 2 }).waitFor({ state: 'detached' });

    await press(hers, `Call ${ben!.username}`);
    await heading(his, `${anna!.username}: incoming`);
    await press(his, 'Sign out');
    await signIn(his, ben!);
    await heading(his, `${anna!.username}: incoming`);
    await press(his, 'Decline');
    await hers.getByText('Declined.').waitFor();
    await Promise.all([hers.context().close(), his.context().close()]);
  },
);
