/** The search itself: breadth first, so that the first way found to a broken invariant is a shortest one. */
import type { Action } from './alphabet.ts';
import type { Broken, Explorer } from './explorer.ts';
import { LocalExplorer } from './explorer.ts';
import type { Setup } from './people.ts';
import { States } from './states.ts';

/** How far to go; whichever is reached first. */
export interface Bounds {
  /** How many steps a way may have. */
  readonly depth: number;
  /** How many distinct states may be found. */
  readonly states: number;
  /** When to stop, ms by `performance.now()`. */
  readonly deadline: number;
}

/** What a search saw. */
export interface Findings {
  /** Distinct states, by depth from 0 on. */
  readonly byDepth: readonly number[];
  readonly states: number;
  /** Things tried, and those that changed something: the transitions. */
  readonly tried: number;
  readonly transitions: number;
  /** From how many states the world was played to its end. */
  readonly closed: number;
  /** Every state that is less than so many steps away was expanded. */
  readonly completedDepth: number;
  /** The shortest way to a broken invariant, as numbers of the alphabet. */
  readonly broken?: Broken;
}

/** States that an explorer is given at once. */
const BATCH = 32;

/** Searches in this thread. @param alphabet what can happen, if not just what can happen in such a setup */
export async function search(setup: Setup, bounds: Bounds, alphabet?: readonly Action[]): Promise<Findings> {
  const states = States.withRoomFor(bounds.states, false);
  const explorer = await LocalExplorer.open(setup, states, alphabet);
  return searchWith([explorer], states, explorer.openingKey, bounds);
}

/** Searches with explorers that see the same states; they work at the same time. */
export async function searchWith(
  explorers: readonly Explorer[],
  states: States,
  opening: { readonly high: number; readonly low: number },
  bounds: Bounds,
): Promise<Findings> {
  states.add(opening.high, opening.low, -1, 0);
  const byDepth = [1];
  const seen = { tried: 0, transitions: 0, closed: 0 };
  let broken: Broken | undefined;
  const isOut = () => broken !== undefined || states.count >= bounds.states || performance.now() >= bounds.deadline;
  const findings = (completedDepth: number): Findings => ({
    byDepth,
    states: states.count,
    ...seen,
    completedDepth,
    ...(broken && { broken }),
  });

  let next = 0;
  for (let depth = 0; depth < bounds.depth; depth += 1) {
    const end = states.count;
    if (next === end) return findings(depth);
    const work = async (explorer: Explorer): Promise<void> => {
      while (next < end && !isOut()) {
        const from = next;
        next = Math.min(end, from + BATCH);
        const batch = await explorer.expand(from, next);
        seen.tried += batch.tried;
        seen.transitions += batch.changed;
        seen.closed += batch.closed;
        if (batch.broken && (!broken || batch.broken.way.length < broken.way.length)) broken = batch.broken;
        const { found } = batch;
        for (let n = 0; n < found.length; n += 4) {
          states.add(found[n] as number, found[n + 1] as number, found[n + 2] as number, found[n + 3] as number);
        }
      }
    };
    await Promise.all(explorers.map(work));
    if (states.count > end) byDepth[depth + 1] = states.count - end;
    if (isOut()) return findings(next >= end && !broken ? depth + 1 : depth);
  }
  return findings(bounds.depth);
}
