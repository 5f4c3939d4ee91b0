/** Numbers that stand for states: a 64-bit hash in two halves, and the number of a message's content. */
import type { UserId } from '@ringdown/call';
import type { ServerMessage } from '@ringdown/protocol';

/** A hash that is being worked out; two independent halves of 32 bits. */
export class Hash {
  high = 0x2545f491;
  low = 0x1b873593;

  /** Begins anew. */
  reset(): void {
    this.high = 0x2545f491;
    this.low = 0x1b873593;
  }

  /** Takes in a whole number; only its lower 32 bits count. */
  add(value: number): void {
    let high = Math.imul(this.high ^ value, 0xcc9e2d51);
    high ^= high >>> 15;
    this.high = Math.imul(high, 0x2c1b3c6d) + 0x165667b1;
    let low = Math.imul((this.low + value) ^ 0x5bd1e995, 0x85ebca6b);
    low ^= low >>> 13;
    this.low = Math.imul(low, 0xc2b2ae35) ^ (low >>> 16);
  }

  /** Spreads what was taken in over all bits, so that hashes may be added up. */
  finish(): void {
    let high = this.high ^ (this.low >>> 7);
    high = Math.imul(high ^ (high >>> 16), 0x7feb352d);
    high = Math.imul(high ^ (high >>> 15), 0x846ca68b);
    let low = this.low ^ (high >>> 9);
    low = Math.imul(low ^ (low >>> 16), 0x21f0aaad);
    low = Math.imul(low ^ (low >>> 15), 0xd35a2d97);
    this.high = (high ^ (high >>> 16)) | 0;
    this.low = (low ^ (low >>> 15)) | 0;
  }
}

const WORDS = new Map<string, number>();

/** A small number for a word, the same one every time in this process. */
export function numberOf(word: string): number {
  let number = 0;
  for (let n = 0; n < word.length; n += 1) number = (Math.imul(number, 31) + word.charCodeAt(n)) | 0;
  return number;
}

function wordNumber(word: string): number {
  let number = WORDS.get(word);
  if (number === undefined) {
    number = numberOf(word);
    WORDS.set(word, number);
  }
  return number;
}

/** What a message says, as a number that does not depend on how people, devices and calls are named, or on the time. */
export function signature({ type, data }: ServerMessage, receiver: UserId): number {
  const hash = new Hash();
  hash.add(wordNumber(type));
  if ('reason' in data && data.reason !== undefined) hash.add(wordNumber(data.reason));
  if ('state' in data) hash.add(wordNumber(data.state));
  if ('stage' in data) hash.add(wordNumber(data.stage));
  if ('devices' in data) hash.add(data.devices);
  if ('replayed' in data) hash.add(11);
  if ('takeover' in data) hash.add(12);
  if ('negotiationId' in data && data.negotiationId !== undefined) hash.add(100 + data.negotiationId);
  if ('senderId' in data) hash.add(data.senderId === receiver ? 21 : 22);
  return hash.high;
}
