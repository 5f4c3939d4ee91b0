/** `npm run first-frame`: how long after Accept the other side is seen, with the SDK and with bare connections. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, platform, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bundle } from '../../../scripts/sdk/bundle.mjs';
import { befriend, createAccount } from '../../e2e/harness/accounts.ts';
import { launchBrowser } from '../../e2e/harness/browser.ts';
import { startServer } from '../../e2e/harness/server.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { lines, type Result, withResult } from './report.ts';
import { installStopwatch, type Subject, takeSteps, withBareConnections, withSdk } from './subjects.ts';

const CLIENT = resolve(import.meta.dirname, '..', '..', '..', 'packages', 'client');
const README = join(CLIENT, 'README.md');
/** A person needs longer to reach for the button; until then everything that the caller does is done. */
const BEFORE_ACCEPT_MS = 500;
/** Devices are let go of a moment after they were told to. */
const AFTER_CALL_MS = 200;

const options = ((): Options => {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`first-frame: ${(error as Error).message.split('\n')[0]}; see npm run first-frame -- --help`);
    process.exit(2);
  }
})();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}

try {
  const result = await measure(options);
  console.log(`\n${lines(result)}`);
  if (options.write) writeFileSync(README, withResult(readFileSync(README, 'utf8'), result));
} catch (error) {
  console.error(`first-frame: ${(error as Error).stack}`);
  process.exitCode = 1;
}

async function measure({ calls, steps }: Options): Promise<Result> {
  const [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  try {
    const people = await Promise.all([createAccount(server.url, 'anna'), createAccount(server.url, 'ben')]);
    await befriend(server.url, ...people);
    const context = await browser.newContext();
    const pages = await Promise.all([context.newPage(), context.newPage()]);
    for (const page of pages) {
      await page.goto(server.url);
      await installStopwatch(page, steps);
    }
    const entry = "import { RingdownClient } from './index.ts'; Object.assign(globalThis, { RingdownClient });";
    const { code } = await bundle(entry, join(CLIENT, 'src'), 'sdk.js', ['ringdown-source']);
    const sdk = await withSdk(`(() => {${code}})()`, pages, people);
    const bare = await withBareConnections(pages);
    const times = new Map<Subject, number[]>([
      [sdk, []],
      [bare, []],
    ]);
    const once = async (subject: Subject): Promise<number> => {
      await subject.ring();
      await wait(BEFORE_ACCEPT_MS);
      await takeSteps(pages[1]);
      const ms = await subject.accept();
      if (steps) console.error(`${subject.name} ${ms.toFixed(0)} ms: ${(await takeSteps(pages[1])).join(', ')}`);
      await subject.end();
      await wait(AFTER_CALL_MS);
      return ms;
    };
    // The first of each pays for what a page does only once.
    for (const subject of times.keys()) await once(subject);
    for (let call = 1; call <= calls; call += 1) {
      for (const [subject, measured] of times) measured.push(await once(subject));
    }
    return {
      sdk: times.get(sdk) ?? [],
      bare: times.get(bare) ?? [],
      date: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}`,
      browser: `Chromium ${browser.version()}`,
    };
  } finally {
    await browser.close();
    await server.stop();
  }
}
