/** What a call of the history is called. */
import { CALL_OUTCOMES } from '@ringdown/protocol';
import { expect, test } from 'vitest';
import { callForTests } from './call-for-tests.ts';
import { outcomeText } from './call-line.ts';

test('[HI-1] every outcome has a name', () => {
  const names = CALL_OUTCOMES.map((outcome) => outcomeText(callForTests({ outcome })));
  expect(new Set(names).size).toBe(CALL_OUTCOMES.length);
  expect(names[0]).toBe('Talked for 1:05');
});

test('[HI-1] a missed call is called missed, whatever its outcome', () => {
  for (const outcome of ['cancelled', 'no_answer', 'busy'] as const) {
    expect(outcomeText(callForTests({ outcome, missed: true, direction: 'incoming' }))).toBe('Missed');
  }
});
