/** Durations as a clock shows them. */
import { expect, test } from 'vitest';
import { formatDuration } from './duration.ts';

test.each([
  [0, '0:00'],
  [999, '0:00'],
  [1_000, '0:01'],
  [59_999, '0:59'],
  [60_000, '1:00'],
  [3_599_999, '59:59'],
  [3_600_000, '1:00:00'],
  [36_061_000, '10:01:01'],
  [-5, '0:00'],
  [Number.NaN, '0:00'],
])('%i ms are shown as %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
