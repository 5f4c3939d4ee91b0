/** What the documentation says of planted faults is complete: every fault has its row, and every rule it names exists. */
import { expect, test } from 'vitest';
import { FAULTS } from '../simulation/planted/faults.ts';
import { partOf, rowsOnPage } from '../simulation/planted/page.ts';
import { rulesOfTests } from './rule-tests.ts';

const AGAIN = 'npm run planted-faults -- --write';

test(`every planted fault has a row in the documentation, which says who sees it (if not: ${AGAIN})`, () => {
  const rows = rowsOnPage();
  expect([...rows.keys()].sort()).toEqual(FAULTS.map(({ id }) => id).sort());
  for (const { id, what } of FAULTS) {
    const cells = (rows.get(id) ?? '').split('|').map((cell) => cell.trim());
    expect(cells[3], id).toBe(what);
    expect(
      cells.slice(4, 7).some((cell) => /^\d/.test(cell)),
      `${id} is seen`,
    ).toBe(true);
  }
});

test('the rules whose tests see no planted fault are rules', () => {
  const part = partOf('rules whose tests see no planted fault');
  const named = [...part.matchAll(/\b[A-Z]{2}-\d\b/g)].map(([id]) => id);
  expect(part).toMatch(/^\d+ faults/);
  expect(named.filter((id) => !rulesOfTests().has(id))).toEqual([]);
});
