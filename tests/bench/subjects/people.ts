/**
 * Fills a data folder with people and signs them in, without the price of ten thousand password hashes. It writes rows
 * as the service does, so it knows the tables; a start of the service must have made them.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Somebody with an account, and a token that is good for {@link TOKEN_SECONDS}. */
export interface Person {
  readonly id: string;
  readonly token: string;
}

const TOKEN_SECONDS = 3 * 3600;
const FIRST_ID = 1_000_001;

/**
 * Puts people into a stopped service's folder; each is the friend of the next one: first and second, third and fourth.
 * @param options.secret of the service's tokens @param options.issuer its `PUBLIC_URL`
 */
export function settle(options: { dataDir: string; count: number; secret: string; issuer: string }): Person[] {
  const database = new DatabaseSync(join(options.dataDir, 'ringdown.db'));
  try {
    const now = Date.now();
    const user = database.prepare(
      `insert into users (id, username, username_key, password_hash, avatar, created_at) values (?, ?, ?, '', '', ?)`,
    );
    const friends = database.prepare('insert into friendships (low_id, high_id, created_at) values (?, ?, ?)');
    const session = database.prepare(
      `insert into auth_sessions (id, user_id, family_hash, refresh_hash, rotated_at, created_at, expires_at)
       values (?, ?, ?, ?, ?, ?, ?)`,
    );
    database.exec('begin');
    const people = Array.from({ length: options.count }, (_, index): Person => {
      const id = FIRST_ID + index;
      const sessionId = randomUUID();
      user.run(id, `person${index}`, `person${index}`, now);
      session.run(sessionId, id, sessionId, sessionId, now, now, now + TOKEN_SECONDS * 1000);
      if (index % 2 === 1) friends.run(id - 1, id, now);
      return { id: String(id), token: tokenOf(String(id), sessionId, options) };
    });
    database.exec('commit');
    return people;
  } finally {
    database.close();
  }
}

/** How many calls are in the history. */
export function recordedCalls(dataDir: string): number {
  const database = new DatabaseSync(join(dataDir, 'ringdown.db'), { readOnly: true });
  try {
    return Number(database.prepare('select count(*) as calls from call_records').get()?.['calls']);
  } finally {
    database.close();
  }
}

/** An access token as the service signs them (RFC 9068). */
function tokenOf(userId: string, sessionId: string, { secret, issuer }: { secret: string; issuer: string }): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: issuer,
    aud: 'ringdown',
    sub: userId,
    sid: sessionId,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + TOKEN_SECONDS,
    jti: randomUUID(),
  };
  const signed = `${part({ alg: 'HS256', typ: 'at+jwt' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
