/**
 * A call as it happens: the rules of `call-machine` run against this side's devices (`local-media`), the agreement with the
 * other side (`agreement`), the clock and the person. Whatever waits for something looks afterwards whether the call is
 * still there.
 */
import type { CallType, LiveCallSummary } from '@ringdown/protocol';
import { type AgreedCall, Agreement } from './agreement.ts';
import type {
  Call,
  CallEnd,
  CallEvents,
  CallPeer,
  CallPhase,
  LostDevice,
  MediaChoice,
  PeerConnection,
  PeerMedia,
} from './call.ts';
import type { CallBeginning, CallFrame, CallHost, DialOptions, OfferData, RingingOffer } from './call-host.ts';
import { CallLimits } from './call-limits.ts';
import { beginCall, type CallEvent, type CallModel, type Limit, type Saying, step } from './call-machine.ts';
import { listDevices, nextCamera } from './devices.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { asRingdownError, callEnded, RingdownError } from './errors.ts';
import { LocalMedia } from './local-media.ts';
import type { DeviceChoice } from './media.ts';
import { MediaStateTeller } from './media-state-teller.ts';
import type { SecuritySign } from './verification.ts';

/** How long each limit is, ms. The ring: the longest the service allows (TI-1) and a little; known better when it said. */
const LIMIT_MS: Record<Limit, number> = { ring: 200_000, connect: 50_000, recovery: 60_000 };
/** How much later than the service a ring ends here by itself, ms. */
const RING_GRACE_MS = 5_000;
/** A ring that is over here while the service is heard is the service's to end (TI-1): look again after this long, ms. */
const RING_AGAIN_MS = 15_000;
/** Without a way to restart, a path that the browser gave up is waited for this long, ms. */
const PLAIN_RECOVERY_MS = 15_000;
/** See {@link Call}. */
export class LiveCall implements Call {
  readonly direction: 'outgoing' | 'incoming';
  readonly #host: CallHost;
  readonly #onEnded: (call: LiveCall) => void;
  readonly #emitter: Emitter<CallEvents>;
  readonly #limits: CallLimits;
  readonly #local: LocalMedia;
  readonly #mediaState: MediaStateTeller;
  #model: CallModel;
  #peer: CallPeer;
  #callType: CallType;
  readonly #agreement: Agreement;
  #offer: OfferData | undefined;
  #ringsUntil: number | undefined;
  #connectedAt: number | undefined;
  #remoteStream: MediaStream | undefined;
  #hasMoved = false;
  #peerConnection: PeerConnection = 'connected';
  #peerMedia: PeerMedia | undefined;

  /** @param onEnded is told once, before anybody else */
  constructor(host: CallHost, beginning: CallBeginning, onEnded: (call: LiveCall) => void) {
    this.#host = host;
    this.#onEnded = onEnded;
    this.#emitter = new Emitter(host.onListenerError);
    this.direction = beginning.direction;
    this.#model = beginCall(beginning.direction === 'outgoing' ? 'caller' : 'callee');
    if (beginning.direction === 'outgoing') {
      this.#peer = beginning.peer;
      this.#callType = beginning.callType;
    } else {
      const { data } = beginning;
      this.#offer = data;
      this.#callType = data.callType;
      this.#peer = peerOf(data);
      if (data.ttlMs !== undefined) this.#ringsUntil = host.platform.now() + data.ttlMs;
    }
    this.#agreement = new Agreement(this.#agreed(), this.#offer?.callId);
    this.#local = new LocalMedia({
      platform: host.platform,
      isOver: () => this.#isOver(),
      onLine: async (kind, track, stream) => await this.#agreement.session?.replaceTrack(kind, track, stream),
      onStream: () => this.#emitter.emit('streams', undefined),
      onChange: () => this.#onLocalChange(),
      onLost: (device, wasOn) => this.#onDeviceLost(device, wasOn),
    });
    this.#mediaState = new MediaStateTeller({
      platform: host.platform,
      send: (state, onTooOften) => this.#agreement.signal.mediaState(state, onTooOften),
    });
    this.#limits = new CallLimits({
      platform: host.platform,
      lengthMs: (limit) => this.#limitMs(limit),
      onOver: (limit) => this.#onLimit(limit),
    });
    this.#limits.follow(this.#model);
  }

  get peer(): CallPeer {
    return this.#peer;
  }
  get callType(): CallType {
    return this.#callType;
  }
  get callId(): string | undefined {
    return this.#agreement.signal.callId;
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
    return this.#local.stream;
  }
  get remoteStream(): MediaStream | undefined {
    return this.#remoteStream;
  }
  get microphoneOn(): boolean {
    return this.#local.microphone.on;
  }
  get cameraOn(): boolean {
    return this.#local.camera.on;
  }
  get screenStream(): MediaStream | undefined {
    return this.#local.screen.stream;
  }
  get peerConnection(): PeerConnection {
    return this.#peerConnection;
  }
  get peerMedia(): PeerMedia | undefined {
    return this.#peerMedia;
  }
  get securityCode(): readonly SecuritySign[] | undefined {
    return this.#agreement.session?.securityCode;
  }

  on<K extends keyof CallEvents>(event: K, listener: (value: CallEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  // --------------------------------------------------------------------------------------------------- the person

  /**
   * Asks for media, then offers the call in the background.
   * @returns resolves when the media is there, or when the call was ended meanwhile
   * @throws {RingdownError} as `openMedia`; the call has then ended as `media_error`
   */
  async dial(choice: MediaChoice, options: DialOptions): Promise<void> {
    const configuration = this.#agreement.configuration();
    if (await this.#openMedia(choice)) void this.#agreement.offer(configuration, options);
  }

  async accept(choice: MediaChoice = {}): Promise<void> {
    if (this.state !== 'incoming' || !this.#offer) {
      throw new RingdownError('invalid_state', 'Only a call that rings here can be accepted.');
    }
    this.#step({ type: 'accept' });
    this.#agreement.signal.accepting();
    const configuration = this.#agreement.configuration();
    if (!(await this.#openMedia(choice))) throw callEnded();
    await this.#agreement.answer(this.#offer.offer, configuration);
  }

  reject(reason: 'rejected' | 'busy' = 'rejected'): void {
    this.#step({ type: 'reject', reason });
  }

  hangUp(): void {
    this.#step({ type: 'hang_up' });
  }

  setMicrophone(on: boolean): void {
    this.#local.need();
    const { microphone } = this.#local;
    if (on) microphone.turnOn().catch((cause) => this.#report(cause, 'device_busy', 'The microphone failed.'));
    else microphone.turnOff();
  }

  async setCamera(on: boolean): Promise<void> {
    this.#local.need();
    const { camera } = this.#local;
    if (!on) {
      camera.turnOff();
      return;
    }
    this.#needPicture();
    await camera.turnOn();
    this.#becomeVideo();
  }

  async useMicrophone(choice: { readonly deviceId: string } | undefined): Promise<void> {
    this.#local.need();
    await this.#local.microphone.use(choice);
  }

  async switchCamera(choice?: DeviceChoice): Promise<void> {
    this.#local.need();
    const { camera } = this.#local;
    const next = choice ?? nextCamera(camera.settings, await listDevices(this.#host.platform));
    if (!next) throw new RingdownError('device_not_found', 'There is no other camera.');
    await camera.use(next);
  }

  async shareScreen(): Promise<void> {
    this.#local.need();
    if (!this.#model.answered) {
      throw new RingdownError('invalid_state', 'A screen can be shared once the call is answered.');
    }
    this.#needPicture();
    await this.#local.screen.start();
    this.#becomeVideo();
  }

  stopSharingScreen(): void {
    this.#local.screen.stop();
  }

  /** @throws {RingdownError} `unsupported` when this call has no picture and can get none */
  #needPicture(): void {
    if (this.#callType === 'video' || this.#agreement.signal.canRenegotiate()) return;
    throw new RingdownError('unsupported', 'No picture can be added to this call.');
  }

  #becomeVideo(): void {
    if (this.#callType === 'video' || this.#isOver()) return;
    this.#callType = 'video';
    this.#emitter.emit('media', undefined);
  }

  /** Who is heard goes on being heard, by another microphone; a camera is never turned on unasked. */
  #onDeviceLost(device: LostDevice, wasOn: boolean): void {
    this.#emitter.emit('deviceLost', device);
    if (device === 'microphone' && wasOn && !this.#isOver()) this.setMicrophone(true);
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return await this.#agreement.session?.getStats();
  }

  // -------------------------------------------------------------------------------------------------- the service

  /** Takes in a frame of the service about this call. */
  receive(frame: CallFrame): void {
    switch (frame.type) {
      case 'call:offer':
        return this.#onRenegotiation(frame.data);
      case 'call:answer':
        return this.#agreement.receiveAnswer(frame.data);
      case 'call:ice_candidate':
        return this.#agreement.receiveCandidates(frame.data);
      case 'call:hang_up': {
        const fromPeer = frame.data.senderId === this.#peer.id;
        return this.#step({ type: 'told_hang_up', reason: frame.data.reason, fromPeer });
      }
      case 'call:reject':
        return this.#step({ type: 'told_reject', reason: frame.data.reason });
      case 'call:busy':
        if (!this.#merge()) this.#step({ type: 'told_busy', message: frame.data.message });
        return;
      case 'call:not_available':
        return this.#step({ type: 'told_not_available', message: frame.data.message });
      case 'call:timeout': {
        const stage = frame.data.stage === 'connect' ? 'connect' : 'ring';
        return this.#step({ type: 'told_timeout', stage, message: frame.data.message });
      }
      case 'call:ringing':
        if (this.state === 'ringing') this.#emitter.emit('devicesRinging', frame.data.devices);
        return;
      case 'call:accepting_elsewhere':
        return this.#onAcceptingElsewhere(frame.data.holdMs);
      case 'call:peer_state':
        return this.#setPeerConnection(frame.data.state);
      case 'call:media_state': {
        if (!this.#model.answered) return;
        const { audio, video } = frame.data;
        this.#peerMedia = { audio, video };
        this.#emitter.emit('peerMedia', this.#peerMedia);
        return;
      }
    }
  }

  /** Ends the call without a word, because the service says that it is over or is gone for good. */
  settle(end: CallEnd): void {
    this.#step({ type: 'gone', end });
  }

  /**
   * The service knows only these calls of this person: whatever was said while this device could not resume is lost, so
   * this one is held against them.
   */
  reconcile(calls: readonly LiveCallSummary[]): void {
    const { callId } = this;
    if (callId === undefined || this.#isOver()) return;
    const known = calls.find((call) => call.callId === callId);
    if (!known) {
      void this.#settleAs({ reason: 'connection_lost', by: 'service' });
    } else if (known.phase === 'active' && !known.here) {
      const unsettled = this.#model.role === 'callee' && !this.#model.flowed;
      this.settle({ reason: unsettled ? 'answered_elsewhere' : 'taken_over', by: 'me' });
    } else {
      this.#setPeerConnection('connected');
      this.#agreement.missed();
    }
  }

  /** The service can be reached, or cannot. */
  signalling(up: boolean): void {
    this.#agreement.session?.signalling(up);
  }

  /**
   * The client has another socket than the call began on. Until the service notices that the old one is dead it takes
   * the new one of a plain session for another device, whose hang-up means nothing (HU-1).
   */
  movedToAnotherSocket(): void {
    this.#hasMoved = true;
  }

  /** Gives its offer to another call with the same person and ends without a word (GL-1). */
  surrender(): RingingOffer | undefined {
    if (this.state !== 'incoming' || !this.#offer) return undefined;
    const offer = { data: this.#offer, candidates: this.#agreement.early };
    this.#step({ type: 'surrendered' });
    return offer;
  }

  /** Makes believe that the path between the browsers is lost. */
  simulateFailure(): void {
    this.#agreement.session?.simulateFailure();
  }

  // ---------------------------------------------------------------------------------------------------------- media

  /**
   * @returns false when the call ended meanwhile
   * @throws {RingdownError} when there is no media; the call has then ended
   */
  async #openMedia(choice: MediaChoice): Promise<boolean> {
    const wanted = { audio: choice.audio !== false, video: this.#callType === 'video' && choice.video !== false };
    let withoutCamera: RingdownError | 'over' | undefined;
    try {
      withoutCamera = await this.#local.open(wanted);
    } catch (error) {
      if (this.#isOver()) return false;
      this.#step({ type: 'media_denied' });
      throw error;
    }
    if (withoutCamera instanceof RingdownError) this.#emitter.emit('error', withoutCamera);
    return !this.#isOver();
  }

  /** Nothing of it before this person accepted (T3). */
  #onRenegotiation(data: OfferData): void {
    if (!this.#model.answered) return;
    if (data.callType === 'video') this.#becomeVideo();
    this.#agreement.receiveOffer(data);
    if (!data.takeover) return;
    this.#mediaState.again();
    this.#setPeerConnection('connected');
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
    this.#peer = peerOf(data);
    this.#agreement.beginAnew(data.callId, candidates);
    this.#offer = data;
    this.#callType = data.callType;
    if (data.callType === 'audio') this.#local.camera.release();
    this.#step({ type: 'merged' });
    this.#agreement.answer(data.offer, this.#agreement.configuration()).catch(() => undefined);
    return true;
  }

  #onLocalChange(): void {
    this.#emitter.emit('media', undefined);
    if (!this.#model.answered || this.#isOver()) return;
    const video = this.screenStream ? 'screen' : onOff(this.cameraOn);
    this.#mediaState.set({ audio: onOff(this.microphoneOn), video });
  }

  /** What the other side and this one agree about, as far as they need it. */
  #agreed(): AgreedCall {
    return {
      host: this.#host,
      model: () => this.#model,
      peer: () => this.#peer,
      callType: () => this.#callType,
      localStream: () => this.#local.stream,
      step: (event) => this.#step(event),
      settle: (fallback) => void this.#settleAs(fallback),
      settleIfOver: (callId) => void this.#settleIfOver(callId),
      merge: () => this.#merge(),
      named: ({ username, avatar }) => {
        this.#peer = { id: this.#peer.id, username, avatar };
      },
      answered: () => this.#onLocalChange(),
      remoteStream: (stream) => {
        this.#remoteStream = stream;
        this.#emitter.emit('streams', undefined);
      },
      quality: (sample) => this.#emitter.emit('quality', sample),
      securityCode: () => this.#emitter.emit('securityCode', this.securityCode),
      error: (error) => this.#emitter.emit('error', error),
    };
  }

  // ----------------------------------------------------------------------------------------------------------- rules

  #step(event: CallEvent): void {
    const before = this.#model;
    const { model, say } = step(before, event);
    if (model === before) return;
    this.#model = model;
    if (say) this.#say(say);
    if (model.flowed) this.#connectedAt ??= this.#host.platform.now();
    this.#limits.follow(model);
    if (model.phase === 'ended') {
      this.#release(say?.what === 'hang_up');
      this.#onEnded(this);
    }
    if (model.phase !== before.phase) this.#emitter.emit('state', model.phase);
    if (model.end) this.#emitter.emit('ended', model.end);
  }

  #say(saying: Saying): void {
    const { signal, session } = this.#agreement;
    switch (saying.what) {
      case 'hang_up':
        return signal.hangUp(saying.reason, session?.metrics, (callId) => {
          if (this.#hasMoved && !this.#host.isExtended()) void this.#host.hangUpAnywhere(callId);
        });
      case 'reject':
        return signal.reject(saying.reason);
      case 'busy':
        return signal.busy();
    }
  }

  #limitMs(limit: Limit): number {
    if (limit === 'recovery' && !this.#agreement.signal.canRenegotiate()) return PLAIN_RECOVERY_MS;
    if (limit !== 'ring' || this.#ringsUntil === undefined) return LIMIT_MS[limit];
    return Math.max(0, this.#ringsUntil - this.#host.platform.now()) + RING_GRACE_MS;
  }

  #onLimit(limit: Limit): void {
    if (limit === 'ring' && this.#host.isOnline() && this.#host.isExtended()) {
      this.#ringsUntil = this.#host.platform.now() + RING_AGAIN_MS;
      this.#limits.follow(this.#model);
      if (this.callId !== undefined) void this.#settleIfOver(this.callId);
      return;
    }
    this.#step({ type: 'over', limit });
  }

  #onAcceptingElsewhere(holdMs: number): void {
    if (this.state !== 'incoming') return;
    const until = this.#host.platform.now() + holdMs;
    if (this.#ringsUntil !== undefined && until > this.#ringsUntil) {
      this.#ringsUntil = until;
      this.#limits.renew('ring');
    }
    this.#emitter.emit('acceptingElsewhere', holdMs);
  }

  #setPeerConnection(state: PeerConnection): void {
    if (state === this.#peerConnection || this.#isOver()) return;
    this.#peerConnection = state;
    this.#agreement.session?.signalling(state === 'connected', 'peer');
    this.#emitter.emit('peerConnection', state);
  }

  /** Prefers what the service's history says about the end. */
  async #settleAs(fallback: CallEnd): Promise<void> {
    const known = this.callId === undefined ? undefined : await this.#host.endOf(this.callId);
    this.settle(known ?? fallback);
  }

  async #settleIfOver(callId: string): Promise<void> {
    const end = await this.#host.endOf(callId);
    if (end && callId === this.callId) this.settle(end);
  }

  /** @param metricsSaid whether the hang-up carried them */
  #release(metricsSaid: boolean): void {
    const { signal, session } = this.#agreement;
    const metrics = session?.metrics;
    const goesOn = this.#model.end?.reason === 'taken_over';
    if (metrics && !metricsSaid && !goesOn && this.#model.answered) signal.quality(metrics);
    this.#mediaState.close();
    this.#agreement.close();
    this.#offer = undefined;
    const hadRemote = this.#remoteStream !== undefined;
    this.#remoteStream = undefined;
    const hadLocal = this.#local.stream !== undefined;
    this.#local.close();
    if (hadRemote && !hadLocal) this.#emitter.emit('streams', undefined);
  }

  #report(cause: unknown, code: RingdownError['code'], message: string): void {
    this.#emitter.emit('error', asRingdownError(cause, code, message));
  }

  #isOver(): boolean {
    return this.state === 'ended';
  }
}

function peerOf({ senderId: id, senderInfo: { username, avatar } }: OfferData): CallPeer {
  return { id, username, avatar };
}

function onOff(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off';
}
