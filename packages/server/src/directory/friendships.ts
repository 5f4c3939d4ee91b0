/** Friends, and the requests to become some. */
import type { RestData } from '@ringdown/protocol';
import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { PUBLIC_COLUMNS, publicUser } from '../db/public-user.ts';
import type { Tables } from '../db/schema.ts';

/** Friendships of one person. Ids are canonical. */
export interface Friendships {
  /** Friends by name, and open requests, newest first. Nobody I have blocked is among them, but to them I am (BL-1). */
  list(me: string): Promise<RestData<'friends'>>;
  /**
   * Asks somebody, or accepts what they asked. To who is blocked by them it looks the same and arrives nowhere (BL-1).
   * @returns what is between the two now; `invalid_payload` for oneself or somebody I have blocked
   */
  ask(me: string, other: string): Promise<RestData<'friendship'> | 'receiver_not_found' | 'invalid_payload'>;
  /** Ends a friendship, takes my request back or declines theirs; no error when there is none of it. */
  end(me: string, other: string): Promise<void>;
}

/** The two ids as the `friendships` table orders them. */
export function pairOf(one: number, other: number): { low_id: number; high_id: number } {
  return one < other ? { low_id: one, high_id: other } : { low_id: other, high_id: one };
}

/** Removes a friendship and the requests both ways. Part of somebody's transaction. */
async function separate(tx: Transaction<Tables>, one: number, other: number): Promise<void> {
  const { low_id, high_id } = pairOf(one, other);
  await tx.deleteFrom('friendships').where('low_id', '=', low_id).where('high_id', '=', high_id).execute();
  await tx.deleteFrom('friend_requests').where('from_id', '=', one).where('to_id', '=', other).execute();
  await tx.deleteFrom('friend_requests').where('from_id', '=', other).where('to_id', '=', one).execute();
}

/** Whether one has blocked the other. Part of somebody's transaction. */
export async function hasBlocked(tx: Transaction<Tables>, blocker: number, blocked: number): Promise<boolean> {
  const row = await tx
    .selectFrom('blocks')
    .select('blocker_id')
    .where('blocker_id', '=', blocker)
    .where('blocked_id', '=', blocked)
    .executeTakeFirst();
  return row !== undefined;
}

/** @param now the clock, ms since the epoch */
export function openFriendships(db: Database, now: () => number): Friendships {
  return {
    async list(me) {
      const id = Number(me);
      return db.transaction().execute(async (tx) => {
        const friends = await tx
          .selectFrom('friendships')
          .innerJoin('users', (join) =>
            join.on((eb) =>
              eb.or([
                eb.and([eb('friendships.low_id', '=', id), eb('users.id', '=', eb.ref('friendships.high_id'))]),
                eb.and([eb('friendships.high_id', '=', id), eb('users.id', '=', eb.ref('friendships.low_id'))]),
              ]),
            ),
          )
          .leftJoin('blocks', (join) =>
            join.on('blocks.blocker_id', '=', id).onRef('blocks.blocked_id', '=', 'users.id'),
          )
          .select(PUBLIC_COLUMNS)
          .where('blocks.blocker_id', 'is', null)
          .orderBy('users.username_key')
          .execute();
        const incoming = await tx
          .selectFrom('friend_requests')
          .innerJoin('users', 'users.id', 'friend_requests.from_id')
          .select(PUBLIC_COLUMNS)
          .where('friend_requests.to_id', '=', id)
          .where('friend_requests.hidden', '=', 0)
          .orderBy('friend_requests.created_at', 'desc')
          .execute();
        const outgoing = await tx
          .selectFrom('friend_requests')
          .innerJoin('users', 'users.id', 'friend_requests.to_id')
          .select(PUBLIC_COLUMNS)
          .where('friend_requests.from_id', '=', id)
          .orderBy('friend_requests.created_at', 'desc')
          .execute();
        return {
          friends: friends.map(publicUser),
          incoming: incoming.map(publicUser),
          outgoing: outgoing.map(publicUser),
        };
      });
    },

    async ask(me, other) {
      const from = Number(me);
      const to = Number(other);
      if (from === to) return 'invalid_payload';
      return db.transaction().execute(async (tx) => {
        const row = await tx.selectFrom('users').select(PUBLIC_COLUMNS).where('id', '=', to).executeTakeFirst();
        if (!row) return 'receiver_not_found';
        if (await hasBlocked(tx, from, to)) return 'invalid_payload';
        const user = publicUser(row);
        const pair = pairOf(from, to);
        const friends = await tx
          .selectFrom('friendships')
          .select('low_id')
          .where('low_id', '=', pair.low_id)
          .where('high_id', '=', pair.high_id)
          .executeTakeFirst();
        if (friends) return { user, status: 'friends' };
        const theirs = await tx
          .selectFrom('friend_requests')
          .select('from_id')
          .where('from_id', '=', to)
          .where('to_id', '=', from)
          .executeTakeFirst();
        const hidden = Number(await hasBlocked(tx, to, from));
        if (theirs && hidden === 0) {
          await separate(tx, from, to);
          await tx
            .insertInto('friendships')
            .values({ ...pair, created_at: now() })
            .execute();
          return { user, status: 'friends' };
        }
        await tx
          .insertInto('friend_requests')
          .values({ from_id: from, to_id: to, hidden, created_at: now() })
          .onConflict((conflict) => conflict.columns(['from_id', 'to_id']).doUpdateSet({ hidden }))
          .execute();
        return { user, status: 'requested' };
      });
    },

    async end(me, other) {
      await db.transaction().execute((tx) => separate(tx, Number(me), Number(other)));
    },
  };
}
