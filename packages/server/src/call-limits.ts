/** How often a user may ask for calls (PROTOCOL, "Limits"). Asked before the store is read; never for a hang-up. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limits } from './config.ts';

/** Go on, or come back later. */
export type Allowance = { readonly ok: true } | { readonly ok: false; readonly retryAfterMs: number };

const MINUTE_S = 60;
const HOUR_S = 3600;

/** The limits of calling, counted in this process. */
export class CallLimits {
  readonly #perUser: RateLimiterMemory;
  readonly #perPair: RateLimiterMemory;
  readonly #perStrangerPair: RateLimiterMemory;
  readonly #denials: RateLimiterMemory;

  /** @param limits the configured counts */
  constructor(limits: Limits) {
    const limiter = (keyPrefix: string, points: number, duration: number) =>
      new RateLimiterMemory({ keyPrefix, points, duration });
    this.#perUser = limiter('offers', limits.offersPerMinute, MINUTE_S);
    this.#perPair = limiter('pair', limits.offersPerPairPerMinute, MINUTE_S);
    this.#perStrangerPair = limiter('stranger', limits.offersPerStrangerPairPerHour, HOUR_S);
    this.#denials = limiter('denials', limits.denialsPer10Minutes, 10 * MINUTE_S);
  }

  /** Counts an offer; refuses when the sender offers too often, or was denied too often lately. */
  async offer(sender: string, receiver: string): Promise<Allowance> {
    const denied = await this.#denials.get(sender);
    if (denied && denied.remainingPoints <= 0) return { ok: false, retryAfterMs: denied.msBeforeNext };
    const all = await take(this.#perUser, sender);
    return all.ok ? take(this.#perPair, pair(sender, receiver)) : all;
  }

  /** Counts an offer to somebody who only shares a group with the sender. */
  strangerOffer(sender: string, receiver: string): Promise<Allowance> {
    return take(this.#perStrangerPair, pair(sender, receiver));
  }

  /** The receiver answered or called back: no stranger any more. */
  async acquainted(sender: string, receiver: string): Promise<void> {
    await this.#perStrangerPair.delete(pair(sender, receiver));
  }

  /** Counts an offer that was refused because of whom it named. */
  async denied(sender: string): Promise<void> {
    await take(this.#denials, sender);
  }
}

const pair = (sender: string, receiver: string): string => `${sender}>${receiver}`;

async function take(limiter: RateLimiterMemory, key: string): Promise<Allowance> {
  try {
    await limiter.consume(key);
    return { ok: true };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { ok: false, retryAfterMs: refusal.msBeforeNext };
    throw refusal;
  }
}
