/** Expands states by their numbers: what one thread of a search does. */
import { type Action, alphabetOf } from './alphabet.ts';
import { closes } from './closing.ts';
import { Expander } from './expand.ts';
import { keyOf } from './key.ts';
import type { Setup } from './people.ts';
import { opening, Player } from './play.ts';
import type { Scene } from './scene.ts';
import { Stage } from './stage.ts';
import type { States } from './states.ts';

/** From every such state the world is also played to its end. */
const CLOSED_EVERY = 64;

/** What came of expanding some states. */
export interface Batch {
  /** Four numbers a state that may be new: the halves of its key, from which state, by which action. */
  readonly found: Int32Array;
  readonly tried: number;
  readonly changed: number;
  /** How many states the world was played to its end from. */
  readonly closed: number;
  readonly broken?: Broken;
}

/** A broken invariant, and how to come to it. */
export interface Broken {
  readonly way: readonly number[];
  readonly message: string;
  /** The invariant was broken only when the world was played to its end from here. */
  readonly atClosing?: true;
}

/** Something that expands states. */
export interface Explorer {
  /** Expands the states from one number to before another. */
  expand(from: number, to: number): Promise<Batch>;
}

/** Expands in this thread. */
export class LocalExplorer implements Explorer {
  readonly #states: States;
  readonly #stage: Stage;
  readonly #player: Player;
  readonly #expander: Expander;
  /** The key of the opening, which the first state of a search has. */
  readonly openingKey: { readonly high: number; readonly low: number };

  private constructor(states: States, stage: Stage, alphabet: readonly Action[], first: Scene) {
    this.#states = states;
    this.#stage = stage;
    this.#player = new Player(stage, alphabet, first);
    this.#expander = new Expander(stage, alphabet);
    this.openingKey = keyOf(first, { high: 0, low: 0 });
  }

  /** Plays the opening, and is ready. */
  static async open(setup: Setup, states: States, alphabet = alphabetOf(setup)): Promise<LocalExplorer> {
    const stage = new Stage();
    return new LocalExplorer(states, stage, alphabet, await opening(setup, stage));
  }

  async expand(from: number, to: number): Promise<Batch> {
    const found: number[] = [];
    let [tried, changed, closed] = [0, 0, 0];
    let broken: Broken | undefined;
    for (let state = from; state < to && !broken; state += 1) {
      const way = this.#states.wayTo(state);
      const scene = await this.#player.at(way);
      const expansion = await this.#expander.expand(scene, this.#states.isKnown);
      tried += expansion.tried;
      changed += expansion.changed;
      for (const { high, low, action } of expansion.found) found.push(high, low, state, action);
      if (expansion.broken) {
        broken = { way: [...way, expansion.broken.action], message: messageOf(expansion.broken.failure) };
      } else if (state % CLOSED_EVERY === 0) {
        closed += 1;
        const failure = await closes(scene, this.#stage);
        if (failure !== undefined) broken = { way, message: messageOf(failure), atClosing: true };
      }
    }
    return { found: Int32Array.from(found), tried, changed, closed, ...(broken && { broken }) };
  }
}

function messageOf(failure: unknown): string {
  return failure instanceof Error
    ? failure.name === 'Violation'
      ? failure.message
      : (failure.stack ?? '')
    : String(failure);
}
