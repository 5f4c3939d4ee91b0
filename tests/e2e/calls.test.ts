/** A call from the first ring to the line in the history, with real media between two real browsers. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { befriend } from './harness/accounts.ts';
import type { Person } from './harness/person.ts';
import { hearsSound, isConnected, seesFrames, setStage } from './harness/stage.ts';

const stage = setStage();

/** More than codecs add on their own, far less than any sound: the synthetic microphone gives 0.1 a second. */
const SILENCE = 0.001;

/** How bright the other side is shown: as good as black without a picture. */
const pictureOf = async (person: Person) => (await person.brightness()) ?? 0;

test('a video call shows each side the other, and both histories say completed', async () => {
  const [anna, ben] = await stage.runningCall();
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
  await Promise.all([hearsSound(anna.app), hearsSound(ben.app)]);
  await Promise.all([anna.app.sees('remote-video'), ben.app.sees('local-video')]);
  const picture = join(import.meta.dirname, 'output', 'call.png');
  mkdirSync(dirname(picture), { recursive: true });
  await anna.app.page.screenshot({ path: picture });

  await anna.app.press('hang-up');
  await Promise.all([anna.app.seesNo('call-view'), ben.app.seesNo('call-view')]);
  await ben.app.sees('ended-notice');
  expect(await anna.app.newestCall()).toEqual({ outcome: 'completed', direction: 'outgoing', missed: false });
  expect(await ben.app.newestCall()).toEqual({ outcome: 'completed', direction: 'incoming', missed: false });
});

test('an audio call carries sound and no picture', async () => {
  const [anna, ben] = await stage.runningCall('audio');
  await Promise.all([hearsSound(anna.app), hearsSound(ben.app)]);
  expect((await ben.app.receivedMedia()).framesDecoded).toBe(0);
  await ben.app.press('hang-up');
  await Promise.all([anna.app.seesNo('call-view'), ben.app.seesNo('call-view')]);
});

test('a video call may be taken with sound only, and the caller is still heard and seen', async () => {
  const [anna, ben] = await stage.ringingCall('video');
  await ben.app.accepts('audio');
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  await Promise.all([hearsSound(anna.app), seesFrames(ben.app)]);
  expect((await anna.app.receivedMedia()).framesDecoded).toBe(0);
});

test('the picture goes when the camera is switched off and comes back with it', async () => {
  const [anna, ben] = await stage.runningCall();
  await seesFrames(ben.app);
  expect(await ben.app.brightness()).toBeGreaterThan(50);
  await anna.app.press('toggle-camera');
  await expect.poll(() => pictureOf(ben.app)).toBeLessThan(10);
  await anna.app.press('toggle-camera');
  await seesFrames(ben.app);
  await expect.poll(() => pictureOf(ben.app)).toBeGreaterThan(50);
});

test('who is muted is not heard, and is heard again afterwards', async () => {
  const [anna, ben] = await stage.runningCall('audio');
  await expect.poll(() => ben.app.loudness(), { timeout: 20_000 }).toBeGreaterThan(SILENCE);
  await anna.app.press('toggle-mic');
  await expect.poll(() => ben.app.loudness(), { timeout: 20_000 }).toBeLessThan(SILENCE);
  await anna.app.press('toggle-mic');
  await expect.poll(() => ben.app.loudness(), { timeout: 20_000 }).toBeGreaterThan(SILENCE);
});

test('[GL-1] two people who call each other at the same moment end up in one call', async () => {
  const [anna, ben] = await stage.twoFriends();
  await Promise.all([anna.app.callsAtOnce(ben.account.username), ben.app.callsAtOnce(anna.account.username)]);
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
  await anna.app.press('hang-up');
  await ben.app.seesNo('call-view');
  expect(await anna.app.newestCall()).toMatchObject({ outcome: 'completed' });
  expect(await ben.app.newestCall()).toMatchObject({ outcome: 'completed' });
});

/** So many rounds of two clicks at the same moment. */
const ROUNDS = 50;
/** How long both pages get to hear of the next moment. */
const UNTIL_CLICK_MS = 50;

test('[GL-1] fifty times two clicks at the same moment make fifty calls, and nobody is asked for a device twice', async () => {
  const [anna, ben] = await stage.twoFriends();
  const pages = [anna.app, ben.app];
  for (const app of pages) {
    await app.countMediaUse();
    await app.isOnline();
  }
  const callIds = new Set<string>();
  for (let round = 1; round <= ROUNDS; round++) {
    const atMs = Date.now() + UNTIL_CLICK_MS;
    await Promise.all([
      anna.app.callsAt(ben.account.username, 'audio', atMs),
      ben.app.callsAt(anna.account.username, 'audio', atMs),
    ]);
    const [hers, his] = await Promise.all(pages.map((app) => app.connectedCall()));
    expect(his).toBe(hers);
    callIds.add(hers ?? '');
    await Promise.all([anna.app.press('hang-up'), ben.app.hasNoCall()]);
    await anna.app.hasNoCall();
    for (const app of pages) expect((await app.mediaUse())?.cameras).toBe(round);
  }
  expect(callIds.size).toBe(ROUNDS);
});

test('who closes the page while it rings takes the call back', async () => {
  const [anna, ben] = await stage.ringingCall();
  await anna.app.page.close();
  await ben.app.page.getByText(`Missed call from ${anna.account.username}`).first().waitFor();
  expect(await ben.app.newestCall()).toMatchObject({ outcome: 'cancelled', missed: true });
});

test('[RJ-1] a declined call ends at the caller, and nobody missed it', async () => {
  const [anna, ben] = await stage.ringingCall();
  await ben.app.press('decline');
  await anna.app.sees('ended-notice');
  await anna.app.page.getByText(`${ben.account.username} declined the call`).first().waitFor();
  expect(await anna.app.newestCall()).toEqual({ outcome: 'rejected', direction: 'outgoing', missed: false });
  expect(await ben.app.newestCall()).toEqual({ outcome: 'rejected', direction: 'incoming', missed: false });
});

test('[HU-1] a call that the caller takes back stops ringing and counts as missed', async () => {
  const [anna, ben] = await stage.ringingCall();
  await anna.app.press('cancel-call');
  await ben.app.seesNo('incoming-dialog');
  expect(await anna.app.newestCall()).toEqual({ outcome: 'cancelled', direction: 'outgoing', missed: false });
  expect(await ben.app.newestCall()).toEqual({ outcome: 'cancelled', direction: 'incoming', missed: true });
});

test('[BU-1] who calls somebody in a call hears busy, and the call in progress is not disturbed', async () => {
  const [anna, ben] = await stage.runningCall();
  const cleo = await stage.signedUpPerson('cleo');
  await befriend(stage.server().url, cleo.account, ben.account);
  await cleo.app.page.reload();
  await cleo.app.isOnline();
  await cleo.app.calls(ben.account.username);
  await cleo.app.page.getByText(`${ben.account.username} is on another call`).first().waitFor();
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
  expect(await ben.app.page.getByTestId('incoming-dialog').count()).toBe(0);
  await ben.app.press('hang-up');
  await ben.app.seesNo('call-view');
  expect(await cleo.app.newestCall()).toMatchObject({ outcome: 'busy', direction: 'outgoing' });
  expect(await ben.app.newestCall()).toMatchObject({ outcome: 'busy', direction: 'incoming', missed: true });
});

test('who calls somebody that is nowhere online hears at once that they are not available', async () => {
  const [anna, ben] = await stage.twoFriends();
  await ben.app.page.close();
  await anna.app.calls(ben.account.username);
  await anna.app.page.getByText(`${ben.account.username} is not available right now`).first().waitFor();
  expect(await anna.app.newestCall()).toMatchObject({ outcome: 'unavailable', direction: 'outgoing' });
});

test('[T4] no camera, microphone or peer connection is opened at the callee before the call is taken', async () => {
  const [anna, ben] = await stage.twoFriends();
  await ben.app.countMediaUse();
  await ben.app.isOnline();
  await anna.app.calls(ben.account.username);
  await ben.app.sees('incoming-dialog');
  // The caller's candidates follow its offer: by the time it says that it rings, they are here too.
  await expect.poll(() => anna.app.callState()).toBe('ringing');
  expect(await ben.app.mediaUse()).toEqual({ connections: 0, cameras: 0 });
  await ben.app.accepts();
  await isConnected(ben.app);
  expect(await ben.app.mediaUse()).toEqual({ connections: 1, cameras: 1 });
});

test('[T33] the log of whole calls holds no description, candidate, address, token or password', async () => {
  const [anna] = await stage.runningCall();
  await anna.app.press('hang-up');
  await anna.app.seesNo('call-view');
  const log = stage.server().output();
  expect(log.length).toBeGreaterThan(0);
  for (const secret of [/v=0/, /a=(fingerprint|ice-pwd|candidate)/, /candidate:/, /typ host/, /eyJ[\w-]{10,}\./]) {
    expect(log).not.toMatch(secret);
  }
  expect(log).not.toContain(anna.account.password);
  expect(log.replaceAll('http://localhost', '').replaceAll('127.0.0.1', '')).not.toMatch(/\b\d{1,3}(\.\d{1,3}){3}\b/);
});
