/** A set of 64-bit hashes in one typed array, which threads may share: one of them adds, all may ask. */

/** Open addressing with linear probing; two words of 32 bits an entry, both 0 for none. */
export class HashSet {
  readonly #words: Int32Array;
  readonly #mask: number;
  #size = 0;

  /** @param buffer room for a power of two of entries, 8 bytes each; a shared one for several threads */
  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer);
    this.#mask = this.#words.length / 2 - 1;
  }

  /** How many bytes hold this many hashes and stay half empty. */
  static bytesFor(hashes: number): number {
    return 8 * 2 ** Math.ceil(Math.log2(Math.max(1024, hashes * 2)));
  }

  /** How many hashes this handle has added. */
  get size(): number {
    return this.#size;
  }

  /** Whether it holds a hash. Another thread's newest ones may still be missing. */
  has(high: number, low: number): boolean {
    return this.#find(high | 0, low | 0 || 1) < 0;
  }

  /** Adds a hash. @returns false when it was there already */
  add(high: number, low: number): boolean {
    const word = low | 0 || 1;
    const at = this.#find(high | 0, word);
    if (at < 0) return false;
    this.#words[at] = high | 0;
    this.#words[at + 1] = word;
    this.#size += 1;
    return true;
  }

  /** @returns where it may be put; -1 when it is there */
  #find(high: number, low: number): number {
    const words = this.#words;
    let slot = (high ^ Math.imul(low, 0x9e3779b1)) & this.#mask;
    for (;;) {
      const at = 2 * slot;
      if (words[at + 1] === 0) return at;
      if (words[at] === high && words[at + 1] === low) return -1;
      slot = (slot + 1) & this.#mask;
    }
  }
}
