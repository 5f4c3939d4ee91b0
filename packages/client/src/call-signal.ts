/**
 * What one side of one call says to the service: its frames, in the right order and with the right patience. It decides
 * nothing about the call, and knows neither media nor people.
 */
import type { CallType, QualityMetrics } from '@ringdown/protocol';
import type { PendingRequest, Request } from './connection.ts';
import { callEnded, RingdownError } from './errors.ts';
import type { CandidateOrEnd, MediaReport, MediaSignal } from './media-session.ts';
import type { Acknowledged, RequestHandlers, RequestOptions } from './outbox.ts';
import type { AnswerDescription, OfferDescription } from './peer.ts';

/** How long an offer may go unacknowledged, ms: over a lost socket it is made again. */
const OFFER_PATIENCE: RequestOptions = { giveUpAfterMs: 20_000, repeats: false };
/** The same inside a call, ms: longer than a lost socket takes, shorter than the service waits for its device (DS-1). */
const NEGOTIATION_PATIENCE: RequestOptions = { giveUpAfterMs: 25_000, repeats: false };
/** Everything else is worth saying as long as the service remembers the call (HU-2), ms. */
const CALL_PATIENCE: RequestOptions = { giveUpAfterMs: 120_000 };
/** What is soon said better, ms. */
const PASSING: RequestOptions = { giveUpAfterMs: 9_000, repeats: false };
/** As many candidates as one frame may hold (IC-3). */
const MOST_IN_FRAME = 20;
/** As many as one side may send in one negotiation (IC-3); beyond it the newest are dropped. */
const MOST_WAITING = 100;

/** What one side sends. */
export interface MediaStateOfSide {
  readonly audio: 'on' | 'off';
  readonly video: 'on' | 'off' | 'screen';
}

interface CallSignalOptions {
  readonly send: (request: Request, handlers: RequestHandlers, options: RequestOptions) => PendingRequest;
  /** Whether the session is extended; a plain one may not say everything. */
  readonly extended: () => boolean;
  /** Who is at the other end. */
  readonly peerId: string;
  /** Unknown until the service acknowledged an outgoing call. */
  readonly callId?: string;
  /** The service does not know the call, or not any more. */
  readonly onUnwanted: () => void;
}

/** One side's words about one call. */
export class CallSignal implements MediaSignal {
  readonly #options: CallSignalOptions;
  #callId: string | undefined;
  #offer: PendingRequest | undefined;
  #takesOver = false;
  /** Candidates that were found before they may go. */
  #waiting: CandidateOrEnd[] = [];
  #open = false;
  #answered = false;
  #peerCannot = false;
  #over = false;
  /** Fails what waits for an answer of the service, at the end of the call. */
  readonly #abandon = new Set<() => void>();

  constructor(options: CallSignalOptions) {
    this.#options = options;
    this.#callId = options.callId;
  }

  get callId(): string | undefined {
    return this.#callId;
  }

  // -------------------------------------------------------------------------------------------------- the first two

  /** Offers a new call, or goes on here with the one that another device of this person has (GL-2). */
  offerCall(
    offer: { readonly offer: OfferDescription; readonly callType: CallType } & {
      readonly conversationId?: string | undefined;
      readonly takeover?: boolean | undefined;
    },
    handlers: { ack(data: Acknowledged, repeated: boolean): void; error(error: RingdownError): void },
  ): void {
    const { conversationId, takeover, ...rest } = offer;
    this.#takesOver = takeover === true;
    this.#offer = this.#options.send(
      {
        type: 'call:offer',
        data: {
          receiverId: this.#options.peerId,
          ...rest,
          ...(conversationId !== undefined && { conversationId }),
          ...(takeover && { takeover }),
        },
      },
      {
        ack: (data, repeated) => {
          this.#offer = undefined;
          this.#callId = data.callId;
          this.#openGate();
          handlers.ack(data, repeated);
        },
        error: (error) => {
          // Unanswered is not refused: it may ring, and can still be taken back.
          if (error.code !== 'timeout') this.#offer = undefined;
          handlers.error(error);
        },
      },
      OFFER_PATIENCE,
    );
  }

  /** Answers the call. Our candidates follow. */
  answerCall(answer: AnswerDescription, onError: (error: RingdownError, repeated: boolean) => void): void {
    const callId = this.#callId;
    if (callId === undefined) return;
    const data = { callId, receiverId: this.#options.peerId, answer };
    this.#options.send({ type: 'call:answer', data }, { error: onError }, CALL_PATIENCE);
    this.#openGate();
  }

  /** The call is answered: from now on it can be changed. */
  answered(): void {
    this.#answered = true;
  }

  // ------------------------------------------------------------------------------------------------- for the media

  canRenegotiate(): boolean {
    return this.#answered && !this.#peerCannot && !this.#over && this.#options.extended();
  }

  async sendOffer(offer: OfferDescription, callType: CallType): Promise<{ readonly negotiationId: number }> {
    const callId = this.#callId;
    if (callId === undefined || !this.canRenegotiate()) throw this.#cannot();
    const data = { callId, receiverId: this.#options.peerId, offer, callType };
    try {
      const { negotiationId } = await this.#ask({ type: 'call:offer', data });
      if (negotiationId === undefined) throw new RingdownError('protocol', 'The service numbered no negotiation.');
      return { negotiationId };
    } catch (error) {
      if (error instanceof RingdownError && error.reason === 'peer_unsupported') this.#peerCannot = true;
      throw error;
    }
  }

  async sendAnswer(answer: AnswerDescription, negotiationId: number): Promise<void> {
    const callId = this.#callId;
    if (callId === undefined || this.#over) throw this.#cannot();
    const data = { callId, receiverId: this.#options.peerId, answer, negotiationId };
    await this.#ask({ type: 'call:answer', data });
  }

  sendCandidates(batch: readonly CandidateOrEnd[]): void {
    if (this.#over) return;
    for (const candidate of batch) if (this.#waiting.length < MOST_WAITING) this.#waiting.push(candidate);
    if (this.#open) this.#flush();
  }

  sendReport(report: MediaReport): void {
    const callId = this.#callId;
    if (callId === undefined || this.#over || !this.#options.extended()) return;
    // That media flowed at all keeps the call from being taken for one that never did (TI-3); the rest is soon repeated.
    const options = report.state === 'flowing' ? PASSING : CALL_PATIENCE;
    this.#options.send({ type: 'call:report', data: { callId, ...report } }, {}, options);
  }

  // ------------------------------------------------------------------------------------------------ for the person

  /** The person tapped Answer, and devices and network are still being asked for (TI-2). */
  accepting(): void {
    const callId = this.#callId;
    if (callId === undefined || !this.#options.extended()) return;
    this.#options.send({ type: 'call:accepting', data: { callId } }, {}, PASSING);
  }

  /** Tells what this side sends (MS-1). @param onTooOften is given how long to wait, ms */
  mediaState(state: MediaStateOfSide, onTooOften: (waitMs: number) => void): void {
    const callId = this.#callId;
    if (callId === undefined || this.#over || !this.#options.extended()) return;
    const error = ({ reason, retryAfterMs }: RingdownError) => {
      if (reason === 'rate_limited') onTooOften(retryAfterMs ?? 1_000);
    };
    this.#options.send(
      { type: 'call:media_state', data: { callId, ...state } },
      { error },
      { ...CALL_PATIENCE, repeats: false },
    );
  }

  /** How good the call was, of a side that did not hang up (QU-1). */
  quality(metrics: QualityMetrics): void {
    const callId = this.#callId;
    if (callId === undefined || !this.#options.extended()) return;
    this.#options.send({ type: 'call:quality', data: { callId, metrics } }, {}, CALL_PATIENCE);
  }

  /**
   * Hangs up. Before the service has named the call that means the only outgoing one to this person (OF-3); an offer that
   * never left needs no hang-up.
   */
  hangUp(reason: string, metrics: QualityMetrics | undefined, onDone: (callId: string) => void): void {
    const callId = this.#callId;
    const receiverId = this.#options.peerId;
    if (callId === undefined) {
      this.#takeBack();
      return;
    }
    const data = { callId, receiverId, reason, ...(metrics && { metrics }) };
    this.#last({ type: 'call:hang_up', data }, () => onDone(callId));
  }

  /** Refuses the call. */
  reject(reason: string): void {
    const callId = this.#callId;
    if (callId === undefined) return;
    this.#last({ type: 'call:reject', data: { callId, receiverId: this.#options.peerId, reason } });
  }

  /** Refuses the call on this device. */
  busy(): void {
    const callId = this.#callId;
    if (callId === undefined) return;
    this.#last({ type: 'call:busy', data: { callId, receiverId: this.#options.peerId } });
  }

  /**
   * The call is over here: what waits fails, and nothing more is said but last words. An offer that the service may have
   * got is taken back. Idempotent. @param goesOn the call is agreed about anew: nothing is taken back
   */
  close(goesOn?: boolean): void {
    this.#over = true;
    this.#waiting = [];
    if (goesOn) this.#offer?.cancel();
    else this.#takeBack();
    for (const abandon of this.#abandon) abandon();
  }

  // --------------------------------------------------------------------------------------------------------- inside

  /** A last word; whatever the service thinks of it, the call is over here. */
  #last(request: Request, ack?: () => void): void {
    this.#options.send(request, ack ? { ack } : {}, CALL_PATIENCE);
  }

  #takeBack(): void {
    const receiverId = this.#options.peerId;
    // A call that moved here need not be an outgoing one: its name comes with the acknowledgement.
    const late = ({ callId }: Acknowledged) => {
      if (callId !== undefined) this.#last({ type: 'call:hang_up', data: { callId, receiverId } });
    };
    if (this.#offer?.cancel(this.#takesOver ? late : undefined) && this.#callId === undefined)
      this.#last({ type: 'call:hang_up', data: { receiverId } });
    this.#offer = undefined;
  }

  #ask(request: Request): Promise<Acknowledged> {
    const { promise, resolve, reject } = Promise.withResolvers<Acknowledged>();
    const pending = this.#options.send(request, { ack: resolve, error: reject }, NEGOTIATION_PATIENCE);
    const abandon = () => {
      pending.cancel();
      reject(this.#cannot());
    };
    this.#abandon.add(abandon);
    return promise.finally(() => this.#abandon.delete(abandon));
  }

  #openGate(): void {
    this.#open = true;
    this.#flush();
  }

  #flush(): void {
    const all = this.#waiting;
    this.#waiting = [];
    if (this.#options.extended()) {
      for (let from = 0; from < all.length; from += MOST_IN_FRAME) {
        this.#sendCandidateFrame({ candidates: all.slice(from, from + MOST_IN_FRAME) });
      }
      return;
    }
    // A plain service may know one candidate a frame, and no end.
    for (const candidate of all) if (candidate?.candidate) this.#sendCandidateFrame({ candidate });
  }

  #sendCandidateFrame(
    what: { readonly candidates: CandidateOrEnd[] } | { readonly candidate: NonNullable<CandidateOrEnd> },
  ): void {
    const callId = this.#callId;
    this.#options.send(
      {
        type: 'call:ice_candidate',
        data: { ...(callId !== undefined && { callId }), receiverId: this.#options.peerId, ...what },
      },
      {
        error: ({ reason }) => {
          if (reason === 'call_not_found' || reason === 'call_ended') this.#options.onUnwanted();
        },
      },
      CALL_PATIENCE,
    );
  }

  #cannot(): RingdownError {
    return this.#over ? callEnded() : new RingdownError('unsupported', 'This call cannot be changed while it runs.');
  }
}
