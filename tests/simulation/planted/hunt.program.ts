/**
 * Looks for a fault in the sources around it, with one of the detectors that play and search, and says in one line of
 * JSON what it saw: `node hunt.program.ts simulation SEED HISTORIES [shrink]` or `node hunt.program.ts search`.
 */
import { type SetupName, setupOf } from '../search/people.ts';
import { search } from '../search/search.ts';
import { kindOf, playOnce, shrink } from '../shrink.ts';

/** How far each setup is searched: the nearer and cheaper ones first. */
const DEPTHS: readonly (readonly [SetupName, number])[] = [
  ['plain-prompt', 5],
  ['mixed-prompt', 4],
  ['extended-prompt', 4],
  ['waiting-prompt', 3],
  ['extended', 2],
  ['plain', 2],
  ['mixed', 2],
  ['waiting', 2],
  ['plain', 3],
];

/** How many histories are played to make one shorter. */
const MOST_REPLAYS = 250;

/** What a hunt came to. */
export type Quarry =
  | { readonly seen: false; readonly after: number }
  | {
      readonly seen: true;
      /** How many histories were played, or distinct states reached, when it was seen. */
      readonly after: number;
      /** The invariant that was broken. */
      readonly broken: string;
      /** The history, made as short as it could be. */
      readonly replay?: { readonly seed: number; readonly steps: readonly number[] };
    };

async function huntBySimulation(first: number, histories: number, isToShrink: boolean): Promise<Quarry> {
  for (let after = 1; after <= histories; after += 1) {
    const seed = (first + after - 1) >>> 0;
    const error = await playOnce(seed);
    if (error) {
      const broken = kindOf(error);
      if (!isToShrink) return { seen: true, after, broken };
      return { seen: true, after, broken, replay: { seed, steps: await shrink(seed, error, MOST_REPLAYS) } };
    }
    // Timers of worlds that are gone run off.
    if (after % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { seen: false, after: histories };
}

async function huntBySearch(): Promise<Quarry> {
  let after = 0;
  for (const [name, depth] of DEPTHS) {
    const bounds = { depth, states: 200_000, deadline: Number.POSITIVE_INFINITY };
    const { states, broken } = await search(setupOf(name), bounds);
    after += states;
    if (broken) return { seen: true, after, broken: /^\[([^\]]+)\]/.exec(broken.message)?.[1] ?? broken.message };
  }
  return { seen: false, after };
}

const [detector, seed, histories, wish] = process.argv.slice(2);
const quarry =
  detector === 'search'
    ? await huntBySearch()
    : await huntBySimulation(Number(seed), Number(histories), wish === 'shrink');
console.log(JSON.stringify(quarry));
// What the worlds still wait for is of no interest.
process.exit(0);
