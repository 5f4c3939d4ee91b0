import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { addUser, testDatabase } from '../people-for-tests.ts';
import { type Blocks, openBlocks } from './blocks.ts';
import { type Friendships, openFriendships } from './friendships.ts';

let db: Database;
let friendships: Friendships;
let blocks: Blocks;
const [alice, bob, carol] = ['7', '8', '9'];
const who = (username: string, id: string) => ({ id, username, avatar: `/avatars/${id}.svg` });

beforeEach(async () => {
  db = await testDatabase();
  let time = 0;
  friendships = openFriendships(db, () => ++time);
  blocks = openBlocks(db, () => ++time);
  await addUser(db, 'alice', 7);
  await addUser(db, 'bob', 8);
  await addUser(db, 'carol', 9);
  return () => db.destroy();
});

describe('friends', () => {
  test('begin with a request that both sides see', async () => {
    expect(await friendships.ask(alice, bob)).toEqual({ user: who('bob', bob), status: 'requested' });
    expect(await friendships.list(alice)).toEqual({ friends: [], incoming: [], outgoing: [who('bob', bob)] });
    expect(await friendships.list(bob)).toEqual({ friends: [], incoming: [who('alice', alice)], outgoing: [] });
  });

  test('are friends when the other asks too, and the requests are gone', async () => {
    await friendships.ask(alice, bob);
    expect(await friendships.ask(bob, alice)).toEqual({ user: who('alice', alice), status: 'friends' });
    expect(await friendships.list(alice)).toEqual({ friends: [who('bob', bob)], incoming: [], outgoing: [] });
    expect(await friendships.list(bob)).toEqual({ friends: [who('alice', alice)], incoming: [], outgoing: [] });
  });

  test('may ask again without effect', async () => {
    await friendships.ask(alice, bob);
    await friendships.ask(alice, bob);
    expect((await friendships.list(bob)).incoming).toHaveLength(1);
    await friendships.ask(bob, alice);
    expect(await friendships.ask(alice, bob)).toMatchObject({ status: 'friends' });
  });

  test('are friends once when both ask at the same moment', async () => {
    await Promise.all([friendships.ask(alice, bob), friendships.ask(bob, alice)]);
    expect((await friendships.list(alice)).friends).toHaveLength(1);
  });

  test.each([
    ['the asker takes the request back', alice, bob],
    ['the asked declines', bob, alice],
  ])('are none when %s', async (_name, me, other) => {
    await friendships.ask(alice, bob);
    await friendships.end(me, other);
    for (const each of [alice, bob]) {
      expect(await friendships.list(each)).toEqual({ friends: [], incoming: [], outgoing: [] });
    }
  });

  test('end on both sides, and ending nothing is no error', async () => {
    await friendships.ask(alice, bob);
    await friendships.ask(bob, alice);
    await friendships.end(bob, alice);
    expect((await friendships.list(alice)).friends).toEqual([]);
    await friendships.end(bob, alice);
    await friendships.end(bob, '12345');
  });

  test('stand in the order of their names, requests with the newest first', async () => {
    await addUser(db, 'Aaron', 1);
    for (const other of [bob, '1', carol]) await friendships.ask(alice, other);
    expect((await friendships.list(alice)).outgoing.map(({ username }) => username)).toEqual(['carol', 'Aaron', 'bob']);
    for (const other of [carol, bob, '1']) await friendships.ask(other, alice);
    expect((await friendships.list(alice)).friends.map(({ username }) => username)).toEqual(['Aaron', 'bob', 'carol']);
  });

  test('cannot be oneself, nobody, or whom I have blocked', async () => {
    expect(await friendships.ask(alice, alice)).toBe('invalid_payload');
    expect(await friendships.ask(alice, '12345')).toBe('receiver_not_found');
    await blocks.block(alice, bob);
    expect(await friendships.ask(alice, bob)).toBe('invalid_payload');
  });
});

describe('[BL-1] a blocked person', () => {
  test('sees the friendship stand, while the other no longer has them among the friends until the block ends', async () => {
    await friendships.ask(alice, bob);
    await friendships.ask(bob, alice);
    const before = await friendships.list(alice);
    await blocks.block(bob, alice);
    expect(await friendships.list(alice)).toEqual(before);
    expect(await friendships.list(bob)).toEqual({ friends: [], incoming: [], outgoing: [] });
    expect(await blocks.list(bob)).toEqual([who('alice', alice)]);
    expect(await blocks.list(alice)).toEqual([]);
    await blocks.unblock(bob, alice);
    expect((await friendships.list(bob)).friends).toEqual([who('alice', alice)]);
  });

  test('may end the friendship, and it is gone after the block too', async () => {
    await friendships.ask(alice, bob);
    await friendships.ask(bob, alice);
    await blocks.block(bob, alice);
    await friendships.end(alice, bob);
    await blocks.unblock(bob, alice);
    for (const each of [alice, bob]) expect((await friendships.list(each)).friends).toEqual([]);
  });

  test('still sees an open request of theirs, which is gone for the other', async () => {
    await friendships.ask(alice, bob);
    await blocks.block(bob, alice);
    expect((await friendships.list(alice)).outgoing).toEqual([who('bob', bob)]);
    expect((await friendships.list(bob)).incoming).toEqual([]);
  });

  test('sees an open request of the other taken back', async () => {
    await friendships.ask(bob, alice);
    await blocks.block(bob, alice);
    for (const each of [alice, bob]) {
      expect(await friendships.list(each)).toEqual({ friends: [], incoming: [], outgoing: [] });
    }
  });

  test('sees a request like any other, which arrives nowhere', async () => {
    const unblocked = await friendships.ask(alice, carol);
    await blocks.block(bob, alice);
    const blocked = await friendships.ask(alice, bob);
    expect(blocked).toEqual({ ...(unblocked as object), user: who('bob', bob) });
    expect((await friendships.list(alice)).outgoing).toEqual([who('bob', bob), who('carol', carol)]);
    expect((await friendships.list(bob)).incoming).toEqual([]);
    await friendships.end(alice, bob);
    expect((await friendships.list(alice)).outgoing).toEqual([who('carol', carol)]);
  });

  test('whose request was hidden stays hidden after the block, until they ask again', async () => {
    await blocks.block(bob, alice);
    await friendships.ask(alice, bob);
    await blocks.unblock(bob, alice);
    expect((await friendships.list(bob)).incoming).toEqual([]);
    await friendships.ask(alice, bob);
    expect((await friendships.list(bob)).incoming).toEqual([who('alice', alice)]);
  });

  test('is blocked once however often, and unblocking twice is no error', async () => {
    expect(await blocks.block(bob, alice)).toBe('blocked');
    expect(await blocks.block(bob, alice)).toBe('blocked');
    expect(await blocks.list(bob)).toHaveLength(1);
    await blocks.unblock(bob, alice);
    await blocks.unblock(bob, alice);
    expect(await blocks.list(bob)).toEqual([]);
  });

  test('cannot be oneself or nobody', async () => {
    expect(await blocks.block(bob, bob)).toBe('invalid_payload');
    expect(await blocks.block(bob, '12345')).toBe('receiver_not_found');
  });
});
