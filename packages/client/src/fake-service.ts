/**
 * A double of the service, in memory: enough of the contract to ring, answer, refuse, meet in the middle and come back
 * after a lost socket. For tests of applications; what a service really does is decided elsewhere.
 */
import type { ClientMessage, IceCandidate, PlainServerMessage } from '@ringdown/protocol';
import type { Platform, SocketEvents } from './platform.ts';

type ClientFrame<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;
type OfferFrame = ClientFrame<'call:offer'>;

interface FakeSocket {
  readonly userId: string;
  readonly events: SocketEvents;
  open: boolean;
}

interface FakeCall {
  readonly callId: string;
  readonly callerId: string;
  readonly calleeId: string;
  readonly offer: OfferFrame['data'];
  readonly candidates: { readonly from: string; readonly candidate: IceCandidate }[];
  caller: FakeSocket;
  callee?: FakeSocket;
  answer?: ClientFrame<'call:answer'>['data']['answer'];
  ended: boolean;
}

const TIMESTAMP = '2026-01-01T00:00:00.000Z';

/** An in-memory service. A token is `user-<id>`; whoever comes with one is that user. */
export class FakeService {
  /** Every frame of every client, in the order they came. */
  readonly received: { readonly from: string; readonly message: ClientMessage }[] = [];
  /** Whether sockets can be opened and HTTP answers. */
  reachable = true;
  /** Tokens that are refused. */
  readonly refusedTokens = new Set<string>();
  /** When set, sees every frame first; returning true keeps the service from acting on it. */
  intercept: ((from: string, message: ClientMessage) => boolean) | undefined;
  readonly #sockets = new Set<FakeSocket>();
  readonly #calls: FakeCall[] = [];

  /** Give it as `platform.openSocket`. */
  readonly openSocket: Platform['openSocket'] = (_url, protocols, events) => {
    const token = protocols.find((each) => each.startsWith('bearer.'))?.slice('bearer.'.length) ?? '';
    const socket: FakeSocket = { userId: token.replace('user-', ''), events, open: false };
    queueMicrotask(() => {
      if (!this.reachable || this.refusedTokens.has(token)) {
        events.close(1006);
        return;
      }
      socket.open = true;
      this.#sockets.add(socket);
      events.open();
      this.#welcome(socket);
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
    const ended = this.#calls.find((call) => url.endsWith(`/api/rtc/calls/${call.callId}`) && call.ended);
    if (!ended) return new Response('{}', { status: 404 });
    const call = { callId: ended.callId, endedAt: TIMESTAMP, outcome: 'connection_lost', endedBy: 'service' };
    return Response.json({ success: true, data: { call } });
  };

  /** Breaks every socket of a user, as a lost network does. @param code the close code its client sees */
  cut(userId: string, code = 1006): void {
    for (const socket of this.#socketsOf(userId)) {
      this.#drop(socket);
      socket.events.close(code);
    }
  }

  /** Sends a frame, or any text, to a user. */
  send(userId: string, frame: PlainServerMessage | string): void {
    for (const socket of this.#socketsOf(userId)) this.#write(socket, frame);
  }

  /** Ends a call without telling anybody, as when its parties were away for too long. */
  forget(callId: string): void {
    for (const call of this.#calls) if (call.callId === callId) call.ended = true;
  }

  // --------------------------------------------------------------------------------------------------------- sockets

  #socketsOf(userId: string): FakeSocket[] {
    return [...this.#sockets].filter((socket) => socket.userId === userId);
  }

  #drop(socket: FakeSocket): void {
    socket.open = false;
    this.#sockets.delete(socket);
  }

  #write(socket: FakeSocket | undefined, frame: PlainServerMessage | string): void {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    queueMicrotask(() => {
      if (socket?.open) socket.events.message(text);
    });
  }

  #welcome(socket: FakeSocket): void {
    for (const call of this.#calls.filter((each) => !each.ended)) {
      if (call.calleeId === socket.userId && !call.callee) {
        this.#write(socket, this.#offerTo(call, true));
        this.#resendCandidates(call, socket);
      } else if (call.callerId === socket.userId && !call.caller.open) {
        call.caller = socket;
        if (call.answer) this.#write(socket, this.#answerOf(call, call.answer));
        this.#resendCandidates(call, socket);
      } else if (call.calleeId === socket.userId && call.callee && !call.callee.open) {
        call.callee = socket;
        this.#resendCandidates(call, socket);
      }
    }
  }

  #resendCandidates(call: FakeCall, socket: FakeSocket): void {
    for (const { from, candidate } of call.candidates) {
      if (from !== socket.userId) this.#write(socket, this.#candidateOf(call, from, candidate));
    }
  }

  // ---------------------------------------------------------------------------------------------------------- frames

  #onText(socket: FakeSocket, text: string): void {
    if (!socket.open) return;
    const message = JSON.parse(text) as ClientMessage;
    this.received.push({ from: socket.userId, message });
    if (this.intercept?.(socket.userId, message)) return;
    switch (message.type) {
      case 'call:offer':
        this.#onOffer(socket, message);
        return;
      case 'call:answer':
        this.#onAnswer(socket, message);
        return;
      case 'call:ice_candidate':
        this.#onCandidate(socket, message);
        return;
      case 'call:hang_up':
      case 'call:reject':
      case 'call:busy':
        this.#onEnd(socket, message);
        return;
      default:
        if (message.id) this.#ack(socket, message.id, {});
    }
  }

  #ack(socket: FakeSocket, id: string | undefined, data: { callId?: string }): void {
    if (id !== undefined) this.#write(socket, { type: 'ack', id, data });
  }

  #onOffer(socket: FakeSocket, { id, data }: OfferFrame): void {
    const calleeId = String(data.receiverId);
    const callId = `call-${this.#calls.length + 1}`;
    this.#ack(socket, id, { callId });
    const live = this.#calls.filter((call) => !call.ended);
    const isBusy = live.some((call) => [call.callerId, call.calleeId].includes(calleeId));
    const devices = this.#socketsOf(calleeId);
    const call: FakeCall = {
      callId,
      callerId: socket.userId,
      calleeId,
      offer: data,
      candidates: [],
      caller: socket,
      ended: isBusy || devices.length === 0,
    };
    this.#calls.push(call);
    if (isBusy) {
      const busy = { callId, senderId: calleeId, message: 'busy', timestamp: TIMESTAMP };
      this.#write(socket, { type: 'call:busy', data: busy });
    } else if (devices.length === 0) {
      this.#write(socket, { type: 'call:not_available', data: { callId, message: 'away', receiverId: calleeId } });
    } else {
      for (const device of devices) this.#write(device, this.#offerTo(call, false));
    }
  }

  #onAnswer(socket: FakeSocket, { id, data }: ClientFrame<'call:answer'>): void {
    const call = this.#live(data.callId);
    if (!call || call.answer) {
      const [code, reason] = call ? [409, 'answered_elsewhere'] : [410, 'call_ended'];
      this.#write(socket, {
        type: 'error',
        ...(id && { id }),
        data: { message: 'too late', code: code as number, reason: reason as string },
      });
      return;
    }
    call.answer = data.answer;
    call.callee = socket;
    this.#ack(socket, id, { callId: call.callId });
    this.#write(call.caller, this.#answerOf(call, data.answer));
    for (const other of this.#socketsOf(call.calleeId)) {
      if (other !== socket) this.#write(other, this.#hangUpOf(call, call.calleeId, 'answered_elsewhere'));
    }
  }

  #onCandidate(socket: FakeSocket, { id, data }: ClientFrame<'call:ice_candidate'>): void {
    const call = this.#live(data.callId);
    this.#ack(socket, id, {});
    if (!call || !data.candidate) return;
    call.candidates.push({ from: socket.userId, candidate: data.candidate });
    const frame = this.#candidateOf(call, socket.userId, data.candidate);
    if (socket.userId === call.calleeId) this.#write(call.caller, frame);
    else if (call.callee) this.#write(call.callee, frame);
    else for (const device of this.#socketsOf(call.calleeId)) this.#write(device, frame);
  }

  #onEnd(socket: FakeSocket, message: ClientFrame<'call:hang_up' | 'call:reject' | 'call:busy'>): void {
    const { userId } = socket;
    this.#ack(socket, message.id, {});
    const call =
      this.#live(message.data.callId) ??
      this.#calls.find((each) => !each.ended && !message.data.callId && each.callerId === userId);
    if (!call) return;
    call.ended = true;
    const signed = { callId: call.callId, senderId: userId, timestamp: TIMESTAMP };
    const reason = 'reason' in message.data ? message.data.reason : undefined;
    if (message.type === 'call:hang_up') {
      const others = userId === call.callerId ? this.#socketsOf(call.calleeId) : [call.caller];
      const told = userId === call.callerId && !call.answer ? 'cancelled' : reason;
      for (const other of others) this.#write(other, this.#hangUpOf(call, userId, told));
    } else if (message.type === 'call:reject') {
      this.#write(call.caller, { type: 'call:reject', data: { ...signed, ...(reason !== undefined && { reason }) } });
    } else {
      this.#write(call.caller, { type: 'call:busy', data: { ...signed, message: 'busy' } });
    }
  }

  #live(callId: string | undefined): FakeCall | undefined {
    return this.#calls.find((call) => call.callId === callId && !call.ended);
  }

  #offerTo(call: FakeCall, replayed: boolean): PlainServerMessage {
    const { offer, callType = 'video', conversationId } = call.offer;
    return {
      type: 'call:offer',
      data: {
        ...this.#signed(call, call.callerId),
        senderInfo: personOf(call.callerId),
        offer,
        callType,
        ...(conversationId !== undefined && { conversationId }),
        ttlMs: 60_000,
        ...(replayed && { replayed }),
      },
    };
  }

  #answerOf(call: FakeCall, answer: NonNullable<FakeCall['answer']>): PlainServerMessage {
    const data = { ...this.#signed(call, call.calleeId), responderInfo: personOf(call.calleeId), answer };
    return { type: 'call:answer', data };
  }

  #candidateOf(call: FakeCall, from: string, candidate: IceCandidate): PlainServerMessage {
    return { type: 'call:ice_candidate', data: { ...this.#signed(call, from), candidate } };
  }

  #hangUpOf(call: FakeCall, from: string, reason: string | undefined): PlainServerMessage {
    return { type: 'call:hang_up', data: { ...this.#signed(call, from), ...(reason !== undefined && { reason }) } };
  }

  #signed(call: FakeCall, senderId: string): { callId: string; senderId: string; timestamp: string } {
    return { callId: call.callId, senderId, timestamp: TIMESTAMP };
  }
}

function personOf(userId: string): { id: number; username: string; avatar: string } {
  return { id: Number(userId), username: `person ${userId}`, avatar: '' };
}
