/**
 * Runs the checks and the suites and says in its last line what came of them: `N passed, N failed[, N skipped]`.
 *
 * Usage: node scripts/test.mjs [checks|unit|server|recovery|e2e|simulation|fuzz]…      (all of them without an argument)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './testing/checks.mjs';
import { DEADLINE_MS } from './testing/child.mjs';
import { runSuite, SUITES, TURNS } from './testing/suites.mjs';
import { addUp, verdictLine } from './testing/tally.mjs';

const parts = ['checks', ...SUITES];
const FIRST = ['checks', 'unit'];
const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !parts.includes(part));
if (unknown.length > 0) {
  console.error(`usage: node scripts/test.mjs [${parts.join('|')}]…   (got: ${unknown.join(' ')})`);
  process.exit(2);
}

const wanted = asked.length === 0 ? parts : parts.filter((part) => asked.includes(part));
const reports = mkdtempSync(join(tmpdir(), 'ringdown-reports-'));
const deadline = Date.now() + DEADLINE_MS;
/** @type {import('./testing/tally.mjs').Outcome[]} */
const outcomes = [];
/** @param {string[]} some */
const inTurn = async (some) => {
  for (const part of some) {
    outcomes.push(...(part === 'checks' ? await runChecks(deadline) : [await runSuite(part, reports, deadline)]));
  }
};
// What fails fastest comes first and alone.
await inTurn(wanted.filter((part) => FIRST.includes(part)));
await Promise.all(TURNS.map((turn) => inTurn(turn.filter((part) => wanted.includes(part)))));
rmSync(reports, { recursive: true, force: true });

const total = addUp(outcomes);
for (const { name, problem } of outcomes) if (problem !== undefined) console.error(`${name}: ${problem}`);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${verdictLine(total)}`);
