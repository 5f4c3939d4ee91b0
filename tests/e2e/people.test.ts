/** From a first visit to a first friend, by hand. */
import { expect, test } from 'vitest';
import { freshName } from './harness/accounts.ts';
import { setStage } from './harness/stage.ts';

const stage = setStage();
const password = 'a good long password';

test('two people sign up, find each other by name and become friends', async () => {
  const [annaName, benName] = [freshName('anna'), freshName('ben')];
  const [anna, ben] = await Promise.all([stage.visitor(), stage.visitor()]);
  await Promise.all([anna.signUp(annaName, password), ben.signUp(benName, password)]);

  await anna.type('find-input', benName);
  await anna.press('find-submit');
  await anna.sees('found-person');
  await anna.press('befriend');
  await ben.page.reload();
  await ben.press('request-accept');

  await ben.friend(annaName).waitFor();
  await anna.page.reload();
  await anna.friend(benName).waitFor();
});

test('a request that is declined makes nobody friends', async () => {
  const [anna, ben] = [await stage.signedUpPerson('anna'), await stage.signedUpPerson('ben')];
  await anna.app.type('find-input', ben.account.username);
  await anna.app.press('find-submit');
  await anna.app.press('befriend');
  await ben.app.page.reload();
  await ben.app.press('request-decline');
  await ben.app.seesNo('request-decline');
  await anna.app.page.reload();
  await anna.app.sees('find-input');
  expect(await anna.app.page.getByTestId('friend-row').count()).toBe(0);
  expect(await ben.app.page.getByTestId('friend-row').count()).toBe(0);
});

test('a wrong password is refused in plain words, and the right one still works', async () => {
  const { account, app } = await stage.signedUpPerson('anna');
  app.expectFaults(/401/);
  await app.press('nav-settings');
  await app.press('logout');
  await app.type('login-username', account.username);
  await app.type('login-password', 'not the password');
  await app.press('login-submit');
  await app.page.getByText('Name or password is not right.').waitFor();
  await app.type('login-password', account.password);
  await app.press('login-submit');
  await app.sees('find-input');
});

test('who was signed in stays signed in when the page is opened again', async () => {
  const { app } = await stage.signedUpPerson('anna');
  await app.page.reload();
  await app.sees('find-input');
  await app.isOnline();
});
