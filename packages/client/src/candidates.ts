/** Candidates on their way: kept in order, sent in batches, told apart by generation. Touches nothing but a timer. */
import type { CandidateKind, IceCandidate } from '@ringdown/protocol';
import type { CandidateOrEnd } from './media-session.ts';

/** As many as one side may send in one negotiation (IC-3), the end among them. */
const MOST_KEPT = 100;
/** As many as one frame may hold (IC-3). */
const MOST_IN_BATCH = 20;
/** How long the first of a batch waits for others, ms: browsers find most of their candidates within a few. */
const BATCH_MS = 50;

/**
 * Local candidates on their way out: in batches, and not before the description they belong to. Beyond the service's
 * bound the newest of a negotiation are dropped: the oldest are the likely ones.
 */
export class LocalCandidates {
  readonly #send: (batch: CandidateOrEnd[]) => void;
  readonly #setTimer: (run: () => void, delayMs: number) => () => void;
  #waiting: CandidateOrEnd[] = [];
  #counted = 0;
  #held = true;
  #stopTimer: (() => void) | undefined;

  constructor(send: (batch: CandidateOrEnd[]) => void, setTimer: (run: () => void, delayMs: number) => () => void) {
    this.#send = send;
    this.#setTimer = setTimer;
  }

  push(candidate: CandidateOrEnd): void {
    const room = isEnd(candidate) ? MOST_KEPT : MOST_KEPT - 1;
    if (this.#counted >= room) return;
    this.#counted += 1;
    this.#waiting.push(candidate);
    if (this.#held) return;
    if (this.#waiting.length < MOST_IN_BATCH) this.release();
    else this.flush();
  }

  /** A new negotiation begins: what is gathered from now on waits for {@link release}. */
  hold(): void {
    this.flush();
    this.#held = true;
    this.#counted = 0;
  }

  /** The description is on its way: its candidates may follow, also those that come later. */
  release(): void {
    this.#held = false;
    // Never at once: whoever releases is about to send the description.
    if (this.#waiting.length > 0) this.#stopTimer ??= this.#setTimer(() => this.flush(), BATCH_MS);
  }

  /** The description came to nothing: forgets its candidates, not those of the one in use. */
  drop(agreedSdp: string): void {
    const known = generationsIn(agreedSdp);
    if (this.#held) this.#waiting = this.#waiting.filter((each) => known.has(generationOf(each) ?? ''));
    this.release();
  }

  /** Sends what may be sent now. */
  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#held) return;
    while (this.#waiting.length > 0) this.#send(this.#waiting.splice(0, MOST_IN_BATCH));
  }

  /** Sends nothing more. */
  close(): void {
    this.#stopTimer?.();
    this.#waiting = [];
    this.#held = true;
  }
}

/** The end of candidates, of whichever generation. */
export const END: IceCandidate = { candidate: '', sdpMid: '0', sdpMLineIndex: 0 };

/** Whether it is the end of candidates (RFC 8838 §13). */
export function isEnd(candidate: CandidateOrEnd): boolean {
  return !candidate?.candidate;
}

/** The kind of a candidate; undefined for the end and for kinds that nobody knows. */
export function kindOf(candidate: CandidateOrEnd): CandidateKind | undefined {
  const kind = / typ (host|srflx|prflx|relay)(?= |$)/.exec(candidate?.candidate ?? '')?.[1];
  return kind as CandidateKind | undefined;
}

/** The generation a candidate names (RFC 8839 §5.4); undefined when it names none. */
export function generationOf(candidate: CandidateOrEnd): string | undefined {
  return candidate?.usernameFragment || / ufrag (\S+)/.exec(candidate?.candidate ?? '')?.[1];
}

/** The generations that a description names; several when its media are not bundled. */
export function generationsIn(sdp: string): Set<string> {
  return new Set([...sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)].map(([, fragment = '']) => fragment));
}
