/**
 * Who is attached to this node: the sockets, by endpoint and by user. It authenticates them, attaches and detaches
 * their endpoints, wakes the one whose mailbox grew, and ends those whose tokens were revoked.
 */
import { randomUUID } from 'node:crypto';
import { type Endpoint, plainEndpoint, userOf } from '@ringdown/call';
import type { ClientMessage, CloseReason, Language } from '@ringdown/protocol';
import type { Authenticator, Identity, Revocation } from './auth/auth.ts';
import type { CallStore } from './call-store/call-store.ts';
import type { Calls } from './calls.ts';
import type { Limits } from './config.ts';
import type { Failure, Response } from './dispatch.ts';
import type { Logger } from './log.ts';
import type { Session } from './session.ts';
import { type RawSocket, Socket, type SocketPorts } from './socket.ts';

/** How often sockets look at the clock, ms. */
const TICK_MS = 1_000;
/** How many sockets are asked to move at once on a planned stop, and the pause between such batches, ms. */
const DRAIN = { batch: 200, pauseMs: 50 };

/** What connections stand on. */
export interface ConnectionPorts {
  readonly limits: Limits;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly store: CallStore;
  readonly calls: Calls;
  readonly dispatch: (message: ClientMessage, session: Session) => Promise<Response>;
}

/** The sockets of this node. */
export class Connections {
  readonly #ports: ConnectionPorts;
  readonly #socketPorts: SocketPorts;
  readonly #sockets = new Set<Socket>();
  readonly #byEndpoint = new Map<Endpoint, Socket>();
  readonly #byUser = new Map<string, Set<Socket>>();
  readonly #leaving = new Set<Promise<void>>();
  readonly #ticker: NodeJS.Timeout;
  readonly #stopListening: () => void;

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#socketPorts = {
      limits: ports.limits,
      log: ports.log,
      dispatch: ports.dispatch,
      authenticate: (socket, token) => this.#authenticate(socket, token),
      mailbox: ({ endpoint, sessionId }, after, max) => ports.store.mailbox(endpoint, sessionId, after, max),
      confirmed: ({ endpoint, sessionId }, upTo) => ports.store.ack(endpoint, sessionId, upTo),
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
   * @param identity who it is, when the upgrade request proved it
   * @returns the connection, to which the adapter brings frames, pongs and the end
   */
  open(raw: RawSocket, language: Language, identity?: Identity): Socket {
    const session = identity && newSession(identity, language);
    const socket = new Socket(raw, this.#socketPorts, language, session);
    this.#sockets.add(socket);
    if (session) this.#enter(socket, session);
    return socket;
  }

  /** A socket is gone: its endpoint is detached, once. */
  gone(socket: Socket): void {
    socket.onGone();
    if (!this.#sockets.delete(socket)) return;
    const { session } = socket;
    if (!session) return;
    const { endpoint, sessionId, identity } = session;
    if (this.#byEndpoint.get(endpoint) === socket) this.#byEndpoint.delete(endpoint);
    const others = this.#byUser.get(identity.userId);
    others?.delete(socket);
    if (others?.size === 0) this.#byUser.delete(identity.userId);
    const leaving = this.#ports.calls
      .detached(endpoint, sessionId)
      .catch((error: unknown) => this.#ports.log.error({ err: error }, 'a lost socket could not be detached'))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** Asks every client to come back elsewhere or later, a batch at a time, and waits until all are detached. */
  async drain(): Promise<void> {
    clearInterval(this.#ticker);
    this.#stopListening();
    let inBatch = 0;
    for (const socket of [...this.#sockets]) {
      socket.close('draining');
      inBatch += 1;
      if (inBatch % DRAIN.batch === 0) await new Promise((resolve) => setTimeout(resolve, DRAIN.pauseMs));
    }
  }

  /** Resolves when no detach is under way any more. */
  async settled(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.allSettled(this.#leaving);
  }

  #enter(socket: Socket, session: Session): void {
    const { endpoint, sessionId, identity, language } = session;
    this.#byEndpoint.set(endpoint, socket);
    const others = this.#byUser.get(identity.userId) ?? new Set();
    this.#byUser.set(identity.userId, others.add(socket));
    this.#ports.calls.attached(endpoint, sessionId, language).catch((error: unknown) => {
      this.#ports.log.error({ err: error }, 'a socket could not be attached');
      socket.close('internal');
    });
  }

  async #authenticate(socket: Socket, token: string): ReturnType<SocketPorts['authenticate']> {
    const verdict = await this.#ports.authenticator.verify(token);
    const before = socket.session;
    if (!verdict.ok) {
      // A socket that is already somebody keeps its old token's time; a first frame has had its chance.
      return { failure: { reason: verdict.reason }, ...(before ? {} : { close: 'token_expired' as CloseReason }) };
    }
    const { identity } = verdict;
    if (before) {
      if (before.identity.userId !== identity.userId) return { failure: { reason: 'unauthenticated' } };
      before.identity = identity;
      return { session: before };
    }
    if (!this.hasRoomFor(identity.userId)) {
      const failure: Failure = { reason: 'rate_limited' };
      return { failure, close: 'slow_down' };
    }
    const session = newSession(identity, socket.language);
    if (!socket.closed) this.#enter(socket, session);
    return { session };
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
      if (sessionId === undefined || socket.session?.identity.sessionId === sessionId) socket.close('token_expired');
    }
  }
}

function newSession(identity: Identity, language: Language): Session {
  const sessionId = randomUUID();
  return { sessionId, endpoint: plainEndpoint(identity.userId, sessionId), language, identity };
}
