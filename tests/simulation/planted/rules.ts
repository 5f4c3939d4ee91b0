/** Which rules have tests that see a planted fault, and which have none that does. */
import { join } from 'node:path';
import { rulesOfTests } from '../../repository/rule-tests.ts';
import { readByFault, writeByFault } from './by-fault.ts';
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
/** What was seen so far. */
const FILE = join(import.meta.dirname, 'seen-by-tests.json');

/** What the tests made of a fault. */
interface Seen {
  /** How many tests failed, with a rule in the name or without. */
  readonly tests: number;
  /** The rules whose tests failed. */
  readonly rules: readonly string[];
}
/** The same, with the fault. */
export interface Failed extends Seen {
  readonly fault: Fault | DoorFault;
}

/** What is written down of what the tests made of each fault: how many failed, then their rules. */
export function seenByTests(): Map<string, Seen> {
  return readByFault(FILE, (text) => {
    const [tests, ...rules] = text.split(' ');
    return { tests: Number(tests), rules };
  });
}

/** Writes down what the tests made of a fault, beside what they made of the others. */
export function recordFailed({ fault, tests, rules }: Failed): void {
  const seen = seenByTests().set(fault.id, { tests, rules });
  writeByFault(FILE, seen, (by) => [by.tests, ...by.rules].join(' '));
}

async function testsThatSee(workshop: Workshop, fault: Fault | DoorFault): Promise<Failed> {
  workshop.plant(fault);
  const files = 'tests' in fault ? fault.tests : INNER_TESTS;
  const results = await runTests(workshop, ['unit', 'server'], files, WAITING_TESTS);
  const failed = results.filter((result) => result.failed);
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

/** What the page says of it, made of what is written down. */
export function rulesText(): string {
  const seen = seenByTests();
  const rules = new Set([...seen.values()].flatMap((each) => each.rules));
  const all = [...rulesOfTests().keys()].filter((id) => id.includes('-')).sort();
  const blind = all.filter((id) => !rules.has(id));
  return [
    `Of ${all.length} rules that tests carry in their names, ${all.length - blind.length} have a test that fails with at least one of`,
    `${FAULTS.length} faults of the store and the rules and ${OUTER_FAULTS.length} of the way in and out. The others: ${blind.join(', ') || 'none'}.`,
    '',
    '| fault of the way in and out | planted in | what goes wrong | tests that fail | of the rules |',
    '|---|---|---|--:|---|',
    ...OUTER_FAULTS.flatMap(({ id, file, what }) => {
      const by = seen.get(id);
      return by ? `| \`${id}\` | ${file.split('/').at(-1)} | ${what} | ${by.tests} | ${by.rules.join(' ')} |` : [];
    }),
  ].join('\n');
}
