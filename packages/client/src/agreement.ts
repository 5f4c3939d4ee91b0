/**
 * How the two sides of one call come to agree: its offer, answer and candidates, said to the service by `call-signal` and
 * meant for the browsers by `media-session`. Knows nothing of devices; what a step of it means for the call, `call-machine`
 * decides. Whatever waits for something looks afterwards whether the call is still there.
 */
import type { CallType } from '@ringdown/protocol';
import type { CallEnd, CallPeer } from './call.ts';
import type { CallHost, DialOptions, OfferData } from './call-host.ts';
import type { CallEvent, CallModel } from './call-machine.ts';
import { CallSignal } from './call-signal.ts';
import { callEnded, mediaFailed, type RingdownError } from './errors.ts';
import type { FrameOf } from './frames.ts';
import type { CandidateOrEnd, MediaSession, QualitySample } from './media-session.ts';
import type { Acknowledged } from './outbox.ts';
import type { AnswerDescription, OfferDescription } from './peer.ts';

/** As many candidates as one side may send before its call is accepted (IC-3). */
const MOST_EARLY = 100;

/** The call that is agreed about: what is known of it, and what it hears. */
export interface AgreedCall {
  readonly host: CallHost;
  model(): CallModel;
  peer(): CallPeer;
  callType(): CallType;
  localStream(): MediaStream | undefined;
  step(event: CallEvent): void;
  /** Ends it, by what the service's history says, or else so. */
  settle(fallback: CallEnd): void;
  /** Ends it if the service's history says that it is over. */
  settleIfOver(callId: string): void;
  /** Answers the offer of the other side that rings here instead, if there is one (GL-1). */
  merge(): boolean;
  /** The other side has said who it is. */
  named(by: FrameOf<'call:answer'>['data']['responderInfo']): void;
  /** From now on the other side can be told what this one sends. */
  answered(): void;
  /** The other side's stream is another one, or a track joined or left it. */
  remoteStream(stream: MediaStream | undefined): void;
  quality(sample: QualitySample): void;
  securityCode(): void;
  error(error: RingdownError): void;
}

/** What is agreed in one call, or about to be. */
export class Agreement {
  readonly #call: AgreedCall;
  #signal: CallSignal;
  #session: MediaSession | undefined;
  #early: CandidateOrEnd[] = [];
  /**
   * The negotiation by which the call moved here, until it is answered: the first answer that this browser gets (GL-2).
   * `Infinity` while the service has not numbered it.
   */
  #movedHereBy: number | undefined;

  constructor(call: AgreedCall, callId?: string) {
    this.#call = call;
    this.#signal = this.#openSignal(callId);
  }

  get signal(): CallSignal {
    return this.#signal;
  }
  /** Undefined before there is media to agree about, and after the end. */
  get session(): MediaSession | undefined {
    return this.#session;
  }
  /** What came before it could be used. */
  get early(): readonly CandidateOrEnd[] {
    return this.#early;
  }

  configuration(): Promise<RTCConfiguration> {
    return this.#call.host.rtcConfiguration((error) => this.#call.error(error));
  }

  // ------------------------------------------------------------------------------------------------------ offering

  /** Offers the call. Never rejects. */
  async offer(configuration: Promise<RTCConfiguration>, options: DialOptions): Promise<void> {
    const call = this.#call;
    let offer: OfferDescription;
    let session: MediaSession | undefined;
    try {
      session = await this.#openSession(configuration);
      if (!session) return;
      offer = await session.offer(call.localStream(), call.callType() === 'video');
    } catch (cause) {
      if (session === this.#session) this.#fail(cause);
      return;
    }
    if (this.#isOver() || session !== this.#session || call.merge()) return;
    this.#signal.offerCall(
      { offer, callType: call.callType(), ...options },
      {
        ack: (data, repeated) => this.#onOfferAcked(data, repeated),
        error: (error) => this.#onOfferRefused(error),
      },
    );
  }

  #onOfferAcked({ callId, negotiationId }: Acknowledged, repeated: boolean): void {
    if (negotiationId !== undefined) {
      this.#movedHereBy = negotiationId;
      this.#signal.answered();
      this.#call.step({ type: 'moved_here' });
      this.#call.answered();
      if (repeated) this.#moveHereAgain();
      return;
    }
    this.#call.step({ type: 'acked' });
    // The first copy may have rung and ended while nobody listened here.
    if (repeated && callId !== undefined) this.#call.settleIfOver(callId);
  }

  #onOfferRefused(error: RingdownError): void {
    if (error.code === 'timeout') {
      this.#call.step({ type: 'offer_unheard' });
    } else if (error.reason !== 'glare' || !this.#call.merge()) {
      this.#call.error(error);
      this.#call.step({ type: 'offer_refused', message: error.message });
    }
  }

  /**
   * An offer of the other side crossed the one by which the call moved here, and took its place: it speaks for a
   * connection to the browser that is gone, so the call is moved here once more. Or the answer was lost.
   */
  #moveHereAgain(): void {
    this.#movedHereBy = Number.POSITIVE_INFINITY;
    this.beginAnew(this.#signal.callId);
    void this.offer(this.configuration(), { takeover: true });
  }

  /** What the other side said while this one could not resume is lost. */
  missed(): void {
    if (this.#movedHereBy !== undefined) this.#moveHereAgain();
  }

  /** The other side has answered. */
  receiveAnswer({ responderInfo, answer, negotiationId }: FrameOf<'call:answer'>['data']): void {
    const call = this.#call;
    const { phase, answered } = call.model();
    if (phase === 'ringing') {
      call.named(responderInfo);
      this.#signal.answered();
      call.step({ type: 'answered' });
      call.answered();
      void this.#applyAnswer(answer, undefined);
    } else if (answered && negotiationId !== undefined) {
      const isFirst = negotiationId === this.#movedHereBy;
      if (isFirst) {
        call.named(responderInfo);
        this.#movedHereBy = undefined;
      }
      void this.#applyAnswer(answer, isFirst ? undefined : negotiationId);
    }
  }

  async #applyAnswer(answer: AnswerDescription, negotiationId: number | undefined): Promise<void> {
    const session = this.#session;
    try {
      await session?.receiveAnswer(answer, negotiationId);
    } catch (cause) {
      if (session === this.#session) this.#fail(cause);
    }
  }

  // ------------------------------------------------------------------------------------------------------ answering

  /** Answers the call. @throws {RingdownError} when there can be no answer, or the call ended meanwhile */
  async answer(offer: OfferDescription, configuration: Promise<RTCConfiguration>): Promise<void> {
    const call = this.#call;
    let answer: AnswerDescription;
    try {
      const session = await this.#openSession(configuration);
      if (!session) throw callEnded();
      answer = await session.answer(offer, call.localStream());
    } catch (cause) {
      throw this.#fail(cause);
    }
    if (call.model().phase !== 'connecting') throw callEnded();
    this.#signal.answerCall(answer, (error, repeated) => this.#onAnswerRefused(error, repeated));
    this.#signal.answered();
    call.step({ type: 'answer_sent' });
    call.answered();
  }

  #onAnswerRefused({ code, reason, message }: RingdownError, repeated: boolean): void {
    const lost = reason === 'answered_elsewhere';
    // The first copy won, and only its acknowledgement was lost; had another device won, a hang-up would say so.
    if (repeated && (lost || reason === 'invalid_state')) return;
    // Whose media flow has been heard, however long nothing came of the service.
    if (code === 'timeout' && this.#call.model().flowed) return;
    if (lost) this.#call.step({ type: 'answer_lost_race' });
    else this.#call.settle({ reason: 'failed', by: 'service', message });
  }

  // ---------------------------------------------------------------------------------------------------- a running call

  /** An offer of the other side inside the call. */
  receiveOffer({ offer, callType, negotiationId, polite, takeover }: OfferData): void {
    if (!this.#session || negotiationId === undefined) return;
    if (takeover) {
      this.#movedHereBy = undefined;
    } else if (this.#movedHereBy !== undefined) {
      if (negotiationId > this.#movedHereBy) this.#moveHereAgain();
      return;
    }
    const { role } = this.#call.model();
    this.#session.receiveOffer({
      offer,
      negotiationId,
      polite: polite ?? role === 'callee',
      callType,
      takeover: takeover === true,
    });
  }

  /** Candidates of the other side; those that come before there is a connection wait for it. */
  receiveCandidates({ candidate, candidates = [] }: FrameOf<'call:ice_candidate'>['data']): void {
    const all = candidate === undefined ? candidates : [candidate, ...candidates];
    if (this.#session) this.#session.receiveCandidates(all);
    else for (const each of all) if (this.#early.length < MOST_EARLY) this.#early.push(each);
  }

  /** Lets go of what was said and agreed so far. @param early what came with the offer that is answered instead */
  beginAnew(callId: string | undefined, early: readonly CandidateOrEnd[] = []): void {
    this.close(true);
    this.#early = [...early];
    this.#signal = this.#openSignal(callId);
  }

  /** Nothing is agreed any more, and nothing is said but last words. Idempotent. @param goesOn see {@link beginAnew} */
  close(goesOn?: boolean): void {
    this.#signal.close(goesOn);
    this.#session?.close();
    this.#session = undefined;
    this.#early = [];
  }

  // ------------------------------------------------------------------------------------------------------------ inside

  #openSignal(callId: string | undefined): CallSignal {
    const { host, peer, settle } = this.#call;
    const signal: CallSignal = new CallSignal({
      send: (request, handlers, options) => host.send(request, handlers, options),
      extended: () => host.isExtended(),
      peerId: peer().id,
      ...(callId !== undefined && { callId }),
      onUnwanted: () => {
        if (signal === this.#signal) settle({ reason: 'connection_lost', by: 'service' });
      },
    });
    return signal;
  }

  /** @returns undefined when the call ended meanwhile */
  async #openSession(configuration: Promise<RTCConfiguration>): Promise<MediaSession | undefined> {
    const call = this.#call;
    const { host } = call;
    const signal = this.#signal;
    const rtcConfiguration = await configuration;
    if (this.#isOver() || signal !== this.#signal) return undefined;
    const session: MediaSession = host.openMediaSession({
      platform: host.platform,
      role: call.model().role,
      configuration: rtcConfiguration,
      freshConfiguration: () => host.freshConfiguration(),
      signal,
      events: {
        state: (state) => call.step({ type: 'transport', state }),
        remoteStream: () => call.remoteStream(session.remoteStream),
        quality: (sample) => call.quality(sample),
        securityCode: () => call.securityCode(),
        error: (error) => call.error(error),
      },
    });
    this.#session = session;
    if (!host.isOnline()) session.signalling(false);
    const early = this.#early;
    this.#early = [];
    if (early.length > 0) session.receiveCandidates(early);
    return session;
  }

  /** @returns the error to throw */
  #fail(cause: unknown): RingdownError {
    const error = mediaFailed(cause);
    if (!this.#isOver()) {
      this.#call.error(error);
      this.#call.step({ type: 'negotiation_failed' });
    }
    return error;
  }

  #isOver(): boolean {
    return this.#call.model().phase === 'ended';
  }
}
