/** What the command line asks for. Pure. */
import { parseArgs } from 'node:util';

/** How `npm run first-frame` is used. */
export const USAGE = `usage: npm run first-frame -- [options]

  Milliseconds from Accept to the first decoded frame: with the SDK, and with bare connections in the same pages.

  --calls N   how many calls of either kind, one after the other, 1 to 200 (default 20)
  --steps     also says when each step of accepting was done
  --write     writes the result into packages/client/README.md
  --help      prints this`;

/** What is to be done. */
export interface Options {
  readonly help: boolean;
  readonly calls: number;
  readonly steps: boolean;
  readonly write: boolean;
}

const DEFAULT_CALLS = 20;
const MOST_CALLS = 200;

/** @param args the command line behind the program's name @throws Error with one line for a person */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      calls: { type: 'string' },
      steps: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const text = values.calls ?? String(DEFAULT_CALLS);
  const calls = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (calls < 1 || calls > MOST_CALLS) throw new Error(`--calls: expected 1 to ${MOST_CALLS}, got ${text}`);
  return { help: values.help, calls, steps: values.steps, write: values.write };
}
