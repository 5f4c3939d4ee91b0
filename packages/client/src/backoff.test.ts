import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

const attempts = fc.nat({ max: 10_000 });
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('a wait is a whole number of milliseconds from nothing up to ten seconds', () => {
    fc.assert(
      fc.property(attempts, randoms, (attempt, random) => {
        const delayMs = backoffDelayMs(attempt, random);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThan(10_000);
      }),
    );
  });

  it('the bound never falls from one attempt to the next', () => {
    fc.assert(
      fc.property(attempts, randoms, (attempt, random) => {
        expect(backoffDelayMs(attempt + 1, random)).toBeGreaterThanOrEqual(backoffDelayMs(attempt, random));
      }),
    );
  });

  it('the whole span is used, so that clients spread', () => {
    expect(backoffDelayMs(3, 0)).toBe(0);
    expect(backoffDelayMs(3, 0.999_999)).toBe(3_999);
  });

  it('the bound doubles from half a second', () => {
    expect([0, 1, 2, 3, 4, 5].map((attempt) => backoffDelayMs(attempt, 0.5))).toEqual([
      250, 500, 1000, 2000, 4000, 5000,
    ]);
  });
});
