/** Candidates that come before they may go on: kept in order, within a bound. Touches nothing else. */
import type { IceCandidate } from '@ringdown/protocol';

/** As many as one side may send in one negotiation (IC-3). */
const MOST_KEPT = 100;

/**
 * A gate for candidates: shut it keeps them, opened it lets them through in the order they came.
 * For those of the other side it opens with its description; for our own when the service knows the call (IC-2).
 */
export class CandidateGate {
  #kept: IceCandidate[] = [];
  #deliver: ((candidate: IceCandidate) => void) | undefined;

  /** Lets a candidate through, or keeps it. Beyond the bound the newest are dropped: the oldest are the likely ones. */
  push(candidate: IceCandidate): void {
    if (this.#deliver) this.#deliver(candidate);
    else if (this.#kept.length < MOST_KEPT) this.#kept.push(candidate);
  }

  /** Opens the gate, once: what was kept goes first. */
  open(deliver: (candidate: IceCandidate) => void): void {
    this.#deliver = deliver;
    for (const candidate of this.drain()) deliver(candidate);
  }

  /** Takes out what is kept. */
  drain(): IceCandidate[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }
}
