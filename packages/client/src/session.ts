/**
 * Where this device stands in its mailbox: what to say in a hello, what has been handled, and when to acknowledge it
 * (HE-1, HE-2). Pure: the time comes in as an argument, the next deadline goes out.
 */
import type { ClientMessageOf, ServerMessageOf } from '@ringdown/protocol';

/** The version of the extended protocol that is spoken here (HE-1). */
const VERSION = 1;
/** What this client can do beyond taking and making calls. */
const CAPABILITIES = ['renegotiate', 'media_state'];
/** How long an acknowledgement may wait for others to go with it, ms: less than the second there is (HE-1). */
const ACK_WITHIN_MS = 800;

/** The session of one device, over all its sockets. */
export class Session {
  #resumeToken: string | undefined;
  #lastSeq = 0;
  #ackedSeq = 0;
  #ackAt = Number.POSITIVE_INFINITY;

  /** The first frame of a socket. @param deviceId the own name of this device (HE-1) */
  hello(deviceId: string, lang: string | undefined): ClientMessageOf<'hello'>['data'] {
    return {
      version: VERSION,
      deviceId,
      ...(lang !== undefined && { lang }),
      caps: [...CAPABILITIES],
      ...(this.#resumeToken !== undefined && { resume: { token: this.#resumeToken, lastSeq: this.#lastSeq } }),
    };
  }

  /** The answer to it. When nothing was resumed the mailbox begins anew. */
  greeted({ resumeToken, lastSeq }: Pick<ServerMessageOf<'hello'>['data'], 'resumeToken' | 'lastSeq'>): void {
    this.#resumeToken = resumeToken;
    this.#lastSeq = lastSeq;
    this.#ackedSeq = lastSeq;
    this.#ackAt = Number.POSITIVE_INFINITY;
  }

  /** A frame with this position came. @returns false when it was handled before */
  isNew(seq: number): boolean {
    return seq > this.#lastSeq;
  }

  /** The frame at this position was handled. @param urgent whether somebody waits for that, as for an offer (RI-1) */
  handled(seq: number, urgent: boolean, now: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    this.#ackAt = Math.min(this.#ackAt, urgent ? now : now + ACK_WITHIN_MS);
  }

  /** When {@link takeAck} has to be asked, ms; `Infinity` when there is nothing to acknowledge. */
  get nextAt(): number {
    return this.#ackAt;
  }

  /** What to acknowledge now; it counts as acknowledged then. */
  takeAck(now: number): number | undefined {
    if (now < this.#ackAt) return undefined;
    this.#ackAt = Number.POSITIVE_INFINITY;
    if (this.#lastSeq <= this.#ackedSeq) return undefined;
    this.#ackedSeq = this.#lastSeq;
    return this.#lastSeq;
  }

  /** Begins anew at the next hello, as a page that knows nothing does. */
  forget(): void {
    this.#resumeToken = undefined;
  }
}
