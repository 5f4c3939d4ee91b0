/** People as the REST door shows them: one's own profile, and others by name. */
import type { OwnUser, PublicUser, RestBody } from '@ringdown/protocol';
import type { ExpressionBuilder } from 'kysely';
import type { Database } from '../db/database.ts';
import { PUBLIC_COLUMNS, publicUser } from '../db/public-user.ts';
import type { Tables } from '../db/schema.ts';
import { displayName, usernameKey } from '../db/username.ts';

/** Profiles. */
export interface Profiles {
  /** Undefined when the account is gone. */
  own(userId: string): Promise<OwnUser | undefined>;
  /** By exact name, case and compatibility forms aside. */
  byUsername(username: string): Promise<PublicUser | undefined>;
  /**
   * Changes what the patch names.
   * @returns the profile afterwards, or why nothing changed; `unauthenticated` when the account is gone
   */
  update(
    userId: string,
    patch: RestBody<'updateMe'>,
  ): Promise<OwnUser | 'username_taken' | 'invalid_payload' | 'unauthenticated'>;
}

/** @returns the profiles in a database */
export function openProfiles(db: Database): Profiles {
  const own = async (userId: string): Promise<OwnUser | undefined> => {
    const row = await db.selectFrom('users').selectAll().where('id', '=', Number(userId)).executeTakeFirst();
    return (
      row && {
        ...publicUser(row),
        doNotDisturb: row.do_not_disturb === 1,
        hideBusy: row.hide_busy === 1,
        hideAddress: row.hide_address === 1,
        createdAt: new Date(row.created_at).toISOString(),
      }
    );
  };
  return {
    own,

    async byUsername(username) {
      const row = await db
        .selectFrom('users')
        .select(PUBLIC_COLUMNS)
        .where('username_key', '=', usernameKey(username))
        .executeTakeFirst();
      return row && publicUser(row);
    },

    async update(userId, patch) {
      const id = Number(userId);
      const { username, avatar, doNotDisturb, hideBusy, hideAddress } = patch;
      const changes: Partial<Record<'username' | 'username_key' | 'avatar', string>> &
        Partial<Record<'do_not_disturb' | 'hide_busy' | 'hide_address', number>> = {};
      if (username !== undefined) {
        const shown = displayName(username);
        if (shown === undefined) return 'invalid_payload';
        changes.username = shown;
        changes.username_key = usernameKey(username);
      }
      if (avatar !== undefined) changes.avatar = avatar;
      if (doNotDisturb !== undefined) changes.do_not_disturb = Number(doNotDisturb);
      if (hideBusy !== undefined) changes.hide_busy = Number(hideBusy);
      if (hideAddress !== undefined) changes.hide_address = Number(hideAddress);
      if (Object.keys(changes).length > 0) {
        const nameIsFree = (eb: ExpressionBuilder<Tables, 'users'>) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('users as other')
                .select('other.id')
                .where('other.username_key', '=', changes.username_key ?? '')
                .where('other.id', '!=', id),
            ),
          );
        const update = db.updateTable('users').set(changes).where('id', '=', id).where(nameIsFree);
        const { numUpdatedRows } = await update.executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) return (await own(userId)) ? 'username_taken' : 'unauthenticated';
      }
      return (await own(userId)) ?? 'unauthenticated';
    },
  };
}
