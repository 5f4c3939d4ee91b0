/**
 * One process of the service: the real decisions and the real store behind simulated sockets. It does what the real
 * socket, dispatch and connections do, in the same order, without bytes, limits or a directory on a disk.
 */
import {
  type CallEvent,
  type CallId,
  deviceEndpoint,
  type Endpoint,
  isPlain,
  plainEndpoint,
  userOf,
} from '@ringdown/call';
import { type ErrorReason, encode, type LiveCallSummary, type SessionDescription } from '@ringdown/protocol';
import {
  type Actor,
  type Attached,
  type CallStore,
  Calls,
  type CandidateFrames,
  type MemoryWorld,
  type Outcome,
  outgoingCall,
} from '@ringdown/server/core';
import type { ClientWords, Device, Said } from './device.ts';
import type { History } from './history.ts';
import type { Delivered } from './ledger.ts';
import { observedStore } from './observed-store.ts';

/** How many frames a socket takes from its mailbox at once. */
const BATCH = 8;
const OFFER: SessionDescription = { type: 'offer', sdp: 'o' };
const ANSWER: SessionDescription = { type: 'answer', sdp: 'a' };

/** What dispatch lets no plain session say. */
const EXTENDED: ReadonlySet<string> = new Set(['renegotiate', 'accepting', 'mediaState', 'report', 'quality']);

/** What travels to a client. */
type Wire =
  | {
      readonly kind: 'hello';
      readonly resumed: boolean;
      readonly token: string;
      readonly after: number;
      readonly calls: readonly LiveCallSummary[];
    }
  | { readonly kind: 'frame'; readonly frame: Delivered }
  | { readonly kind: 'error'; readonly reason: ErrorReason }
  | { readonly kind: 'closed' };

/** A connection, seen from both ends. */
export interface SimulatedSocket {
  readonly number: number;
  readonly node: Node;
  readonly device: Device;
  readonly endpoint: Endpoint;
  readonly sessionId: string;
  /** On the wire, in either direction; a cut loses it. */
  readonly toServer: Said[];
  readonly toClient: Wire[];
  /** Arrived and waiting to be handled, one at a time. */
  readonly inbox: Said[];
  handling: boolean;
  pulling: boolean;
  pullAgain: boolean;
  /** Whether the service has taken it in, and whether the client knows. */
  greeted: boolean;
  known: boolean;
  settled: boolean;
  /** The position up to which it was written to, and up to which a pong confirmed it. */
  written: number;
  confirmed: number;
  /** The wire is dead; the service has not noticed yet. */
  cut: boolean;
  /** The service knows that it is gone. */
  gone: boolean;
}

/** Calls that tell what they are deciding. */
class WatchedCalls extends Calls {
  readonly #history: History;

  constructor(store: CallStore, history: History, node: Node) {
    super(store, {
      onRecord: () => node.record(),
      onCommit: () => {},
      onQuality: async () => {},
    });
    this.#history = history;
  }

  override apply(callId: CallId, event: CallEvent, actor?: Actor): Promise<Outcome> {
    this.#history.deciding(callId, event);
    return super.apply(callId, event, actor);
  }
}

/** A process. */
export class Node {
  readonly id: string;
  readonly calls: Calls;
  readonly store: CallStore;
  readonly #history: History;
  readonly #lease: CallStore;
  readonly sockets = new Set<SimulatedSocket>();
  readonly #byEndpoint = new Map<Endpoint, SimulatedSocket>();
  pausedUntil = 0;
  #recording = false;

  constructor(id: string, world: MemoryWorld, history: History) {
    this.id = id;
    this.#history = history;
    this.#lease = world.open(id);
    this.store = observedStore(this.#lease, id, history);
    this.calls = new WatchedCalls(this.store, history, this);
    this.store.onWake((endpoint) => this.#wake(this.#byEndpoint.get(endpoint)));
  }

  #start(label: string, run: () => Promise<unknown>): void {
    this.#history.scheduler.start(this.id, label, run);
  }

  // ------------------------------------------------------------------------------------------------------ connections

  /** A client opens a socket; a hello or an authenticated upgrade follows at once. */
  open(device: Device, number: number): SimulatedSocket {
    const endpoint = device.plain ? plainEndpoint(device.user, `p${number}`) : deviceEndpoint(device.user, device.name);
    const socket: SimulatedSocket = {
      number,
      node: this,
      device,
      endpoint,
      sessionId: `s${number}`,
      toServer: [],
      toClient: [],
      inbox: [],
      handling: false,
      pulling: false,
      pullAgain: false,
      greeted: false,
      known: false,
      settled: false,
      written: 0,
      confirmed: 0,
      cut: false,
      gone: false,
    };
    this.sockets.add(socket);
    // Now and then somebody who has found an old token, and one who was reloaded and has none.
    const { dice } = this.#history;
    const known = device.wornToken !== undefined && dice.chance(0.05) ? device.wornToken : device.token;
    const hash = dice.chance(0.2) ? undefined : known;
    const resume = !device.plain && hash !== undefined && { resume: { hash, lastSeq: device.lastSeq } };
    this.#start(`greet ${endpoint}`, async () => {
      if (socket.gone) return;
      const before = this.#byEndpoint.get(endpoint);
      this.#byEndpoint.set(endpoint, socket);
      if (before) this.close(before);
      const token = `t${number}`;
      const attached = await this.calls.attached(endpoint, {
        sessionId: socket.sessionId,
        language: 'en',
        capabilities: device.capabilities,
        ...(!device.plain && { resumeHash: token }),
        ...resume,
      });
      if (attached) this.#history.ledger.takenIn(endpoint, socket.sessionId);
      if (!attached || socket.gone) await this.calls.detached(endpoint, socket.sessionId);
      if (!attached) return this.close(socket);
      if (socket.gone) return undefined;
      socket.greeted = true;
      socket.written = attached.after;
      socket.toClient.push({
        kind: 'hello',
        resumed: attached.resumed,
        token,
        after: attached.after,
        calls: summaries(attached, endpoint),
      });
      this.#wake(socket);
      return undefined;
    });
    return socket;
  }

  /** The service closes a socket. */
  close(socket: SimulatedSocket): void {
    socket.toClient.push({ kind: 'closed' });
    this.lost(socket);
  }

  /** The service notices that a socket is gone. @param leaving its page went away, and said so */
  lost(socket: SimulatedSocket, leaving = false): void {
    if (socket.gone) return;
    socket.gone = true;
    socket.inbox.length = 0;
    this.sockets.delete(socket);
    if (this.#byEndpoint.get(socket.endpoint) === socket) this.#byEndpoint.delete(socket.endpoint);
    if (socket.greeted)
      this.#start(`detach ${socket.endpoint}`, () => this.calls.detached(socket.endpoint, socket.sessionId, leaving));
  }

  // ----------------------------------------------------------------------------------------------------------- writing

  #wake(socket: SimulatedSocket | undefined): void {
    if (!socket || socket.gone) return;
    socket.pullAgain = true;
    if (socket.pulling || !socket.greeted) return;
    socket.pulling = true;
    this.#start(`write to ${socket.endpoint}`, () => this.#pull(socket));
  }

  /** A wake-up more than there was reason for. */
  wakeAgain(socket: SimulatedSocket): void {
    this.#wake(socket);
  }

  async #pull(socket: SimulatedSocket): Promise<void> {
    const { endpoint, sessionId } = socket;
    while (socket.pullAgain && !socket.gone) {
      socket.pullAgain = false;
      const frames = await this.store.mailbox(endpoint, sessionId, socket.written, BATCH);
      if (socket.gone) break;
      if (typeof frames === 'string') {
        this.#history.fault(frames === 'gap' ? 'overflow' : 'fencedReader');
        this.close(socket);
        break;
      }
      for (const frame of this.#history.handedOut) {
        socket.written = frame.seq;
        socket.toClient.push({ kind: 'frame', frame });
        if (isPlain(endpoint) && frame.message?.type === 'call:offer' && frame.callId !== undefined) {
          const { callId } = frame;
          this.#start(`${endpoint} rings`, () =>
            this.calls.apply(callId, { type: 'rang', endpoint }, { endpoint, sessionId }),
          );
        }
      }
      if (frames.length === BATCH) socket.pullAgain = true;
    }
    socket.pulling = false;
  }

  // ----------------------------------------------------------------------------------------------------------- reading

  /** Frames of a client have arrived. */
  arrived(socket: SimulatedSocket, messages: readonly Said[]): void {
    if (socket.gone) return;
    socket.inbox.push(...messages);
    if (socket.handling || !socket.greeted) return;
    socket.handling = true;
    this.#start(`handle ${socket.endpoint}`, async () => {
      for (let said = socket.inbox.shift(); said && !socket.gone; said = socket.inbox.shift())
        await this.#handle(socket, said);
      socket.handling = false;
    });
  }

  async #handle(socket: SimulatedSocket, said: Said): Promise<void> {
    const { endpoint, sessionId, device } = socket;
    if (!device.plain && !socket.settled) {
      socket.settled = true;
      await this.store.confirmToken(endpoint, sessionId);
    }
    switch (said.kind) {
      case 'seen': {
        const rung = await this.store.ack(endpoint, sessionId, said.seq);
        for (const callId of rung) await this.calls.apply(callId, { type: 'rang', endpoint }, { endpoint, sessionId });
        return;
      }
      case 'offer':
        return this.#offer(socket, said);
      case 'candidates':
        return this.#candidates(socket, said);
      case 'event': {
        if (device.plain && EXTENDED.has(said.event.type))
          return this.#told(socket, { ok: false, reason: 'invalid_payload' });
        const callId = said.callId ?? (await this.#outgoing(endpoint, said.receiverId));
        if (callId === undefined) return;
        const allowed = said.event.type === 'answer' && (await this.#mayAnswer(callId, endpoint));
        this.#told(
          socket,
          await this.calls.apply(callId, eventOf(said.event, device, endpoint, said.receiverId, allowed), {
            endpoint,
            sessionId,
            ...(said.id !== undefined && { requestId: said.id }),
          }),
        );
      }
    }
  }

  #told(socket: SimulatedSocket, outcome: Outcome): void {
    if (!outcome.ok) socket.toClient.push({ kind: 'error', reason: outcome.reason });
  }

  async #offer(socket: SimulatedSocket, { to, takeover, id }: Said & { kind: 'offer' }): Promise<void> {
    const { endpoint, sessionId, device } = socket;
    const history = this.#history;
    const request = id === undefined ? undefined : { key: `${endpoint}#${id}`, digest: `${to} ${takeover}` };
    if (request) {
      const { request: seen } = await this.store.read([], [], request.key);
      if (seen) return history.fault('repeated');
    }
    const me = userOf(endpoint);
    if (!history.mayCall(me, to)) return;
    const callId = history.newCall();
    const facts = history.factsOf(me, to);
    history.offering(facts);
    const attempt = {
      callId,
      from: endpoint,
      language: 'en' as const,
      capabilities: device.capabilities,
      ...(takeover && !device.plain && { takeover }),
      caller: history.party(me),
      callee: history.party(to),
      offer: OFFER,
      callType: 'video' as const,
      ringTimeoutMs: history.ringTimeoutMs,
    };
    this.#told(
      socket,
      await this.calls.offer(
        attempt,
        facts,
        { endpoint, sessionId, ...(id !== undefined && { requestId: id }) },
        request,
      ),
    );
  }

  async #candidates(socket: SimulatedSocket, said: Said & { kind: 'candidates' }): Promise<void> {
    const { endpoint, sessionId, device } = socket;
    const callId = said.callId ?? (await this.#outgoing(endpoint, said.receiverId));
    if (callId === undefined) return;
    const frames = this.#history.candidates(endpoint, callId, said.count, said.long);
    const relay = () => this.store.relay(endpoint, sessionId, callId, frames, said.receiverId);
    const relayed = await relay();
    if (relayed !== 'claim') return;
    await this.calls.apply(callId, eventOf({ type: 'claim' }, device, endpoint, said.receiverId, true), {
      endpoint,
      sessionId,
    });
    await relay();
  }

  async #outgoing(endpoint: Endpoint, receiverId: string | undefined): Promise<CallId | undefined> {
    const me = userOf(endpoint);
    const { users } = await this.store.read([me], []);
    return outgoingCall(users.get(me)?.calls ?? [], me, receiverId);
  }

  /** Asked of the directory, which takes its time; the relation may change meanwhile (AN-2). */
  async #mayAnswer(callId: CallId, endpoint: Endpoint): Promise<boolean> {
    const { calls } = await this.store.read([], [callId]);
    const state = calls.get(callId)?.state;
    const me = userOf(endpoint);
    return state?.phase !== 'ringing' || state.callee.id !== me || this.#history.mayCall(state.caller.id, me);
  }

  // -------------------------------------------------------------------------------------------------- of its own accord

  /** The alarm rings: what is overdue is decided, whoever else does the same. */
  ring(): void {
    this.#start(`alarm at ${this.id}`, async () => {
      for (const callId of await this.store.due(100)) await this.calls.apply(callId, { type: 'tick' });
    });
  }

  /** Says that it lives, and finds nobody dead. */
  async renew(): Promise<void> {
    await this.#lease.beat();
  }

  /** Says that it lives, and detaches what dead nodes left. */
  beat(): void {
    this.#start(`beat of ${this.id}`, async () => {
      for (const { endpoint, sessionId } of await this.store.beat()) {
        this.#history.fault('takenOver');
        await this.calls.detached(endpoint, sessionId);
      }
    });
  }

  /** A person acts over REST, on whatever device. */
  rest(callId: CallId, event: CallEvent): void {
    this.#start('rest', () => this.calls.apply(callId, event));
  }

  /** Brings committed records into the history, as the recorder does. */
  record(): void {
    if (this.#recording) return;
    this.#recording = true;
    this.#start(`records at ${this.id}`, async () => {
      for (;;) {
        const records = await this.store.unsettled(10);
        if (records.length === 0) break;
        for (const record of records) this.#history.recorded(record);
        await this.store.settle(records.map(({ callId }) => callId));
      }
      this.#recording = false;
    });
  }

  /** Takes up what the process before it left. */
  takeUp(orphans: readonly { readonly callId: CallId; readonly endpoint: Endpoint }[]): void {
    this.#start('take up', async () => {
      for (const { callId, endpoint } of orphans) await this.calls.apply(callId, { type: 'detached', endpoint });
    });
    this.record();
  }
}

/** The event as dispatch makes it of a client's words. */
function eventOf(
  words: ClientWords,
  device: Device,
  from: Endpoint,
  receiverId: string | undefined,
  allowed: boolean,
): CallEvent {
  const sender = {
    from,
    language: 'en' as const,
    capabilities: device.capabilities,
    ...(receiverId !== undefined && { receiverId }),
  };
  switch (words.type) {
    case 'answer':
      return {
        ...sender,
        type: 'answer',
        answer: ANSWER,
        allowed: allowed || words.negotiationId !== undefined,
        ...(words.negotiationId !== undefined && !device.plain && { negotiationId: words.negotiationId }),
      };
    case 'renegotiate':
      return { ...sender, type: 'renegotiate', offer: OFFER };
    case 'mediaState':
      return { ...sender, type: 'mediaState', media: { audio: 'on', video: 'off' } };
    case 'report':
      return { ...sender, type: 'report', report: { state: words.state } };
    case 'quality':
      return { ...sender, type: 'quality', metrics: { quality: 3 } };
    case 'reject':
      return { ...sender, type: 'reject', ...(words.reason !== undefined && { reason: words.reason }) };
    case 'hangUp':
      return { ...sender, type: 'hangUp', ...(words.reason !== undefined && { reason: words.reason }) };
    default:
      return { ...sender, type: words.type };
  }
}

function summaries({ calls }: Attached, endpoint: Endpoint): LiveCallSummary[] {
  const user = userOf(endpoint);
  return calls.map((call) => {
    const outgoing = call.caller.id === user;
    const seat = outgoing ? call.callerSeat : call.phase === 'active' ? call.calleeSeat : undefined;
    return {
      callId: call.callId,
      direction: outgoing ? 'outgoing' : 'incoming',
      peer: (outgoing ? call.callee : call.caller).info,
      callType: call.callType,
      phase: call.phase,
      startedAt: '',
      answeredAt: null,
      here: seat?.endpoint === endpoint,
    };
  });
}

/** Candidates of one message, for either kind of session. */
export function candidateFrames(
  from: Endpoint,
  callId: CallId,
  numbers: readonly number[],
  padding: string,
): CandidateFrames {
  const all = numbers.map((number) => ({ candidate: `${from} ${number}${padding}` }));
  const frame = (data: object) =>
    encode({
      type: 'call:ice_candidate',
      data: { callId, senderId: userOf(from), ...data, timestamp: '2026-01-01T00:00:00.000Z' },
    });
  return {
    single: all.map((candidate) => frame({ candidate })),
    whole: frame(all.length === 1 ? { candidate: all[0] } : { candidates: all }),
  };
}
