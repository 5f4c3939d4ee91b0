/** Tells the other side what this one sends (MS-1): the latest state, not too often, and only what is news. */
import type { MediaStateOfSide } from './call-signal.ts';
import type { Platform } from './platform.ts';

/** Not more often than this, ms: the service takes five a second. */
const EVERY_MS = 250;

interface MediaStateTellerOptions {
  readonly platform: Pick<Platform, 'setTimer' | 'now'>;
  readonly send: (state: MediaStateOfSide, onTooOften: (waitMs: number) => void) => void;
}

/** What the other side has been told of this one. */
export class MediaStateTeller {
  readonly #options: MediaStateTellerOptions;
  #told: MediaStateOfSide | undefined;
  #latest: MediaStateOfSide | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #stop: (() => void) | undefined;

  constructor(options: MediaStateTellerOptions) {
    this.#options = options;
  }

  /** This is what this side sends now. */
  set(state: MediaStateOfSide): void {
    this.#latest = state;
    if (!this.#stop) this.#tellIn(Math.min(EVERY_MS, this.#toldAt + EVERY_MS - this.#options.platform.now()));
  }

  /** The other side is another browser now, which was told nothing. */
  again(): void {
    this.#told = undefined;
    if (this.#latest) this.set(this.#latest);
  }

  /** Tells nothing more. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#latest = undefined;
  }

  #tellIn(waitMs: number): void {
    if (waitMs > 0) this.#stop = this.#options.platform.setTimer(() => this.#tell(), waitMs);
    else this.#tell();
  }

  #tell(): void {
    this.#stop = undefined;
    const state = this.#latest;
    if (!state || (state.audio === this.#told?.audio && state.video === this.#told.video)) return;
    this.#told = state;
    this.#toldAt = this.#options.platform.now();
    this.#options.send(state, (waitMs) => {
      this.#told = undefined;
      if (!this.#stop && this.#latest) this.#tellIn(waitMs);
    });
  }
}
