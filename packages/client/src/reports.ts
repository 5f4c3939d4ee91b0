/** What this side tells the service about its media (ST-1): kinds and codes, never addresses; and when. */
import type { CandidateKind } from '@ringdown/protocol';
import { kindOf } from './candidates.ts';
import type { CandidateOrEnd, MediaReport } from './media-session.ts';
import type { MediaPath } from './stats.ts';

/** How often `flowing` is said, ms: the service waits longer for a lost peer of somebody who says it (DS-1). */
const FLOWING_EVERY_MS = 10_000;
/** As many codes as a report may hold. */
const MOST_CODES = 8;

/** The reports of one call. Time comes in with each look at the figures; there is no timer here. */
export class MediaReports {
  readonly #send: (report: MediaReport) => void;
  readonly #gathered = new Set<CandidateKind>();
  readonly #iceErrors = new Set<number>();
  #connected = false;
  #failed = false;
  #path: MediaPath | undefined;
  #saidAtMs = 0;
  #arrivedBytes = 0;

  constructor(send: (report: MediaReport) => void) {
    this.#send = send;
  }

  /** A local candidate was gathered. */
  gathered(candidate: CandidateOrEnd): void {
    const kind = kindOf(candidate);
    if (kind) this.#gathered.add(kind);
  }

  /** A STUN or TURN server failed. @param code of RFC 8489 §14.8, or 701 when it was not reached */
  iceError(code: number): void {
    if (Number.isInteger(code) && code >= 300 && code < 800 && this.#iceErrors.size < MOST_CODES) {
      this.#iceErrors.add(code);
    }
  }

  /** Media may flow. Said once a call; afterwards `flowing` says that they do again. */
  connected(path: MediaPath | undefined, nowMs: number): void {
    this.#path = path;
    if (this.#connected && !this.#failed) return;
    this.#say(this.#connected ? 'flowing' : 'connected', nowMs);
    this.#connected = true;
    this.#failed = false;
  }

  /** The browser gave the path up. Said once a failure. */
  failed(nowMs: number): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#say('failed', nowMs);
  }

  /** Media were looked at. @param arrivedBytes all that ever came; undefined when the browser does not say */
  looked(path: MediaPath | undefined, arrivedBytes: number | undefined, nowMs: number): void {
    this.#path = path ?? this.#path;
    if (!this.#connected || this.#failed || nowMs - this.#saidAtMs < FLOWING_EVERY_MS) return;
    // Fewer than before: a new connection, whose count began anew.
    const flows = arrivedBytes === undefined || arrivedBytes !== this.#arrivedBytes;
    this.#arrivedBytes = arrivedBytes ?? 0;
    if (flows) this.#say('flowing', nowMs);
  }

  #say(state: MediaReport['state'], nowMs: number): void {
    this.#saidAtMs = nowMs;
    this.#send({
      state,
      ...(this.#path !== undefined && state !== 'failed' && { path: this.#path }),
      ...(this.#gathered.size > 0 && { gathered: [...this.#gathered] }),
      ...(this.#iceErrors.size > 0 && { iceErrors: [...this.#iceErrors] }),
    });
  }
}
