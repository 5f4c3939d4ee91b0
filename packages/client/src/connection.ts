/**
 * The socket to the service: opens it, proves who is there, keeps it alive, opens it again, and goes on where the last one
 * broke off. It knows requests and positions in a mailbox; what a call is, it does not know.
 *
 * It speaks the extended protocol where the service does, and the contract alone where it does not (PROTOCOL, "Transport").
 */
import {
  CLOSED_AS_REPLACED,
  CLOSED_FOR_PROTOCOL,
  type ClientMessage,
  type ClientMessageOf,
  type LiveCallSummary,
  reconnectAdvice,
} from '@ringdown/protocol';
import { backoffDelayMs } from './backoff.ts';
import { asRingdownError, RingdownError, serviceError } from './errors.ts';
import { decodeFrame, type Frame, type FrameOf } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { Outbox, type RequestHandlers, type RequestOptions } from './outbox.ts';
import type { Platform, SocketPort } from './platform.ts';
import { Session } from './session.ts';
import { askToken, type FreshToken, replaceAfterMs, type TokenProvider } from './token.ts';
import { within } from './within.ts';

/** How long the application may take to give a token, ms. */
const TOKEN_WITHIN_MS = 15_000;
/** How long a socket may take to open, ms. */
const OPEN_WITHIN_MS = 15_000;
/** How long the service may take to answer a hello, ms. */
const HELLO_WITHIN_MS = 10_000;
/** How long it may take to judge a newer token, ms. */
const AUTH_WITHIN_MS = 10_000;
/** A token that could not be replaced is tried to be replaced again after this long, ms. */
const RENEW_AGAIN_MS = 10_000;
/** A session that lasted this long, ms, was a success: the next back-off begins anew. */
const STABLE_MS = 5_000;
/** An attempt younger than this, ms, is on the network of now: no change of it begins another. */
const YOUNG_MS = 2_000;
/** The same for one that such a change began: browsers also tell mere estimates, and a slow network needs its time. */
const YOUNG_AFTER_CHANGE_MS = 10_000;
/** How often the service is asked at most why no socket opens, ms. */
const ASK_WHY_EVERY_MS = 60_000;
/** As often in a row a hello may come too late for the service, as over a bad network, before that is taken for a no. */
const MOST_LATE_HELLOS = 5;
/** How long after it was left an attempt's hello may still arrive, ms. */
const RIVAL_MS = 60_000;
/** Our own close code for a socket that is left because it does not answer, or for one with a fresh token. */
const CLOSE_LEFT = 4000;
const EXTENDED = 'ringdown.v1';
const PLAIN = 'ringdown.plain';

/** Whether the service can be reached; `resuming` when it could and is being reached again. */
export type ConnectionState = 'offline' | 'connecting' | 'online' | 'resuming';

/** A frame that asks something of the service. */
export type Request = Exclude<ClientMessage, { type: 'auth' | 'ping' | 'hello' | 'ack' }>;

/** A frame that is no answer to anything this room asked. */
export type Message = Exclude<Frame, { type: 'ack' | 'hello' | 'pong' }>;

/** A request under way. */
export interface PendingRequest {
  /**
   * Forgets it; no handler is called.
   * @param late is given the acknowledgement of one that the service had got already
   * @returns whether the service may have got it
   */
  cancel(late?: RequestHandlers['ack']): boolean;
}

/** What kind of session a new socket has, and what the service knows. */
export type Greeting =
  | { readonly extended: false }
  | {
      readonly extended: true;
      /** Whether everything that was missed follows (HE-2); otherwise `calls` is all there is. */
      readonly resumed: boolean;
      readonly calls: readonly LiveCallSummary[];
    };

interface ConnectionOptions {
  readonly socketUrl: string;
  readonly token: TokenProvider;
  /** The own name of this device (HE-1). Must not reject. */
  readonly deviceId: () => Promise<string>;
  /** The language of the service's texts, BCP 47. */
  readonly lang?: string | undefined;
  /** Whether the service refuses the token. Must not reject. */
  readonly isRefused: (token: string) => Promise<boolean>;
  readonly platform: Platform;
  /** Every frame that is not an answer to a request. */
  readonly onMessage: (message: Message) => void;
  /** There is a session. Comes before what was missed, and before what waits here is sent. */
  readonly onGreeted: (greeting: Greeting) => void;
  readonly onState: (state: ConnectionState) => void;
  readonly onError: (error: RingdownError) => void;
  /**
   * There will be no further attempt, unless `connect` is called again. Comes before that state is told, and the error.
   * @param givenUp whether the service, or nobody being signed in, is the reason
   */
  readonly onStopped: (givenUp: boolean) => void;
}

/** One socket. */
interface Link {
  /** Undefined only while it is being made. */
  socket: SocketPort | undefined;
  /** `opening`, then for an extended session `greeting` until its hello is answered, then `ready`. */
  phase: 'opening' | 'greeting' | 'ready';
  extended: boolean;
  /** When its session began, ms. */
  readyAt: number;
  /** When the present phase has taken too long, ms. */
  deadline: number;
  readonly heartbeat: Heartbeat;
  helloId: string;
  pingId: string;
  /** Makes believe that nothing gets through any more (see {@link Connection.simulate}). */
  deaf: boolean;
}

/** The socket to the service, over all its reconnections. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #platform: Platform;
  readonly #outbox = new Outbox();
  readonly #session = new Session();
  #state: ConnectionState = 'offline';
  #first: PromiseWithResolvers<void> | undefined;
  #link: Link | undefined;
  /** Counts the attempts; whatever belongs to an earlier one is ignored. */
  #generation = 0;
  #failures = 0;
  /** Whether the service refused the last token itself. */
  #refused = false;
  #lateHellos = 0;
  /** Until when the attempt of now goes on in spite of a change of network. */
  #youngUntil = 0;
  /** Until when a hello of an attempt that was left may still arrive. */
  #rivalUntil = 0;
  #askWhyAt = 0;
  #wasOnline = false;
  #extended = false;
  /** A plain session's ping may go unanswered; whether this service ever answered one. */
  #answersPings = false;
  /** The service does not speak our version of the extended protocol. */
  #plainOnly = false;
  #inCall = false;
  #nextId = 0;
  #idPrefix = '';
  #stopRetry: (() => void) | undefined;
  #retryAt = 0;
  #stopWaking = nothing;
  #stopTimer = nothing;
  #timerAt = Number.POSITIVE_INFINITY;
  /** How far the service's clock is ahead of ours, ms, as far as it said. */
  #clockAheadMs = 0;
  #token: FreshToken | undefined;
  #renewAt = Number.POSITIVE_INFINITY;
  #renewing: Promise<boolean> | undefined;
  /** The request with the newer token that the service is judging, or judged. */
  #authId = '';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#platform = options.platform;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether the session of now, or the last one, is extended. */
  get extended(): boolean {
    return this.#extended;
  }

  /** In a call a dead path is noticed sooner (HE-4). */
  set inCall(inCall: boolean) {
    this.#inCall = inCall;
    if (this.#link) this.#link.heartbeat.inCall = inCall;
    this.#arm();
  }

  /**
   * Connects and stays connected.
   * @returns resolves when online for the first time; rejects when the service refuses for good or `disconnect` is
   *   called before
   */
  connect(): Promise<void> {
    if (this.#first) return this.#first.promise;
    this.#first = Promise.withResolvers<void>();
    this.#failures = 0;
    this.#refused = false;
    this.#lateHellos = 0;
    this.#askWhyAt = 0;
    this.#plainOnly = false;
    // Ids are unique over page loads, so that the service cannot take a new request for a repeated old one.
    const { now, random, onWake, onNetworkChange } = this.#platform;
    this.#idPrefix ||= `${now().toString(36)}-${Math.floor(random() * 2 ** 32).toString(36)}-`;
    const stops = [onWake(() => this.#wake(false)), onNetworkChange(() => this.#wake(true))];
    this.#stopWaking = () => {
      for (const stop of stops) stop();
    };
    void this.#attempt();
    return this.#first.promise;
  }

  /** Closes the socket and stays offline. What was not heard yet stays in the outbox. Idempotent. */
  disconnect(): void {
    this.#stop(new RingdownError('not_online', 'The client was disconnected.'), false);
  }

  /**
   * Sends a request now, or as soon as there is a session again.
   * @param request without an id; it gets one
   */
  send(request: Request, handlers: RequestHandlers, options: RequestOptions): PendingRequest {
    const id = this.#send(request, handlers, options);
    return { cancel: (late) => this.#outbox.cancel(id, late) };
  }

  /**
   * Makes believe that something happened to the socket, for an application's own tests.
   * - `deaf` nothing gets through any more, and nobody says so, as after a change of network
   * - `lost` it is gone; the session is resumed
   * - `forgotten` it is gone, and so is the mailbox: the session begins anew
   * - `token` the service closes it because the token has run out
   */
  simulate(fault: 'deaf' | 'lost' | 'forgotten' | 'token'): void {
    const link = this.#link;
    if (!link || link.phase === 'opening') return;
    if (fault === 'deaf') {
      link.deaf = true;
      return;
    }
    if (fault === 'forgotten') this.#session.forget();
    if (fault === 'token') void this.#attempt();
    else this.#retryLater();
  }

  // --------------------------------------------------------------------------------------------------------- socket

  async #attempt(): Promise<void> {
    this.#leave();
    const generation = this.#generation;
    this.#youngUntil = Math.max(this.#youngUntil, this.#platform.now() + YOUNG_MS);
    this.#setState(this.#wasOnline ? 'resuming' : 'connecting');

    let fresh: FreshToken;
    let deviceId: string;
    try {
      [fresh, deviceId] = await this.#inTime(Promise.all([askToken(this.#options.token), this.#options.deviceId()]));
    } catch (cause) {
      if (generation !== this.#generation) return;
      const error = cause as RingdownError;
      if (error.code === 'unauthenticated') {
        this.#giveUp(error);
      } else {
        this.#retryLater();
        this.#options.onError(error);
      }
      return;
    }
    if (generation !== this.#generation) return;
    this.#token = fresh;
    const { token } = fresh;
    if (!token) {
      this.#giveUp(new RingdownError('unauthenticated', 'The application gave no token.'));
      return;
    }
    this.#open(token, deviceId, generation);
  }

  #open(token: string, deviceId: string, generation: number): void {
    const now = this.#platform.now();
    const link: Link = {
      socket: undefined,
      phase: 'opening',
      extended: false,
      readyAt: Number.POSITIVE_INFINITY,
      deadline: now + OPEN_WITHIN_MS,
      heartbeat: new Heartbeat(now, { inCall: this.#inCall, answers: this.#answersPings }),
      helloId: '',
      pingId: '',
      deaf: false,
    };
    this.#link = link;
    const protocols = [...(this.#plainOnly ? [] : [EXTENDED]), PLAIN, `bearer.${token}`];
    try {
      link.socket = this.#platform.openSocket(this.#options.socketUrl, protocols, {
        open: (protocol) => {
          if (link === this.#link) this.#onOpen(link, protocol === EXTENDED, deviceId);
        },
        message: (text) => {
          if (link === this.#link && !link.deaf) this.#onText(link, text);
        },
        close: (code) => {
          if (link !== this.#link || link.deaf) return;
          const stable = this.#drop();
          if (link.phase === 'opening') void this.#onNotOpened(token, generation);
          else this.#onLost(link, code, stable);
        },
      });
    } catch (cause) {
      // A subprotocol of letters that no token has (RFC 6750 §2.1), or an address the page may not reach.
      this.#giveUp(new RingdownError('unauthenticated', 'The browser cannot send this token.', { cause }));
      return;
    }
    this.#arm();
  }

  #onOpen(link: Link, extended: boolean, deviceId: string): void {
    const now = this.#platform.now();
    this.#refused = false;
    link.extended = extended;
    link.heartbeat.heard(now, extended);
    if (!extended) {
      this.#ready(link, { extended: false });
      return;
    }
    link.phase = 'greeting';
    link.deadline = now + HELLO_WITHIN_MS;
    link.helloId = this.#newId();
    const data = this.#session.hello(deviceId, this.#options.lang);
    this.#write(JSON.stringify({ type: 'hello', id: link.helloId, data }));
    this.#arm();
  }

  #onGreeted(link: Link, { id, data }: FrameOf<'hello'>): void {
    if (link.phase !== 'greeting' || id !== link.helloId) return;
    const serverTime = Date.parse(data.serverTime);
    if (Number.isFinite(serverTime)) this.#clockAheadMs = serverTime - this.#platform.now();
    this.#session.greeted(data);
    this.#ready(link, { extended: true, resumed: data.resumed, calls: data.calls });
  }

  #ready(link: Link, greeting: Greeting): void {
    link.phase = 'ready';
    link.deadline = Number.POSITIVE_INFINITY;
    link.readyAt = this.#platform.now();
    this.#extended = greeting.extended;
    this.#planRenewal();
    this.#options.onGreeted(greeting);
    if (link !== this.#link) return;
    // Before anybody hears of it, so that what listeners say next comes after what was said before.
    for (const text of this.#outbox.online(this.#platform.now())) this.#write(text);
    this.#wasOnline = true;
    this.#lateHellos = 0;
    this.#arm();
    this.#setState('online');
    this.#first?.resolve();
  }

  #onLost(link: Link, code: number, stable: boolean): void {
    const advice = reconnectAdvice(code);
    const late = link.phase === 'greeting' && code === CLOSED_FOR_PROTOCOL && this.#lateHellos < MOST_LATE_HELLOS;
    if (late) this.#lateHellos += 1;
    // An attempt that was left on a slow path may say hello after the one that followed, and take its place.
    const own = code === CLOSED_AS_REPLACED && this.#platform.now() < this.#rivalUntil;
    if (advice === 'no' && !late && !own) {
      this.#giveUp(new RingdownError('rejected_by_service', `The service closed the connection for good (${code}).`));
    } else if (advice === 'new-token' && stable) {
      void this.#attempt();
    } else {
      this.#retryLater();
    }
  }

  /** The token was asked freshly at every attempt, so a second refusal in a row is final. */
  async #onNotOpened(token: string, generation: number): Promise<void> {
    const now = this.#platform.now();
    let refused = false;
    if (now >= this.#askWhyAt) {
      this.#askWhyAt = now + ASK_WHY_EVERY_MS;
      refused = await this.#options.isRefused(token);
      if (generation !== this.#generation) return;
    }
    const again = this.#refused;
    this.#refused = refused;
    if (refused && again) {
      this.#giveUp(new RingdownError('unauthenticated', 'The service refuses the token.'));
    } else if (refused) {
      this.#askWhyAt = 0;
      void this.#attempt();
    } else {
      this.#retryLater();
    }
  }

  /** Turns away from the socket, if there is one, and tries again after a while. */
  #retryLater(): void {
    this.#leave();
    this.#retryIn(backoffDelayMs(this.#failures, this.#platform.random()));
    this.#failures += 1;
    // Last: who hears of it may disconnect.
    this.#setState(this.#wasOnline ? 'resuming' : 'connecting');
  }

  #retryIn(delayMs: number): void {
    this.#retryAt = this.#platform.now() + delayMs;
    this.#stopRetry = this.#platform.setTimer(() => void this.#attempt(), delayMs);
  }

  /** Turns away from the attempt or the socket of now, without waiting for its close. */
  #leave(code = CLOSE_LEFT): void {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    const socket = this.#link?.socket;
    if (this.#link?.phase === 'greeting') this.#rivalUntil = this.#platform.now() + RIVAL_MS;
    this.#generation += 1;
    this.#drop();
    socket?.close(code);
  }

  /** @returns whether there was a session for a while: then the next back-off begins anew */
  #drop(): boolean {
    const stable = this.#link !== undefined && this.#platform.now() - this.#link.readyAt >= STABLE_MS;
    if (stable) this.#failures = 0;
    this.#link = undefined;
    this.#outbox.offline();
    this.#outbox.cancel(this.#authId);
    this.#renewing = undefined;
    this.#renewAt = Number.POSITIVE_INFINITY;
    return stable;
  }

  #giveUp(error: RingdownError): void {
    this.#stop(error, true);
    this.#options.onError(error);
  }

  #stop(error: RingdownError, givenUp: boolean): void {
    const first = this.#first;
    if (!first) return;
    this.#first = undefined;
    this.#stopWaking();
    this.#leave(1000);
    this.#wasOnline = false;
    this.#state = 'offline';
    this.#arm();
    this.#options.onStopped(givenUp);
    // Unless who heard of that connected again.
    if (!this.#first) this.#options.onState('offline');
    first.promise.catch(nothing);
    first.reject(error);
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  // --------------------------------------------------------------------------------------------------------- frames

  #newId(): string {
    this.#nextId += 1;
    return `${this.#idPrefix}${this.#nextId}`;
  }

  /** @returns its id */
  #send(
    request: Request | Omit<ClientMessageOf<'auth'>, 'id'>,
    handlers: RequestHandlers,
    options: RequestOptions,
  ): string {
    const id = this.#newId();
    const text = JSON.stringify({ ...request, id });
    if (this.#outbox.put(id, text, handlers, options, this.#platform.now())) this.#write(text);
    this.#arm();
    return id;
  }

  #write(text: string): void {
    const link = this.#link;
    if (link && !link.deaf) link.socket?.send(text);
  }

  #onText(link: Link, text: string): void {
    const now = this.#platform.now();
    const decoded = decodeFrame(text);
    const pong = decoded.ok && decoded.message.id === link.pingId;
    if (pong) this.#answersPings = true;
    link.heartbeat.heard(now, pong);
    const { seq } = decoded;
    const positioned = link.extended && link.phase === 'ready' && seq !== undefined;
    if (!positioned || this.#session.isNew(seq)) {
      if (decoded.ok) this.#onFrame(link, decoded.message);
      else
        this.#options.onError(
          new RingdownError('protocol', `The service sent a message that was ignored (${decoded.problem}).`),
        );
      if (positioned && link === this.#link) {
        this.#session.handled(seq, decoded.ok && decoded.message.type === 'call:offer', now);
      }
    }
    this.#tick();
  }

  #onFrame(link: Link, message: Frame): void {
    switch (message.type) {
      case 'hello':
        return this.#onGreeted(link, message);
      case 'pong':
        return;
      case 'ack':
        if (message.id !== undefined) this.#outbox.acknowledged(message.id, message.data);
        return;
      case 'error':
        if (message.id !== undefined) return this.#onRefused(link, message.id, serviceError(message.data));
        break;
      default:
    }
    // Nothing else is delivered before the hello is answered (HE-1).
    if (link.phase === 'ready') this.#options.onMessage(message);
  }

  #onRefused(link: Link, id: string, error: RingdownError): void {
    if (id === link.helloId) {
      if (error.reason !== 'unsupported_version') return;
      // Its close says not to come back; with the contract alone we may.
      this.#plainOnly = true;
      this.#retryLater();
    } else if (id === this.#authId) {
      this.#outbox.fail(id, error);
    } else if (this.#outbox.refused(id, error, this.#platform.now()) === 'token') {
      void this.#sendAgainWithNewToken(link, id);
    }
  }

  // ---------------------------------------------------------------------------------------------------------- token

  #planRenewal(): void {
    const now = this.#platform.now();
    const waitMs = this.#token && replaceAfterMs(this.#token, now + this.#clockAheadMs);
    this.#renewAt = waitMs === undefined ? Number.POSITIVE_INFINITY : now + waitMs;
  }

  /** Waits for what the application gives, but not for ever. @throws {RingdownError} */
  #inTime<T>(given: Promise<T>): Promise<T> {
    return within(given, TOKEN_WITHIN_MS, this.#platform).catch((cause: unknown) => {
      throw asRingdownError(cause, 'not_online', 'The application could not give a token.');
    });
  }

  /** Replaces the token of the open socket (AU-3). @returns whether the service took the new one */
  #renewToken(link: Link): Promise<boolean> {
    this.#renewAt = Number.POSITIVE_INFINITY;
    this.#renewing ??= this.#tryNewToken(link).finally(() => {
      if (link === this.#link) this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #tryNewToken(link: Link): Promise<boolean> {
    let fresh: FreshToken | undefined;
    try {
      fresh = await this.#inTime(askToken(this.#options.token));
    } catch (cause) {
      this.#options.onError(cause as RingdownError);
    }
    if (link !== this.#link) return false;
    const taken = fresh !== undefined && (await this.#present(fresh.token));
    if (link !== this.#link) return false;
    if (taken) {
      this.#token = fresh;
      this.#planRenewal();
    } else {
      this.#renewAt = this.#platform.now() + RENEW_AGAIN_MS;
    }
    this.#arm();
    return taken;
  }

  /** Sends a newer token. @returns whether the service took it; never told once the socket is gone */
  #present(token: string): Promise<boolean> {
    return new Promise((resolve) => {
      const handlers = { ack: () => resolve(true), error: () => resolve(false) };
      this.#authId = this.#send({ type: 'auth', data: { token } }, handlers, { giveUpAfterMs: AUTH_WITHIN_MS });
    });
  }

  /** The token ran out on an open socket: the request goes again with a newer one, if need be over a new socket. */
  async #sendAgainWithNewToken(link: Link, id: string): Promise<void> {
    const taken = await this.#renewToken(link);
    if (link !== this.#link) return;
    if (!taken) {
      void this.#attempt();
      return;
    }
    const text = this.#outbox.again(id, this.#platform.now());
    if (text !== undefined) this.#write(text);
    this.#arm();
  }

  // ----------------------------------------------------------------------------------------------------------- time

  /**
   * The network is back, or the page is seen again: look whether the socket lives, do not wait out a long back-off, nor
   * an attempt on the network of before.
   */
  #wake(changed: boolean): void {
    const now = this.#platform.now();
    const link = this.#link;
    if (link?.phase === 'ready') {
      if (link.heartbeat.doubt(now)) this.#ping(link);
      this.#arm();
    } else if (this.#stopRetry) {
      // The failures still count: a service that is down is not to be asked more often for that.
      this.#stopRetry();
      this.#retryIn(Math.min(this.#retryAt - now, backoffDelayMs(0, this.#platform.random())));
    } else if ((changed || !link) && now >= this.#youngUntil) {
      this.#youngUntil = now + YOUNG_AFTER_CHANGE_MS;
      void this.#attempt();
    }
  }

  #ping(link: Link): void {
    link.pingId = this.#newId();
    this.#write(JSON.stringify({ type: 'ping', id: link.pingId }));
  }

  /** Does what is due, and sets the alarm for what is due next. */
  #tick(): void {
    const now = this.#platform.now();
    const link = this.#link;
    const { write, dead } = this.#outbox.due(now);
    for (const text of write) this.#write(text);
    if (link && link === this.#link) {
      if (dead || now >= link.deadline) this.#retryLater();
      else if (link.phase === 'ready') this.#tickReady(link, now);
    }
    this.#arm();
  }

  #tickReady(link: Link, now: number): void {
    const seq = link.extended ? this.#session.takeAck(now) : undefined;
    if (seq !== undefined) this.#write(JSON.stringify({ type: 'ack', data: { seq } }));
    if (now >= this.#renewAt) void this.#renewToken(link);
    const beat = link.heartbeat.due(now);
    if (beat === 'ping') this.#ping(link);
    else if (beat === 'dead') this.#retryLater();
  }

  #arm(): void {
    let at = this.#outbox.nextAt;
    const link = this.#link;
    if (link) at = Math.min(at, link.deadline);
    if (link?.phase === 'ready') {
      at = Math.min(at, link.heartbeat.nextAt, this.#renewAt, link.extended ? this.#session.nextAt : at);
    }
    if (at === this.#timerAt) return;
    this.#stopTimer();
    this.#timerAt = at;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#stopTimer = this.#platform.setTimer(
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#stopTimer = nothing;
        this.#tick();
      },
      // Browsers take a delay as 32 bits.
      Math.min(Math.max(0, at - this.#platform.now()), 2 ** 31 - 1),
    );
  }
}

function nothing(): void {}
