/** Which friends are online, as far as this client asked to know (PR-1). */
import type { PendingRequest, Request } from './connection.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import type { FrameOf } from './frames.ts';
import type { RequestHandlers, RequestOptions } from './outbox.ts';

/** Whether a friend can be rung. */
export type PresenceState = 'online' | 'offline';

/** What one change is: only those of whom something is new. */
export type PresenceChange = ReadonlyMap<string, PresenceState>;

/** Which friends are online. */
export interface Presence {
  /**
   * Asks to be told, from now on and over all reconnections, until every listener is taken away. The service tells of
   * every friend at once; a friend who may not be called is never told of. A service that does not know presence tells
   * nothing.
   * @param listener is given those of whom something is new, by user id
   * @returns takes it away again
   */
  subscribe(listener: (change: PresenceChange) => void): Unsubscribe;
  /** What was told last of somebody; undefined when nothing was, or nobody listens. */
  of(userId: string): PresenceState | undefined;
}

interface LivePresenceOptions {
  readonly send: (request: Request, handlers: RequestHandlers, options: RequestOptions) => PendingRequest;
  readonly isExtended: () => boolean;
  readonly onListenerError: (cause: unknown) => void;
}

/** A request of a socket that is gone means nothing: the next one asks anew. */
const PATIENCE: RequestOptions = { giveUpAfterMs: 9_000 };

/** See {@link Presence}. */
export class LivePresence implements Presence {
  readonly #options: LivePresenceOptions;
  readonly #emitter: Emitter<{ change: PresenceChange }>;
  readonly #states = new Map<string, PresenceState>();
  readonly #listeners = new Set<symbol>();
  /** Whom the service told of since it was asked; undefined once it has told of all. */
  #told: Set<string> | undefined;

  constructor(options: LivePresenceOptions) {
    this.#options = options;
    this.#emitter = new Emitter(options.onListenerError);
  }

  subscribe(listener: (change: PresenceChange) => void): Unsubscribe {
    // The same listener twice is two subscriptions.
    const stop = this.#emitter.on('change', (change) => listener(change));
    const own = Symbol();
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#subscribe();
    return () => {
      stop();
      if (!this.#listeners.delete(own) || this.#listeners.size > 0) return;
      this.#states.clear();
      this.#told = undefined;
      this.#ask('presence:unsubscribe');
    };
  }

  of(userId: string): PresenceState | undefined {
    return this.#states.get(userId);
  }

  /** There is a new session; a subscription ends with its socket. */
  greeted(): void {
    if (this.#listeners.size > 0) this.#subscribe();
  }

  /** What the service tells. */
  receive({ users }: FrameOf<'presence'>['data']): void {
    if (this.#listeners.size === 0) return;
    const change = new Map<string, PresenceState>();
    for (const { userId, state } of users) {
      this.#told?.add(userId);
      if (this.#states.get(userId) === state) continue;
      this.#states.set(userId, state);
      change.set(userId, state);
    }
    if (change.size > 0) this.#emitter.emit('change', change);
  }

  #subscribe(): void {
    this.#told = new Set();
    this.#ask('presence:subscribe', () => this.#onAllTold());
  }

  /** Of whom nothing was told this time nothing may be known any more. */
  #onAllTold(): void {
    const told = this.#told;
    this.#told = undefined;
    if (!told) return;
    const change = new Map<string, PresenceState>();
    for (const [userId, state] of this.#states) {
      if (told.has(userId)) continue;
      this.#states.delete(userId);
      if (state === 'online') change.set(userId, 'offline');
    }
    if (change.size > 0) this.#emitter.emit('change', change);
  }

  #ask(type: 'presence:subscribe' | 'presence:unsubscribe', ack?: () => void): void {
    if (this.#options.isExtended()) this.#options.send({ type, data: {} }, ack ? { ack } : {}, PATIENCE);
  }
}
