/** The benchmark as somebody runs it: that it measures everything, and what it refuses. How fast is not asked here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

/** It takes eight seconds; a machine that is busy with everything else gets longer. */
const PATIENCE_MS = 60_000;

async function bench(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args]);
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const [code] = await once(child, 'close');
  return { code, output, errors };
}

test('a quick run measures everything there is to measure', { timeout: PATIENCE_MS }, async () => {
  const { code, output, errors } = await bench('--quick');
  expect(errors).not.toMatch(/Error|Warning/);
  expect(code).toBe(0);
  for (const row of [
    'one at a time, plain',
    'one at a time, extended',
    'one every 20 ms, extended',
    'ten frames in one write, extended',
    'ten in one frame, extended',
    'plain sessions',
    'extended sessions',
    'resident, extended',
    'heap, plain',
    'until the last is back (s)',
    'processor time (s)',
    'delay of the event loop, 99th percentile (ms)',
    'first',
    'again',
  ]) {
    const cell = output.split('\n').find((line) => line.startsWith(`| ${row} |`));
    expect(Number(cell?.split('|')[2]), row).toBeGreaterThan(0);
  }
});

test('an option nobody knows is refused with one line and exit code 2', async () => {
  const { code, output, errors } = await bench('--fast');
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toMatch(/^bench: .*--fast.*\n$/);
});

test.each([
  [['--only', 'dancing'], /--only: expected one of .*relay.*, got dancing/],
  [['--rounds', '0'], /--rounds: expected 1 to 50, got 0/],
  [['--quick', '--rounds', '3'], /--quick has one round/],
  [['relay'], /relay/],
])('%j is refused, and it says what was expected', (args, line) => {
  expect(() => readOptions(args)).toThrow(line);
});
