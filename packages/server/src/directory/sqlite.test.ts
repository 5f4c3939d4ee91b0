import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { addUser, testDatabase } from '../people-for-tests.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import type { Directory } from './directory.ts';
import { type Friendships, openFriendships } from './friendships.ts';
import { type Groups, openGroups } from './groups.ts';
import { openDirectory } from './sqlite.ts';

let db: Database;
let directory: Directory;
let friendships: Friendships;
let blocks: Blocks;
let groups: Groups;
const [alice, bob, carol] = ['7', '8', '9'];

beforeEach(async () => {
  db = await testDatabase();
  let time = 0;
  const now = () => ++time;
  directory = openDirectory(db);
  friendships = openFriendships(db, now);
  blocks = openBlocks(db, now);
  groups = openGroups(db, now);
  await addUser(db, 'alice', 7);
  await addUser(db, 'bob', 8);
  await addUser(db, 'carol', 9);
  return () => db.destroy();
});

const befriend = async (one: string, other: string) => {
  await friendships.ask(one, other);
  await friendships.ask(other, one);
};
const sharedGroup = async (...members: [string, ...string[]]): Promise<string> => {
  const [owner, ...others] = members;
  const { id } = await groups.create(owner, 'band');
  for (const other of others) {
    await groups.put(owner, id, other);
    await groups.put(other, id, other);
  }
  return id;
};

describe('the directory', () => {
  test('tells who two people are, with the number beside the wire id', async () => {
    await db.updateTable('users').set({ do_not_disturb: 1, hide_busy: 1 }).where('id', '=', 8).execute();
    expect(await directory.relation(alice, bob)).toEqual({
      sender: {
        id: '7',
        info: { id: 7, username: 'alice', avatar: '/avatars/7.svg' },
        doNotDisturb: false,
        hideBusy: false,
      },
      receiver: {
        id: '8',
        info: { id: 8, username: 'bob', avatar: '/avatars/8.svg' },
        doNotDisturb: true,
        hideBusy: true,
      },
      tie: 'none',
      blockedBySender: false,
      blockedByReceiver: false,
      conversationAllowed: true,
    });
  });

  test.each(['10', '0', '', '07', 'alice', '9007199254740993', "8' or 1=1"])(
    'knows nobody by the id %j',
    async (id) => {
      expect((await directory.relation(alice, id)).receiver).toBeUndefined();
    },
  );

  test('calls two people friends once both have asked, whoever calls', async () => {
    await friendships.ask(alice, bob);
    expect((await directory.relation(alice, bob)).tie).toBe('none');
    await friendships.ask(bob, alice);
    expect((await directory.relation(alice, bob)).tie).toBe('friends');
    expect((await directory.relation(bob, alice)).tie).toBe('friends');
    await friendships.end(alice, bob);
    expect((await directory.relation(bob, alice)).tie).toBe('none');
  });

  test('ties two accepted members of a group, but not who is only invited', async () => {
    const id = await sharedGroup(alice, bob);
    await groups.put(alice, id, carol);
    expect((await directory.relation(alice, bob)).tie).toBe('group');
    expect((await directory.relation(bob, alice)).tie).toBe('group');
    expect((await directory.relation(bob, carol)).tie).toBe('none');
    await groups.put(carol, id, carol);
    expect((await directory.relation(bob, carol)).tie).toBe('group');
    await groups.remove(bob, id, bob);
    expect((await directory.relation(bob, carol)).tie).toBe('none');
  });

  test('names the closest tie: friendship before a group', async () => {
    await sharedGroup(alice, bob);
    await befriend(alice, bob);
    expect((await directory.relation(alice, bob)).tie).toBe('friends');
  });

  test('does not tie anybody to themselves', async () => {
    await sharedGroup(alice, bob);
    expect((await directory.relation(alice, alice)).tie).toBe('none');
  });

  test('[BL-1] tells who has blocked whom, and a block leaves a shared group as it is', async () => {
    await sharedGroup(alice, bob);
    await blocks.block(bob, alice);
    expect(await directory.relation(alice, bob)).toMatchObject({
      tie: 'group',
      blockedBySender: false,
      blockedByReceiver: true,
    });
    expect(await directory.relation(bob, alice)).toMatchObject({
      tie: 'group',
      blockedBySender: true,
      blockedByReceiver: false,
    });
    await blocks.unblock(bob, alice);
    expect(await directory.relation(alice, bob)).toMatchObject({ blockedBySender: false, blockedByReceiver: false });
  });

  describe('[PR-1] names the friends with whom presence is shared', () => {
    const friendsOf = async (id: string) => (await directory.friendsOf(id)).sort();

    test('whoever of the two has the smaller id, and nobody else', async () => {
      await befriend(alice, bob);
      await befriend(bob, carol);
      expect(await friendsOf(alice)).toEqual([bob]);
      expect(await friendsOf(bob)).toEqual([alice, carol]);
      expect(await friendsOf(carol)).toEqual([bob]);
    });

    test('but not who has only asked, or only shares a group', async () => {
      await friendships.ask(alice, bob);
      await sharedGroup(alice, carol);
      expect(await friendsOf(alice)).toEqual([]);
      expect(await friendsOf(bob)).toEqual([]);
      expect(await friendsOf(carol)).toEqual([]);
    });

    test('but not across a block, to neither of the two and for as long as it stands', async () => {
      await befriend(alice, bob);
      await befriend(alice, carol);
      await blocks.block(alice, bob);
      expect(await friendsOf(alice)).toEqual([carol]);
      expect(await friendsOf(bob)).toEqual([]);
      await blocks.block(carol, alice);
      expect(await friendsOf(alice)).toEqual([]);
      await blocks.unblock(alice, bob);
      expect(await friendsOf(alice)).toEqual([bob]);
    });

    test.each(['10', '0', '', '07', 'alice'])('of which the id %j has none', async (id) => {
      await befriend(alice, bob);
      expect(await friendsOf(id)).toEqual([]);
    });
  });

  test('finds no tie where one of the two, or both, are gone', async () => {
    const nothing = { tie: 'none', blockedBySender: false, blockedByReceiver: false };
    expect(await directory.relation('10', alice)).toMatchObject({ sender: undefined, ...nothing });
    expect(await directory.relation('10', '11', 'g_1')).toEqual({
      sender: undefined,
      receiver: undefined,
      ...nothing,
      conversationAllowed: false,
    });
  });

  describe('[OF-5] allows a conversation', () => {
    test.each([undefined, '', 'room 7', 'G_upper', 'xg_1'])('that names none of our groups: %j', async (id) => {
      expect((await directory.relation(alice, bob, id)).conversationAllowed).toBe(true);
    });

    test('that names a group both are accepted members of', async () => {
      const id = await sharedGroup(alice, bob);
      expect((await directory.relation(alice, bob, id)).conversationAllowed).toBe(true);
    });

    test('but not of a group that only one is in, or is only invited to, or that does not exist', async () => {
      await befriend(alice, bob);
      const mine = await sharedGroup(alice, carol);
      const theirs = await sharedGroup(bob, carol);
      const invited = await sharedGroup(alice);
      await groups.put(alice, invited, bob);
      for (const id of [mine, theirs, invited, 'g_nothing', 'g_']) {
        expect((await directory.relation(alice, bob, id)).conversationAllowed).toBe(false);
      }
    });
  });
});
