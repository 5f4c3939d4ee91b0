/** Passwords: slow hashes, compared in constant time, a few at a time. Touches nothing but the CPU. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * scrypt's cost: N = 2^15, r = 8, p = 1 needs 32 MiB and about 60 ms a hash (RFC 7914; OWASP's password storage advice
 * lists N = 2^15 with p = 3 and N = 2^17 with p = 1 as equals). They stand in every hash, so they can be raised later.
 */
const COST = Object.freeze({ N: 2 ** 15, r: 8, p: 3 });
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * Hashes that run at once. Each holds a thread of Node's pool of four, where tokens are verified too: two are left over.
 */
const AT_ONCE = 2;
/** Hashes that may wait for their turn, a few seconds' worth; the next one is refused. */
const MAY_WAIT = 64;

/** More passwords came than can be hashed in time. */
export class TooManyHashes extends Error {
  override readonly name = 'TooManyHashes';
}

let running = 0;
const waiting: (() => void)[] = [];

/** @throws TooManyHashes when the queue is full */
async function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAY_WAIT) throw new TooManyHashes();
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const done = (error: Error | null, key: Buffer) => (error ? reject(error) : resolve(key));
      // NFKC, so that one keyboard's composed and another's decomposed letters are the same password (RFC 8265 §4.2).
      scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: 256 * 1024 * 1024 }, done);
    });
  } finally {
    // The place is handed over, so that nobody who comes between can take it.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/**
 * Hashes a new password.
 * @returns `scrypt$N$r$p$salt$hash`, salt and hash in base64url
 * @throws TooManyHashes when too many are waiting
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** A hash no password has, of today's cost: what an unknown name is checked against, so that it takes as long. */
const NOBODY = ['scrypt', COST.N, COST.r, COST.p, 'A'.repeat(22), 'A'.repeat(43)].join('$');

/**
 * Checks a password.
 * @param stored what {@link hashPassword} made; undefined when there is no such person, which takes as long
 * @returns whether it is the one; always false for undefined
 * @throws TooManyHashes when too many are waiting
 */
export async function checkPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, N, r, p, salt, hash] = (stored ?? NOBODY).split('$');
  const expected = Buffer.from(hash ?? '', 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt ?? '', 'base64url'), cost);
  return timingSafeEqual(actual, expected) && stored !== undefined;
}
