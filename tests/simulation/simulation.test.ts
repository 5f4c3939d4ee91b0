/** Plays the standard run of fresh histories, the seeds of past faults, and the door of the command. */
import { type ExecFileException, execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELLS, ENOUGH } from './coverage.ts';
import { FAULTS } from './faults.ts';
import { playOnce, stepsOf, stepsText } from './shrink.ts';
import type { Counts } from './tally.ts';

const PROGRAM = join(import.meta.dirname, 'simulate.program.ts');
const HISTORIES = 20_000;
const MINUTE_MS = 60_000;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringdown-simulation-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command. @returns its exit code and what it printed */
function simulate(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=ringdown-source', PROGRAM, ...args],
      { timeout: 8 * MINUTE_MS, maxBuffer: 64 * 1024 * 1024 },
      (error: ExecFileException | null, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, output: stdout + stderr }),
    );
  });
}

/** Plays a history in which nothing goes wrong. @returns its story */
async function tell(seed: number, steps?: readonly number[]): Promise<string[]> {
  const story: string[] = [];
  expect(await playOnce(seed, steps, (line) => story.push(line))).toBeUndefined();
  return story;
}

describe('the simulation', () => {
  test('[I1] [I2] [I3] [I4] [I5] [I6] [I7] [I8] [I9] [I10] [I12] [I13] [I14] [I15] 20,000 fresh histories with every fault keep every invariant, and reach every cell and fault often enough', {
    timeout: 9 * MINUTE_MS,
  }, async () => {
    const json = join(folder, 'run.json');
    const { code, output } = await simulate('--histories', String(HISTORIES), '--json', json);
    // What it printed says which history went wrong, and how to play it again.
    expect(code, output).toBe(0);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Counts & { played: number; medianEvents: number };
    expect(report.played).toBe(HISTORIES);
    expect(report.medianEvents).toBeGreaterThanOrEqual(200);
    for (const cell of CELLS) expect(report.cells[cell], cell).toBeGreaterThanOrEqual(ENOUGH.cell);
    for (const fault of FAULTS) expect(report.faults[fault], fault).toBeGreaterThanOrEqual(ENOUGH.fault);
  });

  test('a history is decided by its seed alone', async () => {
    const once = await tell(4711);
    expect(once.length).toBeGreaterThan(200);
    expect(await tell(4711)).toEqual(once);
  });

  test('a history with none of its steps taken away is the same history, however long it is', async () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(await tell(seed, stepsOf('0-999'))).toEqual(await tell(seed));
  });

  test('steps are written as runs and read again', () => {
    expect(stepsText([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8');
    expect(stepsOf('0-2,5,7-8')).toEqual([0, 1, 2, 5, 7, 8]);
    expect(() => stepsOf('1,x')).toThrow(/neither a step/);
  });
});

describe('its command', () => {
  test.each([
    [['--hisories', '5'], /hisories/],
    [['--histories', 'many'], /--histories must be a whole number/],
    [['--seed', '-1'], /seed/],
    [['--replay', '12:0-x'], /--replay/],
    [['five'], /five/],
  ])('refuses %j in one line and shows its usage', async (args, line) => {
    const { code, output } = await simulate(...args);
    expect(code).toBe(2);
    expect(output.split('\n')[0]).toMatch(line);
    expect(output).toContain('usage: npm run simulate');
  });

  test('tells one history step by step', async () => {
    const { code, output } = await simulate('--replay', '4711:0-60');
    expect(code).toBe(0);
    expect(output).toContain('call:offer');
    expect(output).toContain('nothing went wrong');
  });
});
