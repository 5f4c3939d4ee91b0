/** Which rules have tests that see a planted fault, and which have none that does. */
import { rulesOfTests } from '../../repository/rule-tests.ts';
import { runTests } from './detectors.ts';
import type { DoorFault, Fault } from './fault.ts';
import { FAULTS, OUTER_FAULTS } from './faults.ts';
import { inWorkshops } from './survey.ts';
import type { Workshop } from './workshop.ts';

/** A rule of the protocol, as it stands in the name of a test. */
const RULE = /\[([A-Z]{2}-\d)\]/g;
/** The tests that could see a fault of the rules or of the store. */
const INNER_TESTS = ['packages/call/src', 'packages/server/src/call-store', 'packages/server/src/calls.test.ts'];
/** Those of the server mostly wait, so more of them run than there are cores. */
const WAITING_TESTS = 3;

/** What the tests made of a fault. */
export interface Failed {
  readonly fault: Fault;
  /** The rules whose tests failed. */
  readonly rules: readonly string[];
  /** How many tests failed, with a rule in the name or without. */
  readonly tests: number;
}

/** Every rule that some test carries. */
function rulesWithTests(): string[] {
  return [...rulesOfTests().keys()].filter((id) => id.includes('-')).sort();
}

async function testsThatSee(workshop: Workshop, fault: Fault | DoorFault): Promise<Failed> {
  workshop.plant(fault);
  const files = 'tests' in fault ? fault.tests : INNER_TESTS;
  const failed = (await runTests(workshop, ['unit', 'server'], files, WAITING_TESTS)).filter((result) => result.failed);
  const rules = new Set(failed.flatMap(({ title }) => [...title.matchAll(RULE)].map(([, id]) => id as string)));
  return { fault, rules: [...rules].sort(), tests: failed.length };
}

/** Runs the tests with every fault planted, one after another. @param told of each as it is done */
export function surveyRules(
  faults: readonly (Fault | DoorFault)[],
  workers: number,
  told: (failed: Failed) => void,
): Promise<Failed[]> {
  return inWorkshops(faults, workers, async (workshop, fault) => {
    const failed = await testsThatSee(workshop, fault);
    told(failed);
    return failed;
  });
}

/** What the page says of it. */
export function rulesText(results: readonly Failed[]): string {
  const seen = new Set(results.flatMap(({ rules }) => rules));
  const all = rulesWithTests();
  const blind = all.filter((id) => !seen.has(id));
  return [
    `${FAULTS.length} faults of the store and the rules and ${OUTER_FAULTS.length} of the way in and out, each with the tests that could see it.`,
    `Of ${all.length} rules that tests carry, ${all.length - blind.length} have a test that fails with at least one of them. The others:`,
    '',
    blind.length === 0 ? 'none.' : `${blind.join(', ')}.`,
  ].join('\n');
}
