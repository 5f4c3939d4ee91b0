/** A value that tells who listens when it changes. */

/** What a listener of any store needs, whatever its value is. */
export interface Watchable {
  /**
   * Calls the listener after each change.
   * @returns a function that ends it; calling it twice is harmless
   */
  subscribe(listener: () => void): () => void;
}

/** One observable value. */
export class Store<T> implements Watchable {
  #value: T;
  readonly #listeners = new Set<() => void>();

  /** @param initial the value before the first change */
  constructor(initial: T) {
    this.#value = initial;
  }

  /** The value now. */
  get value(): T {
    return this.#value;
  }

  /**
   * Replaces the value and tells everybody, unless it is the very same value.
   * @param value the new one; objects are replaced, never changed in place
   */
  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls the listener after each change; returns a function that ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
