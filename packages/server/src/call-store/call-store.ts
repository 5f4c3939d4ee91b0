/**
 * The store of live calls: one atomic step commits states, claims, outgoing frames and records together, or says that
 * what the decision was based on has changed. No node owns a call; whoever commits first has decided.
 *
 * Promises every adapter keeps (`contract.ts`): a commit is all or nothing · a frame reaches a mailbox exactly once and
 * in commit order · a session that is no longer the endpoint's current one writes nothing · an offer or answer stands
 * before its candidates in every mailbox.
 */
import type { CallId, CallRecord, CallState, Effect, Endpoint, LiveCall, Millis, UserId } from '@ringdown/call';
import type { Capability, Language } from '@ringdown/protocol';

/** Grows with every change of a row; 0 when there is no row. Never used twice, even for a row that comes back. */
export type Version = number;
/** Position in a mailbox, from 1. */
export type Seq = number;
/** Name of a server process. */
export type NodeId = string;

/**
 * A value now, or a promise of it. The two questions that every candidate asks may be answered at once by a store that
 * need not wait: a promise would cost as much as the answer.
 */
export type Soon<T> = T | Promise<T>;

/** Bounds of a mailbox and how long things are remembered. */
export const STORE_LIMITS = Object.freeze({
  mailboxFrames: 256,
  mailboxChars: 256 * 1024,
  /** How long the mailbox of a lost endpoint is kept, ms (HE-2, DS-3). */
  resumeWindowMs: 30_000,
  /** How long a node that says nothing counts as alive, ms. */
  leaseMs: 15_000,
  /** How long a request's answer is remembered, ms (OF-4). */
  requestMemoryMs: 5 * 60_000,
});

/** An attached endpoint of a user. */
export interface Attachment {
  readonly endpoint: Endpoint;
  readonly language: Language;
  readonly capabilities: readonly Capability[];
}

/** The rows a decision is based on, from one consistent read. */
export interface Snapshot {
  readonly now: Millis;
  /** The calls that were asked for and every live call of the users that were asked for. */
  readonly calls: ReadonlyMap<CallId, { readonly state: CallState; readonly version: Version }>;
  readonly users: ReadonlyMap<
    UserId,
    { readonly version: Version; readonly calls: readonly LiveCall[]; readonly roster: readonly Attachment[] }
  >;
  /** What was answered to the request key, if it was seen within the last five minutes. */
  readonly request?: { readonly digest: string; readonly reply: string };
}

/** One atomic step. */
export interface Commit {
  /** Who acts: refused as `fenced` unless this session is the endpoint's current one. */
  readonly by?: { readonly endpoint: Endpoint; readonly sessionId: string };
  /** The versions the decision was based on. */
  readonly expect: { readonly calls: ReadonlyMap<CallId, Version>; readonly users: ReadonlyMap<UserId, Version> };
  /** New states; claims, deadline and candidate route follow from them. */
  readonly calls: readonly CallState[];
  /** Run in order. A frame for an endpoint that is unknown or too long gone is dropped. */
  readonly effects: readonly Effect[];
  readonly request?: { readonly key: string; readonly digest: string; readonly reply: string };
}

/** A frame in a mailbox. */
export interface Frame {
  readonly seq: Seq;
  /** Encoded message without `seq` and `ttlMs`. */
  readonly text: string;
  /** For an offer that rings: its call, and until when; `ttlMs` is worked out when the frame is written. */
  readonly rings?: { readonly callId: CallId; readonly until: Millis };
  /** The last frame of its call for this endpoint. */
  readonly isEnd?: true;
}

/** Candidates of one message, encoded for either kind of session. */
export interface CandidateFrames {
  /** For plain sessions: one frame a candidate, without end marks. */
  readonly single: readonly string[];
  /** For extended sessions: the message as it came. */
  readonly whole: string;
  /** How many are in it, end marks left out, when that is known without making {@link single}. */
  readonly count?: number;
}

/** A session that attaches. */
export interface NewSession {
  readonly sessionId: string;
  readonly language: Language;
  readonly capabilities: readonly Capability[];
  /** Hash of the token with which the next session may resume this one; absent for plain sessions. */
  readonly resumeHash?: string;
  /** What the client wants to go on from (HE-2). */
  readonly resume?: { readonly hash: string; readonly lastSeq: Seq };
}

/** What an attaching session finds. */
export interface Attached {
  /** Whether it goes on with the mailbox of the session before; else the mailbox is empty. */
  readonly resumed: boolean;
  /** The position after which it reads: what it had, or the end of what was. */
  readonly after: Seq;
  /** The live calls of its user. */
  readonly calls: readonly LiveCall[];
}

/**
 * Why a mailbox cannot be read: frames after that position were lost to its bounds · another session of the endpoint is
 * the current one · this session was detached, as by another node while this one was silent.
 */
export type Unreadable = 'gap' | 'fenced' | 'lapsed';

/** What became of a relayed candidate; `claim`: apply the event of that name and ask again. */
export type Relayed = 'ok' | 'claim' | 'unknown' | 'foreign' | 'mismatch' | 'full' | 'fenced';

/** The store port. */
export interface CallStore {
  /** The only clock of decisions: ms since the epoch, never going back. */
  now(): Millis;
  /** Reads users, calls and a request's memory as one consistent snapshot. */
  read(users: readonly UserId[], calls: readonly CallId[], requestKey?: string): Promise<Snapshot>;
  /** Commits one step, all or nothing. */
  commit(commit: Commit): Promise<'committed' | 'conflict' | 'fenced'>;
  /**
   * Keeps and sends candidate frames by the call's route (`candidateRoute`), as one atomic step of its own.
   * @param receiverId whom the sender believes to be the peer (RT-1)
   */
  relay(from: Endpoint, sessionId: string, callId: CallId, frames: CandidateFrames, receiverId?: UserId): Soon<Relayed>;
  /**
   * Puts an endpoint into the roster under a session of this node; an older session of the endpoint is fenced from
   * now on. With a good resume token and nothing lost after its position the mailbox goes on, else it begins empty.
   * The token's predecessor stays good until {@link confirmToken}, in case the answer never arrives (HE-1).
   */
  attach(endpoint: Endpoint, session: NewSession): Promise<Attached>;
  /** The client has the answer to its hello: the token before the current one is worth nothing any more. */
  confirmToken(endpoint: Endpoint, sessionId: string): Promise<void>;
  /**
   * Takes an endpoint out of the roster; its mailbox stays for the resume window.
   * @returns the live calls of its user, to be told, again until {@link detachTold}; undefined, and nothing is done, for a
   * session that is not the endpoint's last one
   */
  detach(endpoint: Endpoint, sessionId: string): Promise<readonly LiveCall[] | undefined>;
  /**
   * The live calls have been told. A node that dies before it says so leaves the endpoint to whoever asks {@link beat}, so
   * that no call counts for ever on somebody who is gone (I9).
   */
  detachTold(endpoint: Endpoint, sessionId: string): Promise<void>;
  /**
   * Moves the ends that a lost plain socket of the same user was not seen to receive into this one's mailbox (DS-3).
   * Asked after the new socket has taken its place in the live calls, so that no end can fall between.
   */
  adoptEnds(endpoint: Endpoint, sessionId: string): Promise<void>;
  /** Frames after a position, oldest first. The offer of a call that has ended is left out. */
  mailbox(endpoint: Endpoint, sessionId: string, after: Seq, max: number): Soon<readonly Frame[] | Unreadable>;
  /**
   * The endpoint has seen everything up to a position; the mailbox forgets it.
   * @returns the calls whose ringing offers were among it (RI-1)
   */
  ack(endpoint: Endpoint, sessionId: string, upTo: Seq): Promise<readonly CallId[]>;
  /** Live calls whose deadline has passed. A peek: only a commit moves a deadline. */
  due(max: number): Promise<readonly CallId[]>;
  /** The earliest time at which {@link due} or the store's own forgetting has something to do; undefined for never. */
  nextDue(): Promise<Millis | undefined>;
  /**
   * This node is alive. Said every few seconds; a node that has not said it for {@link STORE_LIMITS.leaseMs} is dead.
   * @returns sessions that dead nodes left in the roster, or left detached and told nobody, for the caller to detach; the
   * same ones again until it has
   */
  beat(): Promise<readonly { readonly endpoint: Endpoint; readonly sessionId: string }[]>;
  /**
   * Calls back whenever the mailbox of an endpoint attached at this node grew: at least once, after the append. Also when
   * the endpoint was attached or detached elsewhere, so that the node closes the socket that it still holds.
   */
  onWake(listener: (endpoint: Endpoint) => void): void;
  /** Records that are committed and not yet settled, oldest first. */
  unsettled(max: number): Promise<readonly CallRecord[]>;
  /** These records are in the history. */
  settle(callIds: readonly CallId[]): Promise<void>;
  /** How many rows of each kind there are, for tests and metrics. */
  sizes(): Promise<{
    endpoints: number;
    users: number;
    calls: number;
    live: number;
    requests: number;
    unsettled: number;
  }>;
}
