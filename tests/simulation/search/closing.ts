/**
 * Whether a world comes to rest from a state, whichever way it goes on: everybody leaves for good, or everybody comes, hears
 * what is to be heard, and hangs up. Then every call is over within its bound, nobody is held by one, and nothing is left.
 */

import { userOf } from '@ringdown/call';
import { Violation } from '../witness.ts';
import { attach, lose, loseStale, offer, overRest, read, say, wait } from './deeds.ts';
import { type Scene, usersOf } from './scene.ts';
import type { Stage } from './stage.ts';

/** The longest a call lives on when both its people are gone and their media may still flow (DS-1), ms. */
const LONGEST_MS = 300_000;
/** More things than this never come due one after another in a world this small. */
const MOST_WAITS = 100;

/** Plays a scene to its end both ways; the scene itself stays as it is. @returns what was broken */
export async function closes(scene: Scene, stage: Stage): Promise<unknown> {
  try {
    await everybodyLeaves(scene.fork(), stage);
    await everybodyComes(scene.fork(), stage);
    return undefined;
  } catch (failure) {
    return failure;
  }
}

async function everybodyLeaves(scene: Scene, stage: Stage): Promise<void> {
  stage.enter(scene);
  for (let device = 0; device < scene.clients.length; device += 1) {
    await loseStale(stage, device);
    await lose(stage, device);
  }
  const leftAt = scene.clock.ms;
  for (let waits = 0; (await stage.store.nextDue()) !== undefined; waits += 1) {
    if (waits > MOST_WAITS) throw new Violation('I9', 'something comes due for ever, and everybody is gone');
    await wait(stage, 'due');
    await scene.judge();
    if (scene.witness.hasLiveCalls && scene.clock.ms - leftAt >= LONGEST_MS) {
      throw new Violation('I9', 'a call lives on, and everybody is gone');
    }
  }
  if (scene.witness.hasLiveCalls) throw new Violation('I9', 'a call lives for ever, and everybody is gone');
  const { endpoints, users, calls, live, unsettled } = await stage.store.sizes();
  if (endpoints + users + calls + live > 0) {
    throw new Violation(
      'I10',
      `left behind: ${endpoints} endpoints, ${users} users, ${calls} calls, ${live} of them live`,
    );
  }
  if (unsettled !== scene.records)
    throw new Violation('HI-1', `${scene.records} records were committed, ${unsettled} are kept`);
}

async function everybodyComes(scene: Scene, stage: Stage): Promise<void> {
  stage.enter(scene);
  const devices = scene.clients.map((_, device) => device);
  for (const device of devices) if (scene.client(device).sessionId === undefined) await attach(stage, device, 'fresh');
  for (const device of devices) await read(stage, device, true);
  await scene.judge();
  await hangUpAll(stage);
  for (const device of devices) await read(stage, device, true);
  await scene.judge();
  if (scene.witness.hasLiveCalls) throw new Violation('I9', 'a call lives on, and its people have hung up');
  for (const { endpoint, believes } of scene.clients) {
    if (believes.length > 0) throw new Violation('I4', `${endpoint} still believes in ${believes.join()}`);
  }
  await callFreely(stage);
}

/** Whoever dialled the live calls hangs up. */
async function hangUpAll(stage: Stage): Promise<void> {
  const { scene } = stage;
  for (let call = scene.witness.liveCall(0); call; call = scene.witness.liveCall(0)) {
    const { callId, callerSeat } = call;
    const device = scene.clients.findIndex(({ endpoint }) => endpoint === callerSeat.endpoint);
    if (device >= 0) await say(stage, device, 0, 'hangUp');
    else await overRest(stage, userOf(callerSeat.endpoint), 'hangUp');
    if (!scene.isOver(callId)) throw new Violation('I9', `${callId} was hung up and goes on`);
  }
}

/** The first person calls the second, and it rings: nobody is held by anything any more. */
async function callFreely(stage: Stage): Promise<void> {
  const { scene } = stage;
  const [, callee = ''] = usersOf(scene.setup);
  await offer(stage, 0, callee, 'plainly');
  if (scene.witness.liveCall(0)?.phase !== 'ringing') {
    throw new Violation('I10', 'nobody is in a call, and a new one does not ring');
  }
}
