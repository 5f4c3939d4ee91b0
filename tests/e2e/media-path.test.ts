/** The path between two browsers breaks, with the way to the service or without: it heals, and nobody does anything. */
import type { Call, CallPhase, QualitySample, RingdownClient } from '@ringdown/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, createAccount } from './harness/accounts.ts';
import { type Cable, layCable } from './harness/cable.ts';
import type { Person } from './harness/person.ts';
import { isConnected, type Present, seesFrames, setStage } from './harness/stage.ts';
import { type RunningTurnServer, startTurnServer } from './harness/turn-server.ts';

const secret = 'only-for-tests-0123456789-0123456789-abcdef';
const leftOut = process.env.RINGDOWN_WITHOUT === 'turnserver';
let turn: RunningTurnServer | undefined;
let cable: Cable;
const stage = setStage(async () => {
  cable = await layCable();
  const settings = { ALLOWED_ORIGINS: cable.url };
  if (leftOut) return settings;
  turn = await startTurnServer(secret);
  return { ...settings, TURN_URLS: turn.url, TURN_SECRET: secret };
});
beforeAll(() => cable.plugInto(stage.server().url));
afterAll(async () => {
  await cable.close();
  await turn?.stop();
});

interface DebugWindow {
  __ringdown: { client: RingdownClient };
  states?: CallPhase[];
  samples?: QualitySample[];
}

/** From now on notes every state of the call and every look at its quality. */
async function takeNotes({ page }: Person): Promise<void> {
  await page.evaluate(() => {
    const here = globalThis as unknown as DebugWindow;
    const [states, samples]: [CallPhase[], QualitySample[]] = [[], []];
    Object.assign(here, { states, samples });
    const call = here.__ringdown.client.activeCall as Call;
    call.on('state', (state) => states.push(state));
    call.on('quality', (sample) => samples.push(sample));
  });
}
const states = ({ page }: Person) => page.evaluate(() => (globalThis as unknown as DebugWindow).states ?? []);
const samples = ({ page }: Person) => page.evaluate(() => (globalThis as unknown as DebugWindow).samples ?? []);

/** How many looks saw an interruption, which is worth 1. */
const interruptedSeconds = async (person: Person) =>
  (await samples(person)).filter(({ score, mos }) => score === 1 && mos === 1).length;

/** What names the generation of candidates in use: another one after every restart. */
const generation = ({ page }: Person) =>
  page.evaluate(async () => {
    const stats = await (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.getStats();
    const transport = [...(stats?.values() ?? [])].find(({ type }) => type === 'transport');
    return transport?.iceLocalUsernameFragment as string | undefined;
  });

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
  await Promise.all([takeNotes(anna), takeNotes(ben)]);
  const before = [await generation(anna), await generation(ben)];
  await anna.page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.simulate('ice-failure'));
  await expect.poll(() => states(anna), { timeout: 20_000 }).toEqual(['reconnecting', 'connected']);
  await expect.poll(() => generation(anna), { timeout: 10_000 }).not.toBe(before[0]);
  expect(await generation(ben)).not.toBe(before[1]);
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  expect(await states(ben)).toEqual([]);
});

test('two failures at the same moment, one on either side, end in one path', async () => {
  const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: false });
  await Promise.all([takeNotes(anna), takeNotes(ben)]);
  await Promise.all(
    [anna, ben].map(({ page }) =>
      page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.simulate('ice-failure')),
    ),
  );
  for (const app of [anna, ben]) await expect.poll(() => states(app), { timeout: 20_000 }).toContain('connected');
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  await Promise.all([isConnected(anna), isConnected(ben)]);
});

test('figures come once a second, of both directions, and are worth what they say', async () => {
  const [{ app: anna }] = await callOverCable({ relayed: false });
  await takeNotes(anna);
  await seesFrames(anna, 30);
  await expect.poll(async () => (await samples(anna)).length, { timeout: 20_000 }).toBeGreaterThan(4);
  const sample = (await samples(anna)).at(-1);
  expect(sample).toMatchObject({ path: 'host', resolution: { width: expect.any(Number) } });
  expect(sample?.rttMs).toBeGreaterThanOrEqual(0);
  expect(sample?.rttMs).toBeLessThan(5_000);
  expect(sample?.fps).toBeGreaterThan(0);
  expect(sample?.bitrateKbps).toBeGreaterThan(10);
  expect(sample?.lossPercent).toBeLessThan(100);
  expect(sample?.sending.bitrateKbps).toBeGreaterThan(10);
  expect(sample?.score).toBeGreaterThanOrEqual(1);
});

test.skipIf(leftOut)(
  '[T51] a call through a TURN server that dies goes on when it is back, with new credentials and a new relay',
  async () => {
    const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: true });
    await Promise.all([takeNotes(anna), takeNotes(ben)]);
    await seesFrames(anna);
    expect((await samples(anna)).at(-1)?.path ?? 'relay').toBe('relay');
    const { port } = turn as RunningTurnServer;
    await turn?.stop();
    for (const app of [anna, ben]) await expect.poll(() => states(app), { timeout: 30_000 }).toContain('reconnecting');
    // Longer than the first restart, which finds nothing.
    await expect.poll(async () => interruptedSeconds(anna), { timeout: 30_000 }).toBeGreaterThan(3);
    turn = await startTurnServer(secret, port);
    for (const app of [anna, ben])
      await expect.poll(async () => (await states(app)).at(-1), { timeout: 45_000 }).toBe('connected');
    await Promise.all([seesFrames(anna), seesFrames(ben)]);
    expect(await anna.path()).toEqual(['relay', 'relay']);
  },
  120_000,
);

test.skipIf(leftOut)(
  '[DS-1] a call whose two sides lose every network for a while goes on when it is back',
  async () => {
    const [{ app: anna }, { app: ben }] = await callOverCable({ relayed: true });
    await Promise.all([takeNotes(anna), takeNotes(ben)]);
    const { port } = turn as RunningTurnServer;
    cable.pull();
    await turn?.stop();
    for (const app of [anna, ben]) await expect.poll(() => states(app), { timeout: 30_000 }).toContain('reconnecting');
    await expect.poll(async () => interruptedSeconds(anna), { timeout: 30_000 }).toBeGreaterThan(3);
    turn = await startTurnServer(secret, port);
    cable.mend();
    for (const app of [anna, ben])
      await expect.poll(async () => (await states(app)).at(-1), { timeout: 45_000 }).toBe('connected');
    await Promise.all([seesFrames(anna), seesFrames(ben)]);
    await anna.press('hang-up');
    await Promise.all([anna.seesNo('call-view'), ben.seesNo('call-view')]);
    expect(await ben.newestCall()).toMatchObject({ outcome: 'completed' });
  },
  120_000,
);
