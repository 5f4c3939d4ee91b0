/** The accounts that play, and how they stand to each other. */
import type { Account } from './person.ts';

/**
 * Two sides: everybody may call everybody of the other side, and nobody of the own one. So whoever calls across, another
 * of its side is a third that may call the callee and not the caller.
 */
export interface Troupe {
  readonly left: readonly Account[];
  readonly right: readonly Account[];
  /** Whether the kit made the accounts itself. */
  readonly own: boolean;
  /** Why nobody can play the third, when a third account was given and does not fit. */
  readonly noThird?: string;
}

/** Who plays whom. */
export interface Cast {
  readonly caller: Account;
  readonly callee: Account;
  readonly third?: Account;
}

/** Hands out the roles so that every pair dials about as often: servers limit how often one may. */
export class Casting {
  readonly #pairs: { readonly cast: Cast; times: number }[];
  readonly #timesOf = new Map<Account, number>();

  constructor({ left, right }: Troupe) {
    const across = (from: readonly Account[], to: readonly Account[]) =>
      from.flatMap((caller, n) =>
        to.map((callee) => {
          const third = from[(n + 1) % from.length];
          return { cast: { caller, callee, ...(third && third !== caller && { third }) }, times: 0 };
        }),
      );
    this.#pairs = [...across(left, right), ...across(right, left)];
  }

  /** The roles of the next scenario. @returns undefined when it needs a third and there is none */
  next(needsThird: boolean): Cast | undefined {
    const fit = this.#pairs.filter(({ cast }) => !needsThird || cast.third);
    const weight = (each: (typeof fit)[number]) => each.times * 100 + (this.#timesOf.get(each.cast.caller) ?? 0);
    const chosen = fit.reduce<(typeof fit)[number] | undefined>(
      (best, each) => (best && weight(best) <= weight(each) ? best : each),
      undefined,
    );
    if (!chosen) return undefined;
    chosen.times += 1;
    const { caller } = chosen.cast;
    this.#timesOf.set(caller, (this.#timesOf.get(caller) ?? 0) + 1);
    return chosen.cast;
  }
}
