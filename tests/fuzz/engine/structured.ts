/** The structured half: fast-check makes inputs from the schemas and spoils them. */
import fc from 'fast-check';
import type { Target } from '../target.ts';
import type { Failure } from './guided.ts';
import type { Judge } from './judge.ts';

/** More than any run gets to. */
const ENDLESS = 2 ** 31 - 1;

/**
 * @param seed the same seed makes the same inputs in the same order
 * @param goesOn asked before each input
 * @returns what failed; undefined when all was well
 */
export async function searchStructured(
  target: Target,
  judge: Judge,
  seed: number,
  goesOn: () => boolean,
): Promise<Failure | undefined> {
  let failure: Failure | undefined;
  const property = fc.asyncProperty(target.inputs, async (input) => {
    if (!goesOn()) return false;
    const judged = await judge.judge(input);
    if (!judged.ok) failure = { input, error: judged.error };
    return judged.ok;
  });
  // It ends at the first "no": time is up, or something failed. That is made smaller elsewhere, for both halves alike.
  await fc.check(property, { seed, numRuns: ENDLESS, endOnFailure: true });
  return failure;
}

/** Inputs to begin the guided half with. */
export function samples(target: Target, seed: number, count: number): string[] {
  return fc.sample(target.inputs, { seed, numRuns: count });
}
