/** The one timer of the calls of this node: it wakes when the earliest known deadline has come. Decides nothing. */
import type { CallId, Millis } from '@ringdown/call';
import type { CallStore } from './call-store/call-store.ts';
import type { Logger } from './log.ts';

/** How many overdue calls are taken at once. */
const BATCH = 100;
/** Longest sleep: `setTimeout` counts in 32 bits. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;
/** How soon to try again after the store failed. */
const RETRY_MS = 1_000;

/** Fires overdue calls. */
export class Alarm {
  readonly #store: CallStore;
  readonly #fire: (callId: CallId) => Promise<void>;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;
  #running = false;
  #stopped = false;

  /** @param fire applies what is overdue in one call; harmless when nothing is */
  constructor(store: CallStore, log: Logger, fire: (callId: CallId) => Promise<void>) {
    this.#store = store;
    this.#log = log;
    this.#fire = fire;
  }

  /** Something will be due at this time. */
  note(at: Millis): void {
    if (this.#stopped || at >= this.#at) return;
    this.#at = at;
    clearTimeout(this.#timer);
    const delay = Math.min(Math.max(0, Math.ceil(at - this.#store.now())), LONGEST_SLEEP_MS);
    this.#timer = setTimeout(() => void this.#ring(), delay);
  }

  /** How many timers wait: one or none, for tests and metrics. */
  get size(): number {
    return this.#at === Number.POSITIVE_INFINITY ? 0 : 1;
  }

  /** Looks now, whatever is noted: the clock may have jumped. */
  wake(): void {
    this.#at = Number.POSITIVE_INFINITY;
    this.note(this.#store.now());
  }

  /** Stops for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #ring(): Promise<void> {
    this.#at = Number.POSITIVE_INFINITY;
    if (this.#running) return;
    this.#running = true;
    let next: Millis | undefined;
    try {
      for (;;) {
        const due = await this.#store.due(BATCH);
        for (const callId of due) await this.#fire(callId);
        if (due.length < BATCH) break;
      }
      next = await this.#store.nextDue();
    } catch (error) {
      this.#log.error({ err: error }, 'the alarm could not reach the call store; trying again');
      next = this.#store.now() + RETRY_MS;
    } finally {
      this.#running = false;
    }
    // A call that is still overdue after it was fired must not spin the loop.
    if (next !== undefined) this.note(Math.max(next, this.#store.now() + 1));
  }
}
