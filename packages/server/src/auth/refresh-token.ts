/** Refresh tokens: how they are made, hashed and followed by the next. Pure but for the random bytes. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** `<family>.<secret>` in base64url: 128 bits that stay, by which the session is found, and 256 that change. */
const SHAPE = /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/;

/** What is stored of a token. */
interface TokenHashes {
  readonly family: string;
  readonly token: string;
}

/** Makes the first token of a session. */
export function firstRefreshToken(): string {
  return `${randomBytes(16).toString('base64url')}.${randomBytes(32).toString('base64url')}`;
}

/** Makes the salt by which a token gets its successor. */
export function successorSalt(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Makes the token that follows another. Only who holds that one can, with the salt the service keeps: so a repeated
 * request gets the same answer although the service stores nothing but hashes.
 * @param token a token of ours @param salt made by {@link successorSalt}
 */
export function successorOf(token: string, salt: string): string {
  const [family = ''] = token.split('.');
  return `${family}.${createHmac('sha256', token).update(salt).digest('base64url')}`;
}

/** Hashes a token for the database, or undefined when it does not look like one of ours. */
export function hashesOf(token: string): TokenHashes | undefined {
  if (!SHAPE.test(token)) return undefined;
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  return { family: sha256(token.slice(0, 22)), token: sha256(token) };
}

/** Compares two hex hashes in constant time. */
export function sameHash(one: string, other: string | null): boolean {
  if (other === null || one.length !== other.length) return false;
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
