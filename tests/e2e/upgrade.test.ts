/** What changes while a call runs: a picture joins, a screen takes its place, and people check who is between them. */
import type { Call, RingdownClient } from '@ringdown/client';
import { expect, test } from 'vitest';
import type { Person } from './harness/person.ts';
import { isConnected, seesFrames, setStage } from './harness/stage.ts';

const stage = setStage();

interface DebugWindow {
  __ringdown: { client: RingdownClient };
  /** Every state of the call since {@link notesStates}. */
  states?: string[];
}

/** What somebody sees of the running call. */
interface Seen {
  readonly callType: string;
  readonly remoteKinds: string[];
  readonly peerVideo: string | undefined;
  readonly width: number;
}

function look({ page }: Person): Promise<Seen> {
  return page.evaluate(async () => {
    const call = (globalThis as unknown as DebugWindow).__ringdown.client.activeCall as Call;
    const stats = [...((await call.getStats())?.values() ?? [])];
    const picture = stats.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'video');
    return {
      callType: call.callType,
      remoteKinds: (call.remoteStream?.getTracks() ?? []).map(({ kind }) => kind).sort(),
      peerVideo: call.peerMedia?.video,
      width: picture?.frameWidth ?? 0,
    };
  });
}

/** From now on notes every state that the call takes. */
async function notesStates({ page }: Person): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const here = globalThis as unknown as DebugWindow;
    here.states = [];
    here.__ringdown.client.activeCall?.on('state', (state) => here.states?.push(state));
  });
  return () => page.evaluate(() => (globalThis as unknown as DebugWindow).states ?? []);
}

const turnCameraOn = ({ page }: Person) =>
  page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.setCamera(true));
const turnCameraOff = ({ page }: Person) =>
  page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.setCamera(false));
const shareScreen = ({ page }: Person) =>
  page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.shareScreen());
const stopSharing = ({ page }: Person) =>
  page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.stopSharingScreen());
const securityCode = ({ page }: Person) =>
  page.evaluate(() =>
    (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.securityCode?.map(({ name }) => name),
  );

test('[RN-1] an audio call becomes a video call while it runs, from either side, without an interruption', async () => {
  const [{ app: anna }, { app: ben }] = await stage.runningCall('audio');
  const states = await Promise.all([notesStates(anna), notesStates(ben)]);
  expect(await look(ben)).toMatchObject({ callType: 'audio', remoteKinds: ['audio'] });

  await turnCameraOn(ben);
  await seesFrames(anna);
  expect(await look(anna)).toMatchObject({ callType: 'video', remoteKinds: ['audio', 'video'] });

  await turnCameraOn(anna);
  await seesFrames(ben);
  await expect.poll(async () => (await look(ben)).peerVideo, { timeout: 10_000 }).toBe('on');
  await turnCameraOff(anna);
  await expect.poll(async () => (await look(ben)).peerVideo, { timeout: 10_000 }).toBe('off');
  expect(await Promise.all(states.map((read) => read()))).toEqual([[], []]);
});

test('[RN-2] both turn their camera on at the same time, and both see each other', async () => {
  const [{ app: anna }, { app: ben }] = await stage.runningCall('audio');
  await Promise.all([turnCameraOn(anna), turnCameraOn(ben)]);
  await Promise.all([seesFrames(anna), seesFrames(ben)]);
  const lines = await anna.page.evaluate(async () => {
    const stats = await (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.getStats();
    return [...(stats?.values() ?? [])].filter(({ type, kind }) => type === 'inbound-rtp' && kind === 'video').length;
  });
  expect(lines).toBe(1);
});

test('[MS-1] a screen takes the place of the camera and gives it back, without a new negotiation', async () => {
  const [{ app: anna }, { app: ben }] = await stage.runningCall();
  await seesFrames(ben);
  const states = await notesStates(ben);
  const camera = await look(ben);

  await shareScreen(anna);
  await expect.poll(async () => (await look(ben)).peerVideo, { timeout: 10_000 }).toBe('screen');
  await expect.poll(async () => (await look(ben)).width, { timeout: 20_000 }).not.toBe(camera.width);
  await seesFrames(ben, 2);

  await stopSharing(anna);
  await expect.poll(async () => (await look(ben)).peerVideo, { timeout: 10_000 }).toBe('on');
  await seesFrames(ben);
  expect(await states()).toEqual([]);
});

test('a screen can be shared in an audio call', async () => {
  const [{ app: anna }, { app: ben }] = await stage.runningCall('audio');
  await shareScreen(anna);
  await seesFrames(ben, 2);
  expect(await look(ben)).toMatchObject({ callType: 'video', peerVideo: 'screen' });
});

test('both people see the same seven signs, and other ones in their next call', async () => {
  const [anna, ben] = await stage.runningCall('audio');
  await expect.poll(() => securityCode(anna.app)).toHaveLength(7);
  await expect.poll(() => securityCode(ben.app)).toEqual(await securityCode(anna.app));
  const first = await securityCode(anna.app);
  await anna.app.press('hang-up');
  await Promise.all([anna.app.seesNo('call-view'), ben.app.seesNo('call-view')]);
  await ben.app.calls(anna.account.username, 'audio');
  await anna.app.accepts('audio');
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  await expect.poll(() => securityCode(ben.app)).toHaveLength(7);
  await expect.poll(() => securityCode(anna.app)).toEqual(await securityCode(ben.app));
  expect(await securityCode(anna.app)).not.toEqual(first);
});
