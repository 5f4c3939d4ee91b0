/** One thing at a time: runs what a button asks for, and says what went wrong. */
import type { ReactiveControllerHost } from 'lit';
import { errorText } from '../i18n/error-text.ts';

/** Runs the operations of one element; while one is under way, its key is busy. */
export class Busy {
  readonly #host: ReactiveControllerHost;
  readonly #say: (text: string) => void;
  readonly #keys = new Set<string>();

  /**
   * @param host the element, rendered again when something begins or ends
   * @param say shows a sentence
   */
  constructor(host: ReactiveControllerHost, say: (text: string) => void) {
    this.#host = host;
    this.#say = say;
  }

  /** Whether this is under way. */
  is(key: string): boolean {
    return this.#keys.has(key);
  }

  /**
   * Runs something unless it is under way already. Never throws: a failure is said to the person.
   * @param key what it is
   * @param work what to do
   * @returns whether it was done
   */
  async run(key: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    this.#host.requestUpdate();
    try {
      await work();
      return true;
    } catch (error) {
      this.#say(errorText(error));
      return false;
    } finally {
      this.#keys.delete(key);
      this.#host.requestUpdate();
    }
  }
}
