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

interface Hole {
  readonly after: Seq;
  readonly upTo: Seq;
}

/** A mailbox as it is written down. */
export interface MailboxRow {
  readonly bornAt: Millis;
  readonly lastSeq: Seq;
  readonly goneUpTo: Seq;
  /** Positions between these may have been given out by processes that died, and are not what they were. */
  readonly holes: readonly Hole[];
  readonly letters: readonly (Letter & { readonly seq: Seq })[];
}

/** The mailbox of one endpoint. */
export class Mailbox {
  #letters: Kept[] = [];
  #chars = 0;
  #lastSeq: Seq = 0;
  /** Everything up to here is gone: seen by the client, or lost to the bounds. */
  #goneUpTo: Seq = 0;
  #holes: readonly Hole[] = [];
  /** When it was made: tells it from the mailbox that its endpoint had before it was forgotten. */
  readonly bornAt: Millis;

  /** @param from what was written down of it; for a new one, the time */
  constructor(from: MailboxRow | Millis) {
    if (typeof from === 'number') {
      this.bornAt = from;
      return;
    }
    const row = from;
    this.bornAt = row.bornAt;
    this.#letters = [...row.letters];
    this.#chars = row.letters.reduce((sum, { text }) => sum + text.length, 0);
    this.#lastSeq = row.lastSeq;
    this.#goneUpTo = row.goneUpTo;
    this.#holes = row.holes;
  }

  /** The mailbox as it is written down. */
  get row(): MailboxRow {
    return {
      bornAt: this.bornAt,
      lastSeq: this.#lastSeq,
      goneUpTo: this.#goneUpTo,
      holes: this.#holes,
      letters: this.#letters,
    };
  }

  /**
   * Skips positions that another process may have given out just before it died and that were never written down. A
   * client that saw them knows more than this mailbox, so it cannot go on from there (I12).
   */
  skip(positions: number): void {
    const hole = { after: this.#lastSeq, upTo: this.#lastSeq + positions };
    // A client may stand in the hole of any process before, until it is known to be past it.
    this.#holes = [...this.#holes.filter(({ upTo }) => upTo > this.#goneUpTo), hole];
    this.#lastSeq = hole.upTo;
  }

  /** The position of the last letter, seen or not. */
  get lastSeq(): Seq {
    return this.#lastSeq;
  }

  /** Everything up to here was seen, or lost to the bounds. */
  get goneUpTo(): Seq {
    return this.#goneUpTo;
  }

  /** Whether nothing in it is unseen. */
  get isEmpty(): boolean {
    return this.#letters.length === 0;
  }

  /** Whether a client that has everything up to a position can go on from there without a gap. */
  canResume(after: Seq): boolean {
    if (this.#holes.some((hole) => after > hole.after && after < hole.upTo)) return false;
    return after >= this.#goneUpTo && after <= this.#lastSeq;
  }

  /** Begins anew for a client that knows nothing; positions go on. */
  clear(): void {
    this.#letters = [];
    this.#chars = 0;
    this.#goneUpTo = this.#lastSeq;
  }

  /** Appends a letter; when it does not fit, everything unseen is lost and readers get a gap (I13). */
  append(letter: Letter): void {
    this.#lastSeq += 1;
    this.#letters.push({ ...letter, seq: this.#lastSeq });
    this.#chars += letter.text.length;
    if (this.#letters.length > STORE_LIMITS.mailboxFrames || this.#chars > STORE_LIMITS.mailboxChars) {
      this.clear();
    }
  }

  /** Appends a letter at the position it had in another process; one that is here already is passed over. */
  appendAt(seq: Seq, letter: Letter): void {
    if (seq <= this.#lastSeq) return;
    if (seq > this.#lastSeq + 1) this.skip(seq - 1 - this.#lastSeq);
    this.append(letter);
  }

  /** Letters after a position; `gap` when some of them were lost. @param isOver whether a call has ended */
  after(seq: Seq, max: number, isOver: (callId: CallId) => boolean): Frame[] | 'gap' {
    if (seq < this.#goneUpTo) return 'gap';
    const frames: Frame[] = [];
    const letters = this.#letters;
    for (let n = this.#firstAfter(seq); n < letters.length && frames.length < max; n += 1) {
      const { seq: at, text, ringUntil, callId, isEnd } = letters[n] as Kept;
      if (ringUntil === undefined || callId === undefined)
        frames.push(isEnd ? { seq: at, text, isEnd } : { seq: at, text });
      else if (!isOver(callId)) frames.push({ seq: at, text, rings: { callId, until: ringUntil } });
    }
    return frames;
  }

  /** Where the letters after a position begin: usually near the end, since most were written when they came. */
  #firstAfter(seq: Seq): number {
    let n = this.#letters.length;
    while (n > 0 && (this.#letters[n - 1] as Kept).seq > seq) n -= 1;
    return n;
  }

  /** Forgets what the client has seen; positions from the future count as the last one. @returns rung calls among it */
  ack(upTo: Seq): CallId[] {
    const rung: CallId[] = [];
    let seen = 0;
    for (const { seq, text, ringUntil, callId } of this.#letters) {
      if (seq > upTo) break;
      seen += 1;
      this.#chars -= text.length;
      if (ringUntil !== undefined && callId !== undefined) rung.push(callId);
    }
    this.#letters.splice(0, seen);
    this.#goneUpTo = Math.max(this.#goneUpTo, Math.min(upTo, this.#lastSeq));
    return rung;
  }

  /** The calls whose ends are in it. */
  get endedCalls(): CallId[] {
    return this.#letters.flatMap(({ isEnd, callId }) => (isEnd ? (callId ?? []) : []));
  }

  /** Takes out the ends of calls that the client was not seen to receive. */
  takeEnds(): Letter[] {
    const ends = this.#letters.filter((letter) => letter.isEnd);
    this.#letters = this.#letters.filter((letter) => !letter.isEnd);
    for (const end of ends) this.#chars -= end.text.length;
    return ends;
  }
}
