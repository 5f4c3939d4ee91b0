import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { addUser, type TestClock, testClock, testDatabase } from '../people-for-tests.ts';
import type { Revocation } from './auth.ts';
import { openSessions, type Sessions, type Tokens } from './sessions.ts';

const DAY_MS = 24 * 3_600_000;
let db: Database;
let clock: TestClock;
let sessions: Sessions;
let revoked: Revocation[];
let first: Tokens;

beforeEach(async () => {
  db = await testDatabase();
  clock = testClock();
  sessions = openSessions(db, { secret: new Uint8Array(32).fill(7), issuer: 'http://localhost', now: clock.now });
  revoked = [];
  sessions.onRevoked((each) => revoked.push(each));
  await addUser(db, 'alice', 7);
  await addUser(db, 'bob', 8);
  first = await sessions.begin('7');
  return () => db.destroy();
});

const sessionOf = async (tokens: Tokens): Promise<string> => {
  const verdict = await sessions.verify(tokens.token);
  if (!verdict.ok) throw new Error(verdict.reason);
  return verdict.identity.sessionId;
};

describe('a session', () => {
  test('begins with tokens that verify', async () => {
    expect(await sessions.verify(first.token)).toMatchObject({ ok: true, identity: { userId: '7' } });
    expect(first.refreshExpiresAt).toBe(clock.now() + 30 * DAY_MS);
  });

  test('stores no token, only hashes', async () => {
    const stored = JSON.stringify(await db.selectFrom('auth_sessions').selectAll().execute());
    for (const part of [first.token, first.refreshToken, ...first.refreshToken.split('.')])
      expect(stored).not.toContain(part);
  });

  test('goes on with a new refresh token each time, for 30 days from the last', async () => {
    clock.pass(10 * DAY_MS);
    const second = await sessions.refresh(first.refreshToken);
    expect(second?.refreshToken).not.toBe(first.refreshToken);
    expect(second?.refreshExpiresAt).toBe(clock.now() + 30 * DAY_MS);
    clock.pass(29 * DAY_MS);
    const third = await sessions.refresh(second?.refreshToken ?? '');
    expect(third?.refreshToken).not.toBe(second?.refreshToken);
    const other = await sessions.refresh((await sessions.begin('8')).refreshToken);
    expect(other?.refreshToken.split('.')[1]).not.toBe(second?.refreshToken.split('.')[1]);
    expect(await sessionOf(third as Tokens)).toBeDefined();
  });

  test('is over 30 days after its last refresh', async () => {
    clock.pass(30 * DAY_MS);
    expect(await sessions.refresh(first.refreshToken)).toBeUndefined();
    expect(await sessions.verify(first.token)).toMatchObject({ ok: false });
  });

  test('gives the same answer to a refresh that is repeated within half a minute, since the first may be lost', async () => {
    const [second, same] = await Promise.all([
      sessions.refresh(first.refreshToken),
      sessions.refresh(first.refreshToken),
    ]);
    expect(same?.refreshToken).toBe(second?.refreshToken);
    clock.pass(30_000);
    const late = await sessions.refresh(first.refreshToken);
    expect(late?.refreshToken).toBe(second?.refreshToken);
    expect(await sessions.refresh(second?.refreshToken ?? '')).toBeDefined();
    expect(revoked).toEqual([]);
  });

  test('ends when an old refresh token comes later: two hold it', async () => {
    const second = await sessions.refresh(first.refreshToken);
    const sessionId = await sessionOf(first);
    clock.pass(30_001);
    expect(await sessions.refresh(first.refreshToken)).toBeUndefined();
    expect(revoked).toEqual([{ userId: '7', sessionId }]);
    expect(await sessions.refresh(second?.refreshToken ?? '')).toBeUndefined();
    expect(await sessions.verify(second?.token ?? '')).toEqual({ ok: false, reason: 'unauthenticated' });
  });

  test('ends when a token older than the previous one comes, however soon', async () => {
    const second = await sessions.refresh(first.refreshToken);
    await sessions.refresh(second?.refreshToken ?? '');
    expect(await sessions.refresh(first.refreshToken)).toBeUndefined();
    expect(revoked).toHaveLength(1);
  });

  test.each(['', 'x', 'a.b', `${'A'.repeat(22)}.${'A'.repeat(43)}`, `${'A'.repeat(22)}.${'A'.repeat(44)}`])(
    'is not found, and none is harmed, by a made-up refresh token %j',
    async (token) => {
      expect(await sessions.refresh(token)).toBeUndefined();
      expect(revoked).toEqual([]);
      expect(await sessions.verify(first.token)).toMatchObject({ ok: true });
    },
  );

  test('ends alone by a logout, and everybody who listens hears it before the answer', async () => {
    const other = await sessions.begin('7');
    const sessionId = await sessionOf(first);
    await sessions.end({ userId: '7', sessionId });
    expect(revoked).toEqual([{ userId: '7', sessionId }]);
    expect(await sessions.verify(first.token)).toEqual({ ok: false, reason: 'unauthenticated' });
    expect(await sessions.refresh(first.refreshToken)).toBeUndefined();
    expect(await sessions.verify(other.token)).toMatchObject({ ok: true });
  });

  test('ends with all others of its user, and no one else’s', async () => {
    const other = await sessions.begin('7');
    const bob = await sessions.begin('8');
    await sessions.end({ userId: '7' });
    expect(revoked).toEqual([{ userId: '7' }]);
    for (const tokens of [first, other]) expect(await sessions.verify(tokens.token)).toMatchObject({ ok: false });
    expect(await sessions.verify(bob.token)).toMatchObject({ ok: true });
  });

  test('cannot be ended by naming somebody else’s session', async () => {
    await sessions.end({ userId: '8', sessionId: await sessionOf(first) });
    expect(await sessions.verify(first.token)).toMatchObject({ ok: true });
  });

  test('is unknown after its user is gone', async () => {
    await db.deleteFrom('users').where('id', '=', 7).execute();
    expect(await sessions.verify(first.token)).toEqual({ ok: false, reason: 'unauthenticated' });
  });

  test('is heard of no more by who stopped listening', async () => {
    const heard: Revocation[] = [];
    const stop = sessions.onRevoked((each) => heard.push(each));
    stop();
    await sessions.end({ userId: '7' });
    expect(heard).toEqual([]);
  });

  test('leaves no row behind for long: expired ones go when somebody signs in', async () => {
    clock.pass(31 * DAY_MS);
    await sessions.begin('8');
    expect(await db.selectFrom('auth_sessions').select('user_id').execute()).toEqual([{ user_id: 8 }]);
  });

  test('is one of 50 at most: one more ends the one that was unused for longest', async () => {
    const sessionId = await sessionOf(first);
    const second = await sessions.begin('7');
    clock.pass(1000);
    const used = await sessions.refresh(second.refreshToken);
    for (let count = 2; count < 50; count += 1) await sessions.begin('7');
    expect(revoked).toEqual([]);
    await sessions.begin('7');
    expect(revoked).toEqual([{ userId: '7', sessionId }]);
    expect(await sessions.verify(used?.token ?? '')).toMatchObject({ ok: true });
  });
});
