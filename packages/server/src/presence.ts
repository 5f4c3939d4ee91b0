/**
 * Who is online, for the friends who asked to know (PR-1). A view of the roster and nothing else: it is never stored, and
 * whoever may not call, or is blocked either way, is never told.
 */
import type { UserId } from '@ringdown/call';
import type { ServerMessage } from '@ringdown/protocol';
import type { CallStore } from './call-store/call-store.ts';
import type { Directory } from './directory/directory.ts';
import type { Logger } from './log.ts';
import type { Session } from './session.ts';

/** What presence stands on. */
export interface PresencePorts {
  readonly store: CallStore;
  readonly directory: Pick<Directory, 'friendsOf'>;
  readonly log: Logger;
}

type Send = (message: ServerMessage) => void;

/** The subscriptions of this node. */
export class Presence {
  readonly #ports: PresencePorts;
  /** By user: the sessions that want to know of that user's friends, and how to tell them. */
  readonly #subscribers = new Map<UserId, Map<Session, Send>>();
  readonly #senders = new WeakMap<Session, Send>();
  /** What was last told of a user, so that a second device coming or going is no news. */
  readonly #told = new Map<UserId, boolean>();

  constructor(ports: PresencePorts) {
    this.#ports = ports;
  }

  /** A session exists; remembers how it is written to. */
  opened(session: Session, send: Send): void {
    this.#senders.set(session, send);
  }

  /** A session wants to know, from now on; it is told of every friend at once. @throws when the directory fails */
  async subscribe(session: Session): Promise<void> {
    const send = this.#senders.get(session);
    if (!send) return;
    const { userId } = session.identity;
    const sessions = this.#subscribers.get(userId) ?? new Map<Session, Send>();
    this.#subscribers.set(userId, sessions.set(session, send));
    const friends = await this.#ports.directory.friendsOf(userId);
    const { users } = await this.#ports.store.read(friends, []);
    send({
      type: 'presence',
      data: {
        users: friends.map((friend) => ({
          userId: friend,
          state: (users.get(friend)?.roster.length ?? 0) > 0 ? 'online' : 'offline',
        })),
      },
    });
  }

  /** A session does not want to know any more, or is gone. */
  unsubscribe(session: Session): void {
    const sessions = this.#subscribers.get(session.identity.userId);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#subscribers.delete(session.identity.userId);
  }

  /** A user's roster changed: friends who asked are told, if it is news. Never throws. */
  async changed(userId: UserId): Promise<void> {
    try {
      const { users } = await this.#ports.store.read([userId], []);
      const online = (users.get(userId)?.roster.length ?? 0) > 0;
      if ((this.#told.get(userId) ?? false) === online) return;
      if (online) this.#told.set(userId, true);
      else this.#told.delete(userId);
      if (this.#subscribers.size === 0) return;
      const message: ServerMessage = {
        type: 'presence',
        data: { users: [{ userId, state: online ? 'online' : 'offline' }] },
      };
      for (const friend of await this.#ports.directory.friendsOf(userId)) {
        for (const send of this.#subscribers.get(friend)?.values() ?? []) send(message);
      }
    } catch (error) {
      this.#ports.log.warn({ err: error }, 'friends could not be told who is online');
    }
  }

  /** How many users follow their friends, and how many are known to be online; for tests and metrics. */
  get sizes(): { followers: number; online: number } {
    return { followers: this.#subscribers.size, online: this.#told.size };
  }
}
