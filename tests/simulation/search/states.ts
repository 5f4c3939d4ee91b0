/** The distinct states that were found, and from which one by which action each was come to; threads may share it. */
import { HashSet } from './hash-set.ts';

/** The memory behind it. */
export interface StatesMemory {
  readonly visited: ArrayBufferLike;
  readonly parents: ArrayBufferLike;
  readonly actions: ArrayBufferLike;
}

/** All states, numbered in the order in which they were found; the opening is 0. */
export class States {
  /** What another thread needs to see the same states. */
  readonly memory: StatesMemory;
  readonly #visited: HashSet;
  readonly #parents: Int32Array;
  readonly #actions: Uint16Array;
  #count = 0;

  constructor(memory: StatesMemory) {
    this.memory = memory;
    this.#visited = new HashSet(memory.visited);
    this.#parents = new Int32Array(memory.parents);
    this.#actions = new Uint16Array(memory.actions);
  }

  /** Room for so many states; shared between threads if they are to see it. */
  static withRoomFor(most: number, shared: boolean): States {
    const memory = (bytes: number) => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    return new States({
      visited: memory(HashSet.bytesFor(most)),
      parents: memory(4 * most),
      actions: memory(2 * most),
    });
  }

  /** How many were added through this handle. */
  get count(): number {
    return this.#count;
  }

  /** How many there is room for. */
  get room(): number {
    return this.#parents.length;
  }

  /** Whether a state is there; the newest ones of another thread may not be seen yet. */
  readonly isKnown = (high: number, low: number): boolean => this.#visited.has(high, low);

  /** Adds a state, by its key. @returns false when it is there already, or there is no room */
  add(high: number, low: number, parent: number, action: number): boolean {
    if (this.#count >= this.room || !this.#visited.add(high, low)) return false;
    this.#parents[this.#count] = parent;
    this.#actions[this.#count] = action;
    this.#count += 1;
    return true;
  }

  /** The actions that lead from the opening to a state. */
  wayTo(state: number): number[] {
    const way: number[] = [];
    for (let n = state; n > 0; n = this.#parents[n] as number) way.push(this.#actions[n] as number);
    return way.reverse();
  }
}
