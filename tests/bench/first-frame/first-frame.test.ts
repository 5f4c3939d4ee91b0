/** The measurement as somebody asks for it: what it refuses, and what it writes. How fast is not asked here. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions, USAGE } from './options.ts';
import { withResult } from './report.ts';

const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--conditions=ringdown-source', join(import.meta.dirname, 'main.ts'), ...args], {
    encoding: 'utf8',
  });

test('an option nobody knows is refused with one line and exit code 2, and --help says what there is', () => {
  const refused = run('--fast');
  expect({ code: refused.status, output: refused.stdout }).toEqual({ code: 2, output: '' });
  expect(refused.stderr).toMatch(/^first-frame: .*--fast.*\n$/);
  const helped = run('--help');
  expect({ code: helped.status, output: helped.stdout }).toEqual({ code: 0, output: `${USAGE}\n` });
});

test.each(['0', '201', 'many'])('--calls %s is refused, and it says what was expected', (calls) => {
  expect(() => readOptions(['--calls', calls])).toThrow(`--calls: expected 1 to 200, got ${calls}`);
});

test('the result takes the place of the former one in the README: medians, spread, ratio, machine and date', () => {
  const readme = 'before\n<!-- first-frame -->\nformer\n<!-- /first-frame -->\nafter\n';
  const where = { date: '2026-01-02', machine: 'a machine', browser: 'a browser' };
  const written = withResult(readme, { sdk: [300, 110, 100], bare: [90, 100, 200], ...where });
  expect(written).toMatch(/^before\n<!-- first-frame -->\n[\s\S]*\n<!-- \/first-frame -->\nafter\n$/);
  expect(written).not.toContain('former');
  expect(written).toContain('| this SDK, with the service | 110 | 100–300 |');
  expect(written).toContain('| bare `RTCPeerConnection`s | 100 | 90–200 |');
  expect(written).toContain('as 1.10 to 1. a browser, a machine, 2026-01-02.');
  expect(() => withResult('nothing', { sdk: [1], bare: [1], ...where })).toThrow('no place');
});
