/** Accounts: sign up, sign in, change a password. Counts nothing; see `login-guard.ts` for how often that may be tried. */
import { randomBytes } from 'node:crypto';
import type { PublicUser } from '@ringdown/protocol';
import type { Database } from '../db/database.ts';
import { publicUser } from '../db/public-user.ts';
import { displayName, usernameKey } from '../db/username.ts';
import type { Passwords } from './password.ts';
import type { Sessions, Tokens } from './sessions.ts';
import { randomUserId } from './user-id.ts';

/** Somebody who has just signed in. Times are ms since the epoch. */
export interface SignedIn extends Tokens {
  readonly user: PublicUser;
}

/** The accounts. Every method @throws TooManyHashes when more passwords come than can be hashed in time. */
export interface Accounts {
  /**
   * Makes an account and signs in.
   * @returns `invalid_payload` when the name is none once its compatibility forms are resolved
   */
  register(username: string, password: string): Promise<SignedIn | 'username_taken' | 'invalid_payload'>;
  /** Signs in. Takes as long for a name nobody has. */
  login(username: string, password: string): Promise<SignedIn | undefined>;
  /** The next tokens for a refresh token, see {@link Sessions.refresh}. */
  refresh(refreshToken: string): Promise<SignedIn | undefined>;
  /** Ends every session of the user and starts one for the device that asked; undefined when `current` is wrong. */
  changePassword(userId: string, current: string, next: string): Promise<SignedIn | undefined>;
}

/** @param now the clock, ms since the epoch */
export function openAccounts(db: Database, sessions: Sessions, passwords: Passwords, now: () => number): Accounts {
  const signIn = async (user: PublicUser): Promise<SignedIn> => ({ user, ...(await sessions.begin(user.id)) });

  return {
    async register(username, password) {
      const shown = displayName(username);
      if (shown === undefined) return 'invalid_payload';
      // Hashed before the name is looked at, so that a taken name does not answer sooner.
      const passwordHash = await passwords.hash(password);
      const row = await db
        .insertInto('users')
        .values({
          id: randomUserId(),
          external_id: null,
          username: shown,
          username_key: usernameKey(username),
          password_hash: passwordHash,
          avatar: `/avatars/${randomBytes(8).toString('hex')}.svg`,
          do_not_disturb: 0,
          hide_busy: 0,
          hide_address: 0,
          created_at: now(),
        })
        .onConflict((conflict) => conflict.column('username_key').doNothing())
        .returning(['id', 'username', 'avatar'])
        .executeTakeFirst();
      return row ? signIn(publicUser(row)) : 'username_taken';
    },

    async login(username, password) {
      const row = await db
        .selectFrom('users')
        .select(['id', 'username', 'avatar', 'password_hash'])
        .where('username_key', '=', usernameKey(username))
        .executeTakeFirst();
      const good = await passwords.check(password, row?.password_hash);
      return good && row ? signIn(publicUser(row)) : undefined;
    },

    async refresh(refreshToken) {
      const tokens = await sessions.refresh(refreshToken);
      if (!tokens) return undefined;
      const row = await db
        .selectFrom('users')
        .select(['id', 'username', 'avatar'])
        .where('id', '=', Number(tokens.userId))
        .executeTakeFirst();
      return row && { user: publicUser(row), ...tokens };
    },

    async changePassword(userId, current, next) {
      const id = Number(userId);
      const row = await db.selectFrom('users').select('password_hash').where('id', '=', id).executeTakeFirst();
      if (!(await passwords.check(current, row?.password_hash)) || !row) return undefined;
      const updated = await db
        .updateTable('users')
        .set({ password_hash: await passwords.hash(next) })
        .where('id', '=', id)
        // Somebody else changed it meanwhile: what was checked is the password no more.
        .where('password_hash', '=', row.password_hash)
        .returning(['id', 'username', 'avatar'])
        .executeTakeFirst();
      if (!updated) return undefined;
      await sessions.end({ userId });
      return signIn(publicUser(updated));
    },
  };
}
