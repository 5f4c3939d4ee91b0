/** The three that must see a planted fault: the table of the rules, the search, and the simulation. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Quarry } from './hunt.program.ts';
import { ROOT, type Workshop } from './workshop.ts';

/** The tests that hold a row for every role, phase and event, for what concerns several calls, and for every deadline. */
const TABLE = ['transition-table', 'admission', 'time'].map((name) => `packages/call/src/${name}.test.ts`);
/** Nothing that is healthy enough to be judged takes as long, ms. */
const LONGEST_MS = 600_000;

/** A test that ran. */
export interface TestResult {
  /** From the root of the repository. */
  readonly file: string;
  /** Names of the groups around it and its own, joined by ` > `. */
  readonly title: string;
  readonly failed: boolean;
}

const running = new Set<ChildProcess>();

/** Ends every detector that still runs. */
export function endDetectors(): void {
  for (const child of running) end(child);
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** Runs something in a workshop. @returns how it ended, and what it said */
function run(workshop: Workshop, args: string[]): Promise<{ code: number | null; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that it can be ended with whatever it starts.
    const child = spawn(process.execPath, args, { cwd: workshop.folder, detached: process.platform !== 'win32' });
    running.add(child);
    try {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // Then it competes with the others.
    }
    const timer = setTimeout(() => end(child), LONGEST_MS);
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output, errors });
    });
  });
}

async function hunt(workshop: Workshop, ...args: string[]): Promise<Quarry> {
  const program = join(workshop.folder, 'tests', 'simulation', 'planted', 'hunt.program.ts');
  const { code, output, errors } = await run(workshop, ['--conditions=ringdown-source', program, ...args]);
  if (code !== 0) throw new Error(`the hunt ended with ${code ?? 'a kill'}: ${errors.slice(-2_000)}`);
  return JSON.parse(output) as Quarry;
}

/** Plays histories of consecutive seeds until one goes wrong. @param isToShrink whether that is then made shorter */
export function bySimulation(workshop: Workshop, seed: number, histories: number, isToShrink = false): Promise<Quarry> {
  return hunt(workshop, 'simulation', String(seed), String(histories), ...(isToShrink ? ['shrink'] : []));
}

/** Searches every order of events, each setup as far as it is always searched. */
export function bySearch(workshop: Workshop): Promise<Quarry> {
  return hunt(workshop, 'search');
}

/** Runs the table of the rules. @returns after how many of its tests it was seen: how many fail */
export async function byTable(workshop: Workshop): Promise<Quarry> {
  const results = await runTests(workshop, ['unit'], TABLE);
  const failed = results.filter((result) => result.failed);
  return failed.length === 0
    ? { seen: false, after: results.length }
    : { seen: true, after: failed.length, broken: failed[0]?.title ?? '' };
}

/** Runs test files of these projects in the workshop, so many at a time. @throws when nothing came of it */
export async function runTests(
  workshop: Workshop,
  projects: readonly string[],
  files: readonly string[],
  workers = 1,
): Promise<TestResult[]> {
  const report = join(workshop.folder, 'report.json');
  rmSync(report, { force: true });
  const { errors, output } = await run(workshop, [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    `--maxWorkers=${workers}`,
    '--reporter=json',
    `--outputFile=${report}`,
    ...files,
  ]);
  if (!existsSync(report)) throw new Error(`the tests did not run: ${(errors + output).slice(-2_000)}`);
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: {
      name: string;
      status: string;
      assertionResults: { ancestorTitles: string[]; title: string; status: string }[];
    }[];
  };
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: name.replace(`${workshop.folder}/`, ''),
      title: [...ancestorTitles, title].join(' > '),
      failed: status === 'failed',
    })),
  );
}
