/** Auth sessions: a login on one device, its rotating refresh token, and its end. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { type AccessTokens, accessTokens } from './access-token.ts';
import type { Authenticator, Revocation } from './auth.ts';
import { firstRefreshToken, hashesOf, sameHash, successorOf, successorSalt } from './refresh-token.ts';

/** How long a session lives without being refreshed, in ms. */
const LIFETIME_MS = 30 * 24 * 3_600_000;
/**
 * How long the previous refresh token still gets the answer that its holder may have missed, in ms: a request that timed
 * out and was repeated, or two pages refreshing at once. Later it is a theft, and the session ends.
 */
const REPEAT_WINDOW_MS = 30_000;

/** Sessions one user may have; a new one ends the one unused for longest. */
const MOST_PER_USER = 50;

/** What a device holds after signing in. Times are ms since the epoch. */
export interface Tokens {
  readonly userId: string;
  readonly token: string;
  readonly expiresAt: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
}

/** Starts, continues and ends sessions. */
export interface Sessions extends Authenticator {
  /** Starts one. @param userId canonical id of somebody whose password was just checked */
  begin(userId: string): Promise<Tokens>;
  /**
   * Takes a refresh token and gives the next. The previous one gets the same answer again for half a minute; any other
   * old token of the session ends it, since two hold it.
   * @returns undefined when the token is not good
   */
  refresh(refreshToken: string): Promise<Tokens | undefined>;
  /** Ends one session, or with no `sessionId` all of the user. Listeners hear of it before this resolves. */
  end(revoked: Revocation): Promise<void>;
}

/**
 * @param options.secret HS256 key @param options.issuer the service's public URL
 * @param options.now the clock, ms since the epoch
 */
export function openSessions(
  db: Database,
  options: { secret: Uint8Array; issuer: string; now: () => number },
): Sessions {
  return new SqlSessions(db, accessTokens(options.secret, options.issuer), options.now);
}

class SqlSessions implements Sessions {
  readonly #db: Database;
  readonly #tokens: AccessTokens;
  readonly #now: () => number;
  readonly #listeners = new Set<(revoked: Revocation) => void>();

  constructor(db: Database, tokens: AccessTokens, now: () => number) {
    this.#db = db;
    this.#tokens = tokens;
    this.#now = now;
  }

  async verify(token: string) {
    const verdict = await this.#tokens.check(token, this.#now());
    if (!verdict.ok) return verdict;
    const { sessionId, userId } = verdict.identity;
    // Its end by time needs no look: no access token outlives the session that it comes from.
    const alive = await this.#db
      .selectFrom('auth_sessions')
      .select('id')
      .where('id', '=', sessionId)
      .where('user_id', '=', Number(userId))
      .executeTakeFirst();
    return alive ? verdict : ({ ok: false, reason: 'unauthenticated' } as const);
  }

  onRevoked(listener: (revoked: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async begin(userId: string): Promise<Tokens> {
    const now = this.#now();
    const refreshToken = firstRefreshToken();
    const hashes = hashesOf(refreshToken);
    if (!hashes) throw new Error('a new refresh token does not have its own shape');
    const session = { id: randomUUID(), expiresAt: now + LIFETIME_MS };
    await this.#db.deleteFrom('auth_sessions').where('expires_at', '<=', now).execute();
    await this.#makeRoom(userId);
    await this.#db
      .insertInto('auth_sessions')
      .values({
        id: session.id,
        user_id: Number(userId),
        family_hash: hashes.family,
        refresh_hash: hashes.token,
        previous_hash: null,
        successor_salt: null,
        rotated_at: now,
        created_at: now,
        expires_at: session.expiresAt,
      })
      .execute();
    return this.#issue(userId, session.id, refreshToken, session.expiresAt);
  }

  async refresh(refreshToken: string): Promise<Tokens | undefined> {
    const hashes = hashesOf(refreshToken);
    if (!hashes) return undefined;
    const now = this.#now();
    const found = await this.#db.transaction().execute(async (tx) => {
      const session = await tx
        .selectFrom('auth_sessions')
        .selectAll()
        .where('family_hash', '=', hashes.family)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (!session) return undefined;
      const userId = String(session.user_id);
      if (sameHash(hashes.token, session.refresh_hash)) {
        const salt = successorSalt();
        const next = successorOf(refreshToken, salt);
        const expiresAt = now + LIFETIME_MS;
        await tx
          .updateTable('auth_sessions')
          .set({
            refresh_hash: hashesOf(next)?.token ?? '',
            previous_hash: hashes.token,
            successor_salt: salt,
            rotated_at: now,
            expires_at: expiresAt,
          })
          .where('id', '=', session.id)
          .execute();
        return { userId, sessionId: session.id, next, expiresAt };
      }
      const repeated = sameHash(hashes.token, session.previous_hash) && now - session.rotated_at <= REPEAT_WINDOW_MS;
      if (repeated && session.successor_salt !== null) {
        const next = successorOf(refreshToken, session.successor_salt);
        return { userId, sessionId: session.id, next, expiresAt: session.expires_at };
      }
      await tx.deleteFrom('auth_sessions').where('id', '=', session.id).execute();
      return { userId, sessionId: session.id, next: undefined, expiresAt: 0 };
    });
    if (!found) return undefined;
    if (found.next === undefined) {
      this.#announce({ userId: found.userId, sessionId: found.sessionId });
      return undefined;
    }
    return this.#issue(found.userId, found.sessionId, found.next, found.expiresAt);
  }

  async end(revoked: Revocation): Promise<void> {
    const all = this.#db.deleteFrom('auth_sessions').where('user_id', '=', Number(revoked.userId));
    await (revoked.sessionId === undefined ? all : all.where('id', '=', revoked.sessionId)).execute();
    this.#announce(revoked);
  }

  async #makeRoom(userId: string): Promise<void> {
    const latestFirst = await this.#db
      .selectFrom('auth_sessions')
      .select('id')
      .where('user_id', '=', Number(userId))
      .orderBy('rotated_at', 'desc')
      .execute();
    for (const { id } of latestFirst.slice(MOST_PER_USER - 1)) await this.end({ userId, sessionId: id });
  }

  #announce(revoked: Revocation): void {
    for (const listener of this.#listeners) listener(revoked);
  }

  async #issue(userId: string, sessionId: string, refreshToken: string, refreshExpiresAt: number): Promise<Tokens> {
    const { token, expiresAt } = await this.#tokens.sign({ userId, sessionId }, this.#now());
    return { userId, token, expiresAt, refreshToken, refreshExpiresAt };
  }
}
