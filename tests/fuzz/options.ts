/** What `npm run fuzz` may be told. Pure. */
import { parseArgs } from 'node:util';
import type { Extent } from './engine/run.ts';
import { SECONDS_PER_TARGET, TARGETS, WIRE } from './targets.ts';

/** The text of `--help`. */
export const USAGE = `Feeds hostile input to everything that reads what strangers write.

Usage: npm run fuzz -- [--target NAME] [--executions N | --seconds S] [--seed X] [--keep] [--input FILE]

  --target NAME    one of ${TARGETS.join(', ')}; all of them in turn without it
  --executions N   how many inputs, a target
  --seconds S      how long, a target; ${SECONDS_PER_TARGET} by default
  --seed X         a whole number below 2^31; the same seed makes the same inputs. Another one each time without it
  --keep           writes the inputs that reached something new into tests/fuzz/corpus
  --input FILE     reads this one input again, from a file that a failed run has written; needs --target
  --help           this text

Ends with 0 when nothing was found, with 1 when something was, with 2 when it is asked for something else.
`;

/** What to do. */
export interface Options {
  readonly targets: readonly string[];
  readonly extent: Extent;
  /** Absent: another one each time. */
  readonly seed?: number;
  readonly keep: boolean;
  readonly input?: string;
}

/** @returns what to do, the usage, or one line that says what was wrong */
export function readOptions(args: readonly string[]): { run: Options } | { help: true } | { wrong: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        target: { type: 'string' },
        executions: { type: 'string' },
        seconds: { type: 'string' },
        seed: { type: 'string' },
        keep: { type: 'boolean' },
        input: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) return { help: true };
    const { target, executions, seconds, seed, keep = false, input } = values;
    if (target !== undefined && !TARGETS.includes(target)) {
      return { wrong: `--target must be one of ${TARGETS.join(', ')}` };
    }
    if (executions !== undefined && seconds !== undefined) return { wrong: 'either --executions or --seconds' };
    if (input !== undefined && (target === undefined || target === WIRE)) {
      return { wrong: `--input needs a --target, and not ${WIRE}` };
    }
    for (const [name, text] of Object.entries({ executions, seconds, seed })) {
      const number = Number(text ?? 1);
      if (!Number.isInteger(number) || number < 0 || number >= 2 ** 31)
        return { wrong: `--${name} must be a whole number` };
    }
    return {
      run: {
        targets: target === undefined ? TARGETS : [target],
        extent:
          executions === undefined
            ? { seconds: Number(seconds ?? SECONDS_PER_TARGET) }
            : { executions: Number(executions) },
        ...(seed !== undefined && { seed: Number(seed) }),
        keep,
        ...(input !== undefined && { input }),
      },
    };
  } catch (error) {
    return { wrong: (error as Error).message.split('\n')[0] ?? '' };
  }
}
