/** Something fetched from the service: not there yet, there, or failed; the last good answer is kept while asking again. */
import { Store } from './store.ts';

/** What is known of a fetched thing. */
export interface Loaded<T> {
  /** The last good answer. */
  readonly data: T | undefined;
  /** Why the last attempt failed; undefined after a good one. */
  readonly error: unknown;
  /** Whether an attempt is under way. */
  readonly loading: boolean;
}

/** A fetched thing that views can watch. */
export class Resource<T> extends Store<Loaded<T>> {
  readonly #load: () => Promise<T>;
  #run: Promise<void> | undefined;
  #again = false;
  #generation = 0;

  /** @param load asks the service once */
  constructor(load: () => Promise<T>) {
    super({ data: undefined, error: undefined, loading: false });
    this.#load = load;
  }

  /**
   * Asks the service again. Never throws: a failure is part of the value. A request that comes while another is under
   * way leads to exactly one further attempt, because the first may have read what has changed since.
   */
  refresh(): Promise<void> {
    if (this.#run) {
      this.#again = true;
      return this.#run;
    }
    this.#run = this.#attempts().finally(() => {
      this.#run = undefined;
    });
    return this.#run;
  }

  /** Replaces the data by what an operation has just answered. */
  put(data: T): void {
    this.set({ ...this.value, data, error: undefined });
  }

  /** Forgets everything; an answer still under way is dropped. */
  clear(): void {
    this.#generation++;
    this.#again = false;
    this.set({ data: undefined, error: undefined, loading: false });
  }

  async #attempts(): Promise<void> {
    do {
      this.#again = false;
      const generation = this.#generation;
      this.set({ ...this.value, loading: true });
      try {
        const data = await this.#load();
        if (generation === this.#generation) this.set({ data, error: undefined, loading: false });
      } catch (error) {
        if (generation === this.#generation) this.set({ ...this.value, error, loading: false });
      }
    } while (this.#again);
  }
}
