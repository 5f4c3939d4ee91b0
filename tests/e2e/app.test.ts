/** What the app does beyond a single call: tabs, sessions, groups, refused devices, the keyboard. */
import { expect, test } from 'vitest';
import { befriend } from './harness/accounts.ts';
import { Person } from './harness/person.ts';
import { isConnected, setStage } from './harness/stage.ts';

const stage = setStage();

test('[AN-1] two tabs of one browser show a call and one of them sounds; when one answers the other stops with a note', async () => {
  const [anna, ben] = await stage.twoFriends();
  await countNotes(ben.app);
  await ben.app.page.reload();
  const tab = await Person.at(stage.server().url, ben.app.context);
  // Both may be heard, so that it is not the browser that keeps one of them silent.
  for (const each of [ben.app, tab]) {
    await each.isOnline();
    await each.press('nav-people');
  }
  await anna.app.calls(ben.account.username);
  await Promise.all([ben.app.sees('incoming-dialog'), tab.sees('incoming-dialog')]);
  const notes = async () => (await Promise.all([notesOf(ben.app), notesOf(tab)])).toSorted((a, b) => a - b);
  // More than one round of the tune.
  await expect.poll(async () => (await notes())[1], { timeout: 20_000 }).toBeGreaterThan(12);
  expect((await notes())[0]).toBe(0);
  await ben.app.accepts();
  await tab.seesNo('incoming-dialog');
  expect(await tab.see('ended-notice').getAttribute('data-reason')).toBe('answered_elsewhere');
  await isConnected(ben.app);
  expect(tab.faults).toEqual([]);
});

test('who signs out in one tab is signed out in the others', async () => {
  const { app } = await stage.signedUpPerson('anna');
  const tab = await Person.at(stage.server().url, app.context);
  await tab.isOnline();
  // The service may close the other tab's socket before that tab hears of it, and refuse the next one.
  tab.expectFaults(/401|WebSocket/);
  await app.press('nav-settings');
  await app.press('logout');
  await Promise.all([app.sees('login-username'), tab.sees('login-username')]);
  expect(tab.faults).toEqual([]);
});

test('[T19] a new password signs the other devices out, and this one goes on', async () => {
  const { account, app } = await stage.signedUpPerson('anna');
  const other = await stage.anotherDevice(account);
  other.expectFaults(/401|WebSocket/);
  await app.press('nav-settings');
  await app.type('current-password', account.password);
  await app.type('new-password', 'an even longer pass phrase');
  await app.press('password-submit');
  await other.sees('login-username');
  await other.page.getByText('Your session has ended').first().waitFor();
  await app.page.getByText('The password is changed').first().waitFor();
  await app.isOnline();
  await other.logIn({ username: account.username, password: 'an even longer pass phrase' });
});

test('[T32] members of a group call each other without being friends, and its name is text whatever it holds', async () => {
  const name = '<img src=x onerror=alert(1)> & 朋友';
  const [anna, ben] = [await stage.signedUpPerson('anna'), await stage.signedUpPerson('ben')];
  await anna.app.press('section-groups');
  await anna.app.type('group-name', name);
  await anna.app.press('group-create');
  await anna.app.type('group-invite-input', ben.account.username);
  await anna.app.press('group-invite-submit');
  await anna.app.page.getByText(`${ben.account.username} is invited`).first().waitFor();

  await ben.app.page.reload();
  await ben.app.press('section-groups');
  await ben.app.press('group-accept');
  await ben.app.see('group-row').getByText(name, { exact: true }).click();
  await ben.app.isOnline();
  const row = ben.app.page.locator(`[data-testid="member-row"][data-username="${anna.account.username}"]`);
  await row.getByTestId('call-audio').click();
  await anna.app.accepts('audio');
  await Promise.all([isConnected(anna.app), isConnected(ben.app)]);
});

test('whoever does not allow the microphone and camera is told so, and the caller hears of it', async () => {
  const [anna, ben] = await stage.twoFriends();
  await refuseDevices(ben.app);
  await ben.app.isOnline();
  await anna.app.calls(ben.account.username);
  await ben.app.press('accept-video');
  await ben.app.page.getByText('The browser did not allow the microphone or camera').first().waitFor();
  await anna.app.sees('ended-notice');
});

test('Escape does not stop the ringing, and the keyboard stays with the call until it is declined', async () => {
  const [, ben] = await stage.ringingCall();
  const { keyboard } = ben.app.page;
  await keyboard.press('Escape');
  await keyboard.press('Escape');
  await ben.app.sees('incoming-dialog');
  const reached: (string | null)[] = [];
  for (let presses = 0; presses < 3; presses++) {
    await keyboard.press('Tab');
    reached.push(await focusedTestId(ben.app));
  }
  expect(reached).toEqual(['decline', 'accept-audio', 'accept-video']);
  await ben.app.see('decline').focus();
  await keyboard.press('Enter');
  await ben.app.seesNo('incoming-dialog');
});

test('somebody who does not want to be disturbed is not rung, and finds the call in the history', async () => {
  const [anna, ben] = [await stage.signedUpPerson('anna'), await stage.signedUpPerson('ben')];
  await befriend(stage.server().url, anna.account, ben.account);
  await ben.app.press('nav-settings');
  await ben.app.press('switch-doNotDisturb');
  await expect.poll(() => ben.app.see('switch-doNotDisturb').isEnabled()).toBe(true);
  await anna.app.page.reload();
  await anna.app.isOnline();
  await anna.app.calls(ben.account.username);
  await anna.app.page.getByText('is not available right now').first().waitFor();
  expect(await ben.app.page.getByTestId('incoming-dialog').count()).toBe(0);
  expect(await ben.app.newestCall()).toMatchObject({ direction: 'incoming', missed: true });
});

/** From the next page on, the tones that are made are counted. */
async function countNotes({ context }: Person): Promise<void> {
  await context.addInitScript(() => {
    const counted = Object.assign(globalThis, { notes: 0 });
    const original = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      counted.notes += 1;
      original.call(this, when);
    };
  });
}

function notesOf({ page }: Person): Promise<number> {
  return page.evaluate('notes');
}

/** From the next page on, the person says no when the browser asks for a device. */
async function refuseDevices(person: Person): Promise<void> {
  await person.context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('said no', 'NotAllowedError'));
  });
  await person.page.reload();
}

/** The test id of what the keyboard is at, inside however many shadow roots. */
function focusedTestId({ page }: Person): Promise<string | null> {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.getAttribute('data-testid') ?? null;
  });
}
