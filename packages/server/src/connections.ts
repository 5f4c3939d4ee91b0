/**
 * Who is attached to this node: the sockets, by endpoint and by user. It authenticates them, greets the extended ones,
 * attaches and detaches their endpoints, wakes the one whose mailbox grew, and ends those whose tokens were revoked.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { deviceEndpoint, type Endpoint, plainEndpoint, userOf } from '@ringdown/call';
import {
  CAPABILITIES,
  type Capability,
  type ClientMessage,
  type ClientMessageOf,
  type CloseReason,
  chooseLanguage,
  isoTime,
  type Language,
  WIRE_LIMITS,
} from '@ringdown/protocol';
import type { Authenticator, Identity, Revocation } from './auth/auth.ts';
import type { CallStore, Soon } from './call-store/call-store.ts';
import type { Calls } from './calls.ts';
import type { Limits } from './config.ts';
import type { Directory } from './directory/directory.ts';
import type { Response } from './dispatch.ts';
import { summaryOf } from './live-calls.ts';
import type { Logger } from './log.ts';
import type { Presence } from './presence.ts';
import type { Session } from './session.ts';
import { type RawSocket, Socket, type SocketPorts } from './socket.ts';

/** How often sockets look at the clock, ms. */
const TICK_MS = 1_000;
/** The version of the extended protocol (HE-1). */
const VERSION = 1;
/** How many sockets are asked to move at once on a planned stop, and the longest pause between such batches, ms. */
const DRAIN = { batch: 100, pauseMs: 100 };

/** What connections stand on. */
export interface ConnectionPorts {
  readonly limits: Limits;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly store: CallStore;
  readonly calls: Calls;
  readonly directory: Directory;
  readonly presence: Presence;
  readonly dispatch: (message: ClientMessage, session: Session) => Soon<Response>;
}

/** The sockets of this node. */
export class Connections {
  readonly #ports: ConnectionPorts;
  readonly #socketPorts: SocketPorts;
  readonly #sockets = new Set<Socket>();
  readonly #byEndpoint = new Map<Endpoint, Socket>();
  readonly #byUser = new Map<string, Set<Socket>>();
  readonly #detaching = new Set<Promise<void>>();
  readonly #ticker: NodeJS.Timeout;
  readonly #stopListening: () => void;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#socketPorts = {
      limits: ports.limits,
      log: ports.log,
      dispatch: ports.dispatch,
      authenticate: (socket, token) => this.#authenticate(socket, token),
      hello: (socket, identity, message) => this.#greet(socket, identity, message),
      settled: ({ endpoint, sessionId }) => ports.store.confirmToken(endpoint, sessionId),
      rang: (session, callId) => this.#rang(session, callId),
      mailbox: ({ endpoint, sessionId }, after, max) => ports.store.mailbox(endpoint, sessionId, after, max),
      confirmed: async (session, upTo) => {
        const rung = await ports.store.ack(session.endpoint, session.sessionId, upTo);
        for (const callId of rung) await this.#rang(session, callId);
      },
      holdsCall: (session) => this.#holdsCall(session),
      storeNow: () => ports.store.now(),
    };
    ports.store.onWake((endpoint) => this.#byEndpoint.get(endpoint)?.wake());
    this.#ticker = setInterval(() => {
      for (const socket of this.#sockets) socket.tick();
    }, TICK_MS);
    this.#stopListening = ports.authenticator.onRevoked((revoked) => this.#revoke(revoked));
  }

  /** How many sockets there are, for tests and metrics. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Whether a user may open one more socket. */
  hasRoomFor(userId: string): boolean {
    return (this.#byUser.get(userId)?.size ?? 0) < this.#ports.limits.socketsPerUser;
  }

  /**
   * Takes in a socket that was just accepted.
   * @param options.identity who it is, when the upgrade request proved it
   * @param options.extended whether it negotiated the extended protocol, and so will say hello
   * @returns the connection, to which the adapter brings frames, pongs and the end
   */
  open(raw: RawSocket, options: { language: Language; extended: boolean; identity?: Identity }): Socket {
    const { identity, extended, language } = options;
    const session = identity && !extended ? plainSession(identity, language) : undefined;
    const socket = new Socket(raw, this.#socketPorts, { ...options, ...(session && { session }) });
    this.#sockets.add(socket);
    if (identity) this.#count(socket, identity);
    if (session) this.#enterPlain(socket, session);
    return socket;
  }

  /**
   * A socket is gone: its endpoint is detached, once.
   * @param leaving its page went away, and said so (DS-1)
   */
  gone(socket: Socket, leaving = false): void {
    socket.onGone();
    if (!this.#sockets.delete(socket)) return;
    const { session, identity } = socket;
    if (identity) {
      const others = this.#byUser.get(identity.userId);
      others?.delete(socket);
      if (others?.size === 0) this.#byUser.delete(identity.userId);
    }
    if (!session) return;
    const { endpoint, sessionId } = session;
    if (this.#byEndpoint.get(endpoint) === socket) this.#byEndpoint.delete(endpoint);
    this.#ports.presence.unsubscribe(session);
    const detaching = this.#ports.calls
      .detached(endpoint, sessionId, leaving)
      .then(() => this.#ports.presence.changed(userOf(endpoint)))
      .catch((error: unknown) => this.#ports.log.error({ err: error }, 'a lost socket could not be detached'))
      .finally(() => this.#detaching.delete(detaching));
    this.#detaching.add(detaching);
  }

  /** Asks every client to come back elsewhere or later: in batches and at random, so that they do not all come at once. */
  async drain(): Promise<void> {
    clearInterval(this.#ticker);
    this.#stopListening();
    let inBatch = 0;
    for (const socket of [...this.#sockets].sort(() => Math.random() - 0.5)) {
      socket.close('draining');
      inBatch += 1;
      if (inBatch % DRAIN.batch === 0)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * DRAIN.pauseMs));
    }
  }

  /** Resolves when no detach is under way any more. */
  async settled(): Promise<void> {
    while (this.#detaching.size > 0) await Promise.allSettled(this.#detaching);
  }

  /** Counts a socket against its user. */
  #count(socket: Socket, { userId }: Identity): void {
    const others = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, others.add(socket));
  }

  #enterPlain(socket: Socket, session: Session): void {
    const { endpoint, sessionId, language, capabilities } = session;
    this.#byEndpoint.set(endpoint, socket);
    this.#ports.presence.opened(session, (message) => socket.send(message));
    this.#ports.calls
      .attached(endpoint, { sessionId, language, capabilities })
      .then((attached) => {
        if (!attached) socket.close('draining');
        return this.#ports.presence.changed(userOf(endpoint));
      })
      .catch((error: unknown) => {
        this.#ports.log.error({ err: error }, 'a socket could not be attached');
        socket.close('internal');
      });
  }

  async #authenticate(socket: Socket, token: string): ReturnType<SocketPorts['authenticate']> {
    const verdict = await this.#ports.authenticator.verify(token);
    const before = socket.identity;
    if (!verdict.ok) {
      // A socket that is already somebody keeps its old token's time; a first frame has had its chance.
      return { failure: { reason: verdict.reason }, ...(before ? {} : { close: 'token_expired' as CloseReason }) };
    }
    const { identity } = verdict;
    if (before) {
      if (before.userId !== identity.userId) return { failure: { reason: 'unauthenticated' } };
      if (socket.session) socket.session.identity = identity;
      return { identity };
    }
    if (!this.hasRoomFor(identity.userId)) {
      return { failure: { reason: 'rate_limited' }, close: 'slow_down' };
    }
    // It may have gone while the token was judged.
    if (!this.#sockets.has(socket)) return { identity };
    this.#count(socket, identity);
    if (socket.extended) return { identity };
    const session = plainSession(identity, socket.language);
    this.#enterPlain(socket, session);
    return { identity, session };
  }

  /** An extended socket says hello: its device's session begins, or goes on where it was (HE-1 to HE-3). */
  async #greet(
    socket: Socket,
    identity: Identity,
    { id, data }: ClientMessageOf<'hello'>,
  ): ReturnType<SocketPorts['hello']> {
    if (data.version !== VERSION) {
      return { failure: { reason: 'unsupported_version', supported: [VERSION] }, close: 'protocol' };
    }
    const { userId } = identity;
    const { sender: me } = await this.#ports.directory.relation(userId, userId);
    if (!me) return { failure: { reason: 'unauthenticated' }, close: 'token_expired' };
    const endpoint = deviceEndpoint(userId, data.deviceId);
    const resumeToken = randomBytes(32).toString('base64url');
    const session: Session = {
      sessionId: randomUUID(),
      endpoint,
      language: data.lang === undefined ? socket.language : chooseLanguage(data.lang),
      capabilities: CAPABILITIES.filter((word): word is Capability => data.caps?.includes(word) === true),
      identity,
    };
    if (!this.#sockets.has(socket)) return { failure: { reason: 'unauthenticated' }, close: 'token_expired' };
    const before = this.#byEndpoint.get(endpoint);
    this.#byEndpoint.set(endpoint, socket);
    before?.close('replaced');
    this.#ports.presence.opened(session, (message) => socket.send(message));
    const { sessionId, language, capabilities } = session;
    const attached = await this.#ports.calls.attached(endpoint, {
      sessionId,
      language,
      capabilities,
      resumeHash: hashOf(resumeToken),
      ...(data.resume && { resume: { hash: hashOf(data.resume.token), lastSeq: data.resume.lastSeq } }),
    });
    // It went while it was being attached, or is not taken in: nobody else will detach it.
    if (!attached || !this.#sockets.has(socket)) await this.#ports.calls.detached(endpoint, sessionId);
    else void this.#ports.presence.changed(userId);
    if (!attached) return { failure: { reason: 'overloaded' }, close: 'draining' };
    const { limits } = this.#ports;
    return {
      session,
      after: attached.after,
      answer: {
        type: 'hello',
        ...(id !== undefined && { id }),
        data: {
          sessionId,
          resumed: attached.resumed,
          lastSeq: attached.after,
          resumeToken,
          user: me.info,
          calls: attached.calls.map((call) => summaryOf(call, userId, endpoint)),
          limits: {
            frameBytes: WIRE_LIMITS.frameBytes,
            sdpChars: WIRE_LIMITS.sdpChars,
            candidatesPerFrame: WIRE_LIMITS.candidatesPerFrame,
            candidatesPerSide: WIRE_LIMITS.candidatesPerSide,
            messagesPerSecond: limits.messagesPerSecond,
            messagesBurst: limits.messagesBurst,
          },
          serverTime: isoTime(this.#ports.store.now()),
        },
      },
    };
  }

  async #rang({ endpoint, sessionId }: Session, callId: string): Promise<void> {
    await this.#ports.calls.apply(callId, { type: 'rang', endpoint }, { endpoint, sessionId });
  }

  async #holdsCall({ endpoint, identity }: Session): Promise<boolean> {
    const { users } = await this.#ports.store.read([identity.userId], []);
    return (users.get(identity.userId)?.calls ?? []).some((call) =>
      call.phase === 'ringing'
        ? call.callerSeat.endpoint === endpoint || userOf(endpoint) === call.callee.id
        : call.callerSeat.endpoint === endpoint || call.calleeSeat.endpoint === endpoint,
    );
  }

  #revoke({ userId, sessionId }: Revocation): void {
    for (const socket of [...(this.#byUser.get(userId) ?? [])]) {
      if (sessionId === undefined || socket.identity?.sessionId === sessionId) socket.close('token_expired');
    }
  }
}

function plainSession(identity: Identity, language: Language): Session {
  const sessionId = randomUUID();
  return { sessionId, endpoint: plainEndpoint(identity.userId, sessionId), language, capabilities: [], identity };
}

/** What the store keeps of a resume token; the token itself is the client's alone (T21). */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
