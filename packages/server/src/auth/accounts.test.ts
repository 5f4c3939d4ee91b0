import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { testDatabase } from '../people-for-tests.ts';
import { type Accounts, openAccounts, type SignedIn } from './accounts.ts';
import { openPasswords, PASSWORD_COST, TooManyHashes } from './password.ts';
import { openSessions, type Sessions } from './sessions.ts';
import { randomUserId } from './user-id.ts';

let db: Database;
let sessions: Sessions;
let accounts: Accounts;
beforeEach(async () => {
  db = await testDatabase();
  sessions = openSessions(db, { secret: new Uint8Array(32).fill(7), issuer: 'http://localhost', now: Date.now });
  accounts = openAccounts(db, sessions, openPasswords(PASSWORD_COST.least), Date.now);
  return () => db.destroy();
});

async function registered(username = 'Zoë', password = 'correct horse'): Promise<SignedIn> {
  const signedIn = await accounts.register(username, password);
  if (typeof signedIn === 'string') throw new Error(signedIn);
  return signedIn;
}

describe('an account', () => {
  test('[OF-2] gets a random id below 2^52, so that ids cannot be walked', () => {
    const ids = Array.from({ length: 2000 }, randomUserId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(Number.isInteger(id) && id > 0 && id < 2 ** 52).toBe(true);
    // Spread over the whole range: each half has its share.
    const high = ids.filter((id) => id >= 2 ** 51).length;
    expect(high).toBeGreaterThan(800);
    expect(high).toBeLessThan(1200);
  });

  test('signs up and in, with an avatar of its own', async () => {
    const { user, token } = await registered();
    expect(user).toEqual({
      id: expect.stringMatching(/^[1-9][0-9]{0,15}$/),
      username: 'Zoë',
      avatar: expect.stringMatching(/^\/avatars\/[a-z0-9]{16}\.svg$/),
    });
    expect(await sessions.verify(token)).toMatchObject({ ok: true, identity: { userId: user.id } });
    expect((await accounts.login('Zoë', 'correct horse'))?.user).toEqual(user);
  });

  test.each(['zoë', 'ZOË', 'Zoe\u0308', 'ｚｏë'])('is the same person by the name %j', async (spelling) => {
    const { user } = await registered();
    expect(await accounts.register(spelling, 'another password')).toBe('username_taken');
    expect((await accounts.login(spelling, 'correct horse'))?.user.id).toBe(user.id);
  });

  test('cannot have a name that resolves to something else', async () => {
    expect(await accounts.register('\u{fdfa}\u{fdfa}', 'correct horse')).toBe('invalid_payload');
  });

  test('has one owner when two ask for its name at once', async () => {
    const answers = await Promise.all([
      accounts.register('rush', 'password one'),
      accounts.register('RUSH', 'password two'),
    ]);
    expect(answers.filter((answer) => answer === 'username_taken')).toHaveLength(1);
  });

  test('opens to its password alone', async () => {
    await registered();
    expect(await accounts.login('Zoë', 'wrong horse')).toBeUndefined();
    expect(await accounts.login('Zoë', 'Correct horse')).toBeUndefined();
    expect(await accounts.login('nobody', 'correct horse')).toBeUndefined();
  });

  test('keeps a slow hash with its own salt and cost', async () => {
    const passwords = openPasswords(PASSWORD_COST.usual);
    const one = await passwords.hash('correct horse');
    const two = await passwords.hash('correct horse');
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.check('correct horse', one)).toBe(true);
    // A hash of an earlier, cheaper cost is still understood.
    const cheap = await openPasswords(PASSWORD_COST.least).hash('correct horse');
    expect(cheap).toMatch(/^scrypt\$1024\$8\$3\$/);
    expect(await passwords.check('correct horse', cheap)).toBe(true);
    expect(await passwords.check('wrong', cheap)).toBe(false);
  });

  test('[T25] takes as long to look for a name nobody has', { timeout: 30_000 }, async () => {
    // With the cost of every day: beside a cheap hash the rest of the work would be what is measured.
    accounts = openAccounts(db, sessions, openPasswords(PASSWORD_COST.usual), Date.now);
    await registered();
    const timeOf = async (name: string) => {
      const start = performance.now();
      await accounts.login(name, 'wrong horse');
      return performance.now() - start;
    };
    const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      known.push(await timeOf('Zoë'));
      unknown.push(await timeOf('nobody'));
    }
    const ratio = median(unknown) / median(known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  test('sends late-comers away when more passwords come than can be hashed in time', async () => {
    const passwords = openPasswords(PASSWORD_COST.least);
    const answers = await Promise.allSettled(
      Array.from({ length: 70 }, () => passwords.check('x', 'scrypt$2$1$1$AAAA$AAAA')),
    );
    const refused = answers.filter((answer) => answer.status === 'rejected' && answer.reason instanceof TooManyHashes);
    expect(refused).toHaveLength(4);
    // And the next one is welcome again.
    expect(await passwords.check('x', undefined)).toBe(false);
  });

  test('changes its password: all sessions end, a new one begins, the old password opens nothing', async () => {
    const before = await registered();
    const changed = await accounts.changePassword(before.user.id, 'correct horse', 'battery staple');
    expect(changed?.user).toEqual(before.user);
    expect(await sessions.verify(before.token)).toMatchObject({ ok: false });
    expect(await sessions.verify(changed?.token ?? '')).toMatchObject({ ok: true });
    expect(await accounts.login('Zoë', 'correct horse')).toBeUndefined();
    expect(await accounts.login('Zoë', 'battery staple')).toBeDefined();
  });

  test('keeps everything when the current password is wrong', async () => {
    const before = await registered();
    expect(await accounts.changePassword(before.user.id, 'wrong horse', 'battery staple')).toBeUndefined();
    expect(await sessions.verify(before.token)).toMatchObject({ ok: true });
    expect(await accounts.login('Zoë', 'correct horse')).toBeDefined();
  });

  test('goes on by its refresh token', async () => {
    const before = await registered();
    const after = await accounts.refresh(before.refreshToken);
    expect(after?.user).toEqual(before.user);
    expect(await accounts.refresh('made up')).toBeUndefined();
  });
});
