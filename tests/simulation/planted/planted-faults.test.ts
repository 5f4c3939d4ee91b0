/** The planted faults fit the sources, ten of them by chance are seen, and the histories that showed them go well without. */
import { type ExecFileException, execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playOnce } from '../shrink.ts';
import { FAULTS, INNER_FAULTS, OUTER_FAULTS } from './faults.ts';
import { keptSeeds } from './page.ts';
import { planted, ROOT } from './workshop.ts';

const PROGRAM = join(import.meta.dirname, 'planted-faults.program.ts');

/** Runs the command. @returns its exit code and what it printed */
function plantedFaults(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=ringdown-source', PROGRAM, ...args],
      { timeout: 110_000 },
      (error: ExecFileException | null, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? -1) : 0, output: stdout + stderr }),
    );
  });
}

describe('planted faults', () => {
  test('are at least forty, fifteen of them in the store, and eight in the way in and out', () => {
    expect(FAULTS.length).toBeGreaterThanOrEqual(40);
    expect(INNER_FAULTS.store.length).toBeGreaterThanOrEqual(15);
    expect(OUTER_FAULTS.length).toBeGreaterThanOrEqual(8);
  });

  test('have ids of their own, and each changes the source in exactly one place', () => {
    const all = [...FAULTS, ...OUTER_FAULTS];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const fault of all) {
      const source = readFileSync(join(ROOT, fault.file), 'utf8');
      expect(planted(source, fault), fault.id).not.toBe(source);
    }
  });

  test('are seen, ten others every time', async () => {
    const { code, output } = await plantedFaults('--random', '10', '--workers', '2');
    // It says which were planted, and from which seed.
    console.log(output);
    expect(code, output).toBe(0);
    expect(output).toContain('10 of 10 planted faults are seen');
  });
});

test('the histories that are kept of past faults go well', async () => {
  const seeds = keptSeeds();
  expect(seeds.size).toBeGreaterThan(40);
  for (const [fault, { seed, steps }] of seeds) expect(await playOnce(seed, steps), fault).toBeUndefined();
});

describe('its command', () => {
  test.each([
    [['--rondom', '5'], /rondom/],
    [['--random', '0'], /--random needs a whole number/],
    [['--only', 'nothing'], /there is no fault "nothing"/],
    [['--random', '5', '--write'], /--random goes with none of/],
    [['--missing', '--only', 'blocked-rings'], /--missing does not go with --only/],
    [['five'], /five/],
  ])('refuses %j in one line and names its help', async (args, line) => {
    const { code, output } = await plantedFaults(...args);
    expect(code).toBe(2);
    expect(output.split('\n')[0]).toMatch(line);
    expect(output).toContain('--help');
  });
});
