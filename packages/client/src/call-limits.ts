/** The limits of one call in time: starts and stops the timers that its rules ask for. */
import { type CallModel, type Limit, limitsOf } from './call-machine.ts';
import type { Platform } from './platform.ts';

interface CallLimitsOptions {
  readonly platform: Pick<Platform, 'setTimer'>;
  /** How long a limit is when it begins, ms. */
  readonly lengthMs: (limit: Limit) => number;
  readonly onOver: (limit: Limit) => void;
}

/** The timers of one call. */
export class CallLimits {
  readonly #options: CallLimitsOptions;
  readonly #running = new Map<Limit, () => void>();

  constructor(options: CallLimitsOptions) {
    this.#options = options;
  }

  /** Starts what begins to run in this state, and stops what does not run any more. */
  follow(model: CallModel): void {
    const wanted = limitsOf(model);
    for (const limit of [...this.#running.keys()]) if (!wanted.includes(limit)) this.#stop(limit);
    for (const limit of wanted) if (!this.#running.has(limit)) this.#start(limit);
  }

  /** Lets a limit begin anew, as one that is known better now. Nothing happens when it does not run. */
  renew(limit: Limit): void {
    if (!this.#running.has(limit)) return;
    this.#stop(limit);
    this.#start(limit);
  }

  #start(limit: Limit): void {
    const { platform, lengthMs, onOver } = this.#options;
    this.#running.set(
      limit,
      platform.setTimer(() => {
        this.#running.delete(limit);
        onOver(limit);
      }, lengthMs(limit)),
    );
  }

  #stop(limit: Limit): void {
    this.#running.get(limit)?.();
    this.#running.delete(limit);
  }
}
