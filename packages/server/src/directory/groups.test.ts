import type { Group } from '@ringdown/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { addUser, testDatabase } from '../people-for-tests.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import { type Groups, openGroups } from './groups.ts';

let db: Database;
let groups: Groups;
let blocks: Blocks;
let band: string;
const [alice, bob, carol, dave] = ['7', '8', '9', '10'];

beforeEach(async () => {
  db = await testDatabase();
  let time = 0;
  groups = openGroups(db, () => ++time);
  blocks = openBlocks(db, () => ++time);
  await addUser(db, 'alice', 7);
  await addUser(db, 'bob', 8);
  await addUser(db, 'carol', 9);
  await addUser(db, 'dave', 10);
  band = (await groups.create(alice, '  The Band ')).id;
  return () => db.destroy();
});

const join = async (user: string) => {
  await groups.put(alice, band, user);
  await groups.put(user, band, user);
};
const namesIn = (group: Group | string | undefined) =>
  typeof group === 'object' ? group.members.map(({ username, membership }) => `${username} ${membership}`) : group;
const seenBy = async (user: string) => (await groups.list(user)).find(({ id }) => id === band);

describe('a group', () => {
  test('begins with its creator as owner and member', async () => {
    expect(band).toMatch(/^g_[\w-]{16}$/);
    expect(await groups.list(alice)).toEqual([
      {
        id: band,
        name: 'The Band',
        ownerId: alice,
        membership: 'member',
        members: [{ id: alice, username: 'alice', avatar: '/avatars/7.svg', membership: 'member' }],
      },
    ]);
    expect(await groups.list(bob)).toEqual([]);
  });

  test('is joined by an invitation and its acceptance', async () => {
    expect(namesIn(await groups.put(alice, band, bob))).toEqual(['alice member', 'bob invited']);
    expect((await seenBy(bob))?.membership).toBe('invited');
    expect(namesIn(await groups.put(bob, band, bob))).toEqual(['alice member', 'bob member']);
    expect((await seenBy(bob))?.membership).toBe('member');
  });

  test('cannot be joined without an invitation, and looks as if it did not exist', async () => {
    expect(await groups.put(bob, band, bob)).toBe('not_found');
    expect(await groups.put(bob, band, carol)).toBe('not_found');
    expect(await groups.put(bob, 'g_nothing', bob)).toBe('not_found');
    expect(await groups.remove(bob, band, alice)).toBe('not_found');
    expect(await groups.remove(bob, band, bob)).toBe('not_found');
  });

  test('takes invitations from every member, but not from who is only invited', async () => {
    await join(bob);
    expect(namesIn(await groups.put(bob, band, carol))).toEqual(['alice member', 'bob member', 'carol invited']);
    expect(await groups.put(carol, band, dave)).toBe('not_found');
  });

  test('stays as it is when somebody is invited or accepts again', async () => {
    await join(bob);
    const before = await seenBy(alice);
    await groups.put(alice, band, bob);
    await groups.put(bob, band, bob);
    expect(await seenBy(alice)).toEqual(before);
  });

  test('cannot invite nobody, or whom I have blocked', async () => {
    expect(await groups.put(alice, band, '12345')).toBe('receiver_not_found');
    await blocks.block(alice, bob);
    expect(await groups.put(alice, band, bob)).toBe('invalid_payload');
  });

  test('is left by members, and invitations are declined', async () => {
    await join(bob);
    await groups.put(alice, band, carol);
    expect(await groups.remove(bob, band, bob)).toBe('removed');
    expect(await groups.remove(carol, band, carol)).toBe('removed');
    expect(await groups.list(bob)).toEqual([]);
    expect(namesIn(await seenBy(alice))).toEqual(['alice member']);
  });

  test('lets its owner remove anybody, who invited take that back, and nobody else', async () => {
    await join(bob);
    await join(carol);
    await groups.put(bob, band, dave);
    expect(await groups.remove(carol, band, dave)).toBe('not_owner');
    expect(await groups.remove(carol, band, bob)).toBe('not_owner');
    expect(await groups.remove(bob, band, dave)).toBe('removed');
    expect(await groups.remove(alice, band, bob)).toBe('removed');
    expect(await groups.remove(alice, band, '12345')).toBe('not_found');
    expect(namesIn(await seenBy(alice))).toEqual(['alice member', 'carol member']);
  });

  test('goes to the member who has been in it longest when the owner leaves', async () => {
    await groups.put(alice, band, dave);
    await join(carol);
    await join(bob);
    expect(await groups.remove(alice, band, alice)).toBe('removed');
    expect((await seenBy(carol))?.ownerId).toBe(carol);
    expect(await groups.list(alice)).toEqual([]);
  });

  test('is gone with its last member, open invitations too', async () => {
    await groups.put(alice, band, bob);
    await groups.remove(alice, band, alice);
    expect(await groups.list(bob)).toEqual([]);
    expect(await groups.put(bob, band, bob)).toBe('not_found');
    expect(await db.selectFrom('groups').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('group_members').selectAll().execute()).toEqual([]);
  });

  test('[BL-1] shows the invitation of a blocked person to everybody but the invited', async () => {
    await blocks.block(bob, alice);
    expect(namesIn(await groups.put(alice, band, bob))).toEqual(['alice member', 'bob invited']);
    expect(await groups.list(bob)).toEqual([]);
    expect(await groups.put(bob, band, bob)).toBe('not_found');
    expect(await groups.remove(bob, band, bob)).toBe('not_found');
    expect(await groups.remove(alice, band, bob)).toBe('removed');
  });

  test('[BL-1] hides an invitation that came before the block', async () => {
    await groups.put(alice, band, bob);
    await blocks.block(bob, alice);
    expect(await groups.list(bob)).toEqual([]);
    expect(namesIn(await seenBy(alice))).toEqual(['alice member', 'bob invited']);
  });

  test('shows a hidden invitation once a member who is not blocked invites too', async () => {
    await join(carol);
    await blocks.block(bob, alice);
    await groups.put(alice, band, bob);
    await groups.put(carol, band, bob);
    expect((await seenBy(bob))?.membership).toBe('invited');
  });

  test('keeps an invitation that the invited sees, whoever invites again', async () => {
    await join(carol);
    await groups.put(carol, band, bob);
    await blocks.block(bob, alice);
    await groups.put(alice, band, bob);
    expect((await seenBy(bob))?.membership).toBe('invited');
  });
});
