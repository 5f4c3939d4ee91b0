/** The path between two browsers breaks, with the way to the service or without: it heals, and nobody does anything. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isLeftOut } from '../../scripts/setup/find-tool.mjs';
import { befriend, createAccount } from './harness/accounts.ts';
import { type Cable, layCable } from './harness/cable.ts';
import { type DatagramCable, layDatagramCable } from './harness/datagram-cable.ts';
import { generation, loseThePath, type Notes, pathBreaks, takeNotes } from './harness/notes.ts';
import { isConnected, type Present, seesFrames, setStage } from './harness/stage.ts';
import { type RunningTurnServer, startTurnServer } from './harness/turn-server.ts';

const secret = 'only-for-tests-0123456789-0123456789-abcdef';
const leftOut = isLeftOut('turnserver');
let turn: RunningTurnServer | undefined;
let relayCable: DatagramCable | undefined;
let cable: Cable;
const stage = setStage(async () => {
  cable = await layCable();
  const settings = { ALLOWED_ORIGINS: cable.url };
  if (leftOut) return settings;
  turn = await startTurnServer(secret);
  relayCable = await layDatagramCable(turn.port);
  return { ...settings, TURN_URLS: `turn:127.0.0.1:${relayCable.port}?transport=udp`, TURN_SECRET: secret };
});
beforeAll(() => cable.plugInto(stage.server().url));
afterAll(async () => {
  await cable.close();
  relayCable?.close();
  await turn?.stop();
});

/** How many looks saw an interruption, which is worth 1. */
const interruptedSeconds = async (notes: Notes) =>
  (await notes.samples()).filter(({ score, mos }) => score === 1 && mos === 1).length;

/**
 * Two friends in a call, whose way to the service is the cable.
 * @param relayed whether media may only go through the TURN server: without both, they are cut off from everything
 */
async function callOverCable({ relayed }: { relayed: boolean }): Promise<[anna: Present, ben: Present]> {
  const { url } = stage.server();
  const accounts = [await createAccount(url, 'anna'), await createAccount(url, 'ben')] as const;
  await befriend(url, ...accounts);
  const [anna, ben] = (await Promise.all(
    accounts.map(async (account) => {
      const app = await stage.anotherDevice(account, {}, cable.url);
      app.expectFaults(/WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|Failed to (load|fetch)/);
      if (relayed) {
        await app.relayOnly();
        await app.isOnline();
      }
      return { account, app };
    }),
  )) as [Present, Present];
  await anna.app.calls(ben.account.username);
  await ben.app.accepts();
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  return [anna, ben];
}

test('a failure of the path is healed by a new one, while the call goes on', async () => {
  const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: false });
  const [hers, his] = await Promise.all([takeNotes(anna), takeNotes(ben)]);
  const before = [await generation(anna), await generation(ben)];
  await loseThePath(anna);
  await expect.poll(() => hers.phases(), { timeout: 20_000 }).toEqual(['reconnecting', 'connected']);
  await expect.poll(() => generation(anna), { timeout: 10_000 }).not.toBe(before[0]);
  expect(await generation(ben)).not.toBe(before[1]);
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  expect(await his.phases()).toEqual([]);
});

test('two failures at the same moment, one on either side, end in one path', async () => {
  const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: false });
  const both = await Promise.all([takeNotes(anna), takeNotes(ben)]);
  await Promise.all([loseThePath(anna), loseThePath(ben)]);
  for (const notes of both) await expect.poll(() => notes.phases(), { timeout: 20_000 }).toContain('connected');
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  await Promise.all([isConnected(anna), isConnected(ben)]);
});

test('figures come once a second, of both directions, and are worth what they say', async () => {
  const [{ app: anna }] = await callOverCable({ relayed: false });
  const notes = await takeNotes(anna);
  await seesFrames(anna, 30);
  await expect.poll(async () => (await notes.samples()).length, { timeout: 20_000 }).toBeGreaterThan(4);
  const sample = (await notes.samples()).at(-1);
  expect(sample).toMatchObject({ path: 'host', resolution: { width: expect.any(Number) } });
  expect(sample?.rttMs).toBeGreaterThanOrEqual(0);
  expect(sample?.rttMs).toBeLessThan(5_000);
  expect(sample?.fps).toBeGreaterThan(0);
  expect(sample?.bitrateKbps).toBeGreaterThan(10);
  expect(sample?.lossPercent).toBeLessThan(100);
  expect(sample?.sending.bitrateKbps).toBeGreaterThan(10);
  expect(sample?.score).toBeGreaterThanOrEqual(1);
});

test.skipIf(leftOut)('[RN-1] a call whose every port is blocked finds other ports', async () => {
  const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: true });
  const both = await Promise.all([takeNotes(anna), takeNotes(ben)]);
  const before = [await generation(anna), await generation(ben)];
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  relayCable?.block();
  await pathBreaks(both);
  await Promise.all([anna, ben].map((app) => isConnected(app)));
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  for (const [index, app] of [anna, ben].entries()) expect(await generation(app)).not.toBe(before[index]);
});

test.skipIf(leftOut)(
  '[T51] a call through a TURN server that dies goes on when it is back, with new credentials and a new relay',
  async () => {
    const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: true });
    const both = await Promise.all([takeNotes(anna), takeNotes(ben)]);
    await seesFrames(anna);
    expect((await both[0].samples()).at(-1)?.path ?? 'relay').toBe('relay');
    const { port } = turn as RunningTurnServer;
    await turn?.stop();
    for (const notes of both) await expect.poll(() => notes.phases(), { timeout: 30_000 }).toContain('reconnecting');
    // Longer than the first restart, which finds nothing.
    await expect.poll(async () => interruptedSeconds(both[0]), { timeout: 30_000 }).toBeGreaterThan(3);
    turn = await startTurnServer(secret, port);
    for (const notes of both)
      await expect.poll(async () => (await notes.phases()).at(-1), { timeout: 45_000 }).toBe('connected');
    await Promise.all([seesFrames(anna), seesFrames(ben)]);
    expect(await anna.path()).toEqual(['relay', 'relay']);
  },
  120_000,
);

test.skipIf(leftOut)(
  '[DS-1] a call whose two sides lose every network for a while goes on when it is back',
  async () => {
    const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: true });
    const both = await Promise.all([takeNotes(anna), takeNotes(ben)]);
    const { port } = turn as RunningTurnServer;
    cable.pull();
    await turn?.stop();
    for (const notes of both) await expect.poll(() => notes.phases(), { timeout: 30_000 }).toContain('reconnecting');
    await expect.poll(async () => interruptedSeconds(both[0]), { timeout: 30_000 }).toBeGreaterThan(3);
    turn = await startTurnServer(secret, port);
    cable.mend();
    for (const notes of both)
      await expect.poll(async () => (await notes.phases()).at(-1), { timeout: 45_000 }).toBe('connected');
    await Promise.all([seesFrames(anna), seesFrames(ben)]);
    await anna.press('hang-up');
    await Promise.all([anna.seesNo('call-view'), ben.seesNo('call-view')]);
    expect(await ben.newestCall()).toMatchObject({ outcome: 'completed' });
  },
  120_000,
);
