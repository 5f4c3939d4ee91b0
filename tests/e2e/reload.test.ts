/** A page that is loaded again in a call: the person goes back into it, or the other side is let go. */
import type { RingdownClient } from '@ringdown/client';
import { expect, test } from 'vitest';
import type { Person } from './harness/person.ts';
import { isConnected, seesFrames, setStage } from './harness/stage.ts';
import { overhang, violations } from './harness/usability.ts';

const stage = setStage();
const PHONE = { width: 390, height: 844 };

/** From the next page on, half a minute is over in three seconds. */
async function hurry({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const original = globalThis.setTimeout;
    const hurried = (run: () => void, delayMs?: number) => original(run, delayMs === 30_000 ? 3_000 : delayMs);
    globalThis.setTimeout = hurried as typeof setTimeout;
  });
}

test('[GL-2] a page that is loaded again in a call is back in it with one key, and lets go of it when nobody comes', {
  timeout: 120_000,
}, async () => {
  const [anna, ben] = await stage.runningCall();
  const rings = () => anna.app.page.getByTestId('incoming-dialog').count();
  await ben.app.page.setViewportSize(PHONE);
  await ben.app.page.reload();
  await ben.app.sees('return-dialog');
  expect(await ben.app.see('return-dialog').innerText()).toContain(`You are in a call with ${anna.account.username}`);
  expect(await violations(ben.app)).toEqual([]);
  expect(await overhang(ben.app)).toBe(0);
  await ben.app.page.keyboard.press('Enter');
  await Promise.all([isConnected(ben.app), isConnected(anna.app)]);
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
  expect(await ben.app.connectedCall()).toBe(await anna.app.connectedCall());

  await hurry(ben.app);
  await ben.app.page.reload();
  await ben.app.sees('return-dialog');
  await anna.app.page.getByText('The connection was lost').first().waitFor();
  await ben.app.seesNo('return-dialog');
  expect(await rings()).toBe(0);
  for (const { app } of [anna, ben]) {
    expect(await app.newestCall()).toMatchObject({ outcome: 'completed' });
    expect(await app.page.getByTestId('history-row').count()).toBe(1);
  }
});

test('[GL-2] a picture that was added to an audio call is back after a reload of who sees it', async () => {
  const [anna, ben] = await stage.runningCall('audio');
  await anna.app.page.evaluate(() =>
    (globalThis as unknown as { __ringdown: { client: RingdownClient } }).__ringdown.client.activeCall?.setCamera(true),
  );
  await seesFrames(ben.app);
  await ben.app.page.reload();
  await ben.app.sees('return-dialog');
  await ben.app.page.keyboard.press('Enter');
  await Promise.all([isConnected(ben.app), isConnected(anna.app)]);
  await seesFrames(ben.app);
});

test('[DS-1] a page that is closed in a call lets the other side go after ten seconds', async () => {
  const [anna, ben] = await stage.runningCall();
  const closedAt = performance.now();
  await ben.app.page.close();
  await anna.app.page.getByText(`${ben.account.username} is reconnecting…`).waitFor();
  await anna.app.page.getByText('The connection was lost').first().waitFor();
  const waitedMs = performance.now() - closedAt;
  await anna.app.hasNoCall();
  // Half a minute is what a lost network gets.
  expect(waitedMs).toBeGreaterThan(9_000);
  expect(waitedMs).toBeLessThan(20_000);
});
