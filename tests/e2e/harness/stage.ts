/** Where the tests play: one service and one browser for a file, new people for every test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Account, befriend, createAccount } from './accounts.ts';
import { launchBrowser } from './browser.ts';
import { Person } from './person.ts';
import { type RunningServer, startServer } from './server.ts';

/** Someone with an account, signed in to the app. */
export interface Present {
  readonly account: Account;
  readonly app: Person;
}

/** Which browser somebody has, and how it is set up. */
interface Equipment extends BrowserContextOptions {
  /** Default: the stage's own Chromium. */
  readonly browser?: Browser;
}

/** What a test file plays on. */
export interface Stage {
  server(): RunningServer;
  /** A browser with the app open and nobody signed in. @param url default: the service's own */
  visitor(options?: Equipment, url?: string): Promise<Person>;
  /** Somebody with a new account, in front of the list of people. */
  signedUpPerson(role: string, options?: Equipment): Promise<Present>;
  /** One more browser of somebody who has an account. */
  anotherDevice(of: Account, options?: Equipment, url?: string): Promise<Person>;
  /** Two people who may call each other, both online. */
  twoFriends(options?: Equipment): Promise<[anna: Present, ben: Present]>;
  /** Two friends of whom the first calls the second, at whom it rings. */
  ringingCall(kind?: 'video' | 'audio'): Promise<[anna: Present, ben: Present]>;
  /** Two friends who see and hear each other. */
  runningCall(kind?: 'video' | 'audio'): Promise<[anna: Present, ben: Present]>;
}

/**
 * Sets the stage for a test file. After every test it closes the browsers, and fails the test when a page had an error
 * that the test had not announced.
 * @param settings environment variables of the service; a function is asked right before it starts
 */
export function setStage(settings: Record<string, string> | (() => Promise<Record<string, string>>) = {}): Stage {
  let server: RunningServer;
  let browser: Browser;
  let people: Person[] = [];

  beforeAll(async () => {
    const chosen = typeof settings === 'function' ? await settings() : settings;
    [server, browser] = await Promise.all([startServer(chosen), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async ({ task }) => {
    const present = people;
    people = [];
    if (task.result?.state === 'fail') await leaveTraces(task.name, present, server);
    const faults = present.flatMap((person) => person.faults);
    await Promise.all(present.map((person) => person.context.close()));
    expect(faults, 'errors on the pages').toEqual([]);
  });

  const stage: Stage = {
    server: () => server,
    async visitor({ browser: own = browser, ...options } = {}, url = server.url) {
      const context = await own.newContext({ locale: 'en-US', viewport: { width: 1100, height: 760 }, ...options });
      const person = await Person.at(url, context);
      people.push(person);
      return person;
    },
    async signedUpPerson(role, options) {
      const account = await createAccount(server.url, role);
      return { account, app: await stage.anotherDevice(account, options) };
    },
    async anotherDevice(account, options, url) {
      const app = await stage.visitor(options, url);
      await app.logIn(account);
      return app;
    },
    async twoFriends(options) {
      const accounts = [await createAccount(server.url, 'anna'), await createAccount(server.url, 'ben')] as const;
      await befriend(server.url, ...accounts);
      const [anna, ben] = await Promise.all(accounts.map((account) => stage.anotherDevice(account, options)));
      return [
        { account: accounts[0], app: anna! },
        { account: accounts[1], app: ben! },
      ];
    },
    async ringingCall(kind) {
      const [anna, ben] = await stage.twoFriends();
      await anna.app.calls(ben.account.username, kind);
      await Promise.all([anna.app.sees('outgoing-view'), ben.app.sees('incoming-dialog')]);
      return [anna, ben];
    },
    async runningCall(kind = 'video') {
      const [anna, ben] = await stage.ringingCall(kind);
      await ben.app.accepts(kind);
      await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
      return [anna, ben];
    },
  };
  return stage;
}

/** For who looks into a failure: what everybody saw at its moment, and what the service said. */
async function leaveTraces(name: string, present: Person[], server: RunningServer): Promise<void> {
  const base = join(import.meta.dirname, '..', 'output', `failed ${name.replaceAll(/[^\w[\]-]+/g, ' ').slice(0, 80)}`);
  mkdirSync(dirname(base), { recursive: true });
  writeFileSync(`${base}.log`, server.output());
  await Promise.all(
    present.map(({ page }, index) => page.screenshot({ path: `${base} ${index}.png` }).catch(() => {})),
  );
}

/** Waits until media flows. */
export async function isConnected(person: Person): Promise<void> {
  await expect.poll(() => person.callState(), { timeout: 20_000 }).toBe('connected');
}

/** Waits until this many more frames of the other side have been decoded than up to now. */
export async function seesFrames(person: Person, more = 5): Promise<void> {
  const { framesDecoded: before } = await person.receivedMedia();
  await expect
    .poll(async () => (await person.receivedMedia()).framesDecoded, { timeout: 20_000 })
    .toBeGreaterThan(before + more);
}

/** Waits until more of the other side's sound has arrived than up to now. */
export async function hearsSound(person: Person): Promise<void> {
  const { audioSamples: before } = await person.receivedMedia();
  await expect
    .poll(async () => (await person.receivedMedia()).audioSamples, { timeout: 20_000 })
    .toBeGreaterThan(before);
}
