/** A call whose media may take no other way than a real TURN server, by credentials of the service. */
import { afterAll, expect, test } from 'vitest';
import { isLeftOut } from '../../scripts/setup/find-tool.mjs';
import { isConnected, seesFrames, setStage } from './harness/stage.ts';
import { type RunningTurnServer, startTurnServer } from './harness/turn-server.ts';

const secret = 'only-for-tests-0123456789-0123456789-abcdef';
const leftOut = isLeftOut('turnserver');
let turn: RunningTurnServer | undefined;
const stage = setStage(async () => {
  if (leftOut) return {};
  turn = await startTurnServer(secret);
  return { TURN_URLS: turn.url, TURN_SECRET: secret };
});
afterAll(() => turn?.stop());

test.skipIf(leftOut)(
  '[T51] a real TURN server takes the credentials of the service and carries a whole call',
  async () => {
    const [anna, ben] = await stage.twoFriends();
    for (const { app } of [anna, ben]) {
      await app.relayOnly();
      await app.isOnline();
    }
    await anna.app.calls(ben.account.username);
    await ben.app.accepts();
    await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
    await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
    expect(await anna.app.path()).toEqual(['relay', 'relay']);
  },
);
