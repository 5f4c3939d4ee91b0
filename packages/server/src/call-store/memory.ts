/**
 * The default store: everything in this process's memory. Every method does its work in one synchronous stretch, which
 * is what makes its steps atomic; the promises are the port's, for adapters that go over a network.
 */
import {
  type CallId,
  type CallRecord,
  type CallState,
  candidateRoute,
  claimsOf,
  deadlineOf,
  type Effect,
  type Endpoint,
  isPlain,
  type LiveCall,
  type Millis,
  type UserId,
  userOf,
} from '@ringdown/call';
import { type Capability, encode, type Language, type ServerMessage, WIRE_LIMITS } from '@ringdown/protocol';
import {
  type Attached,
  type Attachment,
  type CallStore,
  type CandidateFrames,
  type Commit,
  type Frame,
  type NewSession,
  type NodeId,
  type Relayed,
  type Seq,
  type Snapshot,
  STORE_LIMITS,
  type Unreadable,
  type Version,
} from './call-store.ts';
import { framesFrom, MessageFrames } from './candidate-frames.ts';
import { Mailbox, type MailboxRow } from './mailbox.ts';

interface EndpointRow {
  readonly mailbox: Mailbox;
  sessionId: string;
  node: NodeId;
  language: Language;
  capabilities: readonly Capability[];
  /** Hashes of the current resume token and of the one before, until the client is known to have the current one. */
  resumeHash?: string;
  previousHash?: string;
  /** When it lost its socket; absent while it is attached. */
  goneAt?: Millis;
  /** Its live calls may not have been told yet that it is gone. */
  untold?: true;
}

interface UserRow {
  version: Version;
  readonly calls: Set<CallId>;
  readonly endpoints: Set<Endpoint>;
}

/** Candidates that one endpoint has sent in a call. */
interface KeptCandidates {
  readonly batches: CandidateFrames[];
  count: number;
  chars: number;
}

/** Candidates that were passed on, as they are written down: beside the rows they belong to, until those are written. */
interface Relay {
  readonly from: Endpoint;
  readonly frames: CandidateFrames;
  /** The mailboxes they went to, the position of the first of their frames there, and which mailbox of the endpoint it was. */
  readonly to: readonly (readonly [Endpoint, Seq, bornAt: Millis])[];
}

interface CallRow {
  state: CallState;
  version: Version;
  /** By the endpoint that sent them, kept for who joins or comes back late. */
  readonly candidates: Map<Endpoint, KeptCandidates>;
  /** What the journal has beside the rows of candidates and mailboxes, by number; see {@link Relay}. */
  readonly relays: Map<number, Relay[]>;
  /** The number of the next of these, and what it will hold. */
  nextRelays: number;
  waiting: Relay[];
}

/** As it is written down: without the frames that can be made again. */
type RelayRow = [from: Endpoint, to: Relay['to'], whole: string, single?: readonly string[]];

function relayRow({ from, to, frames }: Relay): RelayRow {
  return frames instanceof MessageFrames ? [from, to, frames.whole] : [from, to, frames.whole, frames.single];
}

function relayOf([from, to, whole, single]: RelayRow): Relay {
  return { from, to, frames: restoredFrames({ whole, ...(single && { single }) }) };
}

function restoredFrames({ whole, single }: { whole: string; single?: readonly string[] }): CandidateFrames {
  return single ? { whole, single } : framesFrom(whole);
}

function countOf(frames: CandidateFrames): number {
  return frames.count ?? frames.single.length;
}

function newCallRow(state: CallState, version: Version): CallRow {
  return { state, version, candidates: new Map(), relays: new Map(), nextRelays: 0, waiting: [] };
}

/** A row as it is written down; undefined when it is gone. */
export interface JournalRows {
  endpoint(endpoint: string): object | undefined;
  call(callId: CallId): object | undefined;
  /** What a client has acknowledged since its endpoint's row was written. */
  acks(endpoint: string): object | undefined;
  candidates(callId: CallId): object | undefined;
  /** @param key the call's id, `#`, and a number that rises with every row of the call */
  relays(key: string): object | undefined;
  record(callId: CallId): object | undefined;
  request(key: string): object | undefined;
}

/** Keys of rows that have changed, by kind. */
export type Changed = { readonly [K in keyof JournalRows]: ReadonlySet<string> };

/** Where the rows are written down, so that they outlive the process. */
export interface Journal {
  /** Writes the rows as they are now, all or none, before it returns. Must not throw. */
  write(changed: Changed, rows: JournalRows): void;
  /** Every row that was written down. */
  load(): { readonly [K in keyof JournalRows]: readonly (readonly [string, unknown])[] };
}

/** How long a change that no client was promised may wait to be written down, ms. */
const JOURNAL_LATE_MS = 100;
/** Positions a mailbox skips after a crash: more than a process can give out within {@link JOURNAL_LATE_MS}. */
const SKIPPED_POSITIONS = 1_000_000;

const ENDS: ReadonlySet<ServerMessage['type']> = new Set([
  'call:hang_up',
  'call:reject',
  'call:busy',
  'call:timeout',
  'call:not_available',
]);

const NO_CANDIDATES = { count: 0, chars: 0 };

function keep({ candidates }: CallRow, from: Endpoint, frames: CandidateFrames): void {
  let kept = candidates.get(from);
  if (!kept) {
    kept = { batches: [], count: 0, chars: 0 };
    candidates.set(from, kept);
  }
  kept.batches.push(frames);
  kept.count += countOf(frames);
  kept.chars += frames.whole.length;
}

/** What of some candidates goes into a mailbox. */
function textsFor(endpoint: Endpoint, frames: CandidateFrames): readonly string[] {
  return isPlain(endpoint) ? frames.single : [frames.whole];
}

const relaysKey = (callId: CallId, number: number): string => `${callId}#${number}`;

function readRelaysKey(key: string): { callId: CallId; number: number } {
  const at = key.lastIndexOf('#');
  return { callId: key.slice(0, at), number: Number(key.slice(at + 1)) };
}

/** A clock that starts at the wall clock and then only goes forward, whatever is done to the wall clock (F32). */
export function steadyClock(): () => Millis {
  const start = Date.now() - performance.now();
  return () => Math.floor(start + performance.now());
}

function nothingChanged() {
  return {
    endpoint: new Set<Endpoint>(),
    call: new Set<string>(),
    acks: new Set<Endpoint>(),
    candidates: new Set<string>(),
    relays: new Set<string>(),
    record: new Set<string>(),
    request: new Set<string>(),
  };
}

/** The shared memory that handles are opened on: one a process in earnest, several in tests. */
export class MemoryWorld {
  readonly now: () => Millis;
  readonly #endpoints = new Map<Endpoint, EndpointRow>();
  readonly #users = new Map<UserId, UserRow>();
  readonly #calls = new Map<CallId, CallRow>();
  readonly #requests = new Map<string, { digest: string; reply: string; at: Millis }>();
  readonly #unsettled = new Map<CallId, CallRecord>();
  readonly #wake = new Map<NodeId, (endpoint: Endpoint) => void>();
  /** When each node last said that it is alive. */
  readonly #leases = new Map<NodeId, Millis>();
  #lastVersion: Version = 0;
  readonly #journal: Journal | undefined;
  #changed = nothingChanged();
  /** Calls with relays that have no number yet. */
  readonly #relaying = new Set<CallId>();
  #journalTimer: NodeJS.Timeout | undefined;

  /**
   * @param now the clock of every decision, ms since the epoch
   * @param journal where the rows are written down, and what was written there before; without it they die with the process
   */
  constructor(now: () => Millis = steadyClock(), journal?: Journal) {
    this.now = now;
    this.#journal = journal;
    if (journal) this.#restore(journal);
  }

  /** Writes down what is still waiting. */
  flush(): void {
    clearTimeout(this.#journalTimer);
    this.#journalTimer = undefined;
    this.#numberRelays();
    if (!this.#journal || !Object.values(this.#changed).some((keys) => keys.size > 0)) return;
    const changed = this.#changed;
    this.#changed = nothingChanged();
    this.#journal.write(changed, {
      endpoint: (endpoint) => {
        const row = this.#endpoints.get(endpoint as Endpoint);
        if (!row) return undefined;
        const { mailbox, node: _, untold: __, ...rest } = row;
        return { ...rest, mailbox: mailbox.row };
      },
      acks: (endpoint) => {
        const row = this.#endpoints.get(endpoint as Endpoint);
        return row && { upTo: row.mailbox.goneUpTo };
      },
      call: (callId) => this.#calls.get(callId)?.state,
      candidates: (callId) => {
        const kept = this.#calls.get(callId)?.candidates;
        return kept && kept.size > 0 ? [...kept] : undefined;
      },
      relays: (key) => {
        const { callId, number } = readRelaysKey(key);
        return this.#calls.get(callId)?.relays.get(number)?.map(relayRow);
      },
      record: (callId) => this.#unsettled.get(callId),
      request: (key) => this.#requests.get(key),
    });
  }

  /** What was passed on since the last time becomes one row a call. */
  #numberRelays(): void {
    for (const callId of this.#relaying) {
      const row = this.#calls.get(callId);
      if (!row || row.waiting.length === 0) continue;
      row.relays.set(row.nextRelays, row.waiting);
      this.#changed.relays.add(relaysKey(callId, row.nextRelays));
      row.nextRelays += 1;
      row.waiting = [];
    }
    this.#relaying.clear();
  }

  /** The candidates of a call are written anew, and with them the mailboxes that have some: its relays go. */
  #candidatesChanged(callId: CallId): void {
    this.#changed.candidates.add(callId);
    const row = this.#calls.get(callId);
    if (!row) return;
    for (const [number, relays] of row.relays) {
      this.#changed.relays.add(relaysKey(callId, number));
      this.#endpointsChanged(relays);
    }
    this.#endpointsChanged(row.waiting);
    row.relays.clear();
    row.waiting = [];
  }

  #endpointsChanged(relays: readonly Relay[]): void {
    for (const { to } of relays) for (const [endpoint] of to) this.#changed.endpoint.add(endpoint);
  }

  #flushSoon(): void {
    if (this.#journal && !this.#journalTimer) {
      this.#journalTimer = setTimeout(() => this.flush(), JOURNAL_LATE_MS);
      this.#journalTimer.unref();
    }
  }

  /** Takes up what another process left: everybody is gone since now, and every call waits for them (DS-2). */
  #restore(journal: Journal): void {
    const rows = journal.load();
    const now = this.now();
    for (const [, state] of rows.call) this.#put(state as CallState);
    for (const [callId, kept] of rows.candidates) {
      const row = this.#calls.get(callId);
      for (const [endpoint, candidates] of kept as [Endpoint, KeptCandidates][])
        row?.candidates.set(endpoint, { ...candidates, batches: candidates.batches.map(restoredFrames) });
    }
    const lost: Endpoint[] = [];
    for (const [key, value] of rows.endpoint) {
      const endpoint = key as Endpoint;
      const { mailbox, ...rest } = value as Omit<EndpointRow, 'mailbox' | 'node'> & { mailbox: MailboxRow };
      const restored = new Mailbox(mailbox);
      if (rest.goneAt === undefined) lost.push(endpoint);
      this.#endpoints.set(endpoint, { ...rest, node: '', mailbox: restored, goneAt: rest.goneAt ?? now });
      const user = userOf(endpoint);
      this.#userRow(user).endpoints.add(endpoint);
      this.#touch(user);
    }
    const acks = new Map(rows.acks.map(([endpoint, row]) => [endpoint as Endpoint, (row as { upTo: Seq }).upTo]));
    for (const [endpoint, upTo] of acks) this.#endpoints.get(endpoint)?.mailbox.ack(upTo);
    this.#restoreRelays(rows.relays as [string, RelayRow[]][], acks);
    for (const { mailbox } of this.#endpoints.values()) mailbox.skip(SKIPPED_POSITIONS);
    for (const [callId, record] of rows.record) this.#unsettled.set(callId, record as CallRecord);
    for (const [key, request] of rows.request) {
      this.#requests.set(key, request as { digest: string; reply: string; at: Millis });
    }
    this.#changed = nothingChanged();
    // Since when they are gone has to outlive the next crash too, or a series of them would keep everybody for ever.
    for (const endpoint of lost) this.#changed.endpoint.add(endpoint);
    this.#flushSoon();
  }

  /** Puts what was passed on back where it went. A mailbox that was written after it has it already. */
  #restoreRelays(rows: readonly (readonly [string, readonly RelayRow[]])[], acks: ReadonlyMap<Endpoint, Seq>): void {
    const letters = new Map<Endpoint, { seq: Seq; callId: CallId; text: string }[]>();
    const numbered = rows.map(([key, relays]) => ({ ...readRelaysKey(key), relays: relays.map(relayOf) }));
    for (const { callId, number, relays } of numbered.sort((a, b) => a.number - b.number)) {
      const row = this.#calls.get(callId);
      if (!row) continue;
      row.relays.set(number, relays);
      row.nextRelays = number + 1;
      for (const { from, frames, to } of relays) {
        keep(row, from, frames);
        for (const [endpoint, seq, bornAt] of to) {
          // An endpoint that was forgotten and came again has another mailbox, whose positions began anew.
          if (this.#endpoints.get(endpoint)?.mailbox.bornAt !== bornAt) continue;
          const known = letters.get(endpoint) ?? [];
          letters.set(endpoint, known);
          textsFor(endpoint, frames).forEach((text, n) => void known.push({ seq: seq + n, callId, text }));
        }
      }
    }
    for (const [endpoint, missing] of letters) {
      const mailbox = this.#endpoints.get(endpoint)?.mailbox;
      // Two calls may have written to one mailbox in turns.
      for (const { seq, ...letter } of missing.sort((a, b) => a.seq - b.seq)) {
        mailbox?.appendAt(seq, { ...letter, isEnd: false });
        // At once, as it was: what was read does not fill it.
        const acked = acks.get(endpoint) ?? 0;
        if (seq <= acked) mailbox?.ack(acked);
      }
    }
  }

  /** The live calls and the endpoints that a restored call may still wait for, so that the shell can detach them. */
  orphans(): { callId: CallId; endpoint: Endpoint }[] {
    const orphans: { callId: CallId; endpoint: Endpoint }[] = [];
    for (const { state } of this.#calls.values()) {
      if (state.phase === 'ended') continue;
      const seats = state.phase === 'active' ? [state.callerSeat, state.calleeSeat] : [state.callerSeat];
      const devices = state.phase === 'ringing' ? (Object.keys(state.devices) as Endpoint[]) : [];
      for (const endpoint of [...seats.map((seat) => seat.endpoint), ...devices]) {
        if (this.#endpoints.get(endpoint)?.goneAt !== undefined || !this.#endpoints.has(endpoint)) {
          orphans.push({ callId: state.callId, endpoint });
        }
      }
    }
    return orphans;
  }

  /**
   * Another world that stands where this one stands and then goes its own way: for searching every way on from here.
   * Nothing it does is written down. @param now the clock of the new one
   */
  fork(now: () => Millis): MemoryWorld {
    const fork = new MemoryWorld(now);
    for (const [endpoint, row] of this.#endpoints)
      fork.#endpoints.set(endpoint, { ...row, mailbox: new Mailbox(row.mailbox.row) });
    for (const [user, { version, calls, endpoints }] of this.#users)
      fork.#users.set(user, { version, calls: new Set(calls), endpoints: new Set(endpoints) });
    for (const [callId, { state, version, candidates }] of this.#calls) {
      const row = newCallRow(state, version);
      for (const [endpoint, each] of candidates) row.candidates.set(endpoint, { ...each, batches: [...each.batches] });
      fork.#calls.set(callId, row);
    }
    for (const [key, request] of this.#requests) fork.#requests.set(key, request);
    for (const [callId, record] of this.#unsettled) fork.#unsettled.set(callId, record);
    for (const [node, at] of this.#leases) fork.#leases.set(node, at);
    fork.#lastVersion = this.#lastVersion;
    return fork;
  }

  /** Opens a handle for a node. */
  open(node: NodeId): CallStore {
    this.#leases.set(node, this.now());
    return {
      now: this.now,
      read: async (users, calls, requestKey) => this.#read(users, calls, requestKey),
      commit: async (commit) => this.#commit(commit),
      relay: (from, sessionId, callId, frames, receiverId) => this.#relay(from, sessionId, callId, frames, receiverId),
      attach: async (endpoint, session) => this.#attach(endpoint, { ...session, node }),
      detach: async (endpoint, sessionId) => this.#detach(endpoint, sessionId),
      detachTold: async (endpoint, sessionId) => this.#detachTold(endpoint, sessionId),
      adoptEnds: async (endpoint, sessionId) => this.#adoptEnds(endpoint, sessionId),
      mailbox: (endpoint, sessionId, after, max) => this.#mailbox(endpoint, sessionId, after, max),
      ack: async (endpoint, sessionId, upTo) => this.#ack(endpoint, sessionId, upTo),
      confirmToken: async (endpoint, sessionId) => this.#confirmToken(endpoint, sessionId),
      due: async (max) => this.#due(max),
      nextDue: async () => this.#nextDue(),
      beat: async () => this.#beat(node),
      onWake: (listener) => {
        this.#wake.set(node, listener);
      },
      unsettled: async (max) => [...this.#unsettled.values()].slice(0, max),
      settle: async (callIds) => {
        for (const callId of callIds) {
          this.#unsettled.delete(callId);
          this.#changed.record.add(callId);
        }
        this.#flushSoon();
      },
      sizes: async () => ({
        endpoints: this.#endpoints.size,
        users: this.#users.size,
        calls: this.#calls.size,
        live: [...this.#calls.values()].filter(({ state }) => state.phase !== 'ended').length,
        requests: this.#requests.size,
        unsettled: this.#unsettled.size,
      }),
    };
  }

  // ------------------------------------------------------------------------------------------------------- reading

  #read(users: readonly UserId[], calls: readonly CallId[], requestKey: string | undefined): Snapshot {
    const userRows: [UserId, { version: Version; calls: LiveCall[]; roster: Attachment[] }][] = [];
    const wanted = new Set(calls);
    for (const user of new Set(users)) {
      const row = this.#users.get(user);
      for (const callId of row?.calls ?? []) wanted.add(callId);
      userRows.push([user, { version: row?.version ?? 0, calls: this.#liveCalls(user), roster: this.#roster(row) }]);
    }
    const callRows: [CallId, { state: CallState; version: Version }][] = [];
    for (const callId of wanted) {
      const row = this.#calls.get(callId);
      if (row) callRows.push([callId, { state: row.state, version: row.version }]);
    }
    const request = requestKey === undefined ? undefined : this.#requests.get(requestKey);
    return {
      now: this.now(),
      calls: new Map(callRows),
      users: new Map(userRows),
      ...(request && { request: { digest: request.digest, reply: request.reply } }),
    };
  }

  #liveCalls(user: UserId): LiveCall[] {
    const live: LiveCall[] = [];
    for (const callId of this.#users.get(user)?.calls ?? []) {
      const state = this.#calls.get(callId)?.state;
      if (state && state.phase !== 'ended') live.push(state);
    }
    return live;
  }

  #roster(row: UserRow | undefined): Attachment[] {
    const roster: Attachment[] = [];
    for (const endpoint of row?.endpoints ?? []) {
      const attached = this.#endpoints.get(endpoint);
      if (attached && attached.goneAt === undefined) {
        roster.push({ endpoint, language: attached.language, capabilities: attached.capabilities });
      }
    }
    return roster;
  }

  /** The row of an endpoint if this session is the one that may speak for it. */
  #current(endpoint: Endpoint, sessionId: string): EndpointRow | undefined {
    const row = this.#endpoints.get(endpoint);
    return row?.sessionId === sessionId && row.goneAt === undefined ? row : undefined;
  }

  // ---------------------------------------------------------------------------------------------------- committing

  #commit(commit: Commit): 'committed' | 'conflict' | 'fenced' {
    if (commit.by && !this.#current(commit.by.endpoint, commit.by.sessionId)) return 'fenced';
    for (const [callId, version] of commit.expect.calls) {
      if ((this.#calls.get(callId)?.version ?? 0) !== version) return 'conflict';
    }
    for (const [user, version] of commit.expect.users) {
      if ((this.#users.get(user)?.version ?? 0) !== version) return 'conflict';
    }
    for (const state of commit.calls) this.#put(state);
    const woken = new Set<Endpoint>();
    const encoded = new Map<ServerMessage, string>();
    for (const effect of commit.effects) this.#run(effect, woken, encoded);
    if (commit.request) {
      const { key, digest, reply } = commit.request;
      this.#requests.set(key, { digest, reply, at: this.now() });
      this.#changed.request.add(key);
    }
    // Written down before anything of it is delivered.
    this.flush();
    this.#wakeAll(woken);
    return 'committed';
  }

  #put(state: CallState): void {
    const row = this.#calls.get(state.callId);
    this.#changed.call.add(state.callId);
    const before = row ? claimsOf(row.state) : [];
    const after = claimsOf(state);
    if (row) {
      row.state = state;
      row.version = this.#nextVersion();
      if (state.phase === 'ended') {
        row.candidates.clear();
        this.#candidatesChanged(state.callId);
        // What they have read of it must not stay on the disk either.
        for (const { user } of before)
          for (const each of this.#userRow(user).endpoints) this.#changed.endpoint.add(each);
      }
    } else {
      this.#calls.set(state.callId, newCallRow(state, this.#nextVersion()));
    }
    for (const { user } of before) {
      if (!after.some((claim) => claim.user === user)) this.#userRow(user).calls.delete(state.callId);
    }
    for (const { user } of after) this.#userRow(user).calls.add(state.callId);
    for (const user of new Set([...before, ...after].map((claim) => claim.user))) this.#touch(user);
  }

  #run(effect: Effect, woken: Set<Endpoint>, encoded: Map<ServerMessage, string>): void {
    switch (effect.type) {
      case 'send': {
        const { message } = effect;
        const text = encoded.get(message) ?? encode(message);
        encoded.set(message, text);
        const callId = 'callId' in message.data ? message.data.callId : undefined;
        this.#append(effect.to, {
          text,
          callId,
          isEnd: ENDS.has(message.type),
          ...(effect.ringUntil !== undefined && { ringUntil: effect.ringUntil }),
        });
        woken.add(effect.to);
        return;
      }
      case 'sendCandidates': {
        for (const batch of this.#calls.get(effect.callId)?.candidates.get(effect.from)?.batches ?? []) {
          this.#appendCandidates(effect.to, effect.callId, batch);
        }
        woken.add(effect.to);
        return;
      }
      case 'moveCandidates': {
        const candidates = this.#calls.get(effect.callId)?.candidates;
        const kept = candidates?.get(effect.from);
        if (candidates && kept) {
          candidates.delete(effect.from);
          candidates.set(effect.to, kept);
          this.#candidatesChanged(effect.callId);
        }
        return;
      }
      case 'dropCandidates':
        this.#calls.get(effect.callId)?.candidates.delete(effect.from);
        this.#candidatesChanged(effect.callId);
        return;
      case 'record':
        this.#unsettled.set(effect.record.callId, effect.record);
        this.#changed.record.add(effect.record.callId);
        return;
      case 'quality':
        // Goes to the history, which the store does not hold.
        return;
    }
  }

  #append(endpoint: Endpoint, letter: Parameters<Mailbox['append']>[0]): void {
    this.#endpoints.get(endpoint)?.mailbox.append(letter);
    this.#changed.endpoint.add(endpoint);
  }

  #appendCandidates(endpoint: Endpoint, callId: CallId, frames: CandidateFrames): void {
    for (const text of textsFor(endpoint, frames)) this.#append(endpoint, { text, callId, isEnd: false });
  }

  #relay(
    from: Endpoint,
    sessionId: string,
    callId: CallId,
    frames: CandidateFrames,
    receiverId: UserId | undefined,
  ): Relayed {
    if (!this.#current(from, sessionId)) return 'fenced';
    const row = this.#calls.get(callId);
    if (!row) return 'unknown';
    const route = candidateRoute(row.state, from);
    if (route === 'unknown') return 'unknown';
    const peer = userOf(from) === row.state.caller.id ? row.state.callee.id : row.state.caller.id;
    if (receiverId !== undefined && receiverId !== peer) return 'mismatch';
    if (route === 'foreign' || route === 'claim') return route;
    if (route === 'drop') return 'ok';
    const { count, chars } = row.candidates.get(from) ?? NO_CANDIDATES;
    if (count + countOf(frames) > WIRE_LIMITS.candidatesPerSide) return 'full';
    if (chars + frames.whole.length > WIRE_LIMITS.candidateCharsPerSide) return 'full';
    keep(row, from, frames);
    const to: [Endpoint, Seq, Millis][] = [];
    for (const endpoint of route.to) {
      const mailbox = this.#endpoints.get(endpoint)?.mailbox;
      if (!mailbox) continue;
      to.push([endpoint, mailbox.lastSeq + 1, mailbox.bornAt]);
      for (const text of textsFor(endpoint, frames)) mailbox.append({ text, callId, isEnd: false });
    }
    if (this.#journal) {
      row.waiting.push({ from, frames, to });
      this.#relaying.add(callId);
      this.#flushSoon();
    }
    this.#wakeAll(route.to);
    return 'ok';
  }

  #wakeAll(endpoints: Iterable<Endpoint>): void {
    for (const endpoint of endpoints) {
      const row = this.#endpoints.get(endpoint);
      if (row && row.goneAt === undefined) this.#wake.get(row.node)?.(endpoint);
    }
  }

  // -------------------------------------------------------------------------------------------------------- roster

  #attach(endpoint: Endpoint, session: NewSession & { node: NodeId }): Attached {
    const { resume, resumeHash, ...rest } = session;
    const before = this.#endpoints.get(endpoint);
    const known = before?.resumeHash ?? '';
    const resumed =
      before !== undefined &&
      resume !== undefined &&
      (before.goneAt === undefined || this.now() - before.goneAt < STORE_LIMITS.resumeWindowMs) &&
      (resume.hash === known || resume.hash === before.previousHash) &&
      before.mailbox.canResume(resume.lastSeq);
    const mailbox = before?.mailbox ?? new Mailbox(this.now());
    if (resumed) mailbox.ack(resume.lastSeq);
    else mailbox.clear();
    this.#endpoints.set(endpoint, {
      ...rest,
      mailbox,
      ...(resumeHash !== undefined && { resumeHash }),
      ...(resumed && resume && { previousHash: resume.hash }),
    });
    const user = userOf(endpoint);
    this.#userRow(user).endpoints.add(endpoint);
    this.#touch(user);
    this.#changed.endpoint.add(endpoint);
    this.flush();
    if (before && before.goneAt === undefined) this.#wake.get(before.node)?.(endpoint);
    return { resumed, after: resumed ? resume.lastSeq : mailbox.lastSeq, calls: this.#liveCalls(user) };
  }

  #confirmToken(endpoint: Endpoint, sessionId: string): void {
    const row = this.#current(endpoint, sessionId);
    if (row?.previousHash === undefined) return;
    delete row.previousHash;
    this.#changed.endpoint.add(endpoint);
    this.#flushSoon();
  }

  #ack(endpoint: Endpoint, sessionId: string, upTo: Seq): CallId[] {
    const row = this.#current(endpoint, sessionId);
    if (!row) return [];
    const rung = row.mailbox.ack(upTo);
    // A mailbox with letters in it is not written anew for that; an empty one is, so that nothing read stays on the disk.
    (row.mailbox.isEmpty ? this.#changed.endpoint : this.#changed.acks).add(endpoint);
    this.#flushSoon();
    return rung;
  }

  #detach(endpoint: Endpoint, sessionId: string): LiveCall[] | undefined {
    const row = this.#endpoints.get(endpoint);
    if (row?.sessionId !== sessionId) return undefined;
    const user = userOf(endpoint);
    if (row.goneAt !== undefined) return row.untold ? this.#liveCalls(user) : undefined;
    row.goneAt = this.now();
    row.untold = true;
    this.#changed.endpoint.add(endpoint);
    this.#flushSoon();
    this.#touch(user);
    this.#wake.get(row.node)?.(endpoint);
    return this.#liveCalls(user);
  }

  #detachTold(endpoint: Endpoint, sessionId: string): void {
    const row = this.#endpoints.get(endpoint);
    if (row?.sessionId === sessionId) delete row.untold;
  }

  #beat(node: NodeId): { endpoint: Endpoint; sessionId: string }[] {
    const now = this.now();
    this.#leases.set(node, now);
    const orphans: { endpoint: Endpoint; sessionId: string }[] = [];
    for (const [endpoint, row] of this.#endpoints) {
      const saidAt = this.#leases.get(row.node);
      const dead = saidAt === undefined || now - saidAt >= STORE_LIMITS.leaseMs;
      const abandoned = row.untold && row.goneAt !== undefined && now - row.goneAt >= STORE_LIMITS.leaseMs;
      if (abandoned || (row.goneAt === undefined && dead)) orphans.push({ endpoint, sessionId: row.sessionId });
    }
    return orphans;
  }

  #adoptEnds(endpoint: Endpoint, sessionId: string): void {
    const heir = this.#current(endpoint, sessionId);
    if (!heir || !isPlain(endpoint)) return;
    const woken = new Set<Endpoint>();
    // Two lost sockets that rang for the same call were both told of its end; one telling is enough.
    const told = new Set(heir.mailbox.endedCalls);
    for (const other of this.#users.get(userOf(endpoint))?.endpoints ?? []) {
      const lost = this.#endpoints.get(other);
      if (!lost || lost.goneAt === undefined || !isPlain(other)) continue;
      for (const end of lost.mailbox.takeEnds()) {
        this.#changed.endpoint.add(endpoint).add(other);
        if (end.callId !== undefined) {
          // Who answered on a second socket after losing the first one is in the call that the first was told to leave.
          if (told.has(end.callId) || this.#isSeated(endpoint, end.callId)) continue;
          told.add(end.callId);
        }
        heir.mailbox.append(end);
        woken.add(endpoint);
      }
    }
    this.flush();
    this.#wakeAll(woken);
  }

  #isSeated(endpoint: Endpoint, callId: CallId): boolean {
    const state = this.#calls.get(callId)?.state;
    return state?.phase === 'active' && [state.callerSeat, state.calleeSeat].some((seat) => seat.endpoint === endpoint);
  }

  #mailbox(endpoint: Endpoint, sessionId: string, after: Seq, max: number): readonly Frame[] | Unreadable {
    const row = this.#current(endpoint, sessionId);
    if (!row) return this.#endpoints.get(endpoint)?.sessionId === sessionId ? 'lapsed' : 'fenced';
    // A call that is forgotten already is over as well: its offer must not ring after a long sleep of the machine.
    return row.mailbox.after(after, max, (callId) => (this.#calls.get(callId)?.state.phase ?? 'ended') === 'ended');
  }

  #userRow(user: UserId): UserRow {
    let row = this.#users.get(user);
    if (!row) {
      row = { version: 0, calls: new Set(), endpoints: new Set() };
      this.#users.set(user, row);
    }
    return row;
  }

  /** Something about a user changed; a row that says nothing any more goes away. */
  #touch(user: UserId): void {
    const row = this.#userRow(user);
    row.version = this.#nextVersion();
    if (row.calls.size === 0 && row.endpoints.size === 0) this.#users.delete(user);
  }

  #nextVersion(): Version {
    this.#lastVersion += 1;
    return this.#lastVersion;
  }

  // ---------------------------------------------------------------------------------------------------------- time

  #due(max: number): CallId[] {
    const now = this.now();
    this.#forget(now);
    const due: CallId[] = [];
    for (const [callId, { state }] of this.#calls) {
      if (due.length >= max) break;
      if (state.phase !== 'ended' && deadlineOf(state) <= now) due.push(callId);
    }
    return due;
  }

  /** Drops what nobody may ask for any more. */
  #forget(now: Millis): void {
    for (const [callId, { state }] of this.#calls) {
      if (state.phase !== 'ended' || deadlineOf(state) > now) continue;
      this.#calls.delete(callId);
      this.#changed.call.add(callId);
    }
    for (const [endpoint, { goneAt, untold }] of this.#endpoints) {
      if (goneAt === undefined || untold || goneAt + STORE_LIMITS.resumeWindowMs > now) continue;
      this.#endpoints.delete(endpoint);
      this.#changed.endpoint.add(endpoint);
      this.#changed.acks.add(endpoint);
      const user = userOf(endpoint);
      this.#userRow(user).endpoints.delete(endpoint);
      this.#touch(user);
    }
    for (const [key, { at }] of this.#requests) {
      if (at + STORE_LIMITS.requestMemoryMs > now) break;
      this.#requests.delete(key);
      this.#changed.request.add(key);
    }
    this.#flushSoon();
  }

  #nextDue(): Millis | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { state } of this.#calls.values()) next = Math.min(next, deadlineOf(state));
    for (const { goneAt, untold } of this.#endpoints.values()) {
      if (goneAt !== undefined && !untold) next = Math.min(next, goneAt + STORE_LIMITS.resumeWindowMs);
    }
    const [oldest] = this.#requests.values();
    if (oldest) next = Math.min(next, oldest.at + STORE_LIMITS.requestMemoryMs);
    return Number.isFinite(next) ? next : undefined;
  }
}
