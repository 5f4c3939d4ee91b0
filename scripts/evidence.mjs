/**
 * Writes docs/security/evidence.md: which lines of docs/security/threats.md are proven, by the names of the tests.
 *
 * Usage: node scripts/evidence.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rulesOfTests } from '../tests/repository/rule-tests.ts';

const ROOT = resolve(import.meta.dirname, '..');
const THREATS = 'docs/security/threats.md';
const EVIDENCE = 'docs/security/evidence.md';

/** @typedef {{ section: string, id: string, what: string, waitsFor: string }} Row */

/** The lines of the threats, in their order. @returns {Row[]} */
export function threatRows() {
  let section = '';
  return readFileSync(join(ROOT, THREATS), 'utf8')
    .split('\n')
    .flatMap((line) => {
      section = /^## (.+)$/.exec(line)?.[1] ?? section;
      const [, id, what = '', waitsFor = ''] = /^\| ([ITF]\d+) \| (.+?) \| ?(.*?) ?\|$/.exec(line) ?? [];
      return id === undefined ? [] : [{ section, id, what, waitsFor }];
    });
}

/** The page as it has to be. @returns {string} */
export function evidencePage() {
  const tests = rulesOfTests();
  const rows = threatRows();
  const proven = rows.filter(({ id }) => tests.has(id)).length;
  const waiting = rows.filter(({ id, waitsFor }) => !tests.has(id) && waitsFor !== '').length;
  const sections = [...new Set(rows.map(({ section }) => section))];
  return [
    '# Evidence',
    '',
    'Which lines of [what can go wrong](threats.md) are proven, and by which tests. Made of the names of the tests by',
    '`node scripts/evidence.mjs`; a test fails when it is stale. A test that carries an id proves its line as far as the name',
    'of the test says.',
    '',
    `Of ${rows.length} lines ${proven} are proven, ${waiting} wait for something that is not built yet, and ${rows.length - proven - waiting} are not proven by a test.`,
    ...sections.flatMap((section) => [
      '',
      `## ${section}`,
      '',
      '| id | what holds | proven by |',
      '|---|---|---|',
      ...rows
        .filter((row) => row.section === section)
        .map(({ id, what, waitsFor }) => {
          const by = (tests.get(id) ?? []).map(({ file, title }) => `${quoted(title)} ([test](../../${file}))`);
          const missing = waitsFor === '' ? '**not proven**' : `not built yet: ${waitsFor}`;
          return `| ${id} | ${what} | ${[...new Set(by)].join('<br>') || missing} |`;
        }),
    ]),
    '',
  ].join('\n');
}

/** A title in a cell of a table, without the ids that stand in front. @param {string} title */
function quoted(title) {
  const plain = title.replaceAll(/\[(?:[A-Z]{2}-\d|[TFI]\d{1,2})\] ?/g, '');
  return `“${plain.replaceAll(/[|<>[\]*_`\\]/g, '\\$&')}”`;
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  if (args.length === 1 && args[0] === '--help') {
    console.log(`usage: node scripts/evidence.mjs\nWrites ${EVIDENCE} from ${THREATS} and the names of the tests.`);
  } else if (args.length > 0) {
    console.error(`usage: node scripts/evidence.mjs [--help]   (got: ${args.join(' ')})`);
    process.exitCode = 2;
  } else {
    writeFileSync(join(ROOT, EVIDENCE), evidencePage());
  }
}
