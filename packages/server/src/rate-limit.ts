/** Budgets: how often something may be done in a while. Kept in this process's memory. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What became of one attempt. */
export type Spent =
  /** @property used how many this key has used in the present window, this one included */
  | { readonly ok: true; readonly used: number }
  /** @property retryAfterMs until the window ends */
  | { readonly ok: false; readonly retryAfterMs: number };

/** A budget of attempts per key, in windows that begin with a key's first attempt. */
export interface Budget {
  /** Uses one. @throws when the count cannot be kept: whoever guards a credential then refuses */
  spend(key: string): Promise<Spent>;
  /** Gives one back. */
  giveBack(key: string): Promise<void>;
  /** Forgets what a key has used. */
  clear(key: string): Promise<void>;
}

/**
 * @param points attempts of one key in a window, at least 1
 * @param windowSeconds length of a window
 */
export function budget(points: number, windowSeconds: number): Budget {
  const limiter = new RateLimiterMemory({ points, duration: windowSeconds });
  return {
    async spend(key) {
      try {
        return { ok: true, used: (await limiter.consume(key)).consumedPoints };
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return { ok: false, retryAfterMs: Math.max(1, Math.ceil(refused.msBeforeNext)) };
      }
    },
    async giveBack(key) {
      await limiter.reward(key);
    },
    async clear(key) {
      await limiter.delete(key);
    },
  };
}
