/** What `npm run fuzz` may be told, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { SECONDS_PER_TARGET, TARGETS } from './targets.ts';

test('without options every target runs for its time in the tests', () => {
  const run = { targets: TARGETS, extent: { seconds: SECONDS_PER_TARGET }, keep: false };
  expect(readOptions([])).toEqual({ run });
});

test('a target, an extent and a seed may be named', () => {
  const args = ['--target', 'http', '--executions', '1000', '--seed', '7', '--keep'];
  expect(readOptions(args)).toEqual({ run: { targets: ['http'], extent: { executions: 1000 }, seed: 7, keep: true } });
});

test.each([
  [['--fast']],
  [['http']],
  [['--target', 'coffee']],
  [['--seconds', 'many']],
  [['--seconds', '-1']],
  [['--seed', '1.5']],
  [['--executions', '1', '--seconds', '1']],
  [['--input', 'x.json']],
  [['--input', 'x.json', '--target', 'wire']],
])('%j is refused in one line', (args) => {
  expect(readOptions(args)).toEqual({ wrong: expect.stringMatching(/^[^\n]+$/) });
});

test('what is refused ends with code 2, and help with 0', () => {
  const fuzz = (...args: string[]) => {
    const program = join(import.meta.dirname, 'fuzz.program.ts');
    return spawnSync(process.execPath, ['--conditions=ringdown-source', program, ...args], { encoding: 'utf8' });
  };
  const refused = fuzz('--fast');
  expect([refused.status, refused.stderr.trim().split('\n').length]).toEqual([2, 1]);
  const help = fuzz('--help');
  expect([help.status, help.stdout.includes('--executions')]).toEqual([0, true]);
});
