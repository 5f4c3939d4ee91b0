/** One person with several browsers, and a browser that is opened again. */
import { expect, test } from 'vitest';
import { isConnected, seesFrames, setStage } from './harness/stage.ts';

const stage = setStage();

test('[AN-1] a call rings on every device, and stops on the others when one has answered', async () => {
  const [anna, ben] = await stage.twoFriends();
  const tablet = await stage.anotherDevice(ben.account);
  await anna.app.calls(ben.account.username);
  await Promise.all([ben.app.sees('incoming-dialog'), tablet.sees('incoming-dialog')]);
  await tablet.accepts();
  await ben.app.seesNo('incoming-dialog');
  await ben.app.page.getByText('Answered on another device or in another tab').first().waitFor();
  await Promise.all([isConnected(anna.app), isConnected(tablet)]);
  await Promise.all([seesFrames(anna.app), seesFrames(tablet)]);
  expect(await ben.app.callState()).toBeUndefined();
});

test('[RJ-1] a call declined on one device stops ringing on the others', async () => {
  const [anna, ben] = await stage.twoFriends();
  const tablet = await stage.anotherDevice(ben.account);
  await anna.app.calls(ben.account.username);
  await Promise.all([ben.app.sees('incoming-dialog'), tablet.sees('incoming-dialog')]);
  await ben.app.press('decline');
  await Promise.all([tablet.seesNo('incoming-dialog'), anna.app.sees('ended-notice')]);
});

test('[RI-2] a call still rings after the page of the callee was loaded again, and can be taken', async () => {
  const [anna, ben] = await stage.ringingCall();
  await ben.app.page.reload();
  await ben.app.sees('incoming-dialog');
  await ben.app.accepts();
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
});

test('[RI-2] a call rings on a device that comes online while it rings', async () => {
  const [anna, ben] = await stage.ringingCall();
  const tablet = await stage.anotherDevice(ben.account);
  await tablet.accepts();
  await Promise.all([isConnected(anna.app), isConnected(tablet)]);
  await ben.app.seesNo('incoming-dialog');
});
