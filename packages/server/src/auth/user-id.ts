/** Ids of new accounts. */
import { randomBytes } from 'node:crypto';

/** Makes a random id from 1 to 2^52 − 1 (OF-2): nobody can walk the ids, and every language's number holds one. */
export function randomUserId(): number {
  const id = Number(randomBytes(8).readBigUInt64BE() >> 12n);
  return id === 0 ? randomUserId() : id;
}
