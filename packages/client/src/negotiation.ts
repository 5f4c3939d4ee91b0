/**
 * The talk between the two browsers about one media connection: offers, answers and candidates, and their order (IC-2,
 * RN-1, RN-2). It knows SDP and ICE; ringing and people it does not know.
 *
 * Perfect negotiation (the example of W3C's webrtc-pc §10.7), with a service in between that numbers negotiations and
 * keeps one open: when two offers cross, the callee takes its own back, answers the caller's, and asks again for what is
 * still missing. One thing after the other: whatever touches the connection waits in one queue, so that no description
 * overtakes a candidate; only the wait for an answer lies outside of it.
 */
import type { CallType } from '@ringdown/protocol';
import { END, generationOf, generationsIn, isEnd, LocalCandidates } from './candidates.ts';
import { asRingdownError, callEnded, mediaFailed, RingdownError } from './errors.ts';
import type { CandidateOrEnd, MediaSignal, RemoteOffer } from './media-session.ts';
import type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.ts';
import type { Platform } from './platform.ts';

/** How long an offer may go unanswered, ms: the service drops it then (RN-2). */
const ANSWER_PATIENCE_MS = 15_000;
/** How long an answer may take that came while the service could not be reached, from when it can be again, ms. */
const MISSED_ANSWER_MS = 5_000;
/** How long after a collision the own wish is tried again, if nothing came of the other side's offer, ms. */
const COLLISION_PAUSE_MS = 2_000;
/** As many candidates of the other side are kept for a description that has not come (IC-3). */
const MOST_KEPT = 100;

/** What a negotiation tells its session. */
interface NegotiationEvents extends Omit<PeerEvents, 'candidate'> {
  /** A local candidate was gathered, or all were. */
  gathered(candidate: CandidateOrEnd): void;
  /** Both sides have agreed on something: for the first time, or on something new. */
  agreed(): void;
  /** An own offer to restart is with the service; or another negotiation, after which it comes, is. */
  restartUnderWay(): void;
  /** The other side looks for a new path. */
  remoteRestart(): void;
  /** What the other side sent could not be used; the call goes on without it. */
  problem(error: RingdownError): void;
}

interface NegotiationOptions {
  readonly openPeer: (events: PeerEvents) => Peer;
  readonly platform: Pick<Platform, 'setTimer'>;
  readonly signal: MediaSignal;
  readonly events: NegotiationEvents;
}

/** What one side wants of the next negotiation. */
interface Wish extends PromiseWithResolvers<void> {
  restartIce: boolean;
}

/** An own offer that waits for its answer. */
interface Round {
  readonly wish: Wish;
  /** Known once the service acknowledged it. */
  negotiationId?: number;
  /** Applies an answer that came before the number it bears was known. */
  early?: () => Promise<void>;
  stopTimer?: () => void;
}

/** One media connection, and everything that is agreed about it. */
export class Negotiation {
  readonly peer: Peer;
  readonly #options: NegotiationOptions;
  readonly #candidates: LocalCandidates;
  #queue: Promise<unknown> = Promise.resolve();
  /** Candidates that came before the first description of the other side. */
  #early: CandidateOrEnd[] = [];
  /** The generations of the other side's newest description; undefined before there is one. */
  #remoteGenerations: Set<string> | undefined;
  #firstAnswered = false;
  /** The number of the other side's newest offer. */
  #newest = 0;
  #wish: Wish | undefined;
  #round: Round | undefined;
  #stopRetry: (() => void) | undefined;
  #closed = false;
  /** Rejects at the end: a browser leaves what waits for a closed connection unsettled. */
  readonly #ended = Promise.withResolvers<never>();

  constructor(options: NegotiationOptions) {
    this.#options = options;
    this.#candidates = new LocalCandidates(
      (batch) => options.signal.sendCandidates(batch),
      (run, delayMs) => options.platform.setTimer(run, delayMs),
    );
    const { events } = options;
    this.peer = options.openPeer({
      ...events,
      candidate: (candidate) => {
        this.#candidates.push(candidate);
        events.gathered(candidate);
      },
    });
  }

  // ------------------------------------------------------------------------------------------------- the first round

  /** Describes the connection that begins the call. */
  offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription> {
    return this.#enqueue(async () => {
      const offer = await this.peer.offer(local, video);
      this.#candidates.release();
      return offer;
    });
  }

  /** Applies the offer that began the call, or that begins it anew with another browser, and describes the answer. */
  answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    return this.#enqueue(async () => {
      const answer = await this.peer.answer(offer, local);
      this.#firstAnswered = true;
      await this.#onRemoteDescription(offer.sdp);
      this.#candidates.release();
      this.#options.events.agreed();
      return answer;
    });
  }

  // --------------------------------------------------------------------------------------------------- the other side

  /**
   * Applies an answer: the first, without a number, or one to an offer of this side. Any other is late and is ignored.
   * @throws when the browser cannot use the first answer
   */
  receiveAnswer(answer: AnswerDescription, negotiationId: number | undefined): Promise<void> {
    return this.#enqueue(() =>
      negotiationId === undefined ? this.#applyFirst(answer) : this.#applyLater(answer, negotiationId),
    );
  }

  /** Applies an offer of the other side and answers it, unless an own one goes before. Never throws. */
  receiveOffer(offer: RemoteOffer, local: MediaStream | undefined): void {
    this.#newest = offer.negotiationId;
    this.#later(() => this.#answerLater(offer, local));
  }

  /** Candidates of the other side: kept until its first description, dropped when they are of another than the newest. */
  receiveCandidates(candidates: readonly CandidateOrEnd[]): void {
    this.#later(async () => {
      for (const candidate of candidates) {
        if (this.#remoteGenerations) await this.#add(candidate);
        else if (this.#early.length < MOST_KEPT) this.#early.push(candidate);
      }
    });
  }

  // ------------------------------------------------------------------------------------------------------- this side

  /**
   * Asks the other side to agree on what has changed here: a line for a new kind, and with `restartIce` a new path.
   * Wishes that come while a negotiation is open are put together and go with the next.
   * @throws {RingdownError} as {@link MediaSignal.sendOffer}; `timeout` when there was no answer in 15 s; `media_failed`
   *   when the browser could not use it
   */
  negotiate(restartIce: boolean): Promise<void> {
    this.#wish ??= { restartIce, ...Promise.withResolvers<void>() };
    this.#wish.restartIce ||= restartIce;
    this.#pump();
    return this.#untilEnd(this.#wish.promise);
  }

  /** Sends the answer to an offer that may be over by now. */
  sendAnswer(answer: AnswerDescription, negotiationId: number): void {
    this.#options.signal.sendAnswer(answer, negotiationId).catch(({ reason }: RingdownError) => {
      // A newer offer has taken its place, or it came too late (RN-2): then the two sides do not agree.
      if (reason === 'stale_negotiation' && this.#newest <= negotiationId) this.#startAgain();
    });
  }

  /** Whether the service can be reached, whenever that changes: no answer comes while it cannot. */
  signalling(up: boolean): void {
    const round = this.#round;
    round?.stopTimer?.();
    if (up && round?.negotiationId !== undefined) this.#await(round, MISSED_ANSWER_MS);
  }

  /** Ends it. What was wished for fails. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#ended.reject(callEnded());
    this.#stopRetry?.();
    this.#candidates.close();
    this.peer.close();
    this.#round?.stopTimer?.();
    this.#round = this.#wish = undefined;
  }

  // -------------------------------------------------------------------------------------------------------- own offers

  /** The round is over without an answer, and what was wished for goes with the next. */
  async #postpone(round: Round): Promise<void> {
    await this.#abandon(round);
    const { wish } = round;
    this.#wish ??= wish;
    this.#wish.restartIce ||= wish.restartIce;
    if (this.#wish !== wish) wish.resolve(this.#wish.promise);
  }

  /** Begins a round when there is a wish and nothing is in its way. */
  #pump(): void {
    this.#later(() => this.#begin());
  }

  async #begin(): Promise<void> {
    const wish = this.#wish;
    if (!wish || this.#round || !this.peer.agreed) return;
    this.#stopRetry?.();
    this.#wish = undefined;
    const round: Round = { wish };
    this.#round = round;
    this.#candidates.hold();
    let offer: OfferDescription;
    try {
      offer = await this.peer.offerAgain(wish.restartIce);
    } catch (cause) {
      await this.#fail(round, mediaFailed(cause));
      return;
    }
    if (this.#closed) return;
    const callType: CallType = /^m=video/m.test(offer.sdp) ? 'video' : 'audio';
    this.#options.signal.sendOffer(offer, callType).then(
      ({ negotiationId }) => this.#onAcknowledged(round, negotiationId),
      (error: RingdownError) => this.#later(() => this.#onRefused(round, error)),
    );
  }

  #onAcknowledged(round: Round, negotiationId: number): void {
    if (this.#closed) return;
    if (this.#round !== round) {
      // Taken back here, and yet it went out: the other side may have applied it.
      this.#startAgain();
      return;
    }
    round.negotiationId = negotiationId;
    this.#await(round, ANSWER_PATIENCE_MS);
    this.#candidates.release();
    if (round.wish.restartIce) this.#options.events.restartUnderWay();
    if (round.early) this.#later(round.early);
  }

  #await(round: Round, delayMs: number): void {
    round.stopTimer = this.#options.platform.setTimer(() => {
      this.#later(() => this.#fail(round, new RingdownError('timeout', 'The other side did not answer in time.')));
    }, delayMs);
  }

  /** One side may have applied what the other one has not: only a restart puts that right. */
  #startAgain(): void {
    this.negotiate(true).catch(() => undefined);
  }

  async #onRefused(round: Round, error: RingdownError): Promise<void> {
    if (this.#round !== round) return;
    if (error.reason !== 'negotiation_collision') {
      await this.#fail(round, error);
      return;
    }
    await this.#postpone(round);
    if (round.wish.restartIce) this.#options.events.restartUnderWay();
    this.#stopRetry = this.#options.platform.setTimer(() => this.#pump(), COLLISION_PAUSE_MS);
  }

  /** The round is over, and what was wished for has failed with it. */
  async #fail(round: Round, error: RingdownError): Promise<void> {
    if (this.#round !== round) return;
    await this.#abandon(round);
    round.wish.reject(error);
    this.#pump();
  }

  /** The round is over without an answer. */
  async #abandon(round: Round): Promise<void> {
    round.stopTimer?.();
    this.#round = undefined;
    await this.#rollback();
  }

  async #rollback(): Promise<void> {
    this.#candidates.drop(this.peer.agreed?.localSdp ?? '');
    await this.peer.rollback();
  }

  // ----------------------------------------------------------------------------------------------------------- answers

  async #applyFirst(answer: AnswerDescription): Promise<void> {
    if (this.#firstAnswered) return;
    this.#firstAnswered = true;
    await this.peer.applyAnswer(answer);
    await this.#onRemoteDescription(answer.sdp);
    this.#options.events.agreed();
    this.#pump();
  }

  async #applyLater(answer: AnswerDescription, negotiationId: number): Promise<void> {
    const round = this.#round;
    if (!round) return;
    if (round.negotiationId === undefined) round.early = () => this.#applyLater(answer, negotiationId);
    if (round.negotiationId !== negotiationId) return;
    try {
      await this.peer.applyAnswer(answer);
    } catch (cause) {
      await this.#fail(round, mediaFailed(cause));
      return;
    }
    round.stopTimer?.();
    this.#round = undefined;
    await this.#onRemoteDescription(answer.sdp);
    this.#options.events.agreed();
    round.wish.resolve();
    this.#pump();
  }

  // ------------------------------------------------------------------------------------------- offers of the other side

  async #answerLater({ offer, negotiationId, polite }: RemoteOffer, local: MediaStream | undefined): Promise<void> {
    const round = this.#round;
    if (round) {
      // Numbers rise: a higher one than that of the own offer means that the service has dropped that one.
      const isOver = round.negotiationId !== undefined && round.negotiationId < negotiationId;
      if (!polite && !isOver) return;
      await this.#postpone(round);
    }
    this.#candidates.hold();
    const formerGenerations = this.#remoteGenerations;
    let answer: AnswerDescription;
    try {
      answer = await this.peer.answer(offer, local);
    } catch (cause) {
      await this.#rollback();
      this.#pump();
      throw cause;
    }
    if (this.#closed) return;
    this.sendAnswer(answer, negotiationId);
    this.#candidates.release();
    await this.#onRemoteDescription(offer.sdp);
    const restarts = ![...(this.#remoteGenerations ?? [])].every((each) => formerGenerations?.has(each));
    if (restarts) this.#options.events.remoteRestart();
    this.#options.events.agreed();
    this.#onTheirs(restarts);
  }

  /** What the other side's offer has brought need not be asked for again; the rest is. */
  #onTheirs(restarted: boolean): void {
    const wish = this.#wish;
    if (!wish) return;
    wish.restartIce &&= !restarted;
    if (wish.restartIce || this.peer.hasUnagreedLine) {
      this.#pump();
      return;
    }
    this.#wish = undefined;
    this.#stopRetry?.();
    wish.resolve();
  }

  // -------------------------------------------------------------------------------------------------------- candidates

  async #onRemoteDescription(sdp: string): Promise<void> {
    this.#remoteGenerations = generationsIn(sdp);
    const early = this.#early;
    this.#early = [];
    for (const candidate of early) await this.#add(candidate);
  }

  async #add(candidate: CandidateOrEnd): Promise<void> {
    const generation = generationOf(candidate);
    const known = this.#remoteGenerations;
    // One of a description that was replaced, or that was not taken: the browser would refuse it, or worse, try it.
    if (generation !== undefined && known && known.size > 0 && !known.has(generation)) return;
    try {
      await this.peer.addCandidate(candidate ?? END);
    } catch (cause) {
      if (!isEnd(candidate)) this.#report(cause);
    }
  }

  // -------------------------------------------------------------------------------------------------------------- inside

  /** {@link #enqueue} for what nobody waits for. */
  #later(task: () => Promise<void>): void {
    this.#enqueue(task).catch((cause) => this.#report(cause));
  }

  /** Runs one thing after the other, and nothing after the end. */
  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => (this.#closed ? this.#ended.promise : task()));
    this.#queue = result.catch(() => undefined);
    return this.#untilEnd(result);
  }

  #untilEnd<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#ended.promise]);
  }

  #report(cause: unknown): void {
    if (this.#closed) return;
    this.#options.events.problem(asRingdownError(cause, 'protocol', 'The other side sent what cannot be used.'));
  }
}
