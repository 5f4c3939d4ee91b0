/** The page of evidence is what the tests say, and every id in the name of a test means something. */
import { expect, test } from 'vitest';
import { evidencePage, threatRows } from '../../scripts/evidence.mjs';
import { read } from './documents.ts';
import { rulesOfTests } from './rule-tests.ts';

test('the page of evidence is fresh (if not: node scripts/evidence.mjs)', () => {
  expect(read('docs/security/evidence.md')).toBe(evidencePage());
});

test('every threat, fault or invariant that a test names stands in the list, once', () => {
  const listed = threatRows().map(({ id }) => id);
  expect(listed.length).toBeGreaterThan(100);
  expect(listed).toEqual([...new Set(listed)]);
  const named = [...rulesOfTests().keys()].filter((id) => !id.includes('-'));
  expect(named.filter((id) => !listed.includes(id))).toEqual([]);
});
