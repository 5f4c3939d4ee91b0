/** The verdict of the test script: what a runner's report is worth. */
import { expect, test } from 'vitest';
import { addUp, checkOutcome, suiteOutcome, verdictLine } from '../../scripts/testing/tally.mjs';

const ended = (code: number | null, signal: string | null = null) => ({ code, signal, outOfTime: false });
const stopped = { code: null, signal: 'SIGTERM', outOfTime: true };

function report(counts: { passed?: number; failed?: number; skipped?: number; todo?: number }, brokenFiles = 0) {
  const { passed = 0, failed = 0, skipped = 0, todo = 0 } = counts;
  const tests = (count: number, status: string) => Array.from({ length: count }, () => ({ status }));
  return {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: todo,
    testResults: [
      { name: 'a.test.ts', status: failed > 0 ? 'failed' : 'passed', assertionResults: tests(failed, 'failed') },
      ...Array.from({ length: brokenFiles }, () => ({ name: 'b.test.ts', status: 'failed', assertionResults: [] })),
    ],
  };
}

test.each([
  ['counts as its report says', report({ passed: 3, failed: 2, skipped: 1 }), ended(1), [3, 2, 1]],
  ['has its todo tests counted as skipped', report({ passed: 1, skipped: 1, todo: 2 }), ended(0), [1, 0, 3]],
  ['fails when no test ran', report({}), ended(0), [0, 1, 0]],
  ['fails when every test was skipped', report({ skipped: 4 }), ended(0), [0, 1, 4]],
  ['fails when its runner left no report', undefined, ended(0), [0, 1, 0]],
  ['fails when its report is not one', { numPassedTests: 'many' }, ended(0), [0, 1, 0]],
  ['fails when its runner ended badly though every test passed', report({ passed: 5 }), ended(1), [5, 1, 0]],
  ['fails when its runner was killed', report({ passed: 5 }), ended(null, 'SIGKILL'), [5, 1, 0]],
  ['fails when the time was over', report({ passed: 5 }), stopped, [5, 1, 0]],
  ['has one failure for each file that did not load', report({ passed: 2 }, 2), ended(1), [2, 2, 0]],
  ['adds files that did not load to the tests that failed', report({ failed: 1 }, 1), ended(1), [0, 2, 0]],
] as const)('a suite %s', (_, found, ending, [passed, failed, skipped]) => {
  expect(suiteOutcome('unit', found, ending)).toMatchObject({ passed, failed, skipped });
});

test('a suite that failed for more than its tests says why in one line', () => {
  expect(suiteOutcome('unit', undefined, ended(null, 'SIGKILL')).problem).toBe('left no report (was ended by SIGKILL)');
  expect(suiteOutcome('unit', report({ passed: 1 }, 1), ended(1)).problem).toBe('did not load: b.test.ts');
  expect(suiteOutcome('e2e', report({ passed: 1, failed: 1 }), stopped).problem).toMatch('time for the whole run');
  expect(suiteOutcome('unit', report({ failed: 1 }), ended(1)).problem).toBeUndefined();
});

test('a static check counts as one, passed or failed', () => {
  expect(checkOutcome('types', ended(0))).toMatchObject({ passed: 1, failed: 0 });
  expect(checkOutcome('types', ended(2))).toMatchObject({ passed: 0, failed: 1, problem: 'ended with code 2' });
  expect(checkOutcome('types', stopped)).toMatchObject({ passed: 0, failed: 1 });
});

test('the total adds everything up, and nothing at all is a failure', () => {
  const one = { name: 'x', passed: 1, failed: 2, skipped: 3 };
  expect(addUp([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
  expect(addUp([])).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('the last line names skipped tests only when there are some', () => {
  expect(verdictLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
  expect(verdictLine({ passed: 12, failed: 1, skipped: 2 })).toBe('12 passed, 1 failed, 2 skipped');
});
