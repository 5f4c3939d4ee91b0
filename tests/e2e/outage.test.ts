/** The way to the service breaks during a call; the media, which take another way, go on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, createAccount } from './harness/accounts.ts';
import { type Cable, layCable } from './harness/cable.ts';
import { takeNotes } from './harness/notes.ts';
import type { Person } from './harness/person.ts';
import { isConnected, type Present, seesFrames, setStage } from './harness/stage.ts';

let cable: Cable;
const stage = setStage(async () => {
  cable = await layCable();
  return { ALLOWED_ORIGINS: cable.url };
});
beforeAll(() => cable.plugInto(stage.server().url));
afterAll(() => cable.close());

const BROKEN = /WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|Failed to (load|fetch)/;

/** A running call in which the second person's way to the service is a cable. */
async function callOverCable(): Promise<[anna: Present, ben: Present]> {
  const url = stage.server().url;
  const [annaAccount, benAccount] = [await createAccount(url, 'anna'), await createAccount(url, 'ben')];
  await befriend(url, annaAccount, benAccount);
  const anna = { account: annaAccount, app: await stage.anotherDevice(annaAccount, {}, cable.url) };
  const ben = { account: benAccount, app: await stage.anotherDevice(benAccount, {}, cable.url) };
  for (const { app } of [anna, ben]) app.expectFaults(BROKEN);
  await anna.app.calls(benAccount.username);
  await ben.app.accepts();
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  return [anna, ben];
}

test('[DS-1] a call goes on while both are cut off from the service for ten seconds, and hanging up works afterwards', async () => {
  const [anna, ben] = await callOverCable();
  const both = await Promise.all([takeNotes(anna.app), takeNotes(ben.app)]);
  cable.pull();
  await Promise.all([anna, ben].map(({ app }) => app.page.waitForFunction(isNotOnline)));
  // One look a second.
  const looks = await Promise.all(both.map(async (notes) => (await notes.samples()).length));
  for (const [index, notes] of both.entries()) {
    const enough = (looks[index] ?? 0) + 10;
    await expect.poll(async () => (await notes.samples()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(enough);
    // A second without a picture is the machine's; two would be the call's.
    const flowing = (await notes.samples()).filter(({ fps = 0 }) => fps > 0);
    expect(flowing.length).toBeGreaterThanOrEqual(enough - 1);
    expect(await notes.phases()).toEqual([]);
    expect(await notes.lines()).not.toContain('online');
  }
  cable.mend();
  for (const { app } of [anna, ben]) await showsThat(app, 'online');
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
  for (const notes of both) expect(await notes.phases()).toEqual([]);
  await ben.app.press('hang-up');
  await Promise.all([anna.app.seesNo('call-view'), ben.app.seesNo('call-view')]);
  expect(await anna.app.newestCall()).toMatchObject({ outcome: 'completed' });
});

test('[DS-3] a hang-up said while cut off reaches the other side once the way is back', async () => {
  const [anna, ben] = await callOverCable();
  cable.pull();
  await ben.app.page.waitForFunction(isNotOnline);
  await ben.app.press('hang-up');
  await ben.app.seesNo('call-view');
  cable.mend();
  await anna.app.seesNo('call-view');
  expect(await anna.app.newestCall()).toMatchObject({ outcome: 'completed' });
});

/** Waits until the page says so of the way to the service. */
const showsThat = ({ page }: Person, state: string) =>
  page.locator(`[data-testid="connection-state"][data-state="${state}"]`).waitFor({ state: 'attached' });

/** Runs in the page. */
function isNotOnline(): boolean {
  const page = globalThis as { __ringdown?: { client: { state: string } } };
  return page.__ringdown?.client.state !== 'online';
}
