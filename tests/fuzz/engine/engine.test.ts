/** The fuzzer itself: it finds what is planted, says how to find it again, and lets pass what is right. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { chanceOf } from '../../recovery/random.ts';
import { bytesOf } from '../inputs/bytes.ts';
import { fitting, type Schema, strayKey } from '../inputs/from-schema.ts';
import { hostile } from '../inputs/hostile.ts';
import { spoil } from '../inputs/spoil.ts';
import type { Target } from '../target.ts';
import { runTarget } from './run.ts';
import { shrink } from './shrink.ts';

/** A target that reads JSON, as the real ones do. */
const reading = (run: Target['run']): (() => Promise<() => Target>) => {
  const inputs = hostile(fc.record({ name: fc.string(), n: fc.nat() }).map((value) => JSON.stringify(value)));
  return async () => () => ({ inputs, words: ['planted'], about: [], run });
};
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
const search = (run: Target['run'], executions = 30_000) =>
  runTarget('nothing-is-kept-of-it', reading(run), { seed: 1, extent: { executions } }).then(({ outcome }) => outcome);

afterEach(() => {
  process.removeAllListeners('unhandledRejection');
});

describe('a run', () => {
  test('lets pass what is right, and tells how much it has tried', async () => {
    const outcome = await search((text) => typeof parse(text), 2_000);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.executions).toBeGreaterThanOrEqual(2_000);
    expect(outcome.answers).toBeGreaterThan(2);
  });

  test.each([
    [
      'an exception',
      (text: string) => {
        if (text.includes('__proto__')) throw new TypeError('planted');
        return '';
      },
      'TypeError: planted',
    ],
    [
      'a rejection that nobody waits for',
      async (text: string) => {
        if (text.includes('-0')) void Promise.reject(new Error('planted'));
        await new Promise((resolve) => setImmediate(resolve));
        return '';
      },
      'Error: planted',
    ],
    [
      'a key planted in every object',
      (text: string) => {
        if (text.includes('constructor')) Object.assign(Object.prototype, { planted: 1 });
        return '';
      },
      'Violation: an object that everybody shares has other keys than before',
    ],
    [
      'an input that takes too long',
      (text: string) => {
        const before = process.threadCpuUsage();
        while (text.includes('extra') && process.threadCpuUsage(before).user < 70_000);
        return '';
      },
      'Violation: one input took',
    ],
  ])('finds %s', async (_, run, message) => {
    const outcome = await search(run);
    delete (Object.prototype as { planted?: number }).planted;
    expect(outcome.failure?.message).toContain(message);
  });

  test('makes what it found small', async () => {
    const outcome = await search((text) => {
      if (text.includes('__proto__')) throw new Error('planted');
      return '';
    });
    expect(outcome.failure?.input).toBe('__proto__');
  });

  test('finds the same thing again with the same seed', async () => {
    const run = (text: string) => {
      if (/"n":-0/.test(text)) throw new Error('planted');
      return '';
    };
    const [one, other] = [await search(run), await search(run)];
    expect(one.failure).toBeDefined();
    expect([other.executions, other.failure?.input]).toEqual([one.executions, one.failure?.input]);
  });

  test('comes by its coverage to where chance alone would not', async () => {
    // Three steps, each a block of its own: by chance alone one in many millions.
    const steps = `if (text[0] === '7') { if (text[1] === '!') { if (text[2] === 'Q') throw new Error('planted deep') } } return ''`;
    const load = async () => {
      const run = new Function('text', steps) as Target['run'];
      return () => ({ inputs: fc.constant('{}'), words: [], about: [], run });
    };
    const { outcome } = await runTarget('nothing-is-kept-of-it', load, { seed: 1, extent: { executions: 300_000 } });
    expect(outcome.failure?.message).toContain('planted deep');
  }, 60_000);
});

test('an input that is read for ever ends the run, and is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-watchdog-'));
  const file = join(folder, 'input.json');
  const program = `
    import { Watchdog } from ${JSON.stringify(join(import.meta.dirname, 'watchdog.ts'))};
    const watchdog = new Watchdog({ file: ${JSON.stringify(file)}, again: 'again', patienceMs: 200 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    watchdog.begins('{"\\ud800é');
    for (;;);`;
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(signal).toBe('SIGKILL');
  expect(stderr).toContain('again --input');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toBe('{"\ud800é');
  rmSync(folder, { recursive: true, force: true });
}, 20_000);

test('a failing input is made as small as it still fails', async () => {
  expect(await shrink('one\ntwo\nthree', async (text) => text.includes('w'))).toBe('w');
});

test('the same chance spoils the same text in the same way, and no text grows without end', () => {
  let text = '{"a":[1,{"b":"c"}]}';
  for (let n = 0; n < 2_000; n += 1) {
    expect(spoil(text, chanceOf(n))).toBe(spoil(text, chanceOf(n)));
    text = spoil(text, chanceOf(n));
    expect(text.length).toBeLessThan(70_000);
  }
});

test('a lone low surrogate stands for a raw byte, everything else for its UTF-8', () => {
  expect([...bytesOf('a\udcffé\udc80')]).toEqual([0x61, 0xff, 0xc3, 0xa9, 0x80]);
  expect(bytesOf('😀').toString()).toBe('😀');
});

describe('of a schema', () => {
  const schema: Schema = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { anyOf: [{ type: 'null' }, { type: 'object', properties: { c: {} } }] } },
    required: ['a'],
  };

  test('values are made that fit it', () => {
    for (const value of fc.sample(fitting(schema), 200)) {
      expect(value).toHaveProperty('a');
      expect(strayKey(schema, value)).toBeUndefined();
    }
  });

  test('a key that it does not have is found, however it is named', () => {
    expect(strayKey(schema, { a: '', more: 1 })).toBe('.more');
    expect(strayKey(schema, { a: '', b: { c: {}, d: 1 } })).toBeDefined();
    expect(strayKey(schema, JSON.parse('{"a":"","__proto__":1}'))).toBe('.__proto__');
  });
});
