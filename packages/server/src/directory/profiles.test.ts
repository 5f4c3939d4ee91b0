import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { addUser, testDatabase } from '../people-for-tests.ts';
import { openProfiles, type Profiles } from './profiles.ts';

let db: Database;
let profiles: Profiles;
const alice = '7';
const profile = {
  id: '7',
  username: 'alice',
  avatar: '/avatars/7.svg',
  doNotDisturb: false,
  hideBusy: false,
  hideAddress: false,
  createdAt: '1970-01-01T00:00:00.000Z',
};

beforeEach(async () => {
  db = await testDatabase();
  profiles = openProfiles(db);
  await addUser(db, 'alice', 7);
  await addUser(db, 'bob', 8);
  return () => db.destroy();
});

describe('a profile', () => {
  test('is one’s own with its settings, and nobody’s after the account is gone', async () => {
    expect(await profiles.own(alice)).toEqual(profile);
    expect(await profiles.own('12345')).toBeUndefined();
  });

  test.each([
    ['the name', { username: 'Alícia' }],
    ['only the case of the name', { username: 'ALICE' }],
    ['the picture', { avatar: '/avatars/abc.svg' }],
    ['no picture', { avatar: '' }],
    ['do not disturb', { doNotDisturb: true }],
    ['hidden busy', { hideBusy: true }],
    ['hidden address', { hideAddress: true }],
    ['nothing', {}],
  ])('changes %s and keeps the rest', async (_name, patch) => {
    expect(await profiles.update(alice, patch)).toEqual({ ...profile, ...patch });
    expect(await profiles.own(alice)).toEqual({ ...profile, ...patch });
  });

  test('cannot take a name that is somebody’s, whatever its case, and changes nothing then', async () => {
    expect(await profiles.update(alice, { username: 'BOB', doNotDisturb: true })).toBe('username_taken');
    expect(await profiles.own(alice)).toEqual(profile);
  });

  test('cannot be changed after the account is gone', async () => {
    expect(await profiles.update('12345', { doNotDisturb: true })).toBe('unauthenticated');
  });

  test('is found by the exact name, whatever its case', async () => {
    expect(await profiles.byUsername('Alice')).toEqual({ id: '7', username: 'alice', avatar: '/avatars/7.svg' });
    for (const name of ['alic', 'alice%', '%', '']) expect(await profiles.byUsername(name)).toBeUndefined();
  });
});
