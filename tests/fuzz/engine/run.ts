/** One run of one target: what is kept, then the structured half, then the guided one; and what came of it. */
import { chanceOf } from '../../recovery/random.ts';
import type { OpenTarget } from '../target.ts';
import { readCorpus } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { type Failure, searchGuided } from './guided.ts';
import { Judge } from './judge.ts';
import { shrink } from './shrink.ts';
import { samples, searchStructured } from './structured.ts';
import type { Watchdog } from './watchdog.ts';

/** The structured half gets this share of the inputs or of the time. */
const STRUCTURED_SHARE = 0.35;
/** Inputs of the structured half that the guided one begins with, beside what is kept. */
const SAMPLES = 400;

/** How long a run goes on: so many inputs, or so many seconds. */
export type Extent = { readonly executions: number } | { readonly seconds: number };

/** What came of a run. */
export interface Outcome {
  readonly target: string;
  readonly seed: number;
  /** Texts that were read. */
  readonly executions: number;
  readonly seconds: number;
  /** Inputs that reached something new, of this run. */
  readonly pool: number;
  /** Different answers. */
  readonly answers: number;
  /** Of the code it is about, 0 to 1. */
  readonly covered?: number;
  /** The slowest input, ms, when one was slow at first sight. */
  readonly slowestMs: number;
  readonly failure?: { readonly input: string; readonly message: string; readonly stack?: string };
}

/**
 * @param load imports the target; called after the coverage has begun
 * @param options.only instead of everything else, this one input
 * @param options.watchdog ends the process when an input is read for ever
 * @returns the outcome, and the inputs worth keeping, the best first
 */
export async function runTarget(
  name: string,
  load: () => Promise<OpenTarget>,
  options: { seed: number; extent: Extent; only?: string; watchdog?: Watchdog },
): Promise<{ outcome: Outcome; kept: readonly string[] }> {
  const { seed, extent, only, watchdog } = options;
  const coverage = await Coverage.begin();
  const target = await (await load())();
  const judge = new Judge(target, watchdog);
  const began = performance.now();
  const texts = () => target.texts?.() ?? judge.executions;
  const until = (share: number) =>
    'seconds' in extent
      ? () => performance.now() - began < extent.seconds * 1000 * share
      : () => texts() < extent.executions * share;
  const kept = readCorpus(name);
  const known = only === undefined ? [...Object.values(kept.faults), ...kept.inputs] : [only];

  let failure: Failure | undefined;
  for (const input of known) {
    const judged = await judge.judge(input);
    if (!judged.ok) failure ??= { input, error: judged.error };
  }
  let pool: readonly string[] = [];
  let reached: readonly string[] = [];
  let answers = 0;
  if (only === undefined) {
    failure ??= await searchStructured(target, judge, seed, until(STRUCTURED_SHARE));
    if (!failure) {
      const seeds = [...known, ...samples(target, seed, SAMPLES)];
      const found = await searchGuided({ target, judge, coverage, chance: chanceOf(seed), seeds, goesOn: until(1) });
      ({ failure, pool, reached, answers } = { failure: undefined, ...found });
    }
  }
  const seconds = (performance.now() - began) / 1000;
  const executions = texts();
  if (failure) {
    const input = await shrink(failure.input, async (smaller) => !(await judge.judge(smaller)).ok);
    const judged = await judge.judge(input);
    failure = judged.ok ? failure : { input, error: judged.error };
  } else {
    await target.close?.().catch((error: unknown) => {
      failure = { input: '', error };
    });
  }
  const covered = coverage.share(target.about);
  await coverage.end();
  return {
    outcome: {
      target: name,
      seed,
      executions,
      seconds,
      pool: pool.length,
      answers,
      ...(covered !== undefined && { covered }),
      slowestMs: judge.slowestMs,
      ...(failure && { failure: told(failure) }),
    },
    // What was kept before may be all there is to reach.
    kept: [...reached, ...(failure ? [] : kept.inputs), ...pool],
  };
}

function told({ input, error }: Failure): NonNullable<Outcome['failure']> {
  if (!(error instanceof Error)) return { input, message: String(error) };
  const { name, message, stack } = error;
  return { input, message: `${name}: ${message}`, ...(stack !== undefined && name !== 'Violation' && { stack }) };
}
