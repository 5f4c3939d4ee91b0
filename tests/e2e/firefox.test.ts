/** Calls between a Chromium and a Firefox: whoever dials, both see each other, and blocked ports are replaced. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLeftOut } from '../../scripts/setup/find-tool.mjs';
import { befriend, createAccount } from './harness/accounts.ts';
import { launchFirefox, whyNoFirefox } from './harness/browser.ts';
import { type DatagramCable, layDatagramCable } from './harness/datagram-cable.ts';
import { pathBreaks, takeNotes } from './harness/notes.ts';
import { hearsSound, isConnected, type Present, seesFrames, setStage } from './harness/stage.ts';
import { type RunningTurnServer, startTurnServer } from './harness/turn-server.ts';

const why = whyNoFirefox();
if (why !== undefined) console.warn(`LEFT OUT: calls between Chromium and Firefox: ${why}`);

describe.skipIf(why !== undefined)('a Chromium and a Firefox', () => {
  const secret = 'only-for-tests-0123456789-0123456789-abcdef';
  const withoutTurn = isLeftOut('turnserver');
  let turn: RunningTurnServer | undefined;
  let relayCable: DatagramCable | undefined;
  let browser: Browser;
  const stage = setStage(async () => {
    if (withoutTurn) return {};
    turn = await startTurnServer(secret);
    relayCable = await layDatagramCable(turn.port);
    return { TURN_URLS: `turn:127.0.0.1:${relayCable.port}?transport=udp`, TURN_SECRET: secret };
  });
  beforeAll(async () => {
    browser = await launchFirefox();
  });
  afterAll(async () => {
    await browser?.close();
    relayCable?.close();
    await turn?.stop();
  });

  /** Anna with a Chromium and Fritz with a Firefox, who are friends. */
  async function annaAndFritz(): Promise<[anna: Present, fritz: Present]> {
    const { url } = stage.server();
    const accounts = [await createAccount(url, 'anna'), await createAccount(url, 'fritz')] as const;
    await befriend(url, ...accounts);
    const [hers, his] = await Promise.all([
      stage.anotherDevice(accounts[0]),
      stage.anotherDevice(accounts[1], { browser }),
    ]);
    return [
      { account: accounts[0], app: hers },
      { account: accounts[1], app: his },
    ];
  }

  test('see and hear each other, whichever of them dials', { timeout: 120_000 }, async () => {
    const [anna, fritz] = await annaAndFritz();
    for (const [caller, callee] of [
      [anna, fritz],
      [fritz, anna],
    ] as const) {
      const apps = [caller.app, callee.app];
      await caller.app.calls(callee.account.username);
      await callee.app.accepts();
      await Promise.all(apps.map((app) => isConnected(app)));
      await Promise.all(apps.flatMap((app) => [seesFrames(app), hearsSound(app)]));
      await callee.app.press('hang-up');
      await Promise.all(apps.map((app) => app.hasNoCall()));
    }
    expect(await anna.app.newestCall()).toMatchObject({ outcome: 'completed', direction: 'incoming' });
    expect(await fritz.app.newestCall()).toMatchObject({ outcome: 'completed', direction: 'outgoing' });
  });

  test.skipIf(withoutTurn)(
    '[RN-1] find other ports when every port of their call is blocked',
    { timeout: 120_000 },
    async () => {
      const [anna, fritz] = await annaAndFritz();
      const apps = [anna.app, fritz.app];
      for (const app of apps) {
        await app.relayOnly();
        await app.isOnline();
        // What Firefox says of a path that fails.
        app.expectFaults(/ICE failed/);
      }
      await anna.app.calls(fritz.account.username);
      await fritz.app.accepts();
      await Promise.all(apps.map((app) => isConnected(app)));
      await Promise.all(apps.map((app) => seesFrames(app)));
      const both = await Promise.all(apps.map((app) => takeNotes(app)));
      relayCable?.block();
      await pathBreaks(both);
      await Promise.all(apps.map((app) => isConnected(app)));
      await Promise.all(apps.map((app) => seesFrames(app)));
      await anna.app.press('hang-up');
      await fritz.app.seesNo('call-view');
    },
  );
});
