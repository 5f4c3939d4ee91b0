/** The face of the app: languages, accessibility in light and dark, small screens. */
import { expect, test } from 'vitest';
import { isConnected, type Present, setStage } from './harness/stage.ts';
import { overhang, violations } from './harness/usability.ts';

const stage = setStage();
const PHONE = { width: 390, height: 844 };

test.each(['light', 'dark'] as const)('every screen of a call can be used by everybody, in %s', async (colorScheme) => {
  const visitor = await stage.visitor({ colorScheme });
  await visitor.page.getByTestId('login-submit').or(visitor.page.getByTestId('signup-submit')).first().waitFor();
  expect(await violations(visitor), 'signing in').toEqual([]);

  const [anna, ben] = await stage.twoFriends({ colorScheme });
  expect(await violations(anna.app), 'people').toEqual([]);
  await anna.app.calls(ben.account.username);
  await ben.app.sees('incoming-dialog');
  expect(await violations(ben.app), 'incoming call').toEqual([]);
  expect(await violations(anna.app), 'outgoing call').toEqual([]);
  await ben.app.accepts();
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
  expect(await violations(anna.app), 'in a call').toEqual([]);
  await anna.app.press('hang-up');
  await ben.app.seesNo('call-view');
  await ben.app.press('nav-history');
  await ben.app.sees('history-row');
  expect(await violations(ben.app), 'history').toEqual([]);
  await ben.app.press('nav-settings');
  await ben.app.sees('logout');
  expect(await violations(ben.app), 'settings').toEqual([]);
});

test('nothing on a phone has to be scrolled sideways', async () => {
  const visitor = await stage.visitor({ viewport: PHONE });
  await visitor.page.getByTestId('login-submit').or(visitor.page.getByTestId('signup-submit')).first().waitFor();
  expect(await overhang(visitor), 'signing in').toBe(0);
  const [anna, ben]: [Present, Present] = await stage.twoFriends({ viewport: PHONE, hasTouch: true, isMobile: true });
  expect(await overhang(anna.app), 'people').toBe(0);
  await anna.app.calls(ben.account.username);
  await ben.app.sees('incoming-dialog');
  expect(await overhang(ben.app), 'incoming call').toBe(0);
  await ben.app.accepts();
  await isConnected(ben.app);
  expect(await overhang(ben.app), 'in a call').toBe(0);
  await ben.app.press('hang-up');
  await ben.app.seesNo('call-view');
  for (const place of ['nav-history', 'nav-settings', 'nav-people']) {
    await ben.app.press(place);
    expect(await overhang(ben.app), place).toBe(0);
  }
});

test('the app speaks Chinese to a Chinese browser', async () => {
  const [anna, ben] = await stage.twoFriends({ locale: 'zh-CN' });
  expect(await anna.app.page.locator('html').getAttribute('lang')).toBe('zh-CN');
  await anna.app.calls(ben.account.username);
  await ben.app.sees('incoming-dialog');
  expect(await ben.app.see('incoming-dialog').innerText()).toMatch(/[\u4e00-\u9fff]/);
  await ben.app.press('decline');
  await anna.app.sees('ended-notice');
  expect(await anna.app.see('ended-notice').innerText()).toMatch(/[\u4e00-\u9fff]/);
});

test('a language chosen in the settings is kept', async () => {
  const { app } = await stage.signedUpPerson('anna');
  await app.press('nav-settings');
  await app.see('language-select').selectOption('zh-CN');
  await app.page.locator('html[lang="zh-CN"]').waitFor();
  await app.page.reload();
  await app.page.locator('html[lang="zh-CN"]').waitFor();
});
