/** Calls under the days they began on. */
import { expect, test } from 'vitest';
import { callForTests } from './call-for-tests.ts';
import { groupByDay } from './day-groups.ts';

const at = (callId: string, date: Date) => callForTests({ callId, startedAt: date.toISOString() });

test('calls of one calendar day stand together, and midnight separates them', () => {
  const groups = groupByDay([
    at('d', new Date(2026, 2, 12, 9, 0)),
    at('c', new Date(2026, 2, 12, 0, 0)),
    at('b', new Date(2026, 2, 11, 23, 59, 59)),
    at('a', new Date(2026, 2, 1, 12, 0)),
  ]);
  expect(groups.map((group) => group.calls.map((call) => call.callId))).toEqual([['d', 'c'], ['b'], ['a']]);
});

test('no calls are no days', () => {
  expect(groupByDay([])).toEqual([]);
});
