/** What a call of the history is called. */
import { CALL_OUTCOMES } from '@ringdown/protocol';
import { expect, test } from 'vitest';
import { callForTests } from './call-for-tests.ts';
import { explanation, outcomeText } from './call-line.ts';

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

test('[HI-2] why a call did not work is told where how it went does not say it', () => {
  const diagnosis = { code: 'peer_socket_lost', message: 'The other side lost its connection.' };
  expect(explanation(callForTests({ outcome: 'connection_lost', diagnosis }))).toBe(diagnosis.message);
  expect(explanation(callForTests({ outcome: 'failed' }))).toBeUndefined();
  expect(explanation(callForTests({ outcome: 'no_answer', diagnosis }))).toBeUndefined();
});
