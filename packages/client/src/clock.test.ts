import { expect, it } from 'vitest';
import { neverBack } from './clock.ts';

it('a clock that is set back stands still for that moment, and goes on', () => {
  let time = 1_000;
  const now = neverBack(() => time);
  const read = (at: number) => {
    time = at;
    return now();
  };
  expect([1_000, 2_000, 500, 700, 100, 5_000].map(read)).toEqual([1_000, 2_000, 2_000, 2_200, 2_200, 7_100]);
});
