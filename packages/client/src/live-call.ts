/**
 * A call as it happens: the rules of `call-machine` run against media, the other browser and the service. Whatever
 * waits for something looks afterwards whether the call is still there.
 */
import type { CallType, ClientMessage, QualityMetrics } from '@ringdown/protocol';
import type { Call, CallEnd, CallEvents, CallPeer, CallPhase, MediaChoice } from './call.ts';
import { beginCall, type CallEvent, type CallModel, type Limit, limitsOf, type Saying, step } from './call-machine.ts';
import { CandidateGate } from './candidates.ts';
import type { PendingRequest, Request, RequestHandlers, RequestOptions } from './connection.ts';
import { Device } from './device.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { asRingdownError, RingdownError } from './errors.ts';
import type { Frame } from './frames.ts';
import { openMedia } from './media.ts';
import { Negotiation } from './negotiation.ts';
import type { AnswerDescription, OfferDescription } from './peer.ts';
import type { Platform } from './platform.ts';
import { qualityOf } from './stats.ts';

/** How long each limit is, ms. The ring: the longest the service allows (TI-1) and a little; known better when it said. */
const LIMIT_MS: Record<Limit, number> = { ring: 200_000, connect: 45_000, recovery: 15_000 };
/** How much later than the service a ring ends here by itself, ms. */
const RING_GRACE_MS = 5_000;
/** How often the quality is measured, ms; the last measure goes with the hang-up. */
const SAMPLE_EVERY_MS = 1_000;
/** How long an offer may go unacknowledged, ms. */
const OFFER_PATIENCE: RequestOptions = { giveUpAfterMs: 10_000 };
/** Everything else is worth saying as long as the service remembers the call (HU-2), ms. */
const CALL_PATIENCE: RequestOptions = { giveUpAfterMs: 120_000 };

type OfferData = Extract<Frame, { type: 'call:offer' }>['data'];
/** A frame about one call that exists here. */
export type CallFrame = Exclude<Frame, { type: 'ack' | 'error' | 'call:offer' }>;

/** An offer that rings here, and the candidates that came with it. */
export interface RingingOffer {
  readonly data: OfferData;
  readonly candidates: CandidateGate;
}

/** What a call needs of its surroundings. */
export interface CallHost {
  readonly platform: Platform;
  send(request: Request, handlers: RequestHandlers, options: RequestOptions): PendingRequest;
  /** Never rejects: without ICE servers a call still has a chance. */
  rtcConfiguration(onProblem: (error: RingdownError) => void): Promise<RTCConfiguration>;
  /** How the service says a call ended, if it did. Never rejects. */
  endOf(callId: string): Promise<CallEnd | undefined>;
  /** Ends a call whatever socket the service believes it to be on. Never rejects. */
  hangUpAnywhere(callId: string): Promise<void>;
  /** Hands over the offer of this person that rings here, which thereby stops ringing (GL-1). */
  takeRingingOffer(userId: string): RingingOffer | undefined;
  onEnded(call: LiveCall): void;
  onListenerError(cause: unknown): void;
}

/** What is known about a call when it begins. */
export type CallBeginning =
  | { readonly direction: 'outgoing'; readonly userId: string; readonly callType: CallType }
  | { readonly direction: 'incoming'; readonly data: OfferData };

/** See {@link Call}. */
export class LiveCall implements Call {
  readonly direction: 'outgoing' | 'incoming';
  readonly #host: CallHost;
  readonly #emitter: Emitter<CallEvents>;
  readonly #limits = new Map<Limit, () => void>();
  readonly #microphone: Device;
  readonly #camera: Device;
  #model: CallModel;
  #peer: CallPeer;
  #callType: CallType;
  #callId: string | undefined;
  #offer: OfferData | undefined;
  #ringsUntil: number | undefined;
  #connectedAt: number | undefined;
  #localStream: MediaStream | undefined;
  #remoteStream: MediaStream | undefined;
  /** Whether the devices were asked for; before that there is nothing to turn on or off. */
  #mediaOpened = false;
  #negotiation: Negotiation | undefined;
  #remoteCandidates = new CandidateGate();
  #offerRequest: PendingRequest | undefined;
  #metrics: QualityMetrics | undefined;
  #hasMoved = false;
  #stopSampling: (() => void) | undefined;

  constructor(host: CallHost, beginning: CallBeginning) {
    this.#host = host;
    this.#emitter = new Emitter(host.onListenerError);
    this.direction = beginning.direction;
    this.#model = beginCall(beginning.direction === 'outgoing' ? 'caller' : 'callee');
    if (beginning.direction === 'outgoing') {
      this.#peer = { id: beginning.userId };
      this.#callType = beginning.callType;
    } else {
      const { data } = beginning;
      this.#offer = data;
      this.#callId = data.callId;
      this.#callType = data.callType;
      this.#peer = { id: data.senderId, username: data.senderInfo.username, avatar: data.senderInfo.avatar };
      if (data.ttlMs !== undefined) this.#ringsUntil = host.platform.now() + data.ttlMs;
    }
    this.#microphone = this.#device('audio');
    this.#camera = this.#device('video');
    this.#setLimits();
  }

  get peer(): CallPeer {
    return this.#peer;
  }
  get callType(): CallType {
    return this.#callType;
  }
  get callId(): string | undefined {
    return this.#callId;
  }
  get state(): CallPhase {
    return this.#model.phase;
  }
  get end(): CallEnd | undefined {
    return this.#model.end;
  }
  get connectedAt(): number | undefined {
    return this.#connectedAt;
  }
  get ringsUntil(): number | undefined {
    return this.#ringsUntil;
  }
  get localStream(): MediaStream | undefined {
    return this.#localStream;
  }
  get remoteStream(): MediaStream | undefined {
    return this.#remoteStream;
  }
  get microphoneOn(): boolean {
    return this.#microphone.on;
  }
  get cameraOn(): boolean {
    return this.#camera.on;
  }

  on<K extends keyof CallEvents>(event: K, listener: (value: CallEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  // --------------------------------------------------------------------------------------------------- the person

  /**
   * Asks for media, then offers the call in the background.
   * @returns resolves when the media is there, or when the call was ended meanwhile
   * @throws {RingdownError} as {@link openMedia}; the call has then ended as `media_error`
   */
  async dial(choice: MediaChoice, conversationId: string | undefined): Promise<void> {
    const configuration = this.#configuration();
    if (await this.#openMedia(choice)) void this.#sendOffer(configuration, conversationId);
  }

  async accept(choice: MediaChoice = {}): Promise<void> {
    if (this.state !== 'incoming' || !this.#offer) {
      throw new RingdownError('invalid_state', 'Only a call that rings here can be accepted.');
    }
    this.#step({ type: 'accept' });
    const configuration = this.#configuration();
    if (!(await this.#openMedia(choice))) throw callEnded();
    await this.#sendAnswer(this.#offer.offer, configuration);
  }

  reject(reason: 'rejected' | 'busy' = 'rejected'): void {
    this.#step({ type: 'reject', reason });
  }

  hangUp(): void {
    this.#step({ type: 'hang_up' });
  }

  setMicrophone(on: boolean): void {
    this.#needMedia();
    if (on) this.#microphone.turnOn().catch((cause) => this.#report(cause, 'device_busy', 'The microphone failed.'));
    else this.#microphone.turnOff();
  }

  async setCamera(on: boolean): Promise<void> {
    if (this.#callType === 'audio') throw new RingdownError('unsupported', 'An audio call has no picture.');
    this.#needMedia();
    if (on) await this.#camera.turnOn();
    else this.#camera.turnOff();
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return await this.#negotiation?.peer.getStats();
  }

  // -------------------------------------------------------------------------------------------------- the service

  /** Takes in a frame of the service about this call. */
  receive(frame: CallFrame): void {
    switch (frame.type) {
      case 'call:answer': {
        const { responderInfo, answer } = frame.data;
        if (this.state !== 'ringing') return;
        this.#peer = { id: this.#peer.id, username: responderInfo.username, avatar: responderInfo.avatar };
        this.#step({ type: 'answered' });
        void this.#applyAnswer(answer);
        return;
      }
      case 'call:ice_candidate':
        // The end of candidates needs no action: a browser finds out by itself.
        if (frame.data.candidate?.candidate) this.#remoteCandidates.push(frame.data.candidate);
        return;
      case 'call:hang_up': {
        const fromPeer = frame.data.senderId === this.#peer.id;
        this.#step({ type: 'told_hang_up', reason: frame.data.reason, fromPeer });
        return;
      }
      case 'call:reject':
        this.#step({ type: 'told_reject', reason: frame.data.reason });
        return;
      case 'call:busy':
        if (!this.#merge()) this.#step({ type: 'told_busy', message: frame.data.message });
        return;
      case 'call:not_available':
        this.#step({ type: 'told_not_available', message: frame.data.message });
        return;
      case 'call:timeout':
        this.#step({ type: 'told_timeout', message: frame.data.message });
        return;
    }
  }

  /** Ends the call without a word, because the service says that it is over or is gone for good. */
  settle(end: CallEnd): void {
    this.#step({ type: 'gone', end });
  }

  /**
   * The client has another socket than the call began on. Until the service notices that the old one is dead it takes
   * the new one for another device, whose hang-up means nothing (HU-1).
   */
  movedToAnotherSocket(): void {
    this.#hasMoved = true;
  }

  /** Gives its offer to another call with the same person and ends without a word (GL-1). */
  surrender(): RingingOffer | undefined {
    if (this.state !== 'incoming' || !this.#offer) return undefined;
    const offer = { data: this.#offer, candidates: this.#remoteCandidates };
    this.#remoteCandidates = new CandidateGate();
    this.#step({ type: 'surrendered' });
    return offer;
  }

  // ------------------------------------------------------------------------------------------------------ offering

  async #sendOffer(configuration: Promise<RTCConfiguration>, conversationId: string | undefined): Promise<void> {
    let offer: OfferDescription;
    try {
      const negotiation = await this.#negotiate(configuration);
      if (!negotiation) return;
      offer = await negotiation.offer(this.#localStream, this.#callType === 'video');
    } catch (cause) {
      this.#failNegotiation(cause);
      return;
    }
    if (this.state !== 'dialling' || this.#merge()) return;
    this.#offerRequest = this.#host.send(
      {
        type: 'call:offer',
        data: {
          receiverId: this.#peer.id,
          offer,
          callType: this.#callType,
          ...(conversationId !== undefined && { conversationId }),
        },
      },
      {
        ack: ({ callId }) => this.#onOfferAcked(callId),
        error: (error) => this.#onOfferRefused(error),
      },
      OFFER_PATIENCE,
    );
  }

  #onOfferAcked(callId: string | undefined): void {
    this.#offerRequest = undefined;
    this.#callId = callId;
    this.#step({ type: 'acked' });
    this.#sendCandidates();
  }

  #onOfferRefused(error: RingdownError): void {
    if (error.code === 'timeout') {
      this.#step({ type: 'offer_unheard' });
    } else if (error.reason !== 'glare' || !this.#merge()) {
      this.#emitter.emit('error', error);
      this.#step({ type: 'offer_refused', message: error.message });
    }
  }

  async #applyAnswer(answer: AnswerDescription): Promise<void> {
    try {
      await this.#negotiation?.applyAnswer(answer);
    } catch (cause) {
      this.#failNegotiation(cause);
    }
  }

  // ------------------------------------------------------------------------------------------------------ answering

  /** @throws {RingdownError} when there can be no answer, or the call ended meanwhile */
  async #sendAnswer(offer: OfferDescription, configuration: Promise<RTCConfiguration>): Promise<void> {
    let answer: AnswerDescription;
    try {
      const negotiation = await this.#negotiate(configuration);
      if (!negotiation) throw callEnded();
      answer = await negotiation.answer(offer, this.#localStream);
    } catch (cause) {
      throw this.#failNegotiation(cause);
    }
    const callId = this.#callId;
    if (this.state !== 'connecting' || callId === undefined) throw callEnded();
    this.#host.send(
      { type: 'call:answer', data: { callId, receiverId: this.#peer.id, answer } },
      { error: (error, repeated) => this.#onAnswerRefused(error, repeated) },
      CALL_PATIENCE,
    );
    this.#step({ type: 'answer_sent' });
    this.#sendCandidates();
  }

  #onAnswerRefused(error: RingdownError, repeated: boolean): void {
    const { reason } = error;
    // The first copy won, and only its acknowledgement was lost; had another device won, a hang-up would say so.
    if (repeated && (reason === 'answered_elsewhere' || reason === 'invalid_state')) return;
    if (reason === 'answered_elsewhere') this.#step({ type: 'answer_lost_race' });
    else void this.#settleAs({ reason: 'failed', by: 'service', message: error.message });
  }

  /**
   * Both dialled at once: the other side's offer, which is ringing here, takes the place of ours, with the media that
   * was granted already. The person wanted this call, so it is answered without asking again (GL-1).
   */
  #merge(): boolean {
    if (this.#model.role !== 'caller' || this.#model.answered) return false;
    const ringing = this.#host.takeRingingOffer(this.#peer.id);
    if (!ringing) return false;
    const { data, candidates } = ringing;
    this.#offerRequest?.cancel();
    this.#offerRequest = undefined;
    this.#negotiation?.close();
    this.#negotiation = undefined;
    this.#remoteCandidates = candidates;
    this.#offer = data;
    this.#callId = data.callId;
    this.#callType = data.callType;
    this.#peer = { id: data.senderId, username: data.senderInfo.username, avatar: data.senderInfo.avatar };
    if (data.callType === 'audio') this.#camera.release();
    this.#step({ type: 'merged' });
    this.#sendAnswer(data.offer, this.#configuration()).catch(() => undefined);
    return true;
  }

  // ---------------------------------------------------------------------------------------------------------- media

  /**
   * @returns false when the call ended meanwhile
   * @throws {RingdownError} when there is no media; the call has then ended
   */
  async #openMedia(choice: MediaChoice): Promise<boolean> {
    const { platform } = this.#host;
    const wanted = { audio: choice.audio !== false, video: this.#callType === 'video' && choice.video !== false };
    try {
      const { stream, withoutCamera } = await openMedia((constraints) => platform.getUserMedia(constraints), wanted);
      if (this.#isOver()) {
        stopTracks(stream);
        return false;
      }
      this.#localStream = stream;
      this.#mediaOpened = true;
      this.#microphone.watch();
      this.#camera.watch();
      if (withoutCamera) this.#emitter.emit('error', withoutCamera);
    } catch (error) {
      if (this.#isOver()) return false;
      this.#step({ type: 'media_denied' });
      throw error;
    }
    this.#emitter.emit('streams', undefined);
    this.#emitter.emit('media', undefined);
    return true;
  }

  #device(kind: 'audio' | 'video'): Device {
    return new Device({
      kind,
      platform: this.#host.platform,
      stream: () => this.#localStream,
      isOver: () => this.#isOver(),
      onChange: () => this.#emitter.emit('media', undefined),
      onTrack: async (track, stream) => {
        if (this.#localStream) this.#localStream.addTrack(track);
        else this.#localStream = stream;
        await this.#negotiation?.peer.replaceTrack(kind, track);
        this.#emitter.emit('streams', undefined);
      },
      onReleased: (track) => {
        this.#localStream?.removeTrack(track);
        this.#negotiation?.peer.replaceTrack(kind, null).catch(() => undefined);
        this.#emitter.emit('streams', undefined);
      },
    });
  }

  #needMedia(): void {
    if (!this.#mediaOpened || this.#isOver()) {
      throw new RingdownError('invalid_state', 'There is no microphone or camera to turn on or off now.');
    }
  }

  /** @returns undefined when the call ended meanwhile */
  async #negotiate(configuration: Promise<RTCConfiguration>): Promise<Negotiation | undefined> {
    const rtcConfiguration = await configuration;
    if (this.#isOver()) return undefined;
    const negotiation: Negotiation = new Negotiation({
      openPeer: (events) => this.#host.platform.openPeer(rtcConfiguration, events),
      remoteCandidates: this.#remoteCandidates,
      onState: (state) => this.#step({ type: 'transport', state }),
      onTrack: () => {
        this.#remoteStream = negotiation.peer.remoteStream;
        this.#emitter.emit('streams', undefined);
      },
      onCandidateRefused: (cause) =>
        this.#report(cause, 'protocol', 'A candidate of the other side could not be used.'),
    });
    this.#negotiation = negotiation;
    return negotiation;
  }

  #sendCandidates(): void {
    this.#negotiation?.sendCandidates((candidate) => {
      const callId = this.#callId;
      if (this.#isOver()) return;
      this.#host.send(
        {
          type: 'call:ice_candidate',
          data: { ...(callId !== undefined && { callId }), receiverId: this.#peer.id, candidate },
        },
        { error: (error) => this.#onCandidateUnwanted(error) },
        CALL_PATIENCE,
      );
    });
  }

  #onCandidateUnwanted({ reason }: RingdownError): void {
    if (reason !== 'call_not_found' && reason !== 'call_ended') return;
    void this.#settleAs({ reason: 'connection_lost', by: 'service' });
  }

  /** @returns the error to throw */
  #failNegotiation(cause: unknown): RingdownError {
    const error = asRingdownError(cause, 'media_failed', 'The browsers could not agree on a connection.');
    if (!this.#isOver()) {
      this.#emitter.emit('error', error);
      this.#step({ type: 'negotiation_failed' });
    }
    return error;
  }

  // ----------------------------------------------------------------------------------------------------------- rules

  #step(event: CallEvent): void {
    const before = this.#model;
    const { model, say } = step(before, event);
    if (model === before) return;
    this.#model = model;
    if (say) this.#say(say);
    if (model.flowed) this.#connectedAt ??= this.#host.platform.now();
    this.#setLimits();
    if (model.phase === 'connected') this.#sampleQuality();
    if (model.phase === 'ended') {
      this.#release();
      this.#host.onEnded(this);
    }
    if (model.phase !== before.phase) this.#emitter.emit('state', model.phase);
    if (model.end) this.#emitter.emit('ended', model.end);
  }

  #say(saying: Saying): void {
    const callId = this.#callId;
    if (callId === undefined) {
      // Without an id a hang-up means the only outgoing call to this person (OF-3); an offer that never left needs none.
      if (this.#offerRequest?.cancel()) this.#tell({ type: 'call:hang_up', data: { receiverId: this.#peer.id } });
      return;
    }
    const named = { callId, receiverId: this.#peer.id };
    switch (saying.what) {
      case 'hang_up': {
        const metrics = this.#metrics && { metrics: this.#metrics };
        this.#tell({ type: 'call:hang_up', data: { ...named, reason: saying.reason, ...metrics } });
        return;
      }
      case 'reject':
        this.#tell({ type: 'call:reject', data: { ...named, reason: saying.reason } });
        return;
      case 'busy':
        this.#tell({ type: 'call:busy', data: named });
        return;
    }
  }

  /** A last word; whatever the service thinks of it, the call is over here. */
  #tell(message: Extract<ClientMessage, { type: 'call:hang_up' | 'call:reject' | 'call:busy' }>): void {
    const callId = this.#callId;
    const insists = message.type === 'call:hang_up' && this.#hasMoved && callId !== undefined;
    this.#host.send(message, insists ? { ack: () => void this.#host.hangUpAnywhere(callId) } : {}, CALL_PATIENCE);
  }

  #setLimits(): void {
    const running = limitsOf(this.#model);
    for (const [limit, stop] of this.#limits) {
      if (running.includes(limit)) continue;
      stop();
      this.#limits.delete(limit);
    }
    for (const limit of running) {
      if (this.#limits.has(limit)) continue;
      const ringMs = this.#ringsUntil && this.#ringsUntil - this.#host.platform.now() + RING_GRACE_MS;
      const delayMs = limit === 'ring' && ringMs !== undefined ? ringMs : LIMIT_MS[limit];
      this.#limits.set(
        limit,
        this.#host.platform.setTimer(() => this.#step({ type: 'over', limit }), delayMs),
      );
    }
  }

  /** Prefers what the service's history says about the end. */
  async #settleAs(fallback: CallEnd): Promise<void> {
    const known = this.#callId === undefined ? undefined : await this.#host.endOf(this.#callId);
    this.settle(known ?? fallback);
  }

  #sampleQuality(): void {
    this.#stopSampling?.();
    this.#stopSampling = this.#host.platform.setTimer(async () => {
      const report = await this.getStats().catch(() => undefined);
      if (report) this.#metrics = qualityOf(report as unknown as Iterable<[string, unknown]>) ?? this.#metrics;
      if (this.state === 'connected') this.#sampleQuality();
    }, SAMPLE_EVERY_MS);
  }

  #release(): void {
    this.#stopSampling?.();
    this.#offerRequest?.cancel();
    this.#offerRequest = undefined;
    this.#microphone.stop();
    this.#camera.stop();
    this.#negotiation?.close();
    this.#negotiation = undefined;
    stopTracks(this.#localStream);
    this.#remoteCandidates.drain();
    this.#offer = undefined;
    if (!this.#localStream && !this.#remoteStream) return;
    this.#localStream = undefined;
    this.#remoteStream = undefined;
    this.#emitter.emit('streams', undefined);
  }

  #configuration(): Promise<RTCConfiguration> {
    return this.#host.rtcConfiguration((error) => this.#emitter.emit('error', error));
  }

  #report(cause: unknown, code: RingdownError['code'], message: string): void {
    this.#emitter.emit('error', asRingdownError(cause, code, message));
  }

  #isOver(): boolean {
    return this.state === 'ended';
  }
}

function callEnded(): RingdownError {
  return new RingdownError('call_ended', 'The call ended meanwhile.');
}

function stopTracks(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
