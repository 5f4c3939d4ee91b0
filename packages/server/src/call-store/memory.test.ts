import { expect, test } from 'vitest';
import { callStoreContract } from './contract.ts';
import { MemoryWorld, steadyClock } from './memory.ts';

callStoreContract('memory', () => {
  let now = 1_800_000_000_000;
  const world = new MemoryWorld(() => now);
  return {
    open: (node) => world.open(node),
    advance: (ms) => {
      now += ms;
    },
  };
});

test('[F32] the clock of decisions begins at the wall clock and never goes back', () => {
  const clock = steadyClock();
  expect(Math.abs(clock() - Date.now())).toBeLessThan(100);
  let last = clock();
  for (let n = 0; n < 10_000; n += 1) {
    const now = clock();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});
