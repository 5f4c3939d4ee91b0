/** The test suites: one run of Vitest for each, judged by its own JSON report. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, projectNode } from '../setup/places.mjs';
import { runChild } from './child.mjs';
import { suiteOutcome } from './tally.mjs';

/** The projects of vitest.config.ts, in the order in which they run: what fails fastest comes first. */
export const SUITES = ['unit', 'server', 'recovery', 'e2e', 'simulation', 'fuzz'];
/**
 * Those that run beside the others, in this order. The first two only compute, and measure no time but their own; the last
 * one begins when they are done, which is when the browsers do.
 */
export const BESIDE = ['simulation', 'fuzz', 'recovery'];
/** Those that get what the others leave idle. */
const COMPUTING = ['simulation', 'fuzz'];

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
