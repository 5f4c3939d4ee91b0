/**
 * What every mailbox must hold, worked out from the commits alone: each frame once and in order, or an explicit gap (I12).
 * Rows are never changed in place, so that forking is copying two small maps.
 */
import { type CallId, type CallState, type Effect, type Endpoint, isPlain, type Millis, userOf } from '@ringdown/call';
import { encode, type ServerMessage } from '@ringdown/protocol';
import type { Attached, CandidateFrames, Commit, Frame, NewSession, Seq, Unreadable } from '@ringdown/server/core';
import { STORE_LIMITS } from '@ringdown/server/core';
import { Violation } from '../witness.ts';
import { signature } from './signature.ts';

/** A frame that must be in a mailbox. */
export interface Letter {
  readonly seq: Seq;
  readonly callId: CallId | undefined;
  /** For an offer that rings: until when. */
  readonly ringUntil: Millis | undefined;
  readonly isEnd: boolean;
  /** The committed message, or the text of a candidate. */
  readonly content: ServerMessage | string;
  /** Stands for the content in a state's key. */
  readonly signature: number;
}

/** The mailbox of an endpoint and what the store knows of it. */
export interface Box {
  readonly sessionId: string;
  readonly token: string | undefined;
  /** The token that opened this session; it goes on counting, since the client may never have heard of the new one. */
  readonly predecessor: string | undefined;
  readonly goneAt: Millis | undefined;
  readonly lastSeq: Seq;
  /** Everything up to here is seen or lost. */
  readonly goneUpTo: Seq;
  readonly letters: readonly Letter[];
}

const ENDS: ReadonlySet<string> = new Set([
  'call:hang_up',
  'call:reject',
  'call:busy',
  'call:timeout',
  'call:not_available',
]);
const NONE: readonly never[] = [];

/** All mailboxes, and the candidates that are kept for who comes late. */
export class Mail {
  readonly boxes: Map<Endpoint, Box>;
  /** By call and sender. */
  readonly #kept: Map<string, readonly CandidateFrames[]>;

  constructor(of?: { boxes: Map<Endpoint, Box>; kept: Map<string, readonly CandidateFrames[]> }) {
    this.boxes = new Map(of?.boxes);
    this.#kept = new Map(of?.kept);
  }

  /** The same mail, to go on with apart. */
  fork(): Mail {
    return new Mail({ boxes: this.boxes, kept: this.#kept });
  }

  /** Whether an endpoint has a socket, as the store sees it. */
  isAttached(endpoint: Endpoint): boolean {
    const box = this.boxes.get(endpoint);
    return box !== undefined && box.goneAt === undefined;
  }

  /** How many candidate frames of an endpoint are kept. */
  keptOf(callId: CallId, from: Endpoint): number {
    return this.#kept.get(`${callId} ${from}`)?.length ?? 0;
  }

  /** The letters a client at this position has not read, oldest first; the offer of a call that is over is left out. */
  unread(endpoint: Endpoint, after: Seq, isOver: (callId: CallId) => boolean): Letter[] {
    const unread: Letter[] = [];
    for (const letter of this.boxes.get(endpoint)?.letters ?? NONE) {
      if (letter.seq <= after) continue;
      if (letter.ringUntil !== undefined && letter.callId !== undefined && isOver(letter.callId)) continue;
      unread.push(letter);
    }
    return unread;
  }

  /** A commit was taken. */
  committed({ calls, effects }: Commit): void {
    for (const state of calls) if (state.phase === 'ended') this.#forgetCandidates(state.callId);
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case 'send': {
        const { message, to, ringUntil } = effect;
        const callId = 'callId' in message.data ? message.data.callId : undefined;
        this.#append(to, callId, ringUntil, ENDS.has(message.type), message, signature(message, userOf(to)));
        return;
      }
      case 'sendCandidates':
        for (const frames of this.#kept.get(`${effect.callId} ${effect.from}`) ?? NONE) {
          this.#appendCandidates(effect.to, effect.callId, frames);
        }
        return;
      case 'moveCandidates': {
        const kept = this.#kept.get(`${effect.callId} ${effect.from}`);
        if (!kept) return;
        this.#kept.delete(`${effect.callId} ${effect.from}`);
        this.#kept.set(`${effect.callId} ${effect.to}`, kept);
        return;
      }
      case 'dropCandidates':
        this.#kept.delete(`${effect.callId} ${effect.from}`);
        return;
      case 'record':
      case 'quality':
        return;
    }
  }

  /** A candidate was taken. @param to whom it had to be given at once */
  relayed(from: Endpoint, callId: CallId, frames: CandidateFrames, to: readonly Endpoint[]): void {
    this.#kept.set(`${callId} ${from}`, [...(this.#kept.get(`${callId} ${from}`) ?? NONE), frames]);
    for (const endpoint of to) this.#appendCandidates(endpoint, callId, frames);
  }

  /** An endpoint was put into the roster; judges whether it had to go on where it was (HE-2). */
  attached(endpoint: Endpoint, { sessionId, resumeHash, resume }: NewSession, result: Attached, now: Millis): void {
    const box = this.boxes.get(endpoint);
    const may =
      box !== undefined &&
      resume !== undefined &&
      (resume.hash === box.token || resume.hash === box.predecessor) &&
      (box.goneAt === undefined || now - box.goneAt < STORE_LIMITS.resumeWindowMs) &&
      resume.lastSeq >= box.goneUpTo &&
      resume.lastSeq <= box.lastSeq;
    if (result.resumed !== may) {
      throw new Violation(
        'I12',
        `${endpoint} ${may ? 'could go on where it was, and' : 'had missed frames and'} was ${result.resumed ? 'resumed' : 'not resumed'}`,
      );
    }
    const lastSeq = box?.lastSeq ?? 0;
    const goneUpTo = may ? resume.lastSeq : lastSeq;
    if (result.after !== goneUpTo)
      throw new Violation('I12', `${endpoint} reads after ${result.after}, not ${goneUpTo}`);
    this.boxes.set(endpoint, {
      sessionId,
      token: resumeHash,
      predecessor: may ? resume.hash : undefined,
      goneAt: undefined,
      lastSeq,
      goneUpTo,
      letters: may ? box.letters.filter(({ seq }) => seq > goneUpTo) : NONE,
    });
  }

  /** An endpoint lost its socket. @param done whether the store took it from this session */
  detached(endpoint: Endpoint, sessionId: string, done: boolean, now: Millis): void {
    const box = this.boxes.get(endpoint);
    const current = box?.sessionId === sessionId && box.goneAt === undefined;
    if (current !== done) throw new Violation('I15', `${endpoint} was ${done ? '' : 'not '}detached by ${sessionId}`);
    if (current) this.boxes.set(endpoint, { ...box, goneAt: now });
  }

  /** A new plain socket was given the ends that lost ones of its user had not confirmed (DS-3). */
  adopted(heir: Endpoint, sessionId: string, stateOf: (callId: CallId) => CallState | undefined): void {
    const box = this.boxes.get(heir);
    if (box?.sessionId !== sessionId || box.goneAt !== undefined || !isPlain(heir)) return;
    const told = new Set(box.letters.flatMap(({ isEnd, callId }) => (isEnd && callId ? [callId] : [])));
    for (const [other, lost] of [...this.boxes]) {
      if (lost.goneAt === undefined || !isPlain(other) || userOf(other) !== userOf(heir)) continue;
      const ends = lost.letters.filter(({ isEnd }) => isEnd);
      if (ends.length === 0) continue;
      this.boxes.set(other, { ...lost, letters: lost.letters.filter(({ isEnd }) => !isEnd) });
      for (const { callId, ringUntil, content, signature: sign } of ends) {
        if (callId === undefined || told.has(callId) || isSeated(heir, stateOf(callId))) continue;
        told.add(callId);
        this.#append(heir, callId, ringUntil, true, content, sign);
      }
    }
  }

  /** A client read: judges that it was given exactly what it was sent. @returns the letters */
  read(
    endpoint: Endpoint,
    after: Seq,
    frames: readonly Frame[] | Unreadable,
    isOver: (callId: CallId) => boolean,
  ): Letter[] {
    if (typeof frames === 'string') throw new Violation('I12', `${endpoint} was told ${frames} after ${after}`);
    const due = this.unread(endpoint, after, isOver);
    for (let n = 0; n < Math.max(due.length, frames.length); n += 1) {
      const [letter, frame] = [due[n], frames[n]];
      if (!letter) throw new Violation('I12', `${endpoint} was given a frame it was not sent: ${frame?.text}`);
      if (!frame) throw new Violation('I12', `${endpoint} was not given what it was sent: ${textOf(letter)}`);
      if (frame.text !== textOf(letter))
        throw new Violation('I12', `${endpoint} was given ${frame.text}, not ${textOf(letter)}`);
      if (frame.seq !== letter.seq)
        throw new Violation('I8', `${endpoint} was given ${frame.text} as ${frame.seq}, not ${letter.seq}`);
      if (frame.rings?.until !== letter.ringUntil)
        throw new Violation('OF-4', `${endpoint} was not told how long it rings`);
      if ((frame.isEnd === true) !== letter.isEnd)
        throw new Violation('I4', `an end for ${endpoint} is not marked as one`);
    }
    return due;
  }

  /** A client has confirmed what it read. @returns the calls whose ringing offers were among it (RI-1) */
  acked(endpoint: Endpoint, upTo: Seq): CallId[] {
    const box = this.boxes.get(endpoint);
    if (!box) return [];
    const seen = box.letters.filter(({ seq }) => seq <= upTo);
    this.boxes.set(endpoint, {
      ...box,
      goneUpTo: Math.max(box.goneUpTo, upTo),
      letters: box.letters.filter(({ seq }) => seq > upTo),
    });
    return seen.flatMap(({ ringUntil, callId }) => (ringUntil !== undefined && callId !== undefined ? [callId] : []));
  }

  /** The store was asked what is due, and forgets who is too long gone. */
  forgot(now: Millis): void {
    for (const [endpoint, { goneAt }] of this.boxes) {
      if (goneAt !== undefined && goneAt + STORE_LIMITS.resumeWindowMs <= now) this.boxes.delete(endpoint);
    }
  }

  #forgetCandidates(callId: CallId): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${callId} `)) this.#kept.delete(key);
  }

  #appendCandidates(to: Endpoint, callId: CallId, { single, whole }: CandidateFrames): void {
    for (const text of isPlain(to) ? single : [whole]) this.#append(to, callId, undefined, false, text, 1);
  }

  #append(
    to: Endpoint,
    callId: CallId | undefined,
    ringUntil: Millis | undefined,
    isEnd: boolean,
    content: Letter['content'],
    sign: number,
  ): void {
    const box = this.boxes.get(to);
    if (!box) return;
    const seq = box.lastSeq + 1;
    this.boxes.set(to, {
      ...box,
      lastSeq: seq,
      letters: [...box.letters, { seq, callId, ringUntil, isEnd, content, signature: sign }],
    });
  }
}

function textOf({ content }: Letter): string {
  return typeof content === 'string' ? content : encode(content);
}

function isSeated(endpoint: Endpoint, state: CallState | undefined): boolean {
  return (
    state?.phase === 'active' && (state.callerSeat.endpoint === endpoint || state.calleeSeat.endpoint === endpoint)
  );
}
