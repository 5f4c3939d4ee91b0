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
import type { Frame, Seq, Unreadable } from './call-store/call-store.ts';
import type { Limits } from './config.ts';
import type { Failure, Response } from './dispatch.ts';
import type { Logger } from './log.ts';
import { isExtended, type Session } from './session.ts';
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
  /** Writes a text frame; calls back when it has left for the network, or failed. */
  send(text: string, sent: () => void): void;
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
  dispatch(message: ClientMessage, session: Session): Promise<Response>;
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
  mailbox(session: Session, after: Seq, max: number): Promise<readonly Frame[] | Unreadable>;
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
    this.#inbox.push(text);
    // Before authentication nothing more is read while a frame is being looked at.
    if ((!this.#identity || this.#inbox.length >= SOCKET_TIMES.inboxMessages) && !this.#paused) {
      this.#paused = true;
      this.#raw.pause();
    }
    if (!this.#handling) void this.#handleInbox();
  }

  /** A binary frame came in: the protocol is text. */
  onBinary(): void {
    this.close('binary');
  }

  /** One message at a time, in order: a candidate must not overtake the offer that still waits for the directory. */
  async #handleInbox(): Promise<void> {
    this.#handling = true;
    for (let text = this.#inbox.shift(); text !== undefined && !this.#closed; text = this.#inbox.shift()) {
      await this.#handle(text);
      if (this.#paused && this.#inbox.length < SOCKET_TIMES.inboxMessages / 2) {
        this.#paused = false;
        this.#raw.resume();
      }
    }
    this.#handling = false;
  }

  async #handle(text: string): Promise<void> {
    if (!this.#identity) {
      this.#framesBeforeAuth += 1;
      if (text.length > WIRE_LIMITS.authFrameBytes) return this.close('too_large');
      if (this.#framesBeforeAuth > SOCKET_TIMES.framesBeforeAuth) return this.close('protocol');
    }
    const decoded = decodeClientMessage(text);
    if (!decoded.ok) {
      const { reason, message, id } = decoded;
      this.#fail({ reason }, id, message);
      if (this.#badFrames.take(performance.now()) > 0) this.close('protocol');
      return;
    }
    const message = decoded.value;
    // A person must always be able to hang up (HU-1).
    const retryAfterMs = message.type === 'call:hang_up' ? 0 : this.#bucket.take(performance.now());
    if (retryAfterMs > 0) {
      this.#fail({ reason: 'rate_limited', retryAfterMs }, message.id);
      if (this.#overRate.take(performance.now()) > 0) this.close('slow_down');
      return;
    }
    try {
      if (message.type === 'auth') await this.#authenticate(message.data.token, message.id);
      else if (!this.#identity) this.#fail({ reason: 'unauthenticated' }, message.id);
      else if (!this.#session) await this.#greet(this.#identity, message);
      else await this.#inSession(this.#session, message);
    } catch (error) {
      const correlationId = randomUUID();
      this.#ports.log.error({ err: error, correlationId, type: message.type }, 'a message could not be handled');
      this.#fail({ reason: 'internal' }, message.id, `${errorText('internal', this.language)} [${correlationId}]`);
    }
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
    this.#write(encode(greeted.answer));
    this.wake();
  }

  async #inSession(session: Session, message: ClientMessage): Promise<void> {
    if (isExtended(session)) {
      if (!this.#settled) {
        this.#settled = true;
        await this.#ports.settled(session);
      }
      if (message.type === 'ack') return this.#ports.confirmed(session, message.data.seq);
      if (message.type === 'ping') return this.send({ type: 'pong', ...(message.id && { id: message.id }), data: {} });
      if (message.type === 'hello') {
        return this.#fail({ reason: 'invalid_payload', message: 'hello was said already' }, message.id);
      }
    }
    const response = await this.#ports.dispatch(message, session);
    // What the mailbox had before this answer stands before it on the wire too: an offer before its glare (GL-1).
    if (response.type !== 'none') await this.#caughtUp();
    this.#respond(response, message.id);
  }

  /** Writes a frame that belongs to no commit, as presence. */
  send(message: ServerMessage): void {
    this.#write(encode(message));
  }

  #respond(response: Response, id: string | undefined): void {
    switch (response.type) {
      case 'none':
        return;
      case 'repeat':
        return this.#write(encode(response.message));
      case 'ack':
        if (id === undefined) return;
        return this.#write(
          encode({
            type: 'ack',
            id,
            data: {
              ...(response.callId !== undefined && { callId: response.callId }),
              ...(response.negotiationId !== undefined && { negotiationId: response.negotiationId }),
            },
          }),
        );
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
    this.#write(encode(message));
  }

  // -------------------------------------------------------------------------------------------------------- outgoing

  /** The mailbox grew: take what fits and write it. */
  wake(): void {
    if (this.#closed) return;
    this.#pullAgain = true;
    if (!this.#pulling) void this.#pull();
  }

  async #pull(): Promise<void> {
    this.#pulling = true;
    try {
      while (this.#pullAgain && !this.#closed && this.#session && this.#raw.unsent() < SOCKET_TIMES.unsentChars) {
        this.#pullAgain = false;
        const frames = await this.#ports.mailbox(this.#session, this.#lastSeq, SOCKET_TIMES.batchFrames);
        if (this.#closed) return;
        if (frames === 'gap') return this.close('slow_consumer');
        if (frames === 'fenced') return this.close('replaced');
        if (frames === 'lapsed') return this.close('draining');
        for (const frame of frames) {
          // A batch may hold a full mailbox; the rest of it waits there until this has left.
          if (this.#raw.unsent() >= SOCKET_TIMES.unsentChars) {
            this.#pullAgain = true;
            break;
          }
          this.#deliver(frame, this.#session);
        }
        if (frames.length === SOCKET_TIMES.batchFrames) this.#pullAgain = true;
      }
    } catch (error) {
      this.#ports.log.error({ err: error }, 'a mailbox could not be read');
      this.close('internal');
    } finally {
      this.#pulling = false;
      for (const resume of this.#waitingForPull.splice(0)) resume();
    }
  }

  /** Resolves when everything that was in the mailbox is written, or the socket takes no more for now. */
  async #caughtUp(): Promise<void> {
    // Two pulls at once would read the same frames.
    while (this.#pulling) await new Promise<void>((resolve) => this.#waitingForPull.push(resolve));
    this.#pullAgain = true;
    await this.#pull();
  }

  #deliver({ seq, text, rings, isEnd }: Frame, session: Session): void {
    this.#lastSeq = seq;
    const extended = isExtended(session);
    const frame = extended ? withSeq(text, seq) : text;
    this.#write(rings ? withTtl(frame, rings.until - this.#ports.storeNow()) : frame);
    if (rings) {
      this.#ringsUntil = Math.max(this.#ringsUntil, rings.until);
      if (!extended) this.#ports.rang(session, rings.callId).catch((error: unknown) => this.#warn(error));
    }
    // An extended client acknowledges by itself; a plain one by its pongs.
    if (extended) return;
    this.#unconfirmedFrames += 1;
    this.#unconfirmedChars += text.length;
    // An end that is not confirmed is told again on the person's next socket, so it is asked for at once.
    const asks =
      isEnd ||
      this.#unconfirmedFrames >= SOCKET_TIMES.unconfirmedFrames ||
      this.#unconfirmedChars >= SOCKET_TIMES.unconfirmedChars;
    if (asks && this.#pingedAt === undefined) this.#ping();
  }

  #warn(error: unknown): void {
    this.#ports.log.warn({ err: error }, 'a mailbox or its call could not be updated');
  }

  #write(text: string): void {
    if (this.#closed) return;
    this.#unsentSince ??= performance.now();
    this.#raw.send(text, () => {
      // Something moved: the client reads.
      this.#unsentSince = this.#raw.unsent() > 0 ? performance.now() : undefined;
      if (this.#pullAgain && !this.#pulling && !this.#closed) void this.#pull();
    });
    // Answers to a client that sends and never reads must not pile up without end.
    if (this.#raw.unsent() > 4 * SOCKET_TIMES.unsentChars) this.close('slow_consumer');
  }

  // ------------------------------------------------------------------------------------------------------------ time

  /** A pong came: everything written before its ping has arrived, so the mailbox may forget it. */
  onPong(): void {
    if (this.#pingedAt === undefined) return;
    this.#pingedAt = undefined;
    this.#unconfirmedFrames = 0;
    this.#unconfirmedChars = 0;
    if (!this.#session || isExtended(this.#session) || this.#seqAtPing === 0) return;
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
