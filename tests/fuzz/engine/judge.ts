/** Runs one input and looks at what must hold whatever is read: nothing thrown, nothing polluted, nothing slow. */
import { expect, type Target } from '../target.ts';
import type { Watchdog } from './watchdog.ts';

/** The longest that reading one input may take, ms of this thread's own time (T37). */
const LONGEST_MS = 50;
/** How often a slow input is tried again: the machine may have been at something else. */
const AGAIN = 4;

const SHARED = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Promise.prototype,
] as const;
const namesOf = () => SHARED.map((each) => Reflect.ownKeys(each).length).join();
const CLEAN = namesOf();

/** What came of one input. */
export type Judged = { readonly ok: true; readonly label: string } | { readonly ok: false; readonly error: unknown };

/** Judges inputs of a target, one at a time. */
export class Judge {
  /** Inputs judged so far. */
  executions = 0;
  /** The longest that one took at its best, of those that were slow at first sight, ms. */
  slowestMs = 0;
  readonly #target: Target;
  readonly #watchdog: Watchdog | undefined;
  #left: unknown;

  /** @param watchdog hears of each input; without it, one that is read for ever is never told */
  constructor(target: Target, watchdog?: Watchdog) {
    this.#target = target;
    this.#watchdog = watchdog;
    // A promise that nobody waited for: what breaks in it belongs to the input that was being read.
    process.on('unhandledRejection', (error) => {
      this.#left ??= error ?? new Error('a promise was rejected with nothing');
    });
  }

  /** Reads one input. Never throws. */
  async judge(input: string): Promise<Judged> {
    this.executions += 1;
    this.#watchdog?.begins(input);
    try {
      const began = performance.now();
      const made = this.#target.run(input);
      const label = typeof made === 'string' ? made : await made;
      const tookMs = performance.now() - began;
      expect(namesOf() === CLEAN, 'an object that everybody shares has other keys than before');
      if (tookMs > LONGEST_MS) await this.#timeAgain(input, tookMs);
      if (this.#left !== undefined) throw this.#left;
      return { ok: true, label };
    } catch (error) {
      this.#left = undefined;
      return { ok: false, error: error ?? new Error('nothing was thrown') };
    } finally {
      this.#watchdog?.ends();
    }
  }

  /** A slow input is one that is slow each time. */
  async #timeAgain(input: string, firstMs: number): Promise<void> {
    let bestMs = firstMs;
    for (let tries = 0; tries < AGAIN; tries += 1) {
      const before = process.threadCpuUsage();
      await this.#target.run(input);
      const used = process.threadCpuUsage(before);
      bestMs = Math.min(bestMs, (used.user + used.system) / 1000);
    }
    this.slowestMs = Math.max(this.slowestMs, bestMs);
    expect(bestMs <= LONGEST_MS, `one input took ${Math.round(bestMs)} ms, more than ${LONGEST_MS}`);
  }
}
