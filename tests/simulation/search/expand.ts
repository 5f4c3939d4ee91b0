/** One step of a search: everything that can happen in one state, each on a fork of its own, judged. */
import type { Action } from './alphabet.ts';
import { type Key, keyOf } from './key.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

/** A state that was come to. */
interface Found {
  readonly high: number;
  readonly low: number;
  readonly action: number;
}

/** What was seen of one state's successors. */
export interface Expansion {
  readonly found: Found[];
  /** How many things were tried, and how many of them changed something. */
  tried: number;
  changed: number;
  /** The action that broke an invariant, and how. */
  broken?: { readonly action: number; readonly failure: unknown };
}

/** How many pictures of calls are remembered before it begins anew. */
const PICTURES = 1 << 18;

/** Expands states, and remembers what need not be tried again. */
export class Expander {
  readonly #stage: Stage;
  readonly #singles: readonly Action[];
  readonly #pairs: readonly Action[];
  /** By picture of the calls: the single actions that change nothing there. The pairs have all been tried in it. */
  readonly #pictures = new Map<number, Uint8Array>();

  constructor(stage: Stage, alphabet: readonly Action[]) {
    this.#stage = stage;
    this.#singles = alphabet.filter(({ parts }) => !parts);
    this.#pairs = alphabet.filter(({ parts }) => parts);
  }

  /** Tries everything in a scene, which stays as it is. @param isKnown a state that need not be reported */
  async expand(scene: Scene, isKnown: (high: number, low: number) => boolean): Promise<Expansion> {
    const expansion: Expansion = { found: [], tried: 0, changed: 0 };
    const stage = this.#stage;
    const picture: Key = { high: 0, low: 0 };
    const ignored: Key = { high: 0, low: 0 };
    const own = keyOf(scene, picture);
    const pictureNumber = (picture.high >>> 0) * 2 ** 21 + (picture.low >>> 11);
    let idle = this.#pictures.get(pictureNumber);
    const isNew = idle === undefined;
    idle ??= new Uint8Array(this.#singles.length);
    let next: Scene | undefined;

    const attempt = async (action: Action): Promise<boolean> => {
      next ??= scene.fork();
      stage.enter(next);
      expansion.tried += 1;
      try {
        await action.run(stage);
        if (stage.changed) await next.judge();
      } catch (failure) {
        expansion.broken = { action: action.id, failure };
        return false;
      }
      if (!stage.changed) return false;
      expansion.changed += 1;
      const { high, low } = keyOf(next, ignored);
      next = undefined;
      if ((high !== own.high || low !== own.low) && !isKnown(high, low))
        expansion.found.push({ high, low, action: action.id });
      return true;
    };

    for (let n = 0; n < this.#singles.length; n += 1) {
      const action = this.#singles[n] as Action;
      if (idle[n] === 1 || !action.isPossible(scene)) continue;
      const changed = await attempt(action);
      if (expansion.broken) return expansion;
      if (!changed && action.isAboutCalls) idle[n] = 1;
    }
    if (!isNew) return expansion;
    if (this.#pictures.size >= PICTURES) this.#pictures.clear();
    this.#pictures.set(pictureNumber, idle);
    for (const action of this.#pairs) {
      // What does nothing alone, does nothing to the other one either.
      if (action.parts?.some((part) => idle[part] === 1) || !action.isPossible(scene)) continue;
      await attempt(action);
      if (expansion.broken) return expansion;
    }
    return expansion;
  }
}
