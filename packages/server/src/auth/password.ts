/** Passwords: slow hashes, compared in constant time, a few at a time. Touches nothing but the CPU. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * What scrypt may cost: N = 2^15, r = 8, p = 3 needs 32 MiB and about 200 ms a hash (RFC 7914; OWASP's password storage
 * advice lists it, and N = 2^17 with p = 1 as its equal). The three stand in every hash, so N can be changed at any time.
 */
export const PASSWORD_COST = Object.freeze({ least: 10, usual: 15, most: 17 });
const [R, P] = [8, 3];
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

/** Makes and checks hashes, with one queue for all. Both @throws TooManyHashes when too many are waiting. */
export interface Passwords {
  /**
   * Hashes a new password.
   * @returns `scrypt$N$r$p$salt$hash`, salt and hash in base64url
   */
  hash(password: string): Promise<string>;
  /**
   * Checks a password.
   * @param stored what {@link hash} made, at whatever cost; undefined when there is no such person, which takes as long
   *   as a hash of today's cost
   * @returns whether it is the one; always false for undefined
   */
  check(password: string, stored: string | undefined): Promise<boolean>;
}

/** @param cost log2 of scrypt's N, between the bounds of {@link PASSWORD_COST} */
export function openPasswords(cost: number): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];
  const price = ['scrypt', 2 ** cost, R, P];
  // A hash no password has: what an unknown name is checked against, so that it takes as long.
  const nobody = [...price, 'A'.repeat(22), 'A'.repeat(43)].join('$');

  async function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
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
        scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...options, maxmem: 256 * 1024 * 1024 }, done);
      });
    } finally {
      // The place is handed over, so that nobody who comes between can take it.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await derive(password, salt, { N: 2 ** cost, r: R, p: P });
      return [...price, salt.toString('base64url'), hash.toString('base64url')].join('$');
    },
    async check(password, stored) {
      const [, N, r, p, salt, hash] = (stored ?? nobody).split('$');
      const expected = Buffer.from(hash ?? '', 'base64url');
      const options = { N: Number(N), r: Number(r), p: Number(p) };
      const actual = await derive(password, Buffer.from(salt ?? '', 'base64url'), options);
      return timingSafeEqual(actual, expected) && stored !== undefined;
    },
  };
}
