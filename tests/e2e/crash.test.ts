/** The service is killed without a goodbye while people call; it comes back, and so do their calls. */
import { expect, test } from 'vitest';
import { takeNotes } from './harness/notes.ts';
import { seesFrames, setStage } from './harness/stage.ts';

const stage = setStage();

/** What pages say while there is no service. */
const GONE = /WebSocket|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|Failed to (load|fetch)/;

test('[DS-2] [F10] a call outlives the service: the media go on, and hanging up afterwards reaches the other side', async () => {
  const [anna, ben] = await stage.runningCall();
  for (const { app } of [anna, ben]) app.expectFaults(GONE);
  const both = await Promise.all([takeNotes(anna.app), takeNotes(ben.app)]);
  await stage.server().crashAndRestart();
  await Promise.all([seesFrames(anna.app, 20), seesFrames(ben.app, 20)]);
  await Promise.all([anna.app.isOnline(), ben.app.isOnline()]);
  for (const notes of both) {
    expect((await notes.lines()).at(-1)).toBe('online');
    expect(await notes.phases()).toEqual([]);
  }
  await ben.app.press('hang-up');
  await Promise.all([anna.app.seesNo('call-view'), ben.app.seesNo('call-view')]);
  expect(await anna.app.newestCall()).toMatchObject({ outcome: 'completed' });
  expect(await ben.app.newestCall()).toMatchObject({ outcome: 'completed' });
});

test('[DS-2] a ring outlives the service: it can still be answered, and the two see each other', async () => {
  const [anna, ben] = await stage.ringingCall();
  for (const { app } of [anna, ben]) app.expectFaults(GONE);
  await stage.server().crashAndRestart();
  await Promise.all([anna.app.isOnline(), ben.app.isOnline()]);
  await ben.app.accepts();
  await Promise.all([seesFrames(anna.app, 20), seesFrames(ben.app, 20)]);
  await anna.app.press('hang-up');
  await ben.app.seesNo('call-view');
  expect(await ben.app.newestCall()).toMatchObject({ outcome: 'completed' });
});
