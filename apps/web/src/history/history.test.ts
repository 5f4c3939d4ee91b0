/** Pages of the history. */
import { expect, test } from 'vitest';
import { callForTests } from './call-for-tests.ts';
import { mergePages } from './history.ts';

const page = (ids: string, nextCursor: string | null) => ({
  calls: [...ids].map((callId) => callForTests({ callId })),
  nextCursor,
});
const ids = (pages: ReturnType<typeof mergePages>) => pages.calls.map((call) => call.callId).join('');

test('a fresh first page goes before the older calls that were read already', () => {
  const merged = mergePages(page('gfed', 'after-d'), page('fedcba', 'after-a'));
  expect(ids(merged)).toBe('gfedcba');
  expect(merged.nextCursor).toBe('after-a');
});

test('a fresh page that does not reach the older calls stands alone, so that no call is left out between them', () => {
  const merged = mergePages(page('zyx', 'after-x'), page('cba', 'after-a'));
  expect(ids(merged)).toBe('zyx');
  expect(merged.nextCursor).toBe('after-x');
});

test('the first page ever is taken as it is', () => {
  expect(ids(mergePages(page('ba', null), undefined))).toBe('ba');
});
