/** A bounded queue of frames for one endpoint, in commit order. Overflow loses everything at once and says so. */
import type { CallId, Millis } from '@ringdown/call';
import { type Frame, type Seq, STORE_LIMITS } from './call-store.ts';

/** What a mailbox knows of a frame beside its text. */
export interface Letter {
  readonly text: string;
  readonly callId: CallId | undefined;
  /** For an offer: until when it rings. */
  readonly ringUntil?: Millis;
  /** The last frame of its call for this endpoint. */
  readonly isEnd: boolean;
}

interface Kept extends Letter {
  readonly seq: Seq;
}

/** The mailbox of one endpoint. */
export class Mailbox {
  #letters: Kept[] = [];
  #chars = 0;
  #lastSeq: Seq = 0;
  /** Everything up to here is gone: seen by the client, or lost to the bounds. */
  #goneUpTo: Seq = 0;
  #lost = false;

  /** Appends a letter; when it does not fit, everything unseen is lost and readers get a gap (I13). */
  append(letter: Letter): void {
    this.#lastSeq += 1;
    this.#letters.push({ ...letter, seq: this.#lastSeq });
    this.#chars += letter.text.length;
    if (this.#letters.length > STORE_LIMITS.mailboxFrames || this.#chars > STORE_LIMITS.mailboxChars) {
      this.#letters = [];
      this.#chars = 0;
      this.#goneUpTo = this.#lastSeq;
      this.#lost = true;
    }
  }

  /** Letters after a position; `gap` when some of them were lost. @param isOver whether a call has ended */
  after(seq: Seq, max: number, isOver: (callId: CallId) => boolean): Frame[] | 'gap' {
    if (this.#lost && seq < this.#goneUpTo) return 'gap';
    const frames: Frame[] = [];
    for (const { seq: at, text, ringUntil, callId } of this.#letters) {
      if (frames.length >= max) break;
      if (at <= seq) continue;
      if (ringUntil !== undefined && callId !== undefined && isOver(callId)) continue;
      frames.push({ seq: at, text, ...(ringUntil !== undefined && { ringUntil }) });
    }
    return frames;
  }

  /** Forgets what the client has seen. Positions from the future count as the last one. */
  ack(upTo: Seq): void {
    let seen = 0;
    for (const letter of this.#letters) {
      if (letter.seq > upTo) break;
      seen += 1;
      this.#chars -= letter.text.length;
    }
    if (seen > 0) {
      this.#letters.splice(0, seen);
      this.#goneUpTo = Math.max(this.#goneUpTo, Math.min(upTo, this.#lastSeq));
    }
  }

  /** Takes out the ends of calls that the client was not seen to receive. */
  takeEnds(): Letter[] {
    const ends = this.#letters.filter((letter) => letter.isEnd);
    this.#letters = this.#letters.filter((letter) => !letter.isEnd);
    for (const end of ends) this.#chars -= end.text.length;
    return ends;
  }
}
