/** What two people do until their service dies under them: call after call, each another way. */
import type { ServerMessage, ServerMessageOf } from '@ringdown/protocol';
import { callOf, type Device, Refused } from './device.ts';
import { answerOf, candidateOf, offerOf } from './frames.ts';
import { type Call, isEnd, isFirstAnswer, isFirstOffer, type Promised } from './ledger.ts';
import type { Chance } from './random.ts';

/** A conversation of two devices. */
export class Conversation {
  readonly a: Device;
  readonly b: Device;
  readonly calls: Call[] = [];
  readonly #name: string;
  readonly #chance: Chance;
  readonly #onStep: () => void;
  #candidates = 0;

  /**
   * @param name stands in every description @param chance chooses the way
   * @param onStep called right after the frames of a step were sent
   */
  constructor(name: string, [a, b]: readonly [Device, Device], chance: Chance, onStep: () => void) {
    this.a = a;
    this.b = b;
    this.#name = name;
    this.#chance = chance;
    this.#onStep = onStep;
  }

  /** Calls until a socket is lost. @throws SocketLost, or what is wrong */
  async goOn(): Promise<void> {
    while (this.a.online && this.b.online) {
      const [caller, callee] = this.#chance.happens(0.5) ? [this.a, this.b] : [this.b, this.a];
      await this.#oneCall(caller, callee);
    }
  }

  async #oneCall(caller: Device, callee: Device): Promise<void> {
    const chance = this.#chance;
    const call = this.#newCall(caller, callee);
    // The callee acts when it rings, whether or not the caller has heard of its call yet.
    const [callId] = await Promise.all([this.#rings(call), this.offer(call)]);
    const dropped = chance.happens(0.08) ? await this.#dropOut(call) : undefined;
    await this.#candidatesOf(call, caller, callee, chance.whole(0, 3));
    if (chance.happens(0.3)) await this.#candidatesOf(call, callee, caller, chance.whole(1, 2), true);
    const way = chance.next();
    if (way < 0.1) return this.end(call, callee, 'call:reject', { callId, reason: 'rejected' });
    // A plain socket that was lost still counts as a device that may come back, so the other one's busy is not the end.
    if (way < 0.15 && dropped !== callee) return this.end(call, callee, 'call:busy', { callId });
    if (way < 0.25) return this.end(call, caller, 'call:hang_up', { callId });
    if (way < 0.3) return this.end(call, callee, 'call:hang_up', { callId });
    if (way < 0.35) {
      const cancelled = this.end(call, caller, 'call:hang_up', { callId });
      await Promise.all([cancelled, this.answer(call)]);
      return;
    }
    await this.answer(call);
    if (caller.online) await caller.seen((message) => isFirstAnswer(message, callId), 'call:answer');
    await this.#talk(call);
    if (chance.happens(0.08)) await this.#dropOut(call);
    const [first, second] = chance.happens(0.5) ? [caller, callee] : [callee, caller];
    const ends = [this.end(call, first, 'call:hang_up', { callId, metrics: { quality: 4 } })];
    if (chance.happens(0.1)) ends.push(this.end(call, second, 'call:hang_up', { callId }));
    await Promise.all(ends);
  }

  /** Exchanges candidates and new offers in an answered call. */
  async #talk(call: Call): Promise<void> {
    const { caller, callee } = call;
    await Promise.all([
      this.#candidatesOf(call, caller, callee, this.#chance.whole(0, 2)),
      this.#candidatesOf(call, callee, caller, this.#chance.whole(0, 2)),
    ]);
    const both = caller.extended && callee.extended && caller.online && callee.online;
    for (let n = both ? this.#chance.whole(0, 2) : 0; n > 0; n -= 1) {
      const [from, to] = this.#chance.happens(0.5) ? [caller, callee] : [callee, caller];
      await this.#renegotiate(call, from, to, `${call.label}.${n}`);
    }
  }

  async #renegotiate(call: Call, from: Device, to: Device, label: string): Promise<void> {
    const { callId } = call;
    const named = (sdp: string) => sdp.includes(`s=${label}\r`);
    const isOffer = (message: ServerMessage) => message.type === 'call:offer' && named(message.data.offer.sdp);
    const isAnswer = (message: ServerMessage) => message.type === 'call:answer' && named(message.data.answer.sdp);
    const data = { callId, receiverId: to.person.id, offer: offerOf(label) };
    await this.#promise(call, { what: 'renegotiation', to, isIt: isOffer }, from, 'call:offer', data);
    await to.seen(isOffer, 'renegotiation');
    const offer = to.received.find(({ message }) => isOffer(message))?.message as ServerMessageOf<'call:offer'>;
    const { negotiationId } = offer.data;
    await this.#promise(call, { what: 'renegotiation answer', to: from, isIt: isAnswer }, to, 'call:answer', {
      callId,
      negotiationId,
      answer: answerOf(label),
    });
    await from.seen(isAnswer, 'renegotiation answer');
  }

  async #candidatesOf(call: Call, from: Device, to: Device, count: number, early = false): Promise<void> {
    if (!from.online) return;
    const sent: Promise<unknown>[] = [];
    for (let n = 0; n < count; n += 1) sent.push(this.candidate(call, from, to, early));
    await Promise.all(sent);
  }

  /** One of the two loses its socket; it may come back at once, or not before the kill. */
  async #dropOut({ caller, callee }: Call): Promise<Device> {
    const device = this.#chance.of([caller, callee]);
    await device.vanish();
    this.#onStep();
    if (this.#chance.happens(0.6)) await device.connect();
    return device;
  }

  #newCall(caller: Device, callee: Device): Call {
    const call: Call = {
      label: `${this.#name}.${this.calls.length}`,
      caller,
      callee,
      requestId: caller.nextId(),
      answerSent: false,
      answerAcked: false,
      endSentBy: new Set(),
      endAckedBy: new Set(),
      promises: [],
    };
    this.calls.push(call);
    return call;
  }

  async #rings(call: Call): Promise<string> {
    const { callee, label } = call;
    await callee.seen((message) => isFirstOffer(message, label), 'call:offer');
    return learnCallId(call);
  }

  /** Sends the offer; the same one again when it was sent before. @returns its call's id */
  async offer(call: Call): Promise<void> {
    const { caller, callee: to, label, requestId } = call;
    const data = { receiverId: to.person.id, offer: offerOf(label) };
    const isIt = (message: ServerMessage) => isFirstOffer(message, label);
    const ack = await this.#promise(call, { what: 'offer', to, isIt }, caller, 'call:offer', data, requestId);
    const { callId } = ack ?? {};
    if (call.callId !== undefined && callId !== undefined && callId !== call.callId) {
      throw new Error(`${caller.name}: one offer made two calls`);
    }
    if (callId !== undefined) call.callId = callId;
  }

  /** Answers. A call that has ended meanwhile cannot be answered, and that is all right. */
  async answer(call: Call): Promise<void> {
    const { callId, caller: to, callee, label } = call;
    call.answerSent = true;
    const isIt = (message: ServerMessage) => isFirstAnswer(message, callId);
    const data = { callId, receiverId: to.person.id, answer: answerOf(label) };
    const ack = await this.#promise(call, { what: 'answer', to, isIt }, callee, 'call:answer', data);
    if (ack) call.answerAcked = true;
  }

  /** Sends a candidate that no other candidate equals. @param afterAnswer whether it is held until then */
  async candidate(call: Call, from: Device, to: Device, afterAnswer = false): Promise<void> {
    this.#candidates += 1;
    const candidate = candidateOf(this.#candidates);
    const isIt = (message: ServerMessage) =>
      message.type === 'call:ice_candidate' &&
      message.data.callId === call.callId &&
      message.data.candidate?.candidate === candidate.candidate;
    const data = { callId: call.callId, receiverId: to.person.id, candidate };
    const promised = { what: 'candidate', to, isIt, ...(afterAnswer && { afterAnswer: true as const }) } as const;
    await this.#promise(call, promised, from, 'call:ice_candidate', data);
  }

  /** Ends the call from one side. */
  async end(call: Call, by: Device, type: string, data: object): Promise<void> {
    if (!by.online) return;
    call.endSentBy.add(by);
    const acked = by.request(type, data);
    this.#onStep();
    await acked;
    call.endAckedBy.add(by);
    const other = by === call.caller ? call.callee : call.caller;
    if (!other.online || call.endSentBy.has(other)) return;
    await other.seen((message) => isEnd(message) && callOf(message) === call.callId, 'end');
  }

  async #promise(
    call: Call,
    what: Pick<Promised, 'what' | 'to' | 'isIt' | 'afterAnswer'>,
    from: Device,
    type: string,
    data: object,
    requestId?: string,
  ) {
    const promised: Promised = { ...what, session: what.to.session, from, fromSession: from.session };
    call.promises.push(promised);
    const answered = from.request(type, data, requestId);
    this.#onStep();
    try {
      const ack = await answered;
      promised.ackedAtMs = performance.now();
      return ack;
    } catch (error) {
      if (!(error instanceof Refused) || error.reason !== 'call_ended') throw error;
      return undefined;
    }
  }
}

/** The call id as the callee was told it. */
export function learnCallId(call: Call): string {
  const { callee, label } = call;
  const offer = callee.received.find(({ message }) => isFirstOffer(message, label))?.message;
  const callId = offer?.type === 'call:offer' ? offer.data.callId : call.callId;
  if (callId === undefined) throw new Error(`nobody knows the id of ${label}`);
  if (call.callId !== undefined && call.callId !== callId) throw new Error(`${callee.name}: one offer made two calls`);
  call.callId = callId;
  return callId;
}
