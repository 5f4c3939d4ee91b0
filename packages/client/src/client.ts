/** The door of the SDK: one signed-in person on one device, who can call and be called. */
import { serviceAddress } from './address.ts';
import type { Call, MediaChoice } from './call.ts';
import { Connection } from './connection.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { asRingdownError, RingdownError, serviceError } from './errors.ts';
import type { Frame } from './frames.ts';
import { type CallFrame, type CallHost, LiveCall, type RingingOffer } from './live-call.ts';
import { browserPlatform, type Platform } from './platform.ts';
import { ServiceHttp } from './service-http.ts';

/** How many calls are remembered, so that an offer that comes again does not ring again (RI-2). */
const MOST_REMEMBERED = 200;
/** How long an offer of somebody who is being dialled here may wait for the service to merge the two (GL-1), ms. */
const MERGE_PATIENCE_MS = 3_000;
/** How long after a reconnection the events that were missed may take, before the service is asked, ms. */
const CATCH_UP_MS = 3_000;

/** What a client needs to know. */
export interface RingdownClientOptions {
  /** The socket `ws(s)://host/ws`, or the base `http(s)://host` from which it is derived. Never holds a token. */
  readonly url: string | URL;
  /**
   * Gives the bearer token; asked at every connect and whenever the service wants a fresh one. When it fails it is
   * asked again later; an empty token, or an `unauthenticated` {@link RingdownError}, means that nobody is signed in.
   */
  readonly token: () => Promise<string> | string;
  /** Gives the STUN/TURN servers for one call; default: `GET <base>/api/rtc/ice-servers` with the token. */
  readonly iceServers?: () => Promise<RTCIceServer[]>;
  /** Doubles for tests. */
  readonly platform?: Partial<Platform>;
}

/** How to call. */
export interface CallOptions extends MediaChoice {
  /** `false` makes it an audio call; a call has a picture by default. */
  readonly video?: boolean;
  /** The conversation it belongs to; passed on to the other side. */
  readonly conversationId?: string;
}

/** Whether the service can be reached. */
export type ClientState = 'offline' | 'connecting' | 'online';

/** The events of a client and what a listener is given. */
export interface ClientEvents {
  state: ClientState;
  /** Somebody rings here. */
  incoming: Call;
  /** Any new call, outgoing or incoming. */
  call: Call;
  /** What went wrong outside a call, and what listeners threw. Nothing of it needs an action, but for `unauthenticated`. */
  error: RingdownError;
}

/** A signed-in person on this device. */
export class RingdownClient {
  readonly #platform: Platform;
  readonly #emitter = new Emitter<ClientEvents>((cause, event) => this.#onListenerError(cause, event));
  readonly #connection: Connection;
  readonly #host: CallHost;
  readonly #calls: LiveCall[] = [];
  /** Offers of somebody who is being dialled here: not announced unless the service does not merge them (GL-1). */
  readonly #held = new Map<LiveCall, () => void>();
  readonly #knownCallIds = new Set<string>();
  #wasOnline = false;

  /** @throws {TypeError} when `url` is no ws, wss, http or https address */
  constructor(options: RingdownClientOptions) {
    this.#platform = { ...browserPlatform, ...options.platform };
    const { socketUrl, httpBase } = serviceAddress(options.url);
    const http = new ServiceHttp({ httpBase, token: options.token, platform: this.#platform });
    this.#connection = new Connection({
      socketUrl,
      token: options.token,
      admittance: (token) => http.admittance(token),
      platform: this.#platform,
      onMessage: (message) => this.#onMessage(message),
      onState: (state) => this.#onState(state),
      onError: (error) => this.#emitter.emit('error', error),
      onGivenUp: (error) => this.#onGivenUp(error),
    });
    this.#host = {
      platform: this.#platform,
      send: (request, handlers, patience) => this.#connection.send(request, handlers, patience),
      rtcConfiguration: async (onProblem) => {
        try {
          return { iceServers: await (options.iceServers ? options.iceServers() : http.iceServers()) };
        } catch (cause) {
          onProblem(asRingdownError(cause, 'ice_servers_unavailable', 'The application gave no ICE servers.'));
          return { iceServers: [] };
        }
      },
      endOf: (callId) => http.endOf(callId),
      hangUpAnywhere: (callId) => http.hangUp(callId),
      takeRingingOffer: (userId) => this.#takeRingingOffer(userId),
      onEnded: (call) => this.#onEnded(call),
      onListenerError: (cause) => this.#onListenerError(cause),
    };
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
   * Connects, and stays connected over lost networks until {@link disconnect}.
   * @returns resolves when online for the first time
   * @throws {RingdownError} `unauthenticated` or `rejected_by_service` when the service refuses for good
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
   * Calls somebody. If that person is ringing here already, their call is accepted and returned instead; if they dial
   * at the same moment, the two calls become this one.
   * @returns resolves when microphone and camera are granted, before it rings; `'call'` is emitted before that
   * @throws {RingdownError} `not_online`; `invalid_state` while another call is under way; as {@link Call.accept} when
   *   the media cannot be had
   */
  async call(userId: string, options: CallOptions = {}): Promise<Call> {
    if (this.state !== 'online') throw new RingdownError('not_online', 'There is no connection to the service.');
    if (this.#calls.some((each) => each.state !== 'incoming')) {
      throw new RingdownError('invalid_state', 'Another call is under way.');
    }
    const ringing = this.#calls.find((each) => each.peer.id === userId);
    if (ringing) {
      await ringing.accept(options);
      return ringing;
    }
    const call = new LiveCall(this.#host, {
      direction: 'outgoing',
      userId,
      callType: options.video === false ? 'audio' : 'video',
    });
    this.#calls.push(call);
    this.#emitter.emit('call', call);
    await call.dial(options, options.conversationId);
    return call;
  }

  /** Adds a listener. @returns takes it away again */
  on<K extends keyof ClientEvents>(event: K, listener: (value: ClientEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  // ------------------------------------------------------------------------------------------------------- messages

  #onMessage(message: Exclude<Frame, { type: 'ack' }>): void {
    switch (message.type) {
      case 'call:offer':
        this.#onOffer(message.data);
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
    if (callId !== undefined) this.#find(callId)?.receive(message);
  }

  #onOffer(data: RingingOffer['data']): void {
    if (this.#knownCallIds.has(data.callId) || this.#find(data.callId)) return;
    this.#remember(data.callId);
    const call = new LiveCall(this.#host, { direction: 'incoming', data });
    if (this.#dialling(data.senderId)) {
      const stop = this.#platform.setTimer(() => this.#announceHeld(call), MERGE_PATIENCE_MS);
      this.#held.set(call, stop);
    } else {
      this.#announce(call);
    }
  }

  #announceHeld(call: LiveCall): void {
    this.#held.get(call)?.();
    if (this.#held.delete(call)) this.#announce(call);
  }

  #announce(call: LiveCall): void {
    this.#calls.push(call);
    this.#emitter.emit('call', call);
    this.#emitter.emit('incoming', call);
  }

  #takeRingingOffer(userId: string): RingingOffer | undefined {
    const ringing = [...this.#held.keys(), ...this.#calls].find(
      (each) => each.peer.id === userId && each.state === 'incoming',
    );
    return ringing?.surrender();
  }

  #onEnded(call: LiveCall): void {
    if (call.callId !== undefined) this.#remember(call.callId);
    this.#held.get(call)?.();
    if (this.#held.delete(call)) return;
    const index = this.#calls.indexOf(call);
    if (index >= 0) this.#calls.splice(index, 1);
    // Whoever was dialled and rings here too now rings in the open, once listeners have heard of the end.
    for (const held of [...this.#held.keys()])
      if (held.peer.id === call.peer.id) queueMicrotask(() => this.#announceHeld(held));
  }

  #find(callId: string): LiveCall | undefined {
    return [...this.#calls, ...this.#held.keys()].find((call) => call.callId === callId);
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
    if (state === 'online') {
      if (this.#wasOnline && this.#calls.length > 0) {
        for (const call of this.#calls) call.movedToAnotherSocket();
        this.#platform.setTimer(() => void this.#catchUp(), CATCH_UP_MS);
      }
      this.#wasOnline = true;
    }
    this.#emitter.emit('state', state);
  }

  /** The end of a call may have come while nobody listened here; the history knows it. */
  async #catchUp(): Promise<void> {
    for (const call of [...this.#calls]) {
      if (call.callId === undefined) continue;
      const end = await this.#host.endOf(call.callId);
      if (end) call.settle(end);
    }
  }

  #onGivenUp(error: RingdownError): void {
    for (const call of [...this.#held.keys(), ...this.#calls])
      call.settle({ reason: 'connection_lost', by: 'service' });
    this.#emitter.emit('error', error);
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
