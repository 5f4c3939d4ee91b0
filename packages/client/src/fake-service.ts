/**
 * A double of the service, in memory: enough of both protocols to ring, answer, refuse, meet in the middle, change a
 * running call, and come back after a lost socket. For tests of applications; what a service really does is decided
 * elsewhere. It holds no timers: nothing times out.
 */
import type { CallType, ClientMessage, ClientMessageOf, IceCandidate, ServerMessage } from '@ringdown/protocol';
import { FakeEndpoint, type FakeSocket } from './fake-endpoint.ts';
import type { Platform } from './platform.ts';

type Offer = ClientMessageOf<'call:offer'>;
type Ending = ClientMessageOf<'call:hang_up' | 'call:reject' | 'call:busy'>;

interface FakeCall {
  readonly callId: string;
  readonly callerId: string;
  readonly calleeId: string;
  readonly offer: Offer['data'];
  readonly candidates: { readonly from: string; readonly frame: ServerMessage }[];
  readonly callType: CallType;
  caller: FakeEndpoint;
  callee?: FakeEndpoint;
  answer?: ClientMessageOf<'call:answer'>['data']['answer'];
  /** Where it rings, by the position of the offer there, until the device acknowledges it. */
  readonly ringing: Map<FakeEndpoint, number>;
  readonly acknowledged: Set<FakeEndpoint>;
  negotiations: number;
  open?: { readonly id: number; readonly by: FakeEndpoint };
  ended: boolean;
  endedBy: string;
}

const TIMESTAMP = '2026-01-01T00:00:00.000Z';

/** An in-memory service. A token is `user-<id>`; whoever comes with one is that user. */
export class FakeService {
  /** Every frame of every client but `hello`, `ack` and `ping`, in the order they came. */
  readonly received: { readonly from: string; readonly message: ClientMessage }[] = [];
  /** Whether sockets can be opened and HTTP answers. */
  reachable = true;
  /** Whether it speaks the contract alone. */
  plainOnly = false;
  /** Tokens that are refused. */
  readonly refusedTokens = new Set<string>();
  /** When set, sees every frame first; returning true keeps the service from acting on it. */
  intercept: ((from: string, message: ClientMessage) => boolean) | undefined;
  readonly #sockets = new Set<FakeSocket>();
  readonly #devices = new Map<string, FakeEndpoint>();
  readonly #calls: FakeCall[] = [];
  /** Acknowledgements of offers, by device and request id (OF-4). */
  readonly #answered = new Map<string, ServerMessage>();
  #tokens = 0;

  /** Give it as `platform.openSocket`. */
  readonly openSocket: Platform['openSocket'] = (_url, protocols, events) => {
    const token = protocols.find((each) => each.startsWith('bearer.'))?.slice('bearer.'.length) ?? '';
    const extended = !this.plainOnly && protocols.includes('ringdown.v1');
    const socket: FakeSocket = { userId: token.replace('user-', ''), events, extended, open: false };
    queueMicrotask(() => {
      if (!this.reachable || this.refusedTokens.has(token)) {
        events.close(1006);
        return;
      }
      socket.open = true;
      this.#sockets.add(socket);
      events.open(extended ? 'ringdown.v1' : 'ringdown.plain');
      if (!extended) this.#enter(socket, new FakeEndpoint(socket.userId));
    });
    return {
      send: (text) => queueMicrotask(() => this.#onText(socket, text)),
      close: () => this.#drop(socket),
    };
  };

  /** Give it as `platform.fetch`. */
  readonly fetch: Platform['fetch'] = async (url, init) => {
    if (!this.reachable) throw new TypeError('the service cannot be reached');
    const token = new Headers(init.headers).get('authorization')?.replace('Bearer ', '') ?? '';
    if (this.refusedTokens.has(token)) return new Response('{}', { status: 401 });
    if (url.endsWith('/api/rtc/ice-servers')) {
      const data = { iceServers: [{ urls: 'stun:stun.test' }], ttl: 3600, expiresAt: TIMESTAMP };
      return Response.json({ success: true, data });
    }
    const [, callId, action] = /\/api\/rtc\/calls\/([^/]+)(\/hang-up)?$/.exec(url) ?? [];
    const call = this.#calls.find((each) => each.callId === callId);
    if (!call) return new Response('{}', { status: 404 });
    const userId = token.replace('user-', '');
    if (action) {
      if (!call.ended) this.#hangUp(call, userId, undefined);
      return Response.json({ success: true, data: {} });
    }
    if (!call.ended) return new Response('{}', { status: 404 });
    const endedBy = call.endedBy === userId ? 'me' : call.endedBy === 'service' ? 'service' : 'peer';
    const outcome = call.endedBy === 'service' ? 'connection_lost' : call.answer ? 'completed' : 'cancelled';
    const body = { callId: call.callId, endedAt: TIMESTAMP, outcome, endedBy };
    return Response.json({ success: true, data: { call: body } });
  };

  /** Breaks every socket of a user, as a lost network does. @param code the close code its clients see */
  cut(userId: string, code = 1006): void {
    for (const socket of this.#socketsOf(userId)) {
      this.#drop(socket);
      socket.events.close(code);
    }
  }

  /** Sends a frame, or any text, to a user: a frame by the mailboxes of its devices. */
  send(userId: string, frame: ServerMessage | string): void {
    for (const { endpoint } of this.#socketsOf(userId)) {
      if (typeof frame === 'string' || frame.id !== undefined) endpoint?.write(frame);
      else endpoint?.deliver(frame);
    }
  }

  /** Ends a call without telling anybody, as when its parties were away for too long. */
  forget(callId: string): void {
    for (const call of this.#calls) if (call.callId === callId) call.ended = true;
  }

  /** Forgets every mailbox, as when devices were away for too long: nobody can resume (HE-2). */
  forgetMailboxes(): void {
    for (const device of this.#devices.values()) device.resumeToken = '';
  }

  // --------------------------------------------------------------------------------------------------------- sockets

  #socketsOf(userId: string): FakeSocket[] {
    return [...this.#sockets].filter((socket) => socket.userId === userId);
  }

  /** Endpoints of a user that can be rung, lost devices included. */
  #endpointsOf(userId: string): FakeEndpoint[] {
    return this.#socketsOf(userId).flatMap(({ endpoint }) => (endpoint ? [endpoint] : []));
  }

  #drop(socket: FakeSocket): void {
    if (!socket.open) return;
    socket.open = false;
    this.#sockets.delete(socket);
    const { endpoint } = socket;
    if (!endpoint || endpoint.socket !== socket) return;
    endpoint.socket = undefined;
    endpoint.follows = false;
    this.#tellPeers(endpoint, 'reconnecting');
    this.#tellPresence(socket.userId);
  }

  #enter(socket: FakeSocket, endpoint: FakeEndpoint): void {
    socket.endpoint = endpoint;
    endpoint.socket = socket;
    this.#welcome(endpoint);
    this.#tellPeers(endpoint, 'connected');
    this.#tellPresence(socket.userId);
  }

  #tellPeers(endpoint: FakeEndpoint, state: 'reconnecting' | 'connected'): void {
    for (const call of this.#calls) {
      if (call.ended || !call.answer) continue;
      const peer = call.caller === endpoint ? call.callee : call.callee === endpoint ? call.caller : undefined;
      if (peer?.extended) peer.deliver({ type: 'call:peer_state', data: { callId: call.callId, state } });
    }
  }

  /** What somebody gets who begins without resuming: rings, and what was missed of a call of its own (RI-2, DS-3). */
  #welcome(endpoint: FakeEndpoint): void {
    const { userId } = endpoint;
    const takesPlaceOf = (seat: FakeEndpoint) => seat === endpoint || (!seat.extended && !seat.attached);
    for (const call of this.#calls.filter((each) => !each.ended)) {
      if (call.calleeId === userId && !call.callee) {
        this.#ring(call, endpoint, true);
        this.#resendCandidates(call, endpoint);
      } else if (call.callerId === userId && takesPlaceOf(call.caller)) {
        call.caller = endpoint;
        if (call.answer) endpoint.deliver(this.#answerOf(call, call.answer));
        this.#resendCandidates(call, endpoint);
      } else if (call.calleeId === userId && call.callee && takesPlaceOf(call.callee)) {
        call.callee = endpoint;
        this.#resendCandidates(call, endpoint);
      }
    }
  }

  #resendCandidates(call: FakeCall, endpoint: FakeEndpoint): void {
    for (const { from, frame } of call.candidates) if (from !== endpoint.userId) endpoint.deliver(frame);
  }

  #onHello(socket: FakeSocket, { id, data }: ClientMessageOf<'hello'>): void {
    const key = `${socket.userId}/${data.deviceId}`;
    const device = this.#devices.get(key) ?? new FakeEndpoint(socket.userId, data.deviceId);
    this.#devices.set(key, device);
    const before = device.socket;
    if (before) {
      this.#drop(before);
      before.events.close(4509);
    }
    const resumed = data.resume !== undefined && data.resume.token === device.resumeToken;
    if (!resumed) device.clear();
    this.#tokens += 1;
    device.resumeToken = `token-${this.#tokens}`;
    device.capabilities = data.caps ?? [];
    device.socket = socket;
    const lastSeq = resumed ? (data.resume?.lastSeq ?? 0) : 0;
    device.write({
      type: 'hello',
      ...(id !== undefined && { id }),
      data: {
        sessionId: `session-${this.#tokens}`,
        resumed,
        lastSeq,
        resumeToken: device.resumeToken,
        user: personOf(socket.userId),
        calls: this.#calls.filter((call) => !call.ended).flatMap((call) => this.#summaryOf(call, device)),
        limits: {},
        serverTime: new Date().toISOString(),
      },
    });
    if (!resumed) {
      this.#enter(socket, device);
      return;
    }
    socket.endpoint = device;
    device.replay(lastSeq);
    this.#tellPeers(device, 'connected');
    this.#tellPresence(socket.userId);
  }

  #summaryOf(call: FakeCall, device: FakeEndpoint) {
    if (call.callerId !== device.userId && call.calleeId !== device.userId) return [];
    const outgoing = call.callerId === device.userId;
    const seat = outgoing ? call.caller : call.callee;
    return [
      {
        callId: call.callId,
        direction: outgoing ? ('outgoing' as const) : ('incoming' as const),
        peer: personOf(outgoing ? call.calleeId : call.callerId),
        callType: call.callType,
        phase: call.answer ? ('active' as const) : ('ringing' as const),
        startedAt: TIMESTAMP,
        answeredAt: call.answer ? TIMESTAMP : null,
        here: seat === device,
      },
    ];
  }

  // ---------------------------------------------------------------------------------------------------------- frames

  #onText(socket: FakeSocket, text: string): void {
    if (!socket.open) return;
    const message = JSON.parse(text) as ClientMessage;
    if (message.type === 'hello') {
      this.#onHello(socket, message);
      return;
    }
    const { endpoint } = socket;
    if (!endpoint) return;
    if (message.type === 'ack') {
      this.#onAck(endpoint, message.data.seq);
      return;
    }
    if (message.type === 'ping') {
      if (endpoint.extended) endpoint.write({ type: 'pong', ...(message.id && { id: message.id }), data: {} });
      else if (message.id) endpoint.write({ type: 'ack', id: message.id, data: {} });
      return;
    }
    this.received.push({ from: socket.userId, message });
    if (this.intercept?.(socket.userId, message)) return;
    switch (message.type) {
      case 'auth':
        if (this.refusedTokens.has(message.data.token)) this.#refuse(endpoint, message.id, 401, 'unauthenticated');
        else this.#ack(endpoint, message.id, {});
        return;
      case 'call:offer':
        return message.data.callId ? this.#onRenegotiation(endpoint, message) : this.#onOffer(endpoint, message);
      case 'call:answer':
        return this.#onAnswer(endpoint, message);
      case 'call:ice_candidate':
        return this.#onCandidate(endpoint, message);
      case 'call:hang_up':
      case 'call:reject':
      case 'call:busy':
        return this.#onEnd(endpoint, message);
      case 'call:accepting':
        return this.#onAccepting(endpoint, message);
      case 'call:media_state':
        return this.#onMediaState(endpoint, message);
      case 'presence:subscribe':
      case 'presence:unsubscribe':
        return this.#onPresence(endpoint, message);
      default:
        this.#ack(endpoint, message.id, {});
    }
  }

  #ack(
    endpoint: FakeEndpoint,
    id: string | undefined,
    data: { callId?: string; negotiationId?: number },
    changed = false,
  ): void {
    if (id === undefined) return;
    if (changed) endpoint.deliver({ type: 'ack', id, data });
    else endpoint.write({ type: 'ack', id, data });
  }

  #refuse(endpoint: FakeEndpoint, id: string | undefined, code: number, reason: string, callId?: string): void {
    const data = { message: reason, code, reason, ...(callId !== undefined && { callId }) };
    endpoint.write({ type: 'error', ...(id !== undefined && { id }), data });
  }

  #onAck(endpoint: FakeEndpoint, seq: number): void {
    endpoint.acknowledged(seq);
    for (const call of this.#calls) {
      const position = call.ringing.get(endpoint);
      if (position === undefined || position > seq) continue;
      call.ringing.delete(endpoint);
      this.#rang(call, endpoint);
    }
  }

  #rang(call: FakeCall, endpoint: FakeEndpoint): void {
    call.acknowledged.add(endpoint);
    if (call.ended || call.answer || !call.caller.extended) return;
    const data = { callId: call.callId, devices: call.acknowledged.size };
    call.caller.deliver({ type: 'call:ringing', data });
  }

  #onOffer(endpoint: FakeEndpoint, { id, data }: Offer): void {
    const { userId } = endpoint;
    const calleeId = String(data.receiverId);
    const key = `${userId}/${endpoint.deviceId}#${id}`;
    const known = endpoint.extended && id !== undefined ? this.#answered.get(key) : undefined;
    if (known) {
      endpoint.write(known);
      return;
    }
    const live = this.#calls.filter((call) => !call.ended);
    const mine = live.find((call) => endpoint.extended && call.answer && this.#seatOf(call, userId));
    if (mine && data.takeover && this.#peerIdOf(mine, userId) === calleeId) {
      this.#takeOver(mine, endpoint, id, data);
      const { callId, negotiations: negotiationId } = mine;
      if (id !== undefined) this.#answered.set(key, { type: 'ack', id, data: { callId, negotiationId } });
      return;
    }
    if (mine && !this.#isSeat(mine, endpoint)) {
      this.#refuse(endpoint, id, 409, 'already_in_call', mine.callId);
      return;
    }
    if (mine) {
      endpoint.deliver(this.#hangUpOf(mine, userId, 'replaced'));
      this.#hangUp(mine, userId, 'replaced');
    }
    const crossing = live.find((call) => call.callerId === calleeId && call.calleeId === userId && !call.answer);
    if (crossing && endpoint.extended) {
      this.#refuse(endpoint, id, 409, 'glare', crossing.callId);
      return;
    }
    const callId = `call-${this.#calls.length + 1}`;
    this.#ack(endpoint, id, { callId }, true);
    if (id !== undefined) this.#answered.set(key, { type: 'ack', id, data: { callId } });
    const isBusy = live.some((call) => !call.ended && [call.callerId, call.calleeId].includes(calleeId));
    const devices = this.#endpointsOf(calleeId);
    const call: FakeCall = {
      callId,
      callerId: userId,
      calleeId,
      offer: data,
      candidates: [],
      callType: data.callType ?? 'video',
      caller: endpoint,
      ringing: new Map(),
      acknowledged: new Set(),
      negotiations: 0,
      ended: isBusy || devices.length === 0,
      endedBy: 'service',
    };
    this.#calls.push(call);
    if (isBusy) {
      endpoint.deliver({ type: 'call:busy', data: { ...this.#signed(call, calleeId), message: 'busy' } });
    } else if (devices.length === 0) {
      endpoint.deliver({ type: 'call:not_available', data: { callId, message: 'away', receiverId: calleeId } });
    } else {
      for (const device of devices) this.#ring(call, device, false);
    }
  }

  #ring(call: FakeCall, endpoint: FakeEndpoint, replayed: boolean): void {
    const seq = endpoint.deliver(this.#offerTo(call, replayed));
    if (endpoint.extended) call.ringing.set(endpoint, seq);
    else this.#rang(call, endpoint);
  }

  #onAnswer(endpoint: FakeEndpoint, { id, data }: ClientMessageOf<'call:answer'>): void {
    const call = this.#live(data.callId);
    if (!call) return this.#refuse(endpoint, id, 410, 'call_ended', data.callId);
    if (data.negotiationId !== undefined) return this.#onLaterAnswer(call, endpoint, id, data);
    if (call.answer) {
      const reason = call.callee === endpoint ? 'invalid_state' : 'answered_elsewhere';
      return this.#refuse(endpoint, id, 409, reason, call.callId);
    }
    call.answer = data.answer;
    call.callee = endpoint;
    this.#ack(endpoint, id, { callId: call.callId }, true);
    call.caller.deliver(this.#answerOf(call, data.answer));
    for (const other of this.#endpointsOf(call.calleeId)) {
      if (other !== endpoint) other.deliver(this.#hangUpOf(call, call.calleeId, 'answered_elsewhere'));
    }
  }

  // ------------------------------------------------------------------------------------------------- a running call

  #onRenegotiation(endpoint: FakeEndpoint, { id, data }: Offer): void {
    const call = this.#live(data.callId);
    if (!call) return this.#refuse(endpoint, id, 410, 'call_ended', data.callId);
    if (!this.#isSeat(call, endpoint) || !call.answer || !call.callee) {
      return this.#refuse(endpoint, id, 409, 'invalid_state', call.callId);
    }
    const peer = call.caller === endpoint ? call.callee : call.caller;
    if (!peer.capabilities.includes('renegotiate')) {
      return this.#refuse(endpoint, id, 409, 'peer_unsupported', call.callId);
    }
    if (call.open && call.caller !== endpoint) {
      return this.#refuse(endpoint, id, 409, 'negotiation_collision', call.callId);
    }
    this.#negotiate(call, endpoint, peer, id, data);
  }

  #takeOver(call: FakeCall, endpoint: FakeEndpoint, id: string | undefined, data: Offer['data']): void {
    const outgoing = call.callerId === endpoint.userId;
    const former = outgoing ? call.caller : call.callee;
    if (outgoing) call.caller = endpoint;
    else call.callee = endpoint;
    const peer = outgoing ? call.callee : call.caller;
    if (former !== endpoint) former?.deliver(this.#hangUpOf(call, endpoint.userId, 'takeover'));
    if (peer) this.#negotiate(call, endpoint, peer, id, data);
  }

  #negotiate(
    call: FakeCall,
    from: FakeEndpoint,
    to: FakeEndpoint,
    id: string | undefined,
    { offer, callType = call.callType, takeover }: Offer['data'],
  ): void {
    call.negotiations += 1;
    call.open = { id: call.negotiations, by: from };
    this.#ack(from, id, { callId: call.callId, negotiationId: call.negotiations }, true);
    to.deliver({
      type: 'call:offer',
      data: {
        ...this.#signed(call, from.userId),
        senderInfo: personOf(from.userId),
        offer,
        callType,
        renegotiation: true,
        negotiationId: call.negotiations,
        polite: to === call.callee,
        ...(takeover && { takeover }),
      },
    });
  }

  #onLaterAnswer(
    call: FakeCall,
    endpoint: FakeEndpoint,
    id: string | undefined,
    { answer, negotiationId }: ClientMessageOf<'call:answer'>['data'],
  ): void {
    const { open } = call;
    if (negotiationId === undefined || open?.id !== negotiationId || open.by === endpoint) {
      return this.#refuse(endpoint, id, 409, 'stale_negotiation', call.callId);
    }
    delete call.open;
    this.#ack(endpoint, id, { callId: call.callId }, true);
    open.by.deliver({
      type: 'call:answer',
      data: {
        ...this.#signed(call, endpoint.userId),
        responderInfo: personOf(endpoint.userId),
        answer,
        negotiationId,
      },
    });
  }

  #onCandidate(endpoint: FakeEndpoint, { id, data }: ClientMessageOf<'call:ice_candidate'>): void {
    const call = this.#live(data.callId);
    this.#ack(endpoint, id, {});
    if (!call) return;
    const all = [...(data.candidate === undefined ? [] : [data.candidate]), ...(data.candidates ?? [])];
    const to =
      endpoint.userId === call.calleeId
        ? [call.caller]
        : call.callee
          ? [call.callee]
          : this.#endpointsOf(call.calleeId);
    const signed = this.#signed(call, endpoint.userId);
    const frame: ServerMessage = { type: 'call:ice_candidate', data: { ...signed, candidates: all } };
    const singles = all
      .filter((each): each is IceCandidate => Boolean(each?.candidate))
      .map((candidate): ServerMessage => ({ type: 'call:ice_candidate', data: { ...signed, candidate } }));
    call.candidates.push(...singles.map((single) => ({ from: endpoint.userId, frame: single })));
    for (const each of to) {
      if (each.extended) each.deliver(frame);
      else for (const single of singles) each.deliver(single);
    }
  }

  #onAccepting(endpoint: FakeEndpoint, { id, data }: ClientMessageOf<'call:accepting'>): void {
    const call = this.#live(data.callId);
    if (!call) return this.#refuse(endpoint, id, 410, 'call_ended', data.callId);
    this.#ack(endpoint, id, { callId: call.callId });
    for (const other of this.#endpointsOf(endpoint.userId)) {
      if (other === endpoint || !other.extended) continue;
      other.deliver({ type: 'call:accepting_elsewhere', data: { callId: call.callId, holdMs: 15_000 } });
    }
  }

  #onMediaState(endpoint: FakeEndpoint, { id, data }: ClientMessageOf<'call:media_state'>): void {
    const call = this.#live(data.callId);
    if (!call?.answer) return this.#refuse(endpoint, id, 409, 'invalid_state', data.callId);
    this.#ack(endpoint, id, { callId: call.callId });
    const peer = call.caller === endpoint ? call.callee : call.caller;
    if (!peer?.capabilities.includes('media_state')) return;
    const { audio, video } = data;
    peer.deliver({ type: 'call:media_state', data: { ...this.#signed(call, endpoint.userId), audio, video } });
  }

  // ------------------------------------------------------------------------------------------------------------ ends

  #onEnd(endpoint: FakeEndpoint, message: Ending): void {
    const { userId } = endpoint;
    this.#ack(endpoint, message.id, {});
    const call =
      this.#live(message.data.callId) ??
      this.#calls.find((each) => !each.ended && !message.data.callId && each.callerId === userId);
    // Once it is answered it is the two devices' call alone (HU-1).
    if (!call || (call.answer && endpoint.extended && !this.#isSeat(call, endpoint))) return;
    const reason = 'reason' in message.data ? message.data.reason : undefined;
    if (message.type === 'call:hang_up') {
      this.#hangUp(call, userId, reason);
      return;
    }
    call.ended = true;
    call.endedBy = userId;
    const signed = this.#signed(call, userId);
    if (message.type === 'call:busy') {
      call.caller.deliver({ type: 'call:busy', data: { ...signed, message: 'busy' } });
    } else {
      call.caller.deliver({ type: 'call:reject', data: { ...signed, ...(reason !== undefined && { reason }) } });
    }
  }

  #hangUp(call: FakeCall, userId: string, reason: string | undefined): void {
    call.ended = true;
    call.endedBy = userId;
    const ringing = call.answer && call.callee ? [call.callee] : this.#endpointsOf(call.calleeId);
    const others = userId === call.callerId ? ringing : [call.caller];
    const told = userId === call.callerId && !call.answer ? 'cancelled' : reason;
    for (const other of others) other.deliver(this.#hangUpOf(call, userId, told));
  }

  // -------------------------------------------------------------------------------------------------------- presence

  #onPresence(
    endpoint: FakeEndpoint,
    { type, id }: ClientMessageOf<'presence:subscribe' | 'presence:unsubscribe'>,
  ): void {
    endpoint.follows = type === 'presence:subscribe';
    if (endpoint.follows) {
      const ids = new Set([...this.#sockets].map(({ userId }) => userId));
      ids.delete(endpoint.userId);
      const users = [...ids].map((userId) => ({ userId, state: 'online' as const }));
      endpoint.write({ type: 'presence', data: { users } });
    }
    this.#ack(endpoint, id, {});
  }

  #tellPresence(userId: string): void {
    const state = this.#socketsOf(userId).length > 0 ? ('online' as const) : ('offline' as const);
    for (const { endpoint } of this.#sockets) {
      if (!endpoint?.follows || endpoint.userId === userId) continue;
      endpoint.write({ type: 'presence', data: { users: [{ userId, state }] } });
    }
  }

  // --------------------------------------------------------------------------------------------------------- helpers

  #live(callId: string | undefined): FakeCall | undefined {
    return this.#calls.find((call) => call.callId === callId && !call.ended);
  }
  #seatOf(call: FakeCall, userId: string): FakeEndpoint | undefined {
    return call.callerId === userId ? call.caller : call.calleeId === userId ? call.callee : undefined;
  }
  #isSeat(call: FakeCall, endpoint: FakeEndpoint): boolean {
    return call.caller === endpoint || call.callee === endpoint;
  }
  #peerIdOf(call: FakeCall, userId: string): string {
    return call.callerId === userId ? call.calleeId : call.callerId;
  }

  #offerTo(call: FakeCall, replayed: boolean): ServerMessage {
    const { offer, conversationId } = call.offer;
    return {
      type: 'call:offer',
      data: {
        ...this.#signed(call, call.callerId),
        senderInfo: personOf(call.callerId),
        offer,
        callType: call.callType,
        ...(conversationId !== undefined && { conversationId }),
        ttlMs: 60_000,
        ...(replayed && { replayed }),
      },
    };
  }

  #answerOf(call: FakeCall, answer: NonNullable<FakeCall['answer']>): ServerMessage {
    const data = { ...this.#signed(call, call.calleeId), responderInfo: personOf(call.calleeId), answer };
    return { type: 'call:answer', data };
  }

  #hangUpOf(call: FakeCall, from: string, reason: string | undefined): ServerMessage {
    return { type: 'call:hang_up', data: { ...this.#signed(call, from), ...(reason !== undefined && { reason }) } };
  }

  #signed(call: FakeCall, senderId: string): { callId: string; senderId: string; timestamp: string } {
    return { callId: call.callId, senderId, timestamp: TIMESTAMP };
  }
}

function personOf(userId: string): { id: number; username: string; avatar: string } {
  return { id: Number(userId), username: `person ${userId}`, avatar: '' };
}
