/** Chance that can be repeated: a small seeded generator (Mulberry32, public domain) and the choices made with it. */

/** Repeatable chance. */
export interface Chance {
  /** A number from 0 to below 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** True so often. @param probability 0 to 1 */
  happens(probability: number): boolean;
  /** One of them. */
  of<T>(choices: readonly T[]): T;
}

/** @param seed any whole number; the same seed makes the same choices */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    happens: (probability) => next() < probability,
    of: (choices) => choices[whole(0, choices.length - 1)] as (typeof choices)[number],
  };
}
