/** What the command line asks for. Pure. */
import { parseArgs } from 'node:util';

/** What there is to measure, in the order in which it is done. */
const NAMES = ['relay', 'calls', 'memory', 'resume', 'start'] as const;

/** How `npm run bench` is used. */
export const USAGE = `usage: npm run bench -- [options]

  --only NAME      ${NAMES.join(', ')}; may be given again
  --rounds N       how often everything is measured, 1 to 50 (default 5)
  --quick          little work, one round, no other programs: shows that everything runs
  --against PATH   measures the service of another checkout of this repository beside this one
  --profile PATH   writes CPU profiles of what is measured into this folder
  --write LABEL    adds the result to tests/bench/results.jsonl and writes results.md anew
  --help           prints this`;

/** What is to be done. */
export interface Options {
  readonly help: boolean;
  readonly only: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly against?: string;
  readonly profile?: string;
  readonly write?: string;
}

const DEFAULT_ROUNDS = 5;
const MOST_ROUNDS = 50;

/** @param args the command line behind the program's name @throws Error with one line for a person */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      against: { type: 'string' },
      profile: { type: 'string' },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only ?? [];
  const unknown = only.find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--only: expected one of ${NAMES.join(', ')}, got ${unknown}`);
  const rounds = values.quick ? 1 : readRounds(values.rounds);
  if (values.quick && values.rounds !== undefined) throw new Error('--quick has one round');
  return {
    help: values.help,
    only,
    rounds,
    quick: values.quick,
    ...(values.against !== undefined && { against: values.against }),
    ...(values.profile !== undefined && { profile: values.profile }),
    ...(values.write !== undefined && { write: values.write }),
  };
}

function readRounds(text: string | undefined): number {
  if (text === undefined) return DEFAULT_ROUNDS;
  const rounds = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (rounds < 1 || rounds > MOST_ROUNDS) throw new Error(`--rounds: expected 1 to ${MOST_ROUNDS}, got ${text}`);
  return rounds;
}
