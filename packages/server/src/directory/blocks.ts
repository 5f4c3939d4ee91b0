/** Whom a person does not want to hear from. The blocked person is never told (BL-1). */
import type { PublicUser } from '@ringdown/protocol';
import type { Database } from '../db/database.ts';
import { PUBLIC_COLUMNS, publicUser } from '../db/public-user.ts';

/** The block list of one person. Ids are canonical. */
export interface Blocks {
  /** By name. */
  list(me: string): Promise<PublicUser[]>;
  /**
   * Blocks somebody. What they see stays as it was: a friendship stands, and only I no longer have them among my
   * friends; a request of theirs and their invitations to me are hidden from me. My own request is taken back.
   * @returns `invalid_payload` for oneself; `blocked` also when that was so before
   */
  block(me: string, other: string): Promise<'blocked' | 'receiver_not_found' | 'invalid_payload'>;
  /** Ends a block: a friendship is one again, a request or invitation stays hidden. No error when there is none. */
  unblock(me: string, other: string): Promise<void>;
}

/** @param now the clock, ms since the epoch */
export function openBlocks(db: Database, now: () => number): Blocks {
  return {
    async list(me) {
      const rows = await db
        .selectFrom('blocks')
        .innerJoin('users', 'users.id', 'blocks.blocked_id')
        .select(PUBLIC_COLUMNS)
        .where('blocks.blocker_id', '=', Number(me))
        .orderBy('users.username_key')
        .execute();
      return rows.map(publicUser);
    },

    async block(me, other) {
      const blocker = Number(me);
      const blocked = Number(other);
      if (blocker === blocked) return 'invalid_payload';
      return db.transaction().execute(async (tx) => {
        const user = await tx.selectFrom('users').select('id').where('id', '=', blocked).executeTakeFirst();
        if (!user) return 'receiver_not_found';
        await tx
          .insertInto('blocks')
          .values({ blocker_id: blocker, blocked_id: blocked, created_at: now() })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await tx.deleteFrom('friend_requests').where('from_id', '=', blocker).where('to_id', '=', blocked).execute();
        await tx
          .updateTable('friend_requests')
          .set({ hidden: 1 })
          .where('from_id', '=', blocked)
          .where('to_id', '=', blocker)
          .execute();
        await tx
          .updateTable('group_members')
          .set({ hidden: 1 })
          .where('user_id', '=', blocker)
          .where('invited_by', '=', blocked)
          .where('membership', '=', 'invited')
          .execute();
        return 'blocked';
      });
    },

    async unblock(me, other) {
      await db
        .deleteFrom('blocks')
        .where('blocker_id', '=', Number(me))
        .where('blocked_id', '=', Number(other))
        .execute();
    },
  };
}
