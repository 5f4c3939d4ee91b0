/** Who may call whom, by what people do in the app. */
import { expect, test } from 'vitest';
import { freshName } from './harness/accounts.ts';
import { isConnected, seesFrames, setStage } from './harness/stage.ts';

const stage = setStage();

test('[BL-1] to somebody who is blocked, the other is simply not available', async () => {
  const [anna, ben] = await stage.twoFriends();
  await ben.app.friend(anna.account.username).getByText(anna.account.username).click();
  await ben.app.press('block');
  await ben.app.press('question-yes');
  await ben.app.sees('unblock');
  await anna.app.calls(ben.account.username);
  await anna.app.page.getByText(`${ben.account.username} is not available right now`).first().waitFor();
  await ben.app.press('nav-history');
  await ben.app.sees('history-empty');
  expect(await ben.app.page.getByTestId('incoming-dialog').count()).toBe(0);
});

test('two people who are no friends may call each other once they are in one group', async () => {
  const [anna, ben] = [await stage.signedUpPerson('anna'), await stage.signedUpPerson('ben')];
  const group = freshName('group');
  const row = `[data-testid="group-row"][data-name="${group}"]`;
  await anna.app.press('section-groups');
  await anna.app.type('group-name', group);
  await anna.app.press('group-create');
  await anna.app.page.locator(row).getByText(group).click();
  await anna.app.type('group-invite-input', ben.account.username);
  await anna.app.press('group-invite-submit');
  await anna.app.page.getByText(`${ben.account.username} is invited.`).first().waitFor();

  await ben.app.page.reload();
  await ben.app.press('section-groups');
  await ben.app.press('group-accept');
  await ben.app.page.locator(row).getByText(group).click();
  await ben.app.page
    .locator(`[data-testid="member-row"][data-username="${anna.account.username}"]`)
    .getByTestId('call-video')
    .click();
  await anna.app.accepts();
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  await Promise.all([seesFrames(anna.app), seesFrames(ben.app)]);
});

test('who does not want to be disturbed is not available, and finds the missed call afterwards', async () => {
  const [anna, ben] = await stage.twoFriends();
  await ben.app.press('nav-settings');
  await ben.app.press('switch-doNotDisturb');
  await expect.poll(() => ben.app.isOn('switch-doNotDisturb')).toBe(true);
  await anna.app.calls(ben.account.username);
  await anna.app.page.getByText(`${ben.account.username} is not available right now`).first().waitFor();
  expect(await ben.app.newestCall()).toMatchObject({ direction: 'incoming', missed: true });
});
