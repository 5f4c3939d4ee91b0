/** Who may call whom, by what people do in the app. */
import { expect, test } from 'vitest';
import { setStage } from './harness/stage.ts';

const stage = setStage();

test('[BL-1] to somebody who is blocked the other is simply not available, until the block ends', async () => {
  const [anna, ben] = await stage.twoFriends();
  await ben.app.friend(anna.account.username).getByText(anna.account.username).click();
  await ben.app.press('block');
  await ben.app.press('question-yes');
  await ben.app.sees('unblock');
  await anna.app.page.reload();
  await anna.app.isOnline();
  await anna.app.calls(ben.account.username);
  await anna.app.page.getByText(`${ben.account.username} is not available right now`).first().waitFor();
  expect(await ben.app.page.getByTestId('incoming-dialog').count()).toBe(0);

  await ben.app.press('unblock');
  await ben.app.friend(anna.account.username).waitFor();
  await anna.app.calls(ben.account.username);
  await ben.app.sees('incoming-dialog');
  await ben.app.press('decline');
  // The attempt during the block has left nothing: the only line is the call that was declined.
  expect(await ben.app.newestCall()).toMatchObject({ outcome: 'rejected' });
  expect(await ben.app.page.getByTestId('history-row').count()).toBe(1);
});
