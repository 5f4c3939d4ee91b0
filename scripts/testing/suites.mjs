/** The test suites: one run of Vitest for each, judged by its own JSON report. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, projectNode } from '../setup/places.mjs';
import { runChild } from './child.mjs';
import { suiteOutcome } from './tally.mjs';

/** The projects of vitest.config.ts. */
export const SUITES = ['unit', 'server', 'recovery', 'e2e', 'simulation', 'fuzz'];
/** Those that only compute, and measure no time but their own, get what the others leave idle. */
const COMPUTING = ['simulation', 'fuzz'];
/** What runs in turn; each turn begins beside the others. Servers mostly wait, and browsers never use a whole core for long. */
export const TURNS = [['server', 'recovery'], ['e2e'], COMPUTING];

/**
 * @param {string} suite one of {@link SUITES}
 * @param {string} folder where its report may be written
 * @param {number} deadline ms since the epoch
 */
export async function runSuite(suite, folder, deadline) {
  const file = join(folder, `${suite}.json`);
  const vitest = [projectNode(), join(MODULES, 'vitest', 'vitest.mjs'), 'run', '--project', suite];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const ending = await runChild([...vitest, ...reporters], deadline, {}, COMPUTING.includes(suite));
  return suiteOutcome(suite, readReport(file), ending);
}

/** @param {string} file @returns {unknown} undefined when it is missing or not JSON */
function readReport(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  } catch {
    return undefined;
  }
}
