/**
 * The directory port: who exists, and who may call whom. The calling rules ask it nothing else.
 * Read by `dispatch` before a decision; never while one is being committed.
 */
import type { SenderInfo } from '@ringdown/protocol';

/** A person, as far as calling is concerned. */
export interface Person {
  /** Canonical wire id. */
  readonly id: string;
  /** What the other side is shown. */
  readonly info: SenderInfo;
  readonly doNotDisturb: boolean;
  readonly hideBusy: boolean;
}

/** Everything about two people that an offer or an answer is judged by. */
export interface Relation {
  /** Undefined when the account is gone. */
  readonly sender: Person | undefined;
  /** Undefined when there is no such user. */
  readonly receiver: Person | undefined;
  /** The closest tie: friends, else at least one group in which both are accepted members, else none. */
  readonly tie: 'friends' | 'group' | 'none';
  readonly blockedBySender: boolean;
  readonly blockedByReceiver: boolean;
  /** False when `conversationId` names one of our groups (`g_…`) and not both are accepted members of it (OF-5). */
  readonly conversationAllowed: boolean;
}

/** The directory port. */
export interface Directory {
  /**
   * Looks up two people and what is between them, as one consistent read.
   * @param sender canonical id of who acts
   * @param receiver canonical id of whom it concerns
   * @param conversationId as the client sent it
   * @throws when the database cannot be read; the caller decides what that means
   */
  relation(sender: string, receiver: string, conversationId?: string): Promise<Relation>;
  /**
   * The friends of a person who may know whether that person is online, and the other way round: those with no block
   * either way (PR-1).
   * @param userId canonical id
   * @returns canonical ids, in no order; empty for nobody
   * @throws when the database cannot be read
   */
  friendsOf(userId: string): Promise<string[]>;
}
