/** What the documentation says of planted faults holds: it has a row for each, and every rule it names exists. */
import { expect, test } from 'vitest';
import { FAULTS, OUTER_FAULTS } from '../simulation/planted/faults.ts';
import { partOf, rowsOnPage } from '../simulation/planted/page.ts';
import { rulesText, seenByTests } from '../simulation/planted/rules.ts';
import { rulesOfTests } from './rule-tests.ts';

const AGAIN = 'npm run planted-faults -- --write';

test(`every planted fault is in the documentation, with who sees it (if not: ${AGAIN} --missing)`, () => {
  const rows = rowsOnPage();
  const whatOf = new Map(FAULTS.map(({ id, what }) => [id, what]));
  expect([...rows.keys()].sort()).toEqual([...whatOf.keys()].sort());
  for (const [id, row] of rows) {
    const cells = row.split('|').map((cell) => cell.trim());
    expect(cells[3], id).toBe(whatOf.get(id));
    expect(
      cells.slice(4, 7).some((cell) => /^\d/.test(cell)),
      `${id} is seen`,
    ).toBe(true);
  }
});

test(`of every planted fault is written down which tests see it (if not: ${AGAIN} --rules)`, () => {
  const seen = seenByTests();
  expect([...seen.keys()].sort()).toEqual([...FAULTS, ...OUTER_FAULTS].map(({ id }) => id).sort());
  const rules = [...seen.values()].flatMap((each) => each.rules);
  const known = rulesOfTests();
  expect(rules.filter((id) => !known.has(id))).toEqual([]);
  expect(partOf('rules whose tests see no planted fault')).toBe(rulesText());
});
