/** The door of the SDK: one signed-in person on one device, who can call and be called. */
import type { LiveCallSummary } from '@ringdown/protocol';
import { serviceAddress } from './address.ts';
import type { Call, MediaChoice } from './call.ts';
import type { CallBeginning, CallFrame, CallHost, RingingOffer } from './call-host.ts';
import { neverBack } from './clock.ts';
import { Connection, type ConnectionState, type Greeting, type Message } from './connection.ts';
import { claimDeviceId, type DeviceClaim } from './device-id.ts';
import { listDevices, type MediaDevice } from './devices.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { asRingdownError, RingdownError, serviceError } from './errors.ts';
import type { FrameOf } from './frames.ts';
import { IceServers } from './ice-servers.ts';
import { LiveCall } from './live-call.ts';
import { type OpenCall, OpenCalls, openCallOf } from './open-calls.ts';
import { openMediaSession } from './open-media-session.ts';
import { browserPlatform, type Platform } from './platform.ts';
import { LivePresence, type Presence } from './presence.ts';
import { ServiceHttp } from './service-http.ts';
import { askToken, type TokenProvider } from './token.ts';

/** How many calls are remembered, so that an offer that comes again does not ring again (RI-2). */
const MOST_REMEMBERED = 200;
/** How long an offer of somebody who is being dialled here may wait for the service to merge the two (GL-1), ms. */
const MERGE_PATIENCE_MS = 3_000;
/** How long after a reconnection the events that were missed may take, before the service is asked, ms. */
const CATCH_UP_MS = 3_000;
/** How often it is asked again as long as such a call lasts, ms: the end may have been said to a socket that is dead. */
const CATCH_UP_AGAIN_MS = 15_000;
/** How long the end of a call that a reloaded page left behind is worth saying, ms. */
const LEFT_BEHIND_MS = 60_000;

/** What a client needs to know. */
export interface RingdownClientOptions {
  /** The socket `ws(s)://host/ws`, or the base `http(s)://host` from which it is derived. Never holds a token. */
  readonly url: string | URL;
  /**
   * Gives the bearer token, alone or with its end; asked at every connect, about a minute before its end, when the service
   * wants a fresh one, and before each question over HTTP: keep it until it is about to end. When it fails, or takes
   * longer than 15 s, it is asked again later; an empty token, or an `unauthenticated` {@link RingdownError}, means that
   * nobody is signed in.
   */
  readonly token: TokenProvider;
  /**
   * Gives the STUN/TURN servers for one call; default: `GET <base>/api/rtc/ice-servers` with the token. After five seconds
   * a call goes on without.
   */
  readonly iceServers?: () => Promise<RTCIceServer[]>;
  /** The language of the service's texts, BCP 47 as `en` or `zh-CN`; default: what the browser asks for. */
  readonly lang?: string;
  /** Doubles for tests. */
  readonly platform?: Partial<Platform>;
}

/** How to call. */
export interface CallOptions extends MediaChoice {
  /**
   * `false` makes it an audio call; a call has a picture by default. With `takeover` the call stays what it is, and `false`
   * goes on without the camera.
   */
  readonly video?: boolean;
  /** The conversation it belongs to; passed on to the other side. */
  readonly conversationId?: string;
  /**
   * Goes on here with the call that this person has with that one on another device, or had here before the page was
   * reloaded (see {@link RingdownClient.openCalls}); without such a call it is a new one.
   */
  readonly takeover?: boolean;
}

/**
 * Whether the service can be reached.
 * - `offline` it is not wanted, or was refused for good
 * - `connecting` it has not been reached yet, and is being tried
 * - `online`
 * - `resuming` it was reached, and is being reached again: calls go on, and what is said waits
 */
export type ClientState = ConnectionState;

/** What {@link RingdownClient.simulate} can make believe. */
export type SimulatedFault = 'signal-loss' | 'ice-failure' | 'resume' | 'full-reconnect' | 'token-expiry';

/** The events of a client and what a listener is given. */
export interface ClientEvents {
  state: ClientState;
  /** Somebody rings here. */
  incoming: Call;
  /** Any new call, outgoing or incoming. */
  call: Call;
  /** {@link RingdownClient.openCalls} changed. */
  openCalls: readonly OpenCall[];
  /** A device was plugged in or out; {@link RingdownClient.devices} lists those of now. */
  devices: undefined;
  /**
   * What went wrong outside a call, and what listeners threw. Only what leaves `state` at `offline` needs an action:
   * `unauthenticated`, to sign in again, and `rejected_by_service`, to connect after a while.
   */
  error: RingdownError;
}

/** A signed-in person on this device. */
export class RingdownClient {
  /** Which friends are online. */
  readonly presence: Presence;
  readonly #platform: Platform;
  readonly #emitter = new Emitter<ClientEvents>((cause, event) => this.#onListenerError(cause, event));
  readonly #connection: Connection;
  readonly #presence: LivePresence;
  readonly #host: CallHost;
  readonly #calls: LiveCall[] = [];
  /** Offers of somebody who is being dialled here: not announced unless the service does not merge them (GL-1). */
  readonly #held = new Map<LiveCall, () => void>();
  readonly #knownCallIds = new Set<string>();
  readonly #open: OpenCalls;
  #device: Promise<DeviceClaim> | undefined;
  readonly #ice: IceServers;
  /** Keeps the ICE servers fresh, and listens for devices: only while there are calls. */
  #stopAttending: (() => void) | undefined;
  #wasOnline = false;
  #stopCatchingUp: (() => void) | undefined;

  /** @throws {TypeError} when `url` is no ws, wss, http or https address */
  constructor(options: RingdownClientOptions) {
    const platform = { ...browserPlatform, ...options.platform };
    this.#platform = platform;
    const now = neverBack(platform.now);
    const { socketUrl, httpBase } = serviceAddress(options.url);
    const token = async () => (await askToken(options.token)).token;
    const http = new ServiceHttp({ httpBase, token, platform });
    this.#connection = new Connection({
      socketUrl,
      token: options.token,
      deviceId: async () => {
        this.#device ??= claimDeviceId(platform);
        return (await this.#device).deviceId;
      },
      lang: options.lang,
      isRefused: (asked) => http.refuses(asked),
      platform: { ...platform, now },
      onMessage: (message) => this.#onMessage(message),
      onGreeted: (greeting) => this.#onGreeted(greeting),
      onState: (state) => this.#onState(state),
      onError: (error) => this.#emitter.emit('error', error),
      onStopped: (givenUp) => this.#onStopped(givenUp),
    });
    this.#presence = new LivePresence({
      send: (...request) => this.#connection.send(...request),
      isExtended: () => this.#connection.extended,
      onListenerError: (cause) => this.#onListenerError(cause),
    });
    this.presence = this.#presence;
    const { iceServers } = options;
    const ice = new IceServers({
      fetch: async () => (iceServers ? { iceServers: await iceServers() } : await http.iceServers()),
      now,
      setTimer: (run, delayMs) => platform.setTimer(run, delayMs),
    });
    this.#ice = ice;
    this.#host = {
      platform,
      openMediaSession,
      send: (...request) => this.#connection.send(...request),
      isExtended: () => this.#connection.extended,
      isOnline: () => this.state === 'online',
      rtcConfiguration: async (onProblem) => {
        try {
          return await ice.configuration();
        } catch (cause) {
          onProblem(
            asRingdownError(
              cause,
              'ice_servers_unavailable',
              'The list of STUN and TURN servers could not be fetched.',
            ),
          );
          return ice.without;
        }
      },
      freshConfiguration: () => ice.configuration().catch(() => undefined),
      endOf: (callId) => http.endOf(callId),
      hangUpAnywhere: (callId) => http.hangUp(callId),
      takeRingingOffer: (userId) => this.#takeRingingOffer(userId),
      onListenerError: (cause) => this.#onListenerError(cause),
    };
    this.#open = new OpenCalls({
      platform,
      hangUp: (call, reason) => this.#hangUpOpen(call, reason),
      onChange: (all) => this.#emitter.emit('openCalls', all),
    });
  }

  /** Whether the service can be reached. */
  get state(): ClientState {
    return this.#connection.state;
  }

  /** The calls that have not ended, oldest first. */
  get calls(): readonly Call[] {
    return [...this.#calls];
  }

  /** The call this person is in or dials; else one that rings here. */
  get activeCall(): Call | undefined {
    return this.#calls.find((call) => call.state !== 'incoming') ?? this.#calls[0];
  }

  /**
   * Calls of this person that go on without this page, as the service told when this client last connected without
   * resuming: on other devices, and with `here` the one that this page was in before it was reloaded. To go on with one,
   * {@link call} its peer with `takeover`; nobody is rung. One that is `here` is held for 30 seconds, and again for as many
   * from when that is asked; then it is hung up, and at once by {@link endOpenCall} or when somebody else is called. Empty
   * where the service does not tell.
   */
  get openCalls(): readonly OpenCall[] {
    return this.#open.all;
  }

  /** Ends one of {@link openCalls}, wherever it is. Nothing happens when it is none of them. */
  endOpenCall(callId: string): void {
    this.#open.end(callId);
  }

  /**
   * The microphones, cameras and loudspeakers of this computer. Before this site was allowed to use one, browsers say
   * little or nothing of them. Never rejects.
   */
  devices(): Promise<readonly MediaDevice[]> {
    return listDevices(this.#platform);
  }

  /**
   * Connects, and stays connected over lost networks until {@link disconnect}.
   * @returns resolves when online for the first time
   * @throws {RingdownError} `unauthenticated` or `rejected_by_service` when the service refuses for good; `not_online` at
   *   {@link disconnect}. While the service cannot be reached it stays pending
   */
  connect(): Promise<void> {
    return this.#connection.connect();
  }

  /**
   * Goes offline. Hangs up nothing: media that flows goes on flowing, and the service ends the call when this person
   * does not connect again within its grace. Hang up first, if that is meant.
   */
  disconnect(): void {
    this.#connection.disconnect();
  }

  /**
   * Makes believe that something went wrong, so that an application can try what it does then. Without a socket, or
   * without a call for `ice-failure`, nothing happens.
   * - `signal-loss` nothing gets through to the service any more and nobody says so, as after a change of network: within
   *   15 s in a call, 30 s else, this is noticed and the session resumed
   * - `resume` the socket is lost at once; the session is resumed and nothing missed
   * - `full-reconnect` the socket is lost, and the session cannot be resumed: calls are held against what the service
   *   knows
   * - `token-expiry` the service closes the socket because the token has run out; a new one is asked for
   * - `ice-failure` the path between the browsers is lost; ICE is restarted. The path that is left was whole in truth: between
   *   Chromium, which called, and Firefox one direction may stay silent for seconds, and a second failure may
   *   end the call as `failed`, which a real loss does not cause
   */
  simulate(fault: SimulatedFault): void {
    switch (fault) {
      case 'signal-loss':
        return this.#connection.simulate('deaf');
      case 'resume':
        return this.#connection.simulate('lost');
      case 'full-reconnect':
        return this.#connection.simulate('forgotten');
      case 'token-expiry':
        return this.#connection.simulate('token');
      case 'ice-failure':
        for (const call of this.#calls) call.simulateFailure();
    }
  }

  /**
   * Calls somebody. If that person is ringing here already, their call is accepted and returned instead; if they dial
   * at the same moment, the two calls become this one. While `resuming` the offer waits up to 20 seconds.
   * @returns resolves when microphone and camera are granted, before it rings; `'call'` is emitted before that
   * @throws {RingdownError} `not_online`; `invalid_state` while another call is under way; as {@link Call.accept} when
   *   the media cannot be had
   */
  async call(userId: string, options: CallOptions = {}): Promise<Call> {
    if (this.state !== 'online' && this.state !== 'resuming')
      throw new RingdownError('not_online', 'There is no connection to the service.');
    if (this.#calls.some((each) => each.state !== 'incoming')) {
      throw new RingdownError('invalid_state', 'Another call is under way.');
    }
    const ringing = this.#calls.find((each) => each.peer.id === userId);
    if (ringing) {
      await ringing.accept(options);
      return ringing;
    }
    const { conversationId, takeover } = options;
    const open = takeover ? this.openCalls.find(({ peer }) => peer.id === userId) : undefined;
    if (open?.here) this.#open.hold();
    else this.#open.leave();
    const call = this.#begin({
      direction: 'outgoing',
      peer: open?.peer ?? { id: userId },
      callType: open?.callType ?? (options.video === false ? 'audio' : 'video'),
    });
    // The service knows one dialled or answered call of a person: now it is this one (BU-1).
    call.on('state', () => call.callId !== undefined && this.#open.set([]));
    // Who hangs up on the way back means the call; without media it may be tried again.
    call.on('ended', ({ reason }) => open?.here && reason === 'cancelled' && this.#open.end(open.callId));
    this.#add(call);
    this.#emitter.emit('call', call);
    await call.dial(options, { conversationId, takeover });
    return call;
  }

  /** Adds a listener. @returns takes it away again */
  on<K extends keyof ClientEvents>(event: K, listener: (value: ClientEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  // ------------------------------------------------------------------------------------------------------- messages

  #onMessage(message: Message): void {
    switch (message.type) {
      case 'call:offer':
        if (message.data.renegotiation) this.#deliver(message);
        else this.#onOffer(message.data);
        return;
      case 'presence':
        this.#presence.receive(message.data);
        return;
      case 'error':
        this.#emitter.emit('error', serviceError(message.data));
        return;
      case 'call:not_available': {
        const { callId, receiverId } = message.data;
        const call = callId === undefined ? this.#dialling(receiverId) : this.#find(callId);
        call?.receive(message);
        return;
      }
      default:
        this.#deliver(message);
    }
  }

  /** A frame about a call that is not, or no longer, known here is late and means nothing (HU-2). */
  #deliver(message: CallFrame): void {
    const { callId } = message.data;
    if (callId === undefined) return;
    const call = this.#find(callId);
    if (call) call.receive(message);
    else if (message.type === 'call:hang_up' || message.type === 'call:timeout') this.#onOpenEnded(message);
  }

  #onOffer(data: RingingOffer['data']): void {
    if (this.#knownCallIds.has(data.callId) || this.#find(data.callId)) return;
    this.#remember(data.callId);
    const call = this.#begin({ direction: 'incoming', data });
    if (this.#dialling(data.senderId)) {
      const stop = this.#platform.setTimer(() => this.#announceHeld(call), MERGE_PATIENCE_MS);
      this.#held.set(call, stop);
    } else {
      this.#announce(call);
    }
  }

  #begin(beginning: CallBeginning): LiveCall {
    return new LiveCall(this.#host, beginning, (call) => this.#onEnded(call));
  }

  #announceHeld(call: LiveCall): void {
    this.#held.get(call)?.();
    if (this.#held.delete(call)) this.#announce(call);
  }

  #announce(call: LiveCall): void {
    this.#add(call);
    this.#emitter.emit('call', call);
    this.#emitter.emit('incoming', call);
  }

  #add(call: LiveCall): void {
    this.#calls.push(call);
    this.#attend();
    this.#connection.inCall = true;
  }

  #takeRingingOffer(userId: string): RingingOffer | undefined {
    const ringing = this.#all().find((each) => each.peer.id === userId && each.state === 'incoming');
    return ringing?.surrender();
  }

  #onEnded(call: LiveCall): void {
    if (call.callId !== undefined) this.#remember(call.callId);
    this.#held.get(call)?.();
    if (this.#held.delete(call)) return;
    const index = this.#calls.indexOf(call);
    if (index >= 0) this.#calls.splice(index, 1);
    this.#attend();
    this.#connection.inCall = this.#calls.length > 0;
    // Whoever was dialled and rings here too now rings in the open, once listeners have heard of the end.
    for (const held of [...this.#held.keys()])
      if (held.peer.id === call.peer.id) queueMicrotask(() => this.#announceHeld(held));
  }

  #attend(): void {
    if (this.#calls.length === 0) {
      this.#stopAttending?.();
      this.#stopAttending = undefined;
    } else if (!this.#stopAttending) {
      const stopFreshening = this.#ice.keepFresh();
      const stopWatching = this.#platform.onDeviceChange(() => this.#emitter.emit('devices', undefined));
      this.#stopAttending = () => {
        stopFreshening();
        stopWatching();
      };
    }
  }

  #find(callId: string): LiveCall | undefined {
    return this.#all().find((call) => call.callId === callId);
  }

  /** Those that wait to be announced (GL-1) and those that were. */
  #all(): LiveCall[] {
    return [...this.#held.keys(), ...this.#calls];
  }

  /** The call to this person that nobody has answered yet. */
  #dialling(userId: string): LiveCall | undefined {
    return this.#calls.find(
      (call) => call.peer.id === userId && (call.state === 'dialling' || call.state === 'ringing'),
    );
  }

  #remember(callId: string): void {
    this.#knownCallIds.add(callId);
    for (const oldest of this.#knownCallIds) {
      if (this.#knownCallIds.size <= MOST_REMEMBERED) break;
      this.#knownCallIds.delete(oldest);
    }
  }

  // ----------------------------------------------------------------------------------------------------- connection

  #onState(state: ClientState): void {
    for (const call of this.#calls) call.signalling(state === 'online');
    this.#emitter.emit('state', state);
  }

  #onGreeted(greeting: Greeting): void {
    const again = this.#wasOnline;
    this.#wasOnline = true;
    if (greeting.extended) {
      if (!greeting.resumed) this.#reconcile(greeting.calls);
    } else if (again && this.#calls.length > 0) {
      for (const call of this.#calls) call.movedToAnotherSocket();
      this.#catchUpIn(CATCH_UP_MS);
    }
    this.#presence.greeted();
  }

  /** What was missed is lost (HE-2): the service's snapshot says what is left. */
  #reconcile(calls: readonly LiveCallSummary[]): void {
    for (const call of this.#all()) call.reconcile(calls);
    const open: OpenCall[] = [];
    for (const summary of calls) {
      const call = openCallOf(summary);
      const { callId, peer, here } = call;
      const wasOpen = this.openCalls.some((each) => each.callId === callId);
      if (this.#find(callId) || (this.#dialling(peer.id) && !wasOpen)) continue;
      // Nobody comes back into a ring: its page is gone, and who dialled dials again. Nor into what is over for this page.
      if (here && (summary.phase === 'ringing' || (!wasOpen && this.#knownCallIds.has(callId))))
        this.#hangUpOpen(call, 'timeout');
      else if (summary.phase === 'active' || call.direction === 'outgoing') open.push(call);
    }
    this.#open.set(open);
  }

  // ----------------------------------------------------------------------------------- calls that go on without this page

  #hangUpOpen({ callId, peer, here }: OpenCall, reason: 'timeout' | 'normal'): void {
    this.#dialling(peer.id)?.settle({ reason: 'hung_up', by: 'me' });
    if (!here) {
      void this.#host.hangUpAnywhere(callId);
      return;
    }
    this.#remember(callId);
    const data = { callId, reason };
    this.#connection.send({ type: 'call:hang_up', data }, {}, { giveUpAfterMs: LEFT_BEHIND_MS });
  }

  /** Whoever is on the way back into a call that is over wanted that one: nobody is rung for it. */
  #onOpenEnded({ type, data }: FrameOf<'call:hang_up' | 'call:timeout'>): void {
    const reason = type === 'call:hang_up' ? data.reason : undefined;
    const call = this.openCalls.find(({ callId }) => callId === data.callId);
    if (!call) return;
    this.#open.remove(call.callId, reason === 'takeover' ? [{ ...call, here: false }] : []);
    if (reason !== 'takeover' && reason !== 'replaced')
      this.#dialling(call.peer.id)?.settle({ reason: 'hung_up', by: 'peer' });
  }

  /**
   * The end of a call may have come while nobody listened here, and a plain session is told nothing again; the history
   * knows it.
   */
  #catchUpIn(delayMs: number): void {
    this.#stopCatchingUp?.();
    this.#stopCatchingUp = this.#platform.setTimer(async () => {
      for (const call of [...this.#calls]) {
        if (call.callId === undefined) continue;
        const end = await this.#host.endOf(call.callId);
        if (end) call.settle(end);
      }
      if (this.#calls.length > 0 && !this.#connection.extended && this.state !== 'offline')
        this.#catchUpIn(CATCH_UP_AGAIN_MS);
    }, delayMs);
  }

  #onStopped(givenUp: boolean): void {
    void this.#device?.then(({ release }) => release());
    this.#device = undefined;
    this.#open.pause();
    this.#stopCatchingUp?.();
    if (!givenUp) return;
    for (const call of this.#all()) {
      const { state, callId = '' } = call;
      call.settle({ reason: 'connection_lost', by: 'service' });
      // It may still ring, and does so here again when somebody connects in time.
      if (state === 'incoming') this.#knownCallIds.delete(callId);
    }
  }

  #onListenerError(cause: unknown, event?: keyof ClientEvents): void {
    // Who fails at hearing of failures is told nothing more; the page's own error handling is.
    if (event === 'error') {
      globalThis.reportError?.(cause);
      return;
    }
    const error = new RingdownError('listener_failed', 'A listener of the application threw.', { cause });
    this.#emitter.emit('error', error);
  }
}
