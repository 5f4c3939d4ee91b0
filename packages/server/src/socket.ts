/**
 * One connection: bytes, limits, heartbeat, and the order of things. It checks what comes in, hands it on one message
 * at a time, and writes what its mailbox holds. What a message means is not its business.
 *
 * The bounds before authentication follow the WebSocket denial-of-service advisories (T41, T43): nothing a client sends
 * extends its deadline, and nothing is read from a socket that is being closed.
 */
import { randomUUID } from 'node:crypto';
import type { CallId } from '@ringdown/call';
import {
  CLOSES,
  type ClientMessage,
  type ClientMessageOf,
  type CloseReason,
  decodeClientMessage,
  ERRORS,
  encode,
  errorText,
  type Language,
  type ServerMessage,
  WIRE_LIMITS,
  withSeq,
  withTtl,
} from '@ringdown/protocol';
import type { Identity } from './auth/auth.ts';
import type { Frame, Seq, Soon, Unreadable } from './call-store/call-store.ts';
import type { Limits } from './config.ts';
import type { Failure, Response } from './dispatch.ts';
import type { Logger } from './log.ts';
import type { Session } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

/** Times and sizes of a connection; ms and characters. */
const SOCKET_TIMES = Object.freeze({
  /** How long a socket may stay unauthenticated (AU-1), and an extended one without its hello (HE-1). */
  authenticateMs: 5_000,
  helloMs: 5_000,
  /** Frames an unauthenticated socket may send, the good one included. */
  framesBeforeAuth: 2,
  /** How often it is pinged (HE-4). */
  pingEveryMs: 25_000,
  /** How long a pong may take. */
  pongWithinMs: 10_000,
  /** The same while it rings: a phone that is gone should not keep a caller waiting (HE-4, F2). */
  pingRingingEveryMs: 10_000,
  pongRingingWithinMs: 5_000,
  /** How long after its token's end a socket stays (AU-3). */
  tokenGraceMs: 25_000,
  /** How long a call may keep a socket whose token has run out (AU-3). */
  tokenGraceInCallMs: 12 * 3_600_000,
  /** How long nothing may move towards a client that does not read. */
  stalledMs: 10_000,
  /** A socket takes frames from its mailbox while less than this is unsent. */
  unsentChars: 64 * 1024,
  /** Messages waiting to be handled before the socket stops reading. */
  inboxMessages: 64,
  /** Frames written since the last pong that make it ask for another one. */
  unconfirmedFrames: 64,
  unconfirmedChars: 64 * 1024,
  /** Frames taken from the mailbox at once. */
  batchFrames: 32,
});

/** The small part of a WebSocket that a connection needs, so that another runtime's sockets are one adapter away. */
export interface RawSocket {
  /** Writes text frames, in one piece; calls back when they have left for the network, or failed. */
  send(texts: readonly string[], sent: () => void): void;
  /** Characters handed to {@link send} that have not left yet. */
  unsent(): number;
  ping(): void;
  /** Begins the closing handshake; the socket is gone soon after even when the client does not answer. */
  close(code: number, reason: string): void;
  /** Stops or resumes reading. */
  pause(): void;
  resume(): void;
}

/** What a connection asks of the world. */
export interface SocketPorts {
  readonly limits: Limits;
  readonly log: Logger;
  /** Handles one message; see `dispatch`. */
  dispatch(message: ClientMessage, session: Session): Soon<Response>;
  /** Judges a token, and takes a plain socket in. @returns who it is, or why not */
  authenticate(
    socket: Socket,
    token: string,
  ): Promise<{ identity: Identity; session?: Session } | { failure: Failure; close?: CloseReason }>;
  /** Takes an extended socket in (HE-1). @returns its session, the answer, and the position it reads from; or why not */
  hello(
    socket: Socket,
    identity: Identity,
    hello: ClientMessageOf<'hello'>,
  ): Promise<{ session: Session; answer: ServerMessage; after: Seq } | { failure: Failure; close: CloseReason }>;
  /** The client of an extended session has the answer to its hello. */
  settled(session: Session): Promise<void>;
  /** A socket of the callee was sent a ringing offer (RI-1). */
  rang(session: Session, callId: CallId): Promise<void>;
  /** Reads the mailbox of a session. */
  mailbox(session: Session, after: Seq, max: number): Soon<readonly Frame[] | Unreadable>;
  /** The client has received everything up to a position. */
  confirmed(session: Session, upTo: Seq): Promise<void>;
  /** Whether the session's user has a live call that this socket may go on with (AU-3). */
  holdsCall(session: Session): Promise<boolean>;
  /** The store's clock, for `ttlMs`. */
  storeNow(): number;
}

/** One connection. */
export class Socket {
  readonly language: Language;
  /** Whether it negotiated the extended protocol, and so owes a hello. */
  readonly extended: boolean;
  readonly #raw: RawSocket;
  readonly #ports: SocketPorts;
  readonly #openedAt = performance.now();
  readonly #bucket: TokenBucket;
  readonly #badFrames: TokenBucket;
  readonly #overRate: TokenBucket;
  readonly #inbox: string[] = [];
  #handling = false;
  #paused = false;
  #framesBeforeAuth = 0;
  #identity: Identity | undefined;
  #identifiedAt = 0;
  #session: Session | undefined;
  /** Until when it rings here, as far as this socket has seen. */
  #ringsUntil = 0;
  #settled = false;
  #closed = false;
  // Outgoing.
  #lastSeq: Seq = 0;
  #pulling = false;
  #pullPlanned = false;
  #pullAgain = false;
  readonly #waitingForPull: (() => void)[] = [];
  #unsentSince: number | undefined;
  // Heartbeat.
  #pingedAt: number | undefined;
  #lastPingAt = performance.now();
  #seqAtPing: Seq = 0;
  #unconfirmedFrames = 0;
  #unconfirmedChars = 0;

  /** @param who the identity when the upgrade already proved it; for a plain socket with its session */
  constructor(
    raw: RawSocket,
    ports: SocketPorts,
    options: { language: Language; extended: boolean; identity?: Identity; session?: Session },
  ) {
    this.#raw = raw;
    this.#ports = ports;
    this.language = options.language;
    this.extended = options.extended;
    this.#identity = options.identity;
    this.#identifiedAt = performance.now();
    this.#session = options.session;
    const now = performance.now();
    const { messagesPerSecond, messagesBurst, badFramesPerMinute } = ports.limits;
    this.#bucket = new TokenBucket(messagesPerSecond, messagesBurst, now);
    this.#badFrames = new TokenBucket(badFramesPerMinute / 60, badFramesPerMinute, now);
    // As many again as the burst may be refused before the client is told to come back later.
    this.#overRate = new TokenBucket(messagesPerSecond, messagesBurst, now);
  }

  /** Who is at the other end; undefined before authentication, and for an extended socket before its hello. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whom its token names; undefined before authentication. */
  get identity(): Identity | undefined {
    return this.#session?.identity ?? this.#identity;
  }

  /** Whether it is closed or being closed. */
  get closed(): boolean {
    return this.#closed;
  }

  // -------------------------------------------------------------------------------------------------------- incoming

  /** A text frame came in. */
  onText(text: string): void {
    if (this.#closed) return;
    if (this.#identity && !this.#handling) return this.#begin(text);
    this.#inbox.push(text);
    // Before authentication nothing more is read while a frame is being looked at.
    if ((!this.#identity || this.#inbox.length >= SOCKET_TIMES.inboxMessages) && !this.#paused) {
      this.#paused = true;
      this.#raw.pause();
    }
    if (!this.#handling) this.#begin(this.#inbox.shift() as string);
  }

  /** A binary frame came in: the protocol is text. */
  onBinary(): void {
    this.close('binary');
  }

  /** Handles a message at once; what comes while it waits for the outside queues behind it. */
  #begin(text: string): void {
    const waiting = this.#handle(text);
    if (waiting) void this.#handleInbox(waiting);
    else this.#readOn();
  }

  /** One message at a time, in order: a candidate must not overtake the offer that still waits for the directory. */
  async #handleInbox(first: Promise<void>): Promise<void> {
    this.#handling = true;
    await first;
    this.#readOn();
    for (let text = this.#inbox.shift(); text !== undefined && !this.#closed; text = this.#inbox.shift()) {
      await this.#handle(text);
      this.#readOn();
    }
    this.#handling = false;
  }

  #readOn(): void {
    if (!this.#paused || this.#inbox.length >= SOCKET_TIMES.inboxMessages / 2) return;
    this.#paused = false;
    this.#raw.resume();
  }

  /** @returns what it waits for; undefined when it is done. Never fails. */
  #handle(text: string): Promise<void> | undefined {
    if (!this.#identity) {
      this.#framesBeforeAuth += 1;
      if (text.length > WIRE_LIMITS.authFrameBytes) return void this.close('too_large');
      if (this.#framesBeforeAuth > SOCKET_TIMES.framesBeforeAuth) return void this.close('protocol');
    }
    const decoded = decodeClientMessage(text);
    if (!decoded.ok) {
      const { reason, message, id } = decoded;
      this.#fail({ reason }, id, message);
      if (this.#badFrames.take(performance.now()) > 0) this.close('protocol');
      return undefined;
    }
    const message = decoded.value;
    // A person must always be able to hang up (HU-1).
    const retryAfterMs = message.type === 'call:hang_up' ? 0 : this.#bucket.take(performance.now());
    if (retryAfterMs > 0) {
      this.#fail({ reason: 'rate_limited', retryAfterMs }, message.id);
      if (this.#overRate.take(performance.now()) > 0) this.close('slow_down');
      return undefined;
    }
    try {
      return this.#obey(message)?.catch((error: unknown) => this.#broke(error, message));
    } catch (error) {
      return void this.#broke(error, message);
    }
  }

  #obey(message: ClientMessage): Promise<void> | undefined {
    if (message.type === 'auth') return this.#authenticate(message.data.token, message.id);
    if (!this.#identity) return void this.#fail({ reason: 'unauthenticated' }, message.id);
    return this.#session ? this.#inSession(this.#session, message) : this.#greet(this.#identity, message);
  }

  #broke(error: unknown, { type, id }: ClientMessage): void {
    const correlationId = randomUUID();
    this.#ports.log.error({ err: error, correlationId, type }, 'a message could not be handled');
    this.#fail({ reason: 'internal' }, id, `${errorText('internal', this.language)} [${correlationId}]`);
  }

  async #authenticate(token: string, id: string | undefined): Promise<void> {
    const verdict = await this.#ports.authenticate(this, token);
    if (this.#closed) return;
    if ('failure' in verdict) {
      this.#fail(verdict.failure, id);
      if (verdict.close) this.close(verdict.close);
      return;
    }
    if (!this.#identity) this.#identifiedAt = performance.now();
    this.#identity = verdict.identity;
    this.#session ??= verdict.session;
    this.#respond({ type: 'ack' }, id);
    this.wake();
  }

  /** The first frame of an extended socket must be its hello; nothing is delivered before (HE-1). */
  async #greet(identity: Identity, message: ClientMessage): Promise<void> {
    if (message.type !== 'hello') {
      this.#fail({ reason: 'invalid_payload', message: 'the first frame must be hello' }, message.id);
      return this.close('protocol');
    }
    const greeted = await this.#ports.hello(this, identity, message);
    // Also when it is being closed meanwhile: whoever is told that it is gone has to know whom to detach.
    if ('session' in greeted) this.#session = greeted.session;
    if (this.#closed) return;
    if ('failure' in greeted) {
      this.#fail(greeted.failure, message.id);
      return this.close(greeted.close);
    }
    this.#lastSeq = greeted.after;
    // The answer, then what was missed, then anything new (HE-2).
    this.#write([encode(greeted.answer)]);
    this.wake();
  }

  #inSession(session: Session, message: ClientMessage): Promise<void> | undefined {
    if (this.extended) {
      if (!this.#settled) {
        this.#settled = true;
        return this.#ports.settled(session).then(() => this.#inSession(session, message));
      }
      if (message.type === 'ack') return this.#ports.confirmed(session, message.data.seq);
      if (message.type === 'ping') {
        return void this.send({ type: 'pong', ...(message.id && { id: message.id }), data: {} });
      }
      if (message.type === 'hello') {
        return void this.#fail({ reason: 'invalid_payload', message: 'hello was said already' }, message.id);
      }
    }
    const response = this.#ports.dispatch(message, session);
    return response instanceof Promise
      ? response.then((later) => this.#answer(later, message.id))
      : this.#answer(response, message.id);
  }

  #answer(response: Response, id: string | undefined): Promise<void> | undefined {
    if (response.type === 'none' || (response.type === 'ack' && id === undefined)) return undefined;
    // What the mailbox had before this answer stands before it on the wire too: an offer before its glare (GL-1).
    return this.#caughtUp().then(() => this.#respond(response, id));
  }

  /** Writes a frame that belongs to no commit, as presence. */
  send(message: ServerMessage): void {
    this.#write([encode(message)]);
  }

  #respond(response: Response, id: string | undefined): void {
    switch (response.type) {
      case 'none':
        return;
      case 'repeat':
        return this.#write([encode(response.message)]);
      case 'ack':
        if (id === undefined) return;
        return this.send({
          type: 'ack',
          id,
          data: {
            ...(response.callId !== undefined && { callId: response.callId }),
            ...(response.negotiationId !== undefined && { negotiationId: response.negotiationId }),
          },
        });
      case 'error':
        return this.#fail(response.failure, id);
    }
  }

  #fail(failure: Failure, id: string | undefined, text?: string): void {
    const { reason, callId, retryAfterMs, supported } = failure;
    const message: ServerMessage = {
      type: 'error',
      ...(id !== undefined && { id }),
      data: {
        message: text ?? failure.message ?? errorText(reason, this.language),
        code: ERRORS[reason].code,
        reason,
        ...(callId !== undefined && { callId }),
        ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
        ...(supported && { supported }),
      },
    };
    this.#write([encode(message)]);
  }

  // -------------------------------------------------------------------------------------------------------- outgoing

  /** The mailbox grew: once whoever made it grow is done, take what fits and write it in one piece. */
  wake(): void {
    if (this.#closed) return;
    this.#pullAgain = true;
    if (this.#pulling || this.#pullPlanned) return;
    this.#pullPlanned = true;
    queueMicrotask(this.#pullNow);
  }

  readonly #pullNow = (): void => {
    this.#pullPlanned = false;
    if (this.#pullAgain && !this.#pulling && !this.#closed) void this.#pull();
  };

  /** Writes what the mailbox holds. @returns what it waits for; undefined when it is done. Never fails. */
  #pull(): Promise<void> | undefined {
    this.#pulling = true;
    try {
      while (this.#pullAgain && !this.#closed && this.#session && this.#raw.unsent() < SOCKET_TIMES.unsentChars) {
        this.#pullAgain = false;
        const frames = this.#ports.mailbox(this.#session, this.#lastSeq, SOCKET_TIMES.batchFrames);
        if (frames instanceof Promise) return this.#pullLater(frames);
        this.#take(frames);
      }
    } catch (error) {
      this.#unreadable(error);
    }
    this.#pulled();
    return undefined;
  }

  async #pullLater(coming: Promise<readonly Frame[] | Unreadable>): Promise<void> {
    try {
      this.#take(await coming);
    } catch (error) {
      this.#unreadable(error);
    }
    await this.#pull();
  }

  #pulled(): void {
    this.#pulling = false;
    if (this.#waitingForPull.length > 0) for (const resume of this.#waitingForPull.splice(0)) resume();
  }

  #unreadable(error: unknown): void {
    this.#ports.log.error({ err: error }, 'a mailbox could not be read');
    this.close('internal');
  }

  /** Resolves when everything that was in the mailbox is written, or the socket takes no more for now. */
  async #caughtUp(): Promise<void> {
    // Two pulls at once would read the same frames.
    while (this.#pulling) await new Promise<void>((resolve) => this.#waitingForPull.push(resolve));
    this.#pullAgain = true;
    await this.#pull();
  }

  #take(frames: readonly Frame[] | Unreadable): void {
    const session = this.#session;
    if (this.#closed || !session) return;
    if (frames === 'gap') return this.close('slow_consumer');
    if (frames === 'fenced') return this.close('replaced');
    if (frames === 'lapsed') return this.close('draining');
    const texts: string[] = [];
    let asks = false;
    let unsent = this.#raw.unsent();
    for (const frame of frames) {
      // A batch may hold a full mailbox; the rest of it waits there until this has left.
      if (unsent >= SOCKET_TIMES.unsentChars) {
        this.#pullAgain = true;
        break;
      }
      const text = this.#deliver(frame, session);
      unsent += text.length;
      texts.push(text);
      asks = this.#asksForPong(frame) || asks;
    }
    if (texts.length > 0) this.#write(texts);
    // Behind what it is to confirm.
    if (asks && this.#pingedAt === undefined) this.#ping();
    if (frames.length === SOCKET_TIMES.batchFrames) this.#pullAgain = true;
  }

  /** Whatever writing a frame brings with it. @returns the frame as it stands on the wire */
  #deliver({ seq, text, rings }: Frame, session: Session): string {
    this.#lastSeq = seq;
    const frame = this.extended ? withSeq(text, seq) : text;
    if (!rings) return frame;
    this.#ringsUntil = Math.max(this.#ringsUntil, rings.until);
    if (!this.extended) this.#ports.rang(session, rings.callId).catch((error: unknown) => this.#warn(error));
    return withTtl(frame, rings.until - this.#ports.storeNow());
  }

  /** Whether a frame must soon be known to have arrived. An extended client acknowledges by itself. */
  #asksForPong({ text, isEnd }: Frame): boolean {
    if (this.extended) return false;
    this.#unconfirmedFrames += 1;
    this.#unconfirmedChars += text.length;
    // An end that is not confirmed is told again on the person's next socket, so it is asked for at once.
    return (
      isEnd === true ||
      this.#unconfirmedFrames >= SOCKET_TIMES.unconfirmedFrames ||
      this.#unconfirmedChars >= SOCKET_TIMES.unconfirmedChars
    );
  }

  #warn(error: unknown): void {
    this.#ports.log.warn({ err: error }, 'a mailbox or its call could not be updated');
  }

  #write(texts: readonly string[]): void {
    if (this.#closed) return;
    this.#unsentSince ??= performance.now();
    this.#raw.send(texts, this.#moved);
    // Answers to a client that sends and never reads must not pile up without end.
    if (this.#raw.unsent() > 4 * SOCKET_TIMES.unsentChars) this.close('slow_consumer');
  }

  /** Something has left: the client reads. */
  readonly #moved = (): void => {
    this.#unsentSince = this.#raw.unsent() > 0 ? performance.now() : undefined;
    if (this.#pullAgain) this.#pullNow();
  };

  // ------------------------------------------------------------------------------------------------------------ time

  /** A pong came: everything written before its ping has arrived, so the mailbox may forget it. */
  onPong(): void {
    if (this.#pingedAt === undefined) return;
    this.#pingedAt = undefined;
    this.#unconfirmedFrames = 0;
    this.#unconfirmedChars = 0;
    if (!this.#session || this.extended || this.#seqAtPing === 0) return;
    this.#ports.confirmed(this.#session, this.#seqAtPing).catch((error: unknown) => this.#warn(error));
  }

  /** Called about once a second: everything about this socket that only time can bring. */
  tick(): void {
    if (this.#closed) return;
    const now = performance.now();
    if (!this.#identity && now - this.#openedAt >= SOCKET_TIMES.authenticateMs) return this.close('protocol');
    if (this.#identity && !this.#session && now - this.#identifiedAt >= SOCKET_TIMES.helloMs) {
      return this.close('protocol');
    }
    if (this.#unsentSince !== undefined && now - this.#unsentSince >= SOCKET_TIMES.stalledMs) {
      return this.close('slow_consumer');
    }
    const ringing = this.#ringsUntil > this.#ports.storeNow();
    if (this.#pingedAt !== undefined) {
      const withinMs = ringing ? SOCKET_TIMES.pongRingingWithinMs : SOCKET_TIMES.pongWithinMs;
      if (now - this.#pingedAt >= withinMs) return this.close('no_pong');
    } else if (now - this.#lastPingAt >= (ringing ? SOCKET_TIMES.pingRingingEveryMs : SOCKET_TIMES.pingEveryMs)) {
      this.#ping();
    }
    this.#checkToken();
  }

  #ping(): void {
    this.#pingedAt = performance.now();
    this.#lastPingAt = this.#pingedAt;
    this.#seqAtPing = this.#lastSeq;
    this.#raw.ping();
  }

  #checkToken(): void {
    const session = this.#session;
    if (!session) return;
    const overMs = Date.now() - session.identity.expiresAt;
    if (overMs < SOCKET_TIMES.tokenGraceMs) return;
    if (overMs >= SOCKET_TIMES.tokenGraceInCallMs) return this.close('token_expired');
    this.#ports
      .holdsCall(session)
      // A newer token may have come meanwhile.
      .then((holds) => {
        if (!holds && Date.now() - session.identity.expiresAt >= SOCKET_TIMES.tokenGraceMs) this.close('token_expired');
      })
      .catch((error: unknown) => this.#ports.log.warn({ err: error }, 'the calls of a socket could not be read'));
  }

  /** Closes it for a reason of the protocol. Harmless when it is closed already. */
  close(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox.length = 0;
    this.#raw.close(CLOSES[reason].code, reason);
  }

  /** The socket is gone. */
  onGone(): void {
    this.#closed = true;
    this.#inbox.length = 0;
  }
}
