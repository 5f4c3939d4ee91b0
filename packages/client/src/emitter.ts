/** Typed events whose listeners cannot break the one who emits. */

/** Takes a listener away again; calling it twice is harmless. */
export type Unsubscribe = () => void;

/** Listeners by event name; `E` maps each name to the value a listener is given. */
export class Emitter<E extends object> {
  readonly #listeners = new Map<keyof E, Set<(value: never) => void>>();
  readonly #onListenerError: (cause: unknown, event: keyof E) => void;
  #waiting: (() => void)[] = [];
  #emitting = false;

  /** @param onListenerError is told what a listener threw; the other listeners are still called */
  constructor(onListenerError: (cause: unknown, event: keyof E) => void) {
    this.#onListenerError = onListenerError;
  }

  /** Adds a listener; the same function added twice is called once. */
  on<K extends keyof E>(event: K, listener: (value: E[K]) => void): Unsubscribe {
    let listeners = this.#listeners.get(event);
    if (!listeners) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
    }
    const own = listeners;
    own.add(listener);
    return () => void own.delete(listener);
  }

  /**
   * Calls every listener that is there and stays, in the order they were added. Never throws. What a listener
   * causes to be emitted comes after the event it is being told, so that all listeners see one order.
   */
  emit<K extends keyof E>(event: K, value: E[K]): void {
    this.#waiting.push(() => {
      const listeners = this.#listeners.get(event);
      // One may take away another.
      for (const listener of [...(listeners ?? [])])
        if (listeners?.has(listener)) this.#tell(event, () => listener(value as never));
    });
    if (this.#emitting) return;
    this.#emitting = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) next();
    this.#emitting = false;
  }

  #tell(event: keyof E, call: () => void): void {
    try {
      call();
    } catch (cause) {
      this.#onListenerError(cause, event);
    }
  }
}
