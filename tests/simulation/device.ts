/** A person's phone, laptop or plain page: what its client believes of its calls, from what it was handed and nothing else. */
import type { CallId, UserId } from '@ringdown/call';
import type { Capability, LiveCallSummary } from '@ringdown/protocol';
import type { Seq } from '@ringdown/server/core';
import type { Delivered } from './ledger.ts';
import type { SimulatedSocket } from './node.ts';
import { Violation } from './witness.ts';

/** A call as a client sees it. */
export interface View {
  /** `left`: it has left by its own doing · `over`: it was told of the end. */
  phase: 'dialling' | 'ringing' | 'answering' | 'active' | 'left' | 'over';
  /** An offer inside the call that it has not answered yet. */
  negotiationId?: number;
  /** On which socket it learnt of the call; a plain client learns nothing of what befell another one. */
  readonly socket: number;
}

/** A request that may be sent again under its id. */
export interface Request {
  readonly id: string;
  readonly to: UserId;
  readonly takeover: boolean;
}

/** One client. */
export class Device {
  readonly user: UserId;
  readonly name: string;
  readonly plain: boolean;
  readonly capabilities: readonly Capability[];
  socket: SimulatedSocket | undefined;
  /** Whether it is logged out, and stays away. */
  out = false;
  token: string | undefined;
  /** The one before, which is worth nothing once the service knows that this one has arrived. */
  wornToken: string | undefined;
  lastSeq: Seq = 0;
  acked: Seq = 0;
  lastRequest: Request | undefined;
  readonly views = new Map<CallId, View>();
  /** Calls whose answer it was given, and those that it has dialled and found answered when it came back knowing nothing. */
  readonly #answered = new Set<CallId>();
  readonly unanswered = new Set<CallId>();
  /** Calls in which it has taken the place of a lost socket, and so was brought in once more (DS-3). */
  readonly seated = new Set<CallId>();

  constructor(user: UserId, name: string, plain: boolean, capabilities: readonly Capability[]) {
    this.user = user;
    this.name = name;
    this.plain = plain;
    this.capabilities = plain ? [] : capabilities;
  }

  /** The calls it believes to be in, of these kinds. */
  calls(...phases: View['phase'][]): [CallId, View][] {
    const calls: [CallId, View][] = [];
    for (const call of this.views) if (phases.includes(call[1].phase)) calls.push(call);
    return calls;
  }

  /** Whether it believes to be in a call. */
  get isInCall(): boolean {
    for (const { phase } of this.views.values()) if (phase !== 'over' && phase !== 'left') return true;
    return false;
  }

  /** Its hello was answered. */
  greeted(
    socket: SimulatedSocket,
    resumed: boolean,
    token: string,
    after: Seq,
    calls: readonly LiveCallSummary[],
  ): void {
    this.wornToken = this.token;
    this.token = token;
    if (resumed) return;
    this.lastSeq = after;
    this.acked = after;
    this.views.clear();
    this.#answered.clear();
    this.unanswered.clear();
    for (const { callId, here, phase, direction } of calls) {
      if (here && phase === 'active' && direction === 'outgoing') this.unanswered.add(callId);
      if (here)
        this.views.set(callId, {
          phase: phase === 'active' ? 'active' : direction === 'outgoing' ? 'dialling' : 'ringing',
          socket: socket.number,
        });
    }
  }

  /** A plain page opens a new socket: it remembers the calls it was in, and is told again of those that ended. */
  reopened(): void {
    this.#answered.clear();
    for (const [callId, { phase }] of this.views) if (phase === 'over' || phase === 'left') this.views.delete(callId);
  }

  /** A frame arrived. @throws Violation when its calls contradict each other */
  receive(socket: SimulatedSocket, { seq, callId, isEnd, message }: Delivered): void {
    this.lastSeq = seq;
    if (callId === undefined) return;
    if (this.views.get(callId)?.phase === 'over' && this.seated.delete(callId)) {
      this.views.set(callId, { phase: 'active', socket: socket.number });
    }
    const view = this.views.get(callId);
    if (isEnd) {
      this.unanswered.delete(callId);
      if (view?.phase === 'over') throw new Violation('I4', `${socket.endpoint} was told twice that ${callId} is over`);
      this.views.set(callId, { phase: 'over', socket: socket.number });
      return;
    }
    if (message?.type === 'ack') {
      const { negotiationId } = message.data;
      // A call taken over from another device begins here again; one that was dialled begins unless it is over already.
      if (negotiationId !== undefined && message.id?.startsWith('offer'))
        this.views.set(callId, { phase: 'active', socket: socket.number });
      else if (message.id?.startsWith('offer') && !view)
        this.views.set(callId, { phase: 'dialling', socket: socket.number });
      else if (message.id?.startsWith('answer') && view?.phase === 'answering') view.phase = 'active';
      return;
    }
    if (view?.phase === 'over')
      throw new Violation(
        'I3',
        `${socket.endpoint} was sent ${message?.type ?? 'a candidate'} of ${callId} after its end`,
      );
    if (message?.type === 'call:offer') {
      const { negotiationId } = message.data;
      if (negotiationId === undefined) {
        if (view?.phase !== 'left') this.views.set(callId, { phase: 'ringing', socket: socket.number });
      } else if (view?.phase !== 'left')
        this.views.set(callId, { phase: 'active', socket: socket.number, negotiationId });
    }
    if (message?.type === 'call:answer' && message.data.negotiationId === undefined) {
      if (this.#answered.has(callId))
        throw new Violation('I1', `${socket.endpoint} was given the answer of ${callId} twice`);
      this.#answered.add(callId);
      this.unanswered.delete(callId);
    }
    if (message?.type === 'call:answer' && view?.phase !== 'left')
      this.views.set(callId, { phase: 'active', socket: socket.number });
  }
}

/** What a client says to the service. */
export type Said =
  | { readonly kind: 'offer'; readonly to: UserId; readonly takeover: boolean; readonly id: string | undefined }
  | {
      readonly kind: 'event';
      readonly callId: CallId | undefined;
      readonly event: ClientWords;
      readonly id: string | undefined;
      readonly receiverId: UserId | undefined;
    }
  | {
      readonly kind: 'candidates';
      readonly callId: CallId | undefined;
      readonly count: number;
      readonly receiverId: UserId | undefined;
      readonly long: boolean;
    }
  | { readonly kind: 'seen'; readonly seq: Seq };

/** The part of an event that the client chooses. */
export type ClientWords =
  | { readonly type: 'answer'; readonly negotiationId?: number }
  | { readonly type: 'reject'; readonly reason?: string }
  | { readonly type: 'hangUp'; readonly reason?: string }
  | { readonly type: 'busy' | 'accepting' | 'renegotiate' | 'claim' | 'quality' | 'mediaState' }
  | { readonly type: 'report'; readonly state: 'connected' | 'flowing' | 'failed' };
