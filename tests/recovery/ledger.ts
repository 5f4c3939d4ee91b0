/** What the two devices of a pair were promised in one call, and whether it was kept through a kill. */
import type { ServerMessage } from '@ringdown/protocol';
import { callOf, type Device, type Received } from './device.ts';

/** A frame that was sent, and the frame its receiver must get for it. */
export interface Promised {
  readonly what: 'offer' | 'answer' | 'candidate' | 'renegotiation' | 'renegotiation answer';
  readonly from: Device;
  readonly to: Device;
  /** The sessions of both when it was sent. */
  readonly fromSession: number;
  readonly session: number;
  readonly isIt: (message: ServerMessage) => boolean;
  /** When it was acknowledged, by `performance.now()`; absent while it is not. */
  ackedAtMs?: number;
  /** Held until the call is answered (IC-1). */
  readonly afterAnswer?: true;
}

/** A call, from the first word of its offer. */
export interface Call {
  /** Stands in its descriptions. */
  readonly label: string;
  readonly caller: Device;
  readonly callee: Device;
  /** Of its offer. */
  readonly requestId: string;
  /** Once anybody was told. */
  callId?: string;
  answerSent: boolean;
  answerAcked: boolean;
  /** Who sent an end, and who of them had it acknowledged. */
  readonly endSentBy: Set<Device>;
  readonly endAckedBy: Set<Device>;
  readonly promises: Promised[];
}

const ENDS: ReadonlySet<string> = new Set([
  'call:hang_up',
  'call:reject',
  'call:busy',
  'call:timeout',
  'call:not_available',
]);
const ANSWERS: ReadonlySet<string> = new Set(['ack', 'error']);
/** Candidates are written down within 100 ms of their acknowledgement; on a machine that is busy with more, later. */
const CANDIDATES_WRITTEN_WITHIN_MS = 1_000;

/** Whether a frame is the end of its call. */
export const isEnd = (message: ServerMessage): boolean => ENDS.has(message.type);

/** Whether a device was told that the call is over, by a frame or by the acknowledgement of its own end. */
export function wasToldTheEnd({ callId, endAckedBy }: Call, device: Device): boolean {
  if (endAckedBy.has(device)) return true;
  return callId !== undefined && device.of(callId).some(({ message }) => isEnd(message));
}

/** Whether the caller was sent the first answer. */
function wasToldTheAnswer({ callId, caller }: Call): boolean {
  return caller.received.some(({ message }) => isFirstAnswer(message, callId));
}

/** Whether it is the answer to the offer that began the call. */
export function isFirstAnswer(message: ServerMessage, callId: string | undefined): boolean {
  return message.type === 'call:answer' && message.data.callId === callId && message.data.negotiationId === undefined;
}

/** Whether it is the offer that began the call. */
export function isFirstOffer(message: ServerMessage, label: string): boolean {
  return (
    message.type === 'call:offer' &&
    message.data.renegotiation === undefined &&
    message.data.offer.sdp.includes(`s=${label}\r`)
  );
}

/**
 * What contradicts what was promised, given the calls that the restarted service says are live.
 * @param live phases by call id, as both people are told them
 */
export function faultsOfState(call: Call, live: ReadonlyMap<string, 'ringing' | 'active'>): string[] {
  const { callId, caller, callee, answerSent, answerAcked, endSentBy } = call;
  if (callId === undefined) return [];
  const phase = live.get(callId);
  const over = [caller, callee].filter((device) => wasToldTheEnd(call, device));
  if (over.length > 0) return phase ? [`is ${phase}, but ${over.map((each) => each.name)} was told its end`] : [];
  if (endSentBy.size > 0) return [];
  if (!phase) return ['is gone, and nobody ended it'];
  const answered = answerAcked || wasToldTheAnswer(call);
  if (answered && phase === 'ringing') return ['rings, but was answered'];
  if (!answerSent && phase === 'active') return ['is active, but nobody answered it'];
  return [];
}

/** From the last kill until the service was back. What is read in between was said before: it only lay in a socket. */
export interface Outage {
  readonly killedAtMs: number;
  readonly backAtMs: number;
}

/** Whether its receiver must have the frame by now. */
export function isOwed(call: Call, promised: Promised, { killedAtMs, backAtMs }: Outage): boolean {
  const { what, from, fromSession, to, session, ackedAtMs, afterAnswer } = promised;
  if (ackedAtMs === undefined || to.session !== session) return false;
  // The offer of a call that has ended is not told any more (HE-2).
  if (what === 'offer') return !call.endSentBy.has(call.caller);
  // What a socket sent before the answer follows the answer of the same socket, and no other (IC-1).
  if (afterAnswer && (!call.answerAcked || (!from.extended && from.session !== fromSession))) return false;
  if (what === 'candidate') return ackedAtMs > backAtMs || killedAtMs - ackedAtMs > CANDIDATES_WRITTEN_WITHIN_MS;
  return true;
}

/** What was wrong with the frames of a call, once it is over and everything has come. */
export function faultsOfFrames(call: Call, outage: Outage): string[] {
  const faults: string[] = [];
  for (const promised of call.promises) {
    const came = promised.to.received.filter(({ message }) => promised.isIt(message));
    if (isOwed(call, promised, outage) && came.length === 0) {
      faults.push(`${promised.to.name} never got the ${promised.what} that was acknowledged`);
    }
    for (const frames of bySession(came)) {
      if (frames.length > 1) faults.push(`${promised.to.name} got one ${promised.what} ${frames.length} times`);
    }
  }
  const { callId, caller, callee, endSentBy } = call;
  if (callId === undefined) return faults;
  for (const device of [caller, callee]) {
    const frames = device.of(callId).filter(({ message }) => !ANSWERS.has(message.type));
    for (const session of bySession(frames)) faults.push(...faultsOfSession(call, device, session));
    if (device.extended && bySession(frames.filter(({ message }) => isEnd(message))).length > 1) {
      faults.push(`${device.name} was told the end in two sessions`);
    }
    // A device that was never resumed learns from the hello; every other one is told.
    const mustHear = device.extended ? frames.some(({ session }) => session === device.session) : frames.length > 0;
    if (mustHear && !endSentBy.has(device) && !wasToldTheEnd(call, device)) {
      faults.push(`${device.name} was never told the end`);
    }
  }
  return faults;
}

function faultsOfSession({ callId, caller, callee }: Call, device: Device, frames: readonly Received[]): string[] {
  const faults: string[] = [];
  const end = frames.findIndex(({ message }) => isEnd(message));
  const late = end < 0 ? [] : frames.slice(end + 1);
  if (late.length > 0) faults.push(`${device.name} was sent ${late.map(({ message }) => message.type)} after the end`);
  if (device === caller) {
    const answer = frames.findIndex(({ message }) => isFirstAnswer(message, callId));
    const early = frames.slice(0, answer < 0 ? undefined : answer).some(({ message }) => isCandidate(message));
    if (early) faults.push(`${device.name} was sent a candidate before the answer`);
  }
  const numbers = frames.flatMap(({ message }) =>
    isCandidate(message) ? [Number(/candidate:(\d+)/.exec(message.data.candidate?.candidate ?? '')?.[1])] : [],
  );
  if (numbers.some((n, index) => index > 0 && n <= (numbers[index - 1] ?? 0))) {
    faults.push(
      `${device.name} was sent the candidates ${numbers} of ${device === caller ? callee.name : caller.name}`,
    );
  }
  const negotiations = frames.flatMap(({ message }) =>
    message.type === 'call:offer' && message.data.negotiationId !== undefined ? [message.data.negotiationId] : [],
  );
  if (new Set(negotiations).size < negotiations.length) faults.push(`${device.name} got negotiations ${negotiations}`);
  return faults;
}

const isCandidate = (message: ServerMessage) => message.type === 'call:ice_candidate';

function bySession(frames: readonly Received[]): Received[][] {
  return [...Map.groupBy(frames, ({ session }) => session).values()];
}

/** Frames of calls that were over before: only a plain device may be told such an end again, on a new socket (DS-3). */
export function faultsOfLateFrames(device: Device, overBefore: ReadonlyMap<string, number>): string[] {
  return device.received.flatMap(({ message, session }) => {
    const toldIn = overBefore.get(callOf(message) ?? '');
    if (toldIn === undefined || ANSWERS.has(message.type)) return [];
    if (!device.extended && isEnd(message) && session > toldIn) return [];
    return [`${device.name} was sent ${message.type} of a call that was over in the round before`];
  });
}
