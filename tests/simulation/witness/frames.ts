/** Who may be sent what, of whom, and in which order. */

import { type Active, type Effect, type Endpoint, isPlain, type Millis, type Seat, userOf } from '@ringdown/call';
import type { ServerMessage } from '@ringdown/protocol';
import type { Commit } from '@ringdown/server/core';
import { checkEnd } from './ends.ts';
import { seatOf } from './seats.ts';
import { type Step, stepOf } from './step.ts';
import { SHORTEST_REPLAY } from './times.ts';
import { fail } from './violation.ts';

/** The types a plain session knows; the acknowledgement is asked for by an `id`. */
const PLAIN_TYPES: ReadonlySet<string> = new Set([
  'call:offer',
  'call:answer',
  'call:ice_candidate',
  'call:hang_up',
  'call:reject',
  'call:busy',
  'call:not_available',
  'call:timeout',
  'ack',
]);
/** Fields of the extended protocol that would confuse a plain session. */
const EXTENDED_FIELDS = ['negotiationId', 'renegotiation', 'polite', 'takeover', 'candidates'] as const;

export function checkEffect(effect: Effect, steps: readonly Step[], commit: Commit): void {
  switch (effect.type) {
    case 'send':
      return checkFrame(effect.to, effect.message, effect.ringUntil, steps, commit);
    case 'sendCandidates':
      return checkCandidates(effect, steps, commit);
    case 'record': {
      const step = stepOf(steps, effect.record.callId);
      if (!step) fail('HI-1', `a record of ${effect.record.callId} was written, which this commit does not touch`);
      if (step.record) fail('HI-1', `the record of ${effect.record.callId} was written twice`);
      step.record = effect.record;
      return;
    }
    case 'moveCandidates':
      if (userOf(effect.from) !== userOf(effect.to)) fail('I6', `candidates of ${effect.from} went to ${effect.to}`);
      return;
    case 'dropCandidates':
    case 'quality':
      return;
  }
}

function checkFrame(
  to: Endpoint,
  message: ServerMessage,
  ringUntil: Millis | undefined,
  steps: readonly Step[],
  commit: Commit,
): void {
  const { type, data } = message;
  if (type === 'ack') {
    if (to !== commit.by?.endpoint) fail('I6', `${to} got an acknowledgement of what it did not ask for`);
    const about = data.callId === undefined ? undefined : stepOf(steps, data.callId);
    if (about?.told.includes(to)) fail('OF-3', `${to} learnt which call it asked for after the end of ${data.callId}`);
    return;
  }
  const plain = isPlain(to);
  if (plain) {
    if (!PLAIN_TYPES.has(type)) fail('plain contract', `${to} was sent ${type}`);
    for (const field of EXTENDED_FIELDS)
      if (field in data) fail('plain contract', `${to} was sent ${type} with ${field}`);
  }
  const callId = 'callId' in data ? data.callId : undefined;
  const step = callId === undefined ? undefined : stepOf(steps, callId);
  if (!step) fail('I3', `${to} was sent ${type} of a call that this commit does not touch`);
  const { before, after, out, told } = step;
  if (before?.phase === 'ended') fail('I3', `${to} was sent ${type} after the end of ${callId}`);
  const toCaller = userOf(to) === after.caller.id;
  if (!toCaller && userOf(to) !== after.callee.id)
    fail('I6', `${to} was sent ${type} of ${callId}, which is not its call`);
  if (told.includes(to)) fail('I4', `${to} was sent ${type} after its end of ${callId}`);
  if (out.includes(to) && !(after.phase === 'active' && isSeated(after, to)) && to !== commit.by?.endpoint) {
    fail('I4', `${to} was sent ${type}, and had heard the end of ${callId}`);
  }
  switch (message.type) {
    case 'call:offer':
      return message.data.renegotiation
        ? checkNegotiation(to, message.data, step)
        : checkRing(to, message.data, ringUntil, step, commit);
    case 'call:answer':
      return checkAnswer(to, message.data, step, commit);
    case 'call:hang_up':
    case 'call:reject':
    case 'call:busy':
    case 'call:timeout':
    case 'call:not_available':
      checkEnd(to, toCaller, message, step);
      told.push(to);
      return;
    case 'call:ringing': {
      if (after.phase !== 'ringing' || to !== after.callerSeat.endpoint)
        fail('I5', `${to} was told that ${callId} rings`);
      let ringing = 0;
      for (const key in after.devices) {
        const device = after.devices[key as Endpoint];
        if (device?.rang && device.said === undefined) ringing += 1;
      }
      if (message.data.devices !== ringing) fail('I5', `${message.data.devices} devices of ${callId} do not ring`);
      return;
    }
    case 'call:accepting_elsewhere':
      if (after.phase !== 'ringing' || toCaller || to === commit.by?.endpoint)
        fail('I5', `${to} was told who accepts ${callId}`);
      if (after.devices[to] === undefined || after.devices[to].said !== undefined)
        fail('I6', `${to} does not ring in ${callId}`);
      return;
    case 'call:peer_state': {
      const peer = insider(to, toCaller, step, type);
      const goneNow = peer.after.goneAt !== undefined;
      if ((message.data.state === 'reconnecting') !== goneNow)
        fail('I7', `${to} was told wrongly that its peer is ${message.data.state}`);
      return;
    }
    case 'call:media_state':
      insider(to, toCaller, step, type);
      if (message.data.senderId !== (toCaller ? after.callee.id : after.caller.id))
        fail('I7', `${to} heard of its own media`);
      return;
    default:
      return fail('I5', `${to} was sent ${type} by a commit`);
  }
}

/** That a frame of a running call goes to one of its two seats. @returns the seat of the other side */
function insider(to: Endpoint, toCaller: boolean, { before, after }: Step, type: string): { after: Seat } {
  const call = after.phase === 'active' ? after : before;
  if (call?.phase !== 'active') fail('I5', `${to} was sent ${type} before the answer of ${after.callId}`);
  const [mine, peer] = toCaller ? [call.callerSeat, call.calleeSeat] : [call.calleeSeat, call.callerSeat];
  if (mine.endpoint !== to) fail('I6', `${to} was sent ${type} of ${after.callId}, and has no seat`);
  // An heir that took the seat only to hang up was back for that moment.
  return { after: after.phase === 'active' ? peer : { endpoint: peer.endpoint, language: 'en', capabilities: [] } };
}

function isSeated(state: Active, endpoint: Endpoint): boolean {
  return state.callerSeat.endpoint === endpoint || state.calleeSeat.endpoint === endpoint;
}

type Data<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>['data'];

/** An offer that rings goes to the devices of the callee, at the begin or when one joins (OF-4, RI-2). */
function checkRing(
  to: Endpoint,
  data: Data<'call:offer'>,
  ringUntil: Millis | undefined,
  step: Step,
  { by }: Commit,
): void {
  const { before, after, rung } = step;
  const { callId } = after;
  if (after.phase !== 'ringing') fail('I5', `${to} was sent the offer of ${callId}, which does not ring`);
  if (data.senderId !== after.caller.id || data.senderInfo.id !== after.caller.info.id)
    fail('I7', `${callId} does not say who calls`);
  if (userOf(to) !== after.callee.id) fail('I6', `${to} was sent the offer of ${callId}`);
  if (data.offer !== after.offer && data.offer.sdp !== after.offer.sdp)
    fail('I7', `${to} was sent another offer in ${callId}`);
  if (ringUntil !== after.ringUntil) fail('I9', `the offer of ${callId} rings until another time than the call`);
  const device = after.devices[to];
  if (!device || device.said !== undefined || device.goneAt !== undefined)
    fail('I4', `${to} was rung and does not ring in ${callId}`);
  if (rung.includes(to)) fail('I8', `${to} was rung twice at once in ${callId}`);
  if (before && (to !== by?.endpoint || data.replayed !== true)) fail('I6', `${to} was rung again in ${callId}`);
  if (!before && data.replayed !== undefined) fail('I7', `the first offer of ${callId} claims to be a replay`);
  if (before && after.ringUntil - SHORTEST_REPLAY < Date.parse(data.timestamp))
    fail('I9', `${to} was rung too late in ${callId}`);
  rung.push(to);
}

/** An offer inside a call goes to the other seat, and says who yields (RN-1, RN-2). */
function checkNegotiation(to: Endpoint, data: Data<'call:offer'>, { before, after }: Step): void {
  const { callId } = after;
  if (before?.phase !== 'active' || after.phase !== 'active' || !after.negotiation) {
    return fail('I5', `${to} was sent an offer inside ${callId}, which has no negotiation`);
  }
  const { id, by } = after.negotiation;
  if (data.negotiationId !== id)
    fail('RN-2', `${to} was sent negotiation ${data.negotiationId} of ${callId}, not ${id}`);
  const peer = by === 'caller' ? after.calleeSeat : after.callerSeat;
  if (to !== peer.endpoint) fail('I6', `the offer inside ${callId} went to ${to}`);
  if (data.senderId !== after[by].id || data.senderInfo.id !== after[by].info.id)
    fail('I7', `the offer inside ${callId} does not say whose it is`);
  if (data.polite !== (by === 'caller')) fail('RN-2', `both or none yield in ${callId}`);
  const seat = by === 'caller' ? 'callerSeat' : 'calleeSeat';
  if (after[seat].endpoint !== before[seat].endpoint && data.takeover !== true)
    fail('I7', `the offer inside ${callId} does not say that it comes from another device`);
}

/** The answer: one that wins, and to who dialled (AN-1); again only to a caller that came back without it (RI-2). */
function checkAnswer(to: Endpoint, data: Data<'call:answer'>, { before, after, answered }: Step, commit: Commit): void {
  const { callId } = after;
  if (data.negotiationId !== undefined) {
    const asked = before?.phase === 'active' ? before.negotiation : undefined;
    if (before?.phase !== 'active' || asked?.id !== data.negotiationId) {
      return fail('RN-2', `negotiation ${data.negotiationId} of ${callId} was answered and is not open`);
    }
    if (after.phase === 'active' && after.negotiation)
      fail('RN-2', `negotiation ${asked.id} of ${callId} is open after its answer`);
    const [offerer, answerer] =
      asked.by === 'caller' ? (['callerSeat', 'callee'] as const) : (['calleeSeat', 'caller'] as const);
    if (to !== before[offerer].endpoint) fail('I6', `an answer inside ${callId} went to ${to}`);
    if (data.senderId !== after[answerer].id || data.responderInfo.id !== after[answerer].info.id)
      fail('I7', `an answer inside ${callId} does not say whose it is`);
    return;
  }
  if (data.senderId !== after.callee.id || data.responderInfo.id !== after.callee.info.id)
    fail('I7', `the answer of ${callId} does not say whose it is`);
  const answer = after.phase === 'active' ? after.answer : before?.phase === 'active' ? before.answer : undefined;
  if (!answer) return fail('I5', `${to} was sent an answer of ${callId}, which is not answered`);
  if (data.answer !== answer && data.answer.sdp !== answer.sdp)
    fail('I1', `${to} was sent another answer than the one that won ${callId}`);
  const seat =
    after.phase === 'active'
      ? after.callerSeat.endpoint
      : before?.phase === 'active'
        ? seatOf(before, 'caller', commit)
        : undefined;
  if (to !== seat) fail('I1', `the answer of ${callId} went to ${to}, which did not dial`);
  if (before?.phase === 'active' && to !== commit.by?.endpoint)
    fail('I1', `${to} was sent the answer of ${callId} again`);
  answered.push(to);
}

/** Candidates that were kept: after the offer or answer they belong to, from and to the ends of the call alone. */
function checkCandidates(
  { callId, from, to }: Effect & { type: 'sendCandidates' },
  steps: readonly Step[],
  commit: Commit,
): void {
  const step = stepOf(steps, callId);
  if (!step) return fail('I3', `candidates of ${callId} were sent, which this commit does not touch`);
  const { before, after, answered, rung } = step;
  const call = after.phase === 'ended' ? before : after;
  if (!call || call.phase === 'ended') return fail('I3', `candidates were sent after the end of ${callId}`);
  const callerSeat = seatOf(call, 'caller', commit);
  if (userOf(from) === call.caller.id) {
    if (from !== callerSeat) fail('I6', `candidates of ${from} were sent, which did not dial ${callId}`);
    if (call.phase === 'ringing' ? !rung.includes(to) : to !== seatOf(call, 'callee', commit)) {
      fail('I8', `${to} was sent candidates of ${callId} without the offer before them`);
    }
    return;
  }
  if (call.phase === 'ringing') return fail('I5', `candidates of ${from} were sent before the answer of ${callId}`);
  if (from !== seatOf(call, 'callee', commit))
    fail('I6', `candidates of ${from} were sent, which did not answer ${callId}`);
  if (to !== callerSeat) fail('I6', `${to} was sent candidates of ${callId}`);
  if (!answered.includes(to)) fail('I8', `${to} was sent candidates of ${callId} without the answer before them`);
}
