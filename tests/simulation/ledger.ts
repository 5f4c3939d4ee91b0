/**
 * What every mailbox must hold, worked out from what was committed and from nothing else, and compared with what the store
 * hands out: every frame once and in order, or an explicit gap (I8, I12, I13). The rules are stated here a second time, on
 * purpose, so that a fault in the store is not repeated in what it is judged by.
 */
import {
  type CallId,
  type CallState,
  type Endpoint,
  isPlain,
  type Millis,
  type Ringing,
  type UserId,
  userOf,
} from '@ringdown/call';
import { encode, type ServerMessage, WIRE_LIMITS } from '@ringdown/protocol';
import type {
  Attached,
  CandidateFrames,
  Commit,
  Frame,
  NewSession,
  Relayed,
  Seq,
  Unreadable,
} from '@ringdown/server/core';
import { STORE_LIMITS } from '@ringdown/server/core';
import { Violation } from './witness.ts';

/** A frame that must be in a mailbox. */
interface Expected {
  readonly text: string;
  readonly callId: CallId | undefined;
  readonly isEnd: boolean;
  readonly ringUntil: Millis | undefined;
  readonly message: ServerMessage | undefined;
}

/** Indexes count the frames of an endpoint from its first one on; positions are what the store calls them. */
interface Box {
  frames: Expected[];
  /** Where the store put them, as far as a reader has seen. */
  readonly indexAt: Map<Seq, number>;
  readonly seqAt: Map<number, Seq>;
  /** Seen by the client up to here (exclusive), and lost up to here to the bounds. */
  acked: number;
  lost: number;
  chars: number;
  /** Frames that were taken out of this mailbox into another one. */
  readonly taken: Set<number>;
  session: string;
  token: string | undefined;
  previous: string | undefined;
  goneAt: Millis | undefined;
  /** Its calls may not have been told yet that it is gone. */
  untold: boolean;
  /** It has taken over what lost sockets of its user had not heard. */
  hasAdopted: boolean;
  /** The same as of the last time it was written down. */
  durable: {
    frames: number;
    acked: number;
    lost: number;
    goneAt: Millis | undefined;
    token: string | undefined;
    previous: string | undefined;
  };
}

interface Kept {
  readonly batches: CandidateFrames[];
  durable: number;
}

/** How long an ended call is remembered (HU-2), ms. */
const TOMBSTONE_MS = 120_000;
const ENDS = new Set(['call:hang_up', 'call:reject', 'call:busy', 'call:timeout', 'call:not_available']);

/** A frame as a client is handed it: the message itself, or the texts of candidates. */
export interface Delivered {
  readonly seq: Seq;
  readonly callId: CallId | undefined;
  readonly isEnd: boolean;
  /** Undefined for candidates. */
  readonly message: ServerMessage | undefined;
}

/** The expected mailboxes. */
export class Ledger {
  readonly #boxes = new Map<Endpoint, Box>();
  /** Forgotten, and not yet written down as forgotten. */
  readonly #buried = new Map<Endpoint, Box>();
  /** By user, in the order in which the endpoints first came. */
  readonly #ofUser = new Map<UserId, Set<Endpoint>>();
  readonly #states = new Map<CallId, CallState>();
  /** Ended long enough ago to be unknown; what was not written down as forgotten may be remembered once more. */
  readonly #forgotten = new Set<CallId>();
  readonly #kept = new Map<CallId, Map<Endpoint, Kept>>();
  /** Every call that has ended, remembered for ever. */
  readonly #over = new Set<CallId>();
  readonly #texts = new WeakMap<ServerMessage, string>();

  // ------------------------------------------------------------------------------------------------------ what happens

  /** A commit succeeded. */
  committed(commit: Commit): void {
    const { by } = commit;
    if (by && !this.#current(by.endpoint, by.sessionId))
      throw new Violation('I15', `${by.endpoint} committed as ${by.sessionId}, which is not its session`);
    for (const state of commit.calls) {
      const before = this.#states.get(state.callId);
      if (state.phase === 'ringing' && !before) this.#ringsAll(state);
      for (const endpoint of absentees(state)) {
        const box = this.#boxes.get(endpoint);
        if (box && box.goneAt === undefined && !absentees(before).includes(endpoint))
          throw new Violation('DS-1', `${state.callId} waits for ${endpoint}, which is here`);
      }
      this.#states.set(state.callId, state);
      if (state.phase === 'ended') {
        this.#over.add(state.callId);
        this.#kept.delete(state.callId);
      }
    }
    for (const effect of commit.effects) {
      if (effect.type === 'send') {
        const { message, ringUntil } = effect;
        let text = this.#texts.get(message);
        if (text === undefined) {
          text = encode(message);
          this.#texts.set(message, text);
        }
        const callId = 'callId' in message.data ? message.data.callId : undefined;
        this.#send(effect.to, { text, callId, isEnd: ENDS.has(message.type), ringUntil, message });
      } else if (effect.type === 'sendCandidates') {
        for (const batch of this.#kept.get(effect.callId)?.get(effect.from)?.batches ?? [])
          this.#sendCandidates(effect.to, effect.callId, batch);
      } else if (effect.type === 'moveCandidates') {
        const kept = this.#kept.get(effect.callId);
        const moved = kept?.get(effect.from);
        if (kept && moved) {
          kept.delete(effect.from);
          kept.set(effect.to, moved);
        }
      } else if (effect.type === 'dropCandidates') this.#kept.get(effect.callId)?.delete(effect.from);
    }
  }

  /** A candidate was handed to the store: judges the answer, and knows where it must have gone (IC-1). */
  relayed(
    from: Endpoint,
    session: string,
    callId: CallId,
    frames: CandidateFrames,
    receiver: UserId | undefined,
    result: Relayed,
  ): void {
    const [expected, to] = this.#route(from, session, callId, receiver, frames);
    if (this.#forgotten.has(callId) && result === 'unknown') return;
    if (result !== expected)
      throw new Violation('IC-1', `a candidate of ${from} in ${callId} was answered ${result}, not ${expected}`);
    if (result !== 'ok' || to === undefined) return;
    const kept = this.#kept.get(callId) ?? new Map<Endpoint, Kept>();
    this.#kept.set(callId, kept);
    const mine = kept.get(from) ?? { batches: [], durable: 0 };
    kept.set(from, mine);
    mine.batches.push(frames);
    for (const endpoint of to) this.#sendCandidates(endpoint, callId, frames);
  }

  /** An endpoint attached: judges whether it was resumed, and from where it reads (HE-2). */
  attached(endpoint: Endpoint, session: NewSession, now: Millis, result: Attached): void {
    const { resume } = session;
    const box = this.#boxes.get(endpoint);
    const index = resume && box?.indexAt.get(resume.lastSeq);
    const within = box !== undefined && (box.goneAt === undefined || now - box.goneAt < STORE_LIMITS.resumeWindowMs);
    const known =
      box !== undefined && resume !== undefined && (resume.hash === box.token || resume.hash === box.previous);
    const exact = box !== undefined && index !== undefined && index >= box.lost && index >= box.acked;
    const may = within && known && exact;
    if (result.resumed && !may)
      throw new Violation(
        'I12',
        `${endpoint} was resumed, and must not be (token ${known}, in time ${within}, nothing lost ${exact})`,
      );
    if (!result.resumed && may)
      throw new Violation('I12', `${endpoint} came back in time with everything, and was not resumed`);
    const next: Box = box ?? {
      frames: [],
      indexAt: new Map(),
      seqAt: new Map(),
      acked: 0,
      lost: 0,
      chars: 0,
      taken: new Set(),
      session: '',
      token: undefined,
      previous: undefined,
      goneAt: undefined,
      untold: false,
      hasAdopted: false,
      durable: { frames: 0, acked: 0, lost: 0, goneAt: undefined, token: undefined, previous: undefined },
    };
    this.#boxes.set(endpoint, next);
    const mine = this.#ofUser.get(userOf(endpoint)) ?? new Set();
    this.#ofUser.set(userOf(endpoint), mine.add(endpoint));
    next.session = session.sessionId;
    next.token = session.resumeHash;
    next.previous = result.resumed ? resume?.hash : undefined;
    next.goneAt = undefined;
    next.untold = false;
    if (result.resumed && resume && index !== undefined) {
      if (result.after !== resume.lastSeq)
        throw new Violation('I12', `${endpoint} was resumed after another position than its own`);
      this.#forgetUpTo(next, index);
    } else {
      next.lost = next.frames.length;
      next.acked = next.frames.length;
      next.chars = 0;
      next.indexAt.clear();
      next.seqAt.clear();
      next.indexAt.set(result.after, next.frames.length);
    }
  }

  /** A token's answer has arrived: the one before is worth nothing from now on. */
  confirmed(endpoint: Endpoint, session: string): void {
    const box = this.#current(endpoint, session);
    if (box) box.previous = undefined;
  }

  /** An endpoint is gone; judges whether its session could say so. */
  detached(endpoint: Endpoint, session: string, now: Millis, done: boolean): void {
    const box = this.#boxes.get(endpoint);
    const may = box?.session === session && (box.goneAt === undefined || box.untold);
    if (may !== done) {
      throw new Violation('I15', `a detach of ${endpoint} was ${done ? 'taken from a stale session' : 'refused'}`);
    }
    if (!box || !may || box.goneAt !== undefined) return;
    box.goneAt = now;
    box.untold = true;
  }

  /** The calls of an endpoint that is gone were told. */
  toldGone(endpoint: Endpoint, session: string): void {
    const box = this.#boxes.get(endpoint);
    if (box?.session === session) box.untold = false;
  }

  /** The store forgets what nobody may ask for any more. */
  forgot(now: Millis): void {
    for (const [endpoint, box] of this.#boxes) {
      if (box.goneAt === undefined || box.untold || box.goneAt + STORE_LIMITS.resumeWindowMs > now) continue;
      this.#buried.set(endpoint, box);
      this.#boxes.delete(endpoint);
      this.#ofUser.get(userOf(endpoint))?.delete(endpoint);
    }
    for (const [callId, state] of this.#states) {
      if (state.phase === 'ended' && state.endedAt + TOMBSTONE_MS <= now) this.#forgotten.add(callId);
    }
  }

  /** Ends that a lost plain socket was not seen to receive belong to the next one of its user (DS-3). */
  adopted(heir: Endpoint, session: string): void {
    const box = this.#current(heir, session);
    if (!box || !isPlain(heir)) return;
    box.hasAdopted = true;
    const told = new Set<CallId | undefined>();
    for (let index = box.acked; index < box.frames.length; index += 1) {
      const frame = box.frames[index];
      if (frame?.isEnd && index >= box.lost) told.add(frame.callId);
    }
    for (const other of this.#ofUser.get(userOf(heir)) ?? []) {
      const lost = this.#boxes.get(other);
      if (!lost || lost.goneAt === undefined || !isPlain(other)) continue;
      for (let index = Math.max(lost.acked, lost.lost); index < lost.frames.length; index += 1) {
        const frame = lost.frames[index];
        if (!frame?.isEnd || lost.taken.has(index)) continue;
        lost.taken.add(index);
        lost.chars -= frame.text.length;
        if (frame.callId !== undefined && (told.has(frame.callId) || this.#isSeated(heir, frame.callId))) continue;
        told.add(frame.callId);
        this.#send(heir, frame);
      }
    }
  }

  /** An endpoint was taken in: a plain one must have been asked to take over what the lost ones had not heard (DS-3). */
  takenIn(endpoint: Endpoint, session: string): void {
    if (isPlain(endpoint) && this.#current(endpoint, session)?.hasAdopted === false)
      throw new Violation('DS-3', `${endpoint} was not given the ends that a lost socket has not heard`);
  }

  /**
   * A mailbox was read: judges every frame of it.
   * @returns the frames as messages; undefined when the reader was told of a gap, or is no longer the one
   */
  read(
    endpoint: Endpoint,
    session: string,
    after: Seq,
    max: number,
    result: readonly Frame[] | Unreadable,
  ): Delivered[] | undefined {
    const box = this.#current(endpoint, session);
    const known = this.#boxes.get(endpoint);
    const refusal = box ? undefined : known?.session === session ? 'lapsed' : 'fenced';
    if (refusal !== (result === 'fenced' || result === 'lapsed' ? result : undefined)) {
      const told = typeof result === 'string' ? result : 'let in';
      throw new Violation('I15', `${endpoint} read its mailbox as ${session}: ${told}, not ${refusal ?? 'let in'}`);
    }
    if (!box || result === 'fenced' || result === 'lapsed') return undefined;
    const from = box.indexAt.get(after);
    if (from === undefined) throw new Violation('I12', `${endpoint} reads after a position it never had`);
    if (result === 'gap') {
      if (from >= Math.max(box.lost, box.acked))
        throw new Violation('I12', `${endpoint} was told of a gap, and nothing was lost`);
      return undefined;
    }
    if (from < box.lost) throw new Violation('I12', `${endpoint} lost frames and was not told`);
    if (result.length > STORE_LIMITS.mailboxFrames)
      throw new Violation('I13', `the mailbox of ${endpoint} holds ${result.length} frames`);
    const delivered: Delivered[] = [];
    let index = Math.max(from, box.acked);
    let last = after;
    for (const frame of result) {
      index = this.#nextDue(box, index);
      const expected = box.frames[index];
      if (!expected)
        throw new Violation('I12', `${endpoint} was handed a frame twice, or one that was never sent: ${frame.text}`);
      if (frame.text !== expected.text) {
        throw new Violation('I12', `${endpoint} was handed ${frame.text} where ${expected.text} was due`);
      }
      if (frame.seq <= last) throw new Violation('I8', `${endpoint} got position ${frame.seq} after ${last}`);
      const before = box.seqAt.get(index);
      if (before !== undefined && before !== frame.seq)
        throw new Violation('I12', `a frame of ${endpoint} has moved from ${before} to ${frame.seq}`);
      if ((frame.isEnd === true) !== expected.isEnd)
        throw new Violation('I4', `${endpoint}: an end that is not marked as one, or the other way round`);
      if (frame.rings?.until !== expected.ringUntil)
        throw new Violation('OF-4', `${endpoint} was handed an offer without the time it rings`);
      last = frame.seq;
      index += 1;
      box.seqAt.set(index - 1, frame.seq);
      box.indexAt.set(frame.seq, index);
      delivered.push({ seq: frame.seq, callId: expected.callId, isEnd: expected.isEnd, message: expected.message });
    }
    if (result.length < max && this.#nextDue(box, index) < box.frames.length) {
      throw new Violation('I12', `${endpoint} was not handed ${box.frames[this.#nextDue(box, index)]?.text}`);
    }
    return delivered;
  }

  /** Nothing is under way any more: whoever is attached has been handed all there is. @param after what it has */
  atRest(endpoint: Endpoint, session: string, after: Seq): void {
    const box = this.#current(endpoint, session);
    const from = box?.indexAt.get(after);
    if (!box || from === undefined || from < box.lost) return;
    const due = box.frames[this.#nextDue(box, Math.max(from, box.acked))];
    if (due) throw new Violation('I12', `${endpoint} was never woken for ${due.text}`);
  }

  /** Nothing is under way any more: whoever counts as present in a call is attached, or is about to be found missing (I9). */
  presentAtRest(state: CallState): void {
    if (state.phase === 'ended') return;
    for (const { endpoint, goneAt } of [state.callerSeat, ...(state.phase === 'active' ? [state.calleeSeat] : [])]) {
      const box = this.#boxes.get(endpoint);
      if (goneAt === undefined && (!box || (box.goneAt !== undefined && !box.untold)))
        throw new Violation('I9', `${endpoint} counts as present in ${state.callId}, and is gone`);
    }
  }

  /** A client said what it has seen. */
  acked(endpoint: Endpoint, session: string, upTo: Seq): void {
    const box = this.#current(endpoint, session);
    const index = box?.indexAt.get(upTo);
    if (box && index !== undefined && index > box.acked) this.#forgetUpTo(box, index);
  }

  // -------------------------------------------------------------------------------------------- a process that dies

  /** The store has written down what had changed: from now on all of it must outlive the process. */
  written(): void {
    this.#buried.clear();
    for (const box of this.#boxes.values()) {
      const { acked, lost, goneAt, token, previous } = box;
      box.durable = { frames: box.frames.length, acked, lost, goneAt, token, previous };
    }
    for (const kept of this.#kept.values()) for (const mine of kept.values()) mine.durable = mine.batches.length;
  }

  /** The process died, and another one took up what was written down: everybody is gone. */
  restarted(now: Millis): void {
    for (const [endpoint, box] of this.#buried) {
      if (this.#boxes.has(endpoint)) continue;
      this.#boxes.set(endpoint, box);
      const mine = this.#ofUser.get(userOf(endpoint)) ?? new Set();
      this.#ofUser.set(userOf(endpoint), mine.add(endpoint));
    }
    this.#buried.clear();
    // Rows are read in the order of their keys.
    for (const [user, mine] of this.#ofUser) this.#ofUser.set(user, new Set([...mine].sort()));
    for (const box of this.#boxes.values()) {
      const { frames, acked, lost, goneAt, token, previous } = box.durable;
      box.frames.length = frames;
      box.acked = acked;
      box.lost = lost;
      box.goneAt = goneAt ?? now;
      box.untold = false;
      box.token = token;
      box.previous = previous;
      for (const [seq, index] of box.indexAt) if (index > frames) box.indexAt.delete(seq);
      for (const index of box.seqAt.keys()) if (index >= frames) box.seqAt.delete(index);
      box.chars = 0;
      for (let index = Math.max(box.acked, box.lost); index < frames; index += 1) {
        if (!box.taken.has(index)) box.chars += box.frames[index]?.text.length ?? 0;
      }
    }
    for (const kept of this.#kept.values()) for (const mine of kept.values()) mine.batches.length = mine.durable;
  }

  // ------------------------------------------------------------------------------------------------------------ inside

  /** A ring begins at every endpoint of the callee that is attached, and at no other one (OF-4). */
  #ringsAll({ callId, callee, devices }: Ringing): void {
    for (const endpoint of this.#ofUser.get(callee.id) ?? []) {
      const isAttached = this.#boxes.get(endpoint)?.goneAt === undefined;
      if (isAttached !== endpoint in devices)
        throw new Violation(
          'OF-4',
          `${endpoint} is ${isAttached ? 'attached and not rung' : 'gone and rung'} in ${callId}`,
        );
    }
  }

  #current(endpoint: Endpoint, session: string): Box | undefined {
    const box = this.#boxes.get(endpoint);
    return box?.session === session && box.goneAt === undefined ? box : undefined;
  }

  /** The next frame that must be handed out: not the offer of a call that is over, and not one taken away. */
  #nextDue(box: Box, from: number): number {
    let index = from;
    for (; index < box.frames.length; index += 1) {
      const frame = box.frames[index];
      const stale = frame?.ringUntil !== undefined && frame.callId !== undefined && this.#over.has(frame.callId);
      if (!stale && !box.taken.has(index)) break;
    }
    return index;
  }

  #send(endpoint: Endpoint, frame: Expected): void {
    const box = this.#boxes.get(endpoint);
    if (!box) return;
    box.frames.push(frame);
    box.chars += frame.text.length;
    const unseen = box.frames.length - Math.max(box.acked, box.lost) - takenAfter(box);
    if (unseen > STORE_LIMITS.mailboxFrames || box.chars > STORE_LIMITS.mailboxChars) {
      box.lost = box.frames.length;
      box.chars = 0;
    }
  }

  #sendCandidates(endpoint: Endpoint, callId: CallId, { single, whole }: CandidateFrames): void {
    for (const text of isPlain(endpoint) ? single : [whole]) {
      this.#send(endpoint, { text, callId, isEnd: false, ringUntil: undefined, message: undefined });
    }
  }

  #forgetUpTo(box: Box, index: number): void {
    for (let at = Math.max(box.acked, box.lost); at < index; at += 1) {
      if (!box.taken.has(at)) box.chars -= box.frames[at]?.text.length ?? 0;
    }
    box.acked = Math.max(box.acked, index);
  }

  #isSeated(endpoint: Endpoint, callId: CallId): boolean {
    const state = this.#states.get(callId);
    return (
      state?.phase === 'active' && (state.callerSeat.endpoint === endpoint || state.calleeSeat.endpoint === endpoint)
    );
  }

  /** What a candidate must be answered, and whom it must reach; nobody and not kept when `to` is undefined (IC-1). */
  #route(
    from: Endpoint,
    session: string,
    callId: CallId,
    receiver: UserId | undefined,
    frames: CandidateFrames,
  ): [Relayed, Endpoint[] | undefined] {
    if (!this.#current(from, session)) return ['fenced', undefined];
    const state = this.#states.get(callId);
    const me = userOf(from);
    if (!state || (me !== state.caller.id && me !== state.callee.id)) return ['unknown', undefined];
    const peer = me === state.caller.id ? state.callee.id : state.caller.id;
    if (receiver !== undefined && receiver !== peer) return ['mismatch', undefined];
    if (state.phase === 'ended') return ['ok', undefined];
    const mySeat = me === state.caller.id ? state.callerSeat : state.phase === 'active' ? state.calleeSeat : undefined;
    if (mySeat && mySeat.endpoint !== from) {
      if (isPlain(from) && isPlain(mySeat.endpoint) && mySeat.goneAt !== undefined) return ['claim', undefined];
      return me === state.caller.id ? ['foreign', undefined] : ['ok', undefined];
    }
    let to: Endpoint[] = [];
    if (state.phase === 'active') to = [me === state.caller.id ? state.calleeSeat.endpoint : state.callerSeat.endpoint];
    else if (me === state.caller.id) {
      to = Object.entries(state.devices).flatMap(([device, { said }]) =>
        said === undefined ? [device as Endpoint] : [],
      );
    } else if (state.devices[from]?.said !== undefined) return ['ok', undefined];
    const mine = this.#kept.get(callId)?.get(from)?.batches ?? [];
    const count = mine.reduce((sum, batch) => sum + batch.single.length, frames.single.length);
    const chars = mine.reduce((sum, batch) => sum + batch.whole.length, frames.whole.length);
    if (count > WIRE_LIMITS.candidatesPerSide || chars > WIRE_LIMITS.candidateCharsPerSide) return ['full', undefined];
    return ['ok', to];
  }
}

/** Who has lost the socket, as far as a call knows. */
function absentees(state: CallState | undefined): Endpoint[] {
  if (!state || state.phase === 'ended') return [];
  const gone = [state.callerSeat, ...(state.phase === 'active' ? [state.calleeSeat] : [])]
    .filter(({ goneAt }) => goneAt !== undefined)
    .map(({ endpoint }) => endpoint);
  if (state.phase === 'ringing') {
    for (const [device, { goneAt }] of Object.entries(state.devices))
      if (goneAt !== undefined) gone.push(device as Endpoint);
  }
  return gone;
}

function takenAfter(box: Box): number {
  let count = 0;
  for (const index of box.taken) if (index >= Math.max(box.acked, box.lost)) count += 1;
  return count;
}
