/** Seeded chance. The same seed gives the same throws on every machine. */

/** A die that can be set anew for each step, so that a step keeps its throws when its neighbours are taken away. */
export class Dice {
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 0;

  /** @param seed any 32-bit integer */
  constructor(seed: number) {
    this.set(seed);
  }

  /** Begins the sequence of a seed. */
  set(seed: number): void {
    this.#a = seed | 0;
    this.#b = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    this.#c = 0x2545f491 ^ seed;
    this.#count = 1;
    for (let n = 0; n < 4; n += 1) this.word();
  }

  /** 32 random bits as an unsigned integer (sfc32, of the PractRand suite). */
  word(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** An integer from 0 to below `bound`. */
  under(bound: number): number {
    return Math.floor((this.word() / 4_294_967_296) * bound);
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.word() / 4_294_967_296 < probability;
  }

  /** One of a list; undefined for an empty one. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.under(list.length)];
  }

  /** A key of a table of weights. */
  weighted<K extends string>(weights: readonly (readonly [K, number])[]): K {
    let total = 0;
    for (const [, weight] of weights) total += weight;
    let rest = this.under(total);
    for (const [key, weight] of weights) {
      rest -= weight;
      if (rest < 0) return key;
    }
    throw new Error('no weights');
  }
}
