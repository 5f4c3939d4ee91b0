/** How long the kit waits for what must come, and for what must not; and when it is told to wait by the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RateLimited } from './unmet.ts';

/** How much longer silence is listened to where nothing tells that all has come. */
const SILENCE_FACTOR = 4;
const LEAST_SILENCE_MS = 100;

/** The times of one play of a scenario. */
export class Pace {
  /** How long a frame that must come may take, ms. */
  readonly patienceMs: number;
  /** How long one listens before believing that nothing comes, ms. */
  readonly quietMs: number;
  /**
   * Whether the server answers a `ping` with an `id`. Then what it had to say before has come when the answer has; a
   * server that knows the contract alone may not, and only time tells.
   */
  readonly answersPing: boolean;
  #limited: RateLimited | undefined;
  readonly #wakes = new Set<() => void>();

  constructor(patienceMs: number, quietMs: number, answersPing: boolean) {
    this.patienceMs = patienceMs;
    this.quietMs = quietMs;
    this.answersPing = answersPing;
  }

  /** The same times for another play. */
  fresh(answersPing = this.answersPing): Pace {
    return new Pace(this.patienceMs, this.quietMs, answersPing);
  }

  /** Set when an offer met a rate limit: whoever waits for anything need not go on. */
  get limited(): RateLimited | undefined {
    return this.#limited;
  }

  /** Ends the play for every socket of it. */
  limit(error: RateLimited): void {
    this.#limited ??= error;
    for (const wake of this.#wakes) wake();
  }

  /** Tells a socket when the play ends. */
  onLimit(wake: () => void): void {
    this.#wakes.add(wake);
  }

  /** Waits as long as nothing must come. */
  async quiet(): Promise<void> {
    await sleep(this.answersPing ? this.quietMs : Math.max(this.quietMs * SILENCE_FACTOR, LEAST_SILENCE_MS));
  }
}
