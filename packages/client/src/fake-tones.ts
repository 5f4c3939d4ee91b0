/** A double for the loudspeaker of one tab. */
import type { RingdownError } from './errors.ts';
import type { RingTone, TonePlayer } from './ring-tone.ts';

/** Tells what would be heard; give it as `platform.tones` of a ringer. */
export class FakeTones implements TonePlayer {
  /** What sounds at this moment, in the order it began. */
  readonly playing: RingTone[] = [];
  /** How often something began to sound. */
  started = 0;
  #allowed: boolean;
  readonly #waiting = new Set<() => void>();

  /** @param allowed whether the page was touched before, so that it may be heard */
  constructor(allowed = true) {
    this.#allowed = allowed;
  }

  /** The person touches the page: from now on it may be heard. */
  gesture(): void {
    this.#allowed = true;
    for (const wake of [...this.#waiting]) wake();
  }

  unlock(): void {}

  whenHeard(signal: AbortSignal): Promise<boolean> {
    if (this.#allowed || signal.aborted) return Promise.resolve(!signal.aborted);
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        resolve(!signal.aborted);
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  loop(tone: RingTone, _onProblem: (error: RingdownError) => void): () => void {
    this.started += 1;
    const own = { ...tone };
    this.playing.push(own);
    return () => {
      const index = this.playing.indexOf(own);
      if (index >= 0) this.playing.splice(index, 1);
    };
  }
}
