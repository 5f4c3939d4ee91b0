/** How a broken invariant is said. */

import type { Endpoint } from '@ringdown/call';
import { NOBODY } from './seats.ts';

/** What can be broken: a numbered invariant (docs/proof.md), a rule of the protocol, or one that has no number. */
export type Invariant = `I${number}` | `${string}-${number}` | 'plain contract' | 'identity';

/** An invariant does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  /** @param invariant which one @param what what was seen */
  constructor(invariant: Invariant, what: string) {
    super(`[${invariant}] ${what}`);
    this.invariant = invariant;
  }
}

/** An invariant does not hold. */
export function fail(invariant: Invariant, what: string): never {
  throw new Violation(invariant, what);
}

/** Fails unless something holds. @returns nobody, for whoever asked who must hear of it */
export function allow(holds: boolean, invariant: Invariant, what: () => string): readonly Endpoint[] {
  if (!holds) fail(invariant, what());
  return NOBODY;
}
