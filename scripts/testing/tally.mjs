/** The arithmetic of the verdict: what a runner's report is worth, and what all of them come to. Pure. */

/**
 * What one check or suite came to.
 * @typedef {{ name: string, passed: number, failed: number, skipped: number, problem?: string }} Outcome
 *   `problem`: one line for a person, when something other than a single test went wrong
 */

/**
 * How a child process ended.
 * @typedef {{ code: number | null, signal: string | null, outOfTime: boolean }} Ending
 */

/**
 * The outcome of a static check: one, passed or failed.
 * @param {string} name @param {Ending} ending @returns {Outcome}
 */
export function checkOutcome(name, ending) {
  if (ending.code === 0 && !ending.outOfTime) return { name, passed: 1, failed: 0, skipped: 0 };
  return { name, passed: 0, failed: 1, skipped: 0, problem: describe(ending) };
}

/**
 * The outcome of a suite, by its JSON report. Whatever went wrong beyond single tests counts as one failure more: a
 * file that did not load, a runner that crashed or left no report, a suite in which no test ran.
 * @param {string} name
 * @param {unknown} report parsed JSON of the runner; undefined when it left none
 * @param {Ending} ending of the runner
 * @returns {Outcome}
 */
export function suiteOutcome(name, report, ending) {
  if (!isReport(report)) {
    return { name, passed: 0, failed: 1, skipped: 0, problem: `left no report (${describe(ending)})` };
  }
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  const outcome = { name, passed, failed, skipped };
  if (broken.length > 0) return { ...outcome, problem: `did not load: ${broken.map((file) => file.name).join(', ')}` };
  if (failed > 0) return ending.outOfTime ? { ...outcome, problem: describe(ending) } : outcome;
  if (ending.code !== 0 || ending.outOfTime) return { ...outcome, failed: 1, problem: describe(ending) };
  if (passed === 0) return { ...outcome, failed: 1, problem: 'ran no test' };
  return outcome;
}

/**
 * @param {Outcome[]} outcomes
 * @returns {{ passed: number, failed: number, skipped: number }} nothing at all counts as one failure
 */
export function addUp(outcomes) {
  const total = { passed: 0, failed: outcomes.length === 0 ? 1 : 0, skipped: 0 };
  for (const { passed, failed, skipped } of outcomes) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** @param {{ passed: number, failed: number, skipped: number }} total */
export function verdictLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {Ending} ending */
function describe(ending) {
  if (ending.outOfTime) return 'was stopped because the time for the whole run was over';
  return ending.signal === null ? `ended with code ${ending.code}` : `was ended by ${ending.signal}`;
}

/**
 * The part of the runner's JSON report that counts.
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} [numTodoTests]
 * @property {{ name: string, status: string, assertionResults: { status: string }[] }[]} testResults
 */

/** @param {unknown} report @returns {report is Report} */
function isReport(report) {
  if (typeof report !== 'object' || report === null) return false;
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = /** @type {Record<string, unknown>} */ (
    report
  );
  return [numPassedTests, numFailedTests, numPendingTests].every(Number.isInteger) && Array.isArray(testResults);
}
