/**
 * The socket to the service: opens it, keeps it alive, opens it again, and keeps what was said until it was heard.
 * It knows requests and their acknowledgements; what a call is, it does not know.
 *
 * Every request carries an id and stays in the outbox until the service acknowledged it. What a lost socket may have
 * swallowed is sent again over the next one, in the same order: the service treats repetition as harmless.
 */
import { type ClientMessage, ERRORS, reconnectAdvice } from '@ringdown/protocol';
import { backoffDelayMs } from './backoff.ts';
import { asRingdownError, RingdownError, serviceError } from './errors.ts';
import { decodeFrame, type Frame } from './frames.ts';
import type { Platform, SocketPort } from './platform.ts';
import type { Admittance } from './service-http.ts';

/** How long the service may take to acknowledge a request before its socket counts as dead, ms. */
const ACK_TIMEOUT_MS = 10_000;
/** How long a socket may take to open, ms. */
const OPEN_TIMEOUT_MS = 15_000;
/** A socket that stayed open this long, ms, was a success: the next back-off begins anew. */
const STABLE_MS = 5_000;
/** After this long without a frame sent, ms, one is sent, so that nothing on the way forgets the connection. */
const IDLE_MS = 20_000;
/** How often a request is repeated that the service could not take at the moment. */
const MOST_REPETITIONS = 3;
/** How long to wait before that, ms, when the service does not say. */
const REPEAT_AFTER_MS = 1_000;
/** Our own close code for a socket that is left because it does not answer, or for one with a fresh token. */
const CLOSE_LEFT = 4000;

/** A frame that asks something of the service. */
export type Request = Exclude<ClientMessage, { type: 'auth' | 'ping' }>;

/** What becomes of a request. Exactly one is called, at most once. */
export interface RequestHandlers {
  ack?(data: { readonly callId?: string | undefined }): void;
  /** @param repeated whether the service may have got the request more than once */
  error?(error: RingdownError, repeated: boolean): void;
}

/** How long a request is worth sending. */
export interface RequestOptions {
  /** Given up with `timeout` after this long, ms, sent or not. */
  readonly giveUpAfterMs: number;
}

/** A request under way. */
export interface PendingRequest {
  /** Forgets it; no handler is called. @returns whether the service may have got it */
  cancel(): boolean;
}

interface OutboxEntry {
  readonly text: string;
  readonly handlers: RequestHandlers;
  readonly repeatable: boolean;
  writes: number;
  repetitions: number;
  stopAckTimer: () => void;
  readonly stopDeadline: () => void;
}

interface ConnectionOptions {
  readonly socketUrl: string;
  readonly token: () => Promise<string> | string;
  readonly admittance: (token: string) => Promise<Admittance>;
  readonly platform: Platform;
  /** Every frame that is not an answer to a request. */
  readonly onMessage: (message: Exclude<Frame, { type: 'ack' }>) => void;
  readonly onState: (state: 'offline' | 'connecting' | 'online') => void;
  readonly onError: (error: RingdownError) => void;
  /** There will be no further attempt, unless `connect` is called again. */
  readonly onGivenUp: (error: RingdownError) => void;
}

/** The socket to the service, over all its reconnections. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #outbox = new Map<string, OutboxEntry>();
  #state: 'offline' | 'connecting' | 'online' = 'offline';
  #first: PromiseWithResolvers<void> | undefined;
  #socket: SocketPort | undefined;
  /** Counts the attempts; whatever belongs to an earlier one is ignored. */
  #generation = 0;
  #failures = 0;
  /** Attempts in a row in which the service refused the token itself. */
  #refusals = 0;
  #openedAt = 0;
  #nextId = 0;
  #idPrefix = '';
  #stopRetry: (() => void) | undefined;
  #stopOpenTimer = nothing;
  #stopIdle = nothing;
  #stopPong = nothing;
  #stopWake = nothing;
  #pingId: string | undefined;
  /** A plain session's ping may go unanswered. Once one was answered, silence means that the path is dead. */
  #answersPings = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get state(): 'offline' | 'connecting' | 'online' {
    return this.#state;
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
    this.#refusals = 0;
    // Ids are unique over page loads, so that the service cannot take a new request for a repeated old one.
    this.#idPrefix ||= `${this.#options.platform.now().toString(36)}-${Math.floor(this.#options.platform.random() * 2 ** 32).toString(36)}-`;
    this.#stopWake = this.#options.platform.onWake(() => this.#wake());
    void this.#attempt();
    return this.#first.promise;
  }

  /** Closes the socket and stays offline. What was not heard yet stays in the outbox. Idempotent. */
  disconnect(): void {
    this.#stop(new RingdownError('not_online', 'The client was disconnected.'), 1000);
  }

  /**
   * Sends a request now, or as soon as there is a socket again.
   * @param request without an id; it gets one
   */
  send(request: Request, handlers: RequestHandlers, { giveUpAfterMs }: RequestOptions): PendingRequest {
    const id = this.#newId();
    const entry: OutboxEntry = {
      text: JSON.stringify({ ...request, id }),
      handlers,
      repeatable: request.type !== 'call:offer',
      writes: 0,
      repetitions: 0,
      stopAckTimer: nothing,
      stopDeadline: this.#options.platform.setTimer(() => {
        this.#take(id);
        handlers.error?.(new RingdownError('timeout', 'The service did not answer in time.'), entry.writes > 1);
        if (entry.writes > 0) this.#dead();
      }, giveUpAfterMs),
    };
    this.#outbox.set(id, entry);
    if (this.#state === 'online') this.#write(entry);
    return {
      cancel: () => {
        this.#take(id);
        return entry.writes > 0;
      },
    };
  }

  // ------------------------------------------------------------------------------------------------------- requests

  #newId(): string {
    this.#nextId += 1;
    return `${this.#idPrefix}${this.#nextId}`;
  }

  #write(entry: OutboxEntry): void {
    entry.writes += 1;
    entry.stopAckTimer();
    entry.stopAckTimer = this.#options.platform.setTimer(() => this.#dead(), ACK_TIMEOUT_MS);
    this.#sendText(entry.text);
  }

  /** Takes a request out of the outbox and stops its timers. */
  #take(id: string): OutboxEntry | undefined {
    const entry = this.#outbox.get(id);
    if (!entry) return undefined;
    this.#outbox.delete(id);
    entry.stopAckTimer();
    entry.stopDeadline();
    return entry;
  }

  #sendText(text: string): void {
    this.#socket?.send(text);
    this.#armIdle();
  }

  #onText(text: string): void {
    this.#stopPong();
    const decoded = decodeFrame(text);
    if (!decoded.ok) {
      const what = decoded.problem === 'unknown_type' ? 'a message of an unknown type' : 'a malformed message';
      this.#options.onError(new RingdownError('protocol', `The service sent ${what}; it was ignored.`));
      return;
    }
    const { message } = decoded;
    if (message.type === 'ack') this.#onAck(message.id, message.data);
    else if (message.type === 'error' && message.id !== undefined) this.#onRefusal(message.id, message.data);
    else this.#options.onMessage(message);
  }

  #onAck(id: string | undefined, data: { callId?: string | undefined }): void {
    if (id === undefined) return;
    if (id === this.#pingId) this.#answersPings = true;
    this.#take(id)?.handlers.ack?.(data);
  }

  #onRefusal(id: string, data: Extract<Frame, { type: 'error' }>['data']): void {
    const error = serviceError(data);
    const entry = this.#outbox.get(id);
    if (!entry) return;
    if (error.code === 'unauthenticated' && entry.repetitions === 0) {
      // The token ran out on an open socket (AU-3): the request goes over a new one, with a fresh token.
      entry.repetitions += 1;
      this.#leaveSocket();
      void this.#attempt();
      return;
    }
    if (entry.repeatable && entry.repetitions < MOST_REPETITIONS && error.reason && ERRORS[error.reason].retry) {
      entry.repetitions += 1;
      entry.stopAckTimer();
      entry.stopAckTimer = this.#options.platform.setTimer(() => {
        if (this.#state === 'online') this.#write(entry);
      }, error.retryAfterMs ?? REPEAT_AFTER_MS);
      return;
    }
    this.#take(id);
    entry.handlers.error?.(error, entry.writes > 1);
  }

  // --------------------------------------------------------------------------------------------------------- socket

  async #attempt(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    const isCurrent = () => generation === this.#generation;
    this.#stopRetry = undefined;
    this.#setState('connecting');

    let token: string;
    try {
      token = await this.#options.token();
    } catch (cause) {
      if (!isCurrent()) return;
      if (cause instanceof RingdownError && cause.code === 'unauthenticated') this.#giveUp(cause);
      else {
        this.#options.onError(asRingdownError(cause, 'not_online', 'The application could not give a token.'));
        this.#retryLater();
      }
      return;
    }
    if (!isCurrent()) return;
    if (!token) {
      this.#giveUp(new RingdownError('unauthenticated', 'The application gave no token.'));
      return;
    }

    let opened = false;
    const { platform, socketUrl } = this.#options;
    try {
      this.#socket = platform.openSocket(socketUrl, ['ringdown.plain', `bearer.${token}`], {
        open: () => {
          if (!isCurrent()) return;
          opened = true;
          this.#onOpen();
        },
        message: (text) => {
          if (isCurrent()) this.#onText(text);
        },
        close: (code) => {
          if (!isCurrent()) return;
          this.#dropSocket();
          if (opened) this.#onLost(code);
          else void this.#onNotOpened(token, generation);
        },
      });
    } catch (cause) {
      // A subprotocol of letters that no token has (RFC 6750 §2.1), or an address the page may not reach.
      this.#giveUp(new RingdownError('unauthenticated', 'The browser cannot send this token.', { cause }));
      return;
    }
    this.#stopOpenTimer = platform.setTimer(() => this.#dead(), OPEN_TIMEOUT_MS);
  }

  #onOpen(): void {
    this.#stopOpenTimer();
    this.#refusals = 0;
    this.#openedAt = this.#options.platform.now();
    // Before anybody hears of it, so that what listeners say next comes after what was said before.
    for (const entry of [...this.#outbox.values()]) this.#write(entry);
    this.#armIdle();
    this.#setState('online');
    this.#first?.resolve();
  }

  #onLost(code: number): void {
    const advice = reconnectAdvice(code);
    const stable = this.#options.platform.now() - this.#openedAt >= STABLE_MS;
    if (stable) this.#failures = 0;
    if (advice === 'no') {
      this.#giveUp(new RingdownError('rejected_by_service', `The service closed the connection for good (${code}).`));
    } else if (advice === 'new-token' && stable) {
      void this.#attempt();
    } else {
      this.#retryLater();
    }
  }

  /** The token was asked freshly at every attempt, so a second refusal in a row is final. */
  async #onNotOpened(token: string, generation: number): Promise<void> {
    const admittance = await this.#options.admittance(token);
    if (generation !== this.#generation) return;
    if (admittance !== 'refused') {
      this.#refusals = 0;
      this.#retryLater();
      return;
    }
    this.#refusals += 1;
    if (this.#refusals > 1) this.#giveUp(new RingdownError('unauthenticated', 'The service refuses the token.'));
    else void this.#attempt();
  }

  #retryLater(): void {
    this.#setState('connecting');
    const delayMs = backoffDelayMs(this.#failures, this.#options.platform.random());
    this.#failures += 1;
    this.#stopRetry = this.#options.platform.setTimer(() => void this.#attempt(), delayMs);
  }

  /** The socket says it is open, or opening, but nothing comes back: leave it behind without waiting for its close. */
  #dead(): void {
    if (!this.#socket) return;
    this.#leaveSocket();
    this.#retryLater();
  }

  /** Turns away from a socket without waiting for its close. */
  #leaveSocket(): void {
    const socket = this.#socket;
    this.#generation += 1;
    this.#dropSocket();
    socket?.close(CLOSE_LEFT);
  }

  #dropSocket(): void {
    this.#socket = undefined;
    this.#stopOpenTimer();
    this.#stopIdle();
    this.#stopPong();
    this.#pingId = undefined;
    for (const entry of this.#outbox.values()) entry.stopAckTimer();
  }

  #giveUp(error: RingdownError): void {
    this.#stop(error, 1000);
    this.#options.onGivenUp(error);
  }

  #stop(error: RingdownError, code: number): void {
    const first = this.#first;
    if (!first) return;
    this.#first = undefined;
    this.#generation += 1;
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    this.#stopWake();
    const socket = this.#socket;
    this.#dropSocket();
    socket?.close(code);
    this.#setState('offline');
    first.promise.catch(nothing);
    first.reject(error);
  }

  #setState(state: 'offline' | 'connecting' | 'online'): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  // ------------------------------------------------------------------------------------------------------ heartbeat

  #armIdle(): void {
    this.#stopIdle();
    this.#stopIdle = this.#options.platform.setTimer(() => this.#ping(), IDLE_MS);
  }

  #ping(): void {
    this.#pingId = this.#newId();
    this.#sendText(JSON.stringify({ type: 'ping', id: this.#pingId }));
    this.#stopPong();
    if (this.#answersPings) this.#stopPong = this.#options.platform.setTimer(() => this.#dead(), ACK_TIMEOUT_MS);
  }

  /** The network is back, or the page is seen again: do not wait out a back-off, and look whether the socket lives. */
  #wake(): void {
    if (this.#stopRetry) {
      this.#stopRetry();
      this.#failures = 0;
      void this.#attempt();
    } else if (this.#state === 'online') {
      this.#ping();
    }
  }
}

function nothing(): void {}
