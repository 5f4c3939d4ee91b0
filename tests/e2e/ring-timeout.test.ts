/** A call that nobody takes, with the shortest ring time the service allows. */
import { expect, test } from 'vitest';
import { setStage } from './harness/stage.ts';

const stage = setStage({ RING_TIMEOUT_MS: '10000' });

test('[TI-1] a call that nobody takes ends on both sides when its time is over', async () => {
  const [anna, ben] = await stage.ringingCall();
  await anna.app.page.getByText(`${ben.account.username} did not answer`).first().waitFor();
  await ben.app.seesNo('incoming-dialog');
  expect(await anna.app.newestCall()).toEqual({ outcome: 'no_answer', direction: 'outgoing', missed: false });
  expect(await ben.app.newestCall()).toEqual({ outcome: 'no_answer', direction: 'incoming', missed: true });
});
