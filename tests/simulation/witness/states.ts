/** What may and what may not change from one state of a call to the next. */

import {
  type Active,
  type CallId,
  type CallState,
  type Endpoint,
  isPlain,
  type LiveCall,
  type Millis,
  type Ringing,
  type Seat,
  userOf,
} from '@ringdown/call';
import type { Commit } from '@ringdown/server/core';
import { isHeir } from './seats.ts';
import type { Step } from './step.ts';
import { ACCEPTING_HOLD, CONNECT_WITHIN, endsBy, LONGEST_RING, NEGOTIATE_WITHIN, refusedBy } from './times.ts';
import { fail } from './violation.ts';

/** What may and what may not change from one state of a call to the next. */
export function checkStates({ before, after }: Step, commit: Commit, now: Millis): void {
  const { callId, timeline } = after;
  if (before) {
    if (before.phase === 'ended' && before !== after) fail('I3', `${callId} changed after its end`);
    checkIdentity(before, after);
    if (before.phase === 'active' && after.phase === 'ringing') fail('I3', `${callId} rings again after its answer`);
  } else if (after.phase === 'active') {
    fail('I1', `${callId} began answered`);
  } else if (after.startedAt > now) {
    fail('HI-1', `${callId} began in the future`);
  } else if (!commit.by || userOf(commit.by.endpoint) !== after.caller.id) {
    fail('I7', `${callId} was begun in another's name`);
  }
  checkTimeline(before?.timeline, timeline, callId, after.phase === 'ended');
  if (after.phase === 'ringing') checkRinging(before as Ringing | undefined, after, commit);
  if (after.phase === 'active' && before !== undefined && before.phase !== 'ended') checkActive(before, after, commit);
}

function checkIdentity(before: CallState, after: CallState): void {
  if (
    before.caller !== after.caller &&
    (before.caller.id !== after.caller.id || before.caller.info.id !== after.caller.info.id)
  )
    fail('identity', `${after.callId} has another caller now`);
  if (
    before.callee !== after.callee &&
    (before.callee.id !== after.callee.id || before.callee.info.id !== after.callee.info.id)
  )
    fail('identity', `${after.callId} has another callee now`);
  if (before.startedAt !== after.startedAt) fail('identity', `${after.callId} began at another time now`);
  if (before.callType !== after.callType) fail('identity', `${after.callId} is of another type now`);
  if (before.conversationId !== after.conversationId)
    fail('identity', `${after.callId} is of another conversation now`);
  if (before.ringingAt !== undefined && before.ringingAt !== after.ringingAt) {
    fail('identity', `${after.callId} rang at another time now`);
  }
}

function checkTimeline(
  before: CallState['timeline'] | undefined,
  after: CallState['timeline'],
  callId: CallId,
  isOver: boolean,
): void {
  const length = before?.length ?? 0;
  if (after.length < length || (length > 0 && !isSameStep(after[length - 1], before?.[length - 1]))) {
    fail('HI-2', `the timeline of ${callId} lost a step`);
  }
  for (let n = Math.max(1, length); n < after.length; n += 1) {
    if ((after[n]?.at ?? 0) < (after[n - 1]?.at ?? 0)) fail('HI-2', `the timeline of ${callId} goes back in time`);
    if (after[n - 1]?.what === 'ended') fail('HI-2', `the timeline of ${callId} goes on after the end`);
  }
  if ((after[after.length - 1]?.what === 'ended') !== isOver)
    fail('HI-2', `the timeline of ${callId} does not end with it`);
}

/** The same object, or the same step written down and read again. */
function isSameStep(one: CallState['timeline'][number] | undefined, other: typeof one): boolean {
  return one === other || (one?.at === other?.at && one?.what === other?.what && one?.who === other?.who);
}

function checkRinging(before: Ringing | undefined, after: Ringing, { by }: Commit): void {
  const { callId, callerSeat, devices, ringUntil, startedAt, callee } = after;
  if (!(ringUntil <= startedAt + LONGEST_RING + ACCEPTING_HOLD)) fail('I9', `${callId} rings too long`);
  if (refusedBy(after) === Number.NEGATIVE_INFINITY) fail('I9', `${callId} rings although every device has spoken`);
  for (const key in devices) {
    if (userOf(key as Endpoint) !== callee.id) fail('I6', `${callId} rings at ${key}`);
  }
  if (before === undefined) {
    if (by && callerSeat.endpoint !== by.endpoint)
      fail('I6', `${callId} was dialled by ${by.endpoint}, not by its seat`);
    return;
  }
  if (ringUntil < before.ringUntil) fail('I9', `${callId} rings shorter than it did`);
  if (ringUntil !== before.ringUntil && (before.acceptingBy !== undefined || after.acceptingBy === undefined)) {
    fail('I9', `the ring of ${callId} was held without a device that accepts, or twice`);
  }
  if (before.acceptingBy !== undefined && after.acceptingBy !== before.acceptingBy) {
    fail('I9', `the ring of ${callId} is held by another device now`);
  }
  if (before.offer !== after.offer && before.offer.sdp !== after.offer.sdp)
    fail('identity', `${callId} has another offer now`);
  if (callerSeat !== before.callerSeat) checkSeat(before.callerSeat, callerSeat, callId, by?.endpoint, false);
  if (devices === before.devices) return;
  for (const key in before.devices) {
    const [was, is] = [before.devices[key as Endpoint], devices[key as Endpoint]];
    if (!is) fail('I4', `${callId} has forgotten that it rang at ${key}`);
    if (was?.said !== undefined && is.said !== was.said) fail('I4', `${key} did not say ${is.said} in ${callId}`);
    if (was?.goneAt !== undefined && is.goneAt !== undefined && is.goneAt > was.goneAt) {
      fail('I9', `${callId} waits for ${key} anew`);
    }
  }
}

function checkActive(before: LiveCall, after: Active, { by, effects }: Commit): void {
  const { callId, callerSeat, calleeSeat, negotiation } = after;
  if (userOf(callerSeat.endpoint) !== after.caller.id)
    fail('I6', `the caller of ${callId} sits at ${callerSeat.endpoint}`);
  if (userOf(calleeSeat.endpoint) !== after.callee.id)
    fail('I6', `the callee of ${callId} sits at ${calleeSeat.endpoint}`);
  if (before.phase === 'ringing') {
    if (calleeSeat.endpoint !== by?.endpoint)
      fail('I1', `${callId} was answered by ${calleeSeat.endpoint}, which did not act`);
    if (before.devices[calleeSeat.endpoint]?.said !== undefined)
      fail('I1', `${calleeSeat.endpoint} answered after its no`);
    if (callerSeat.endpoint !== before.callerSeat.endpoint) fail('I1', `the answer of ${callId} moved its caller`);
    if (after.answeredAt >= endsBy(before)) fail('I9', `${callId} was answered after its time`);
    if ((after.connectBy === undefined) !== (isPlain(callerSeat.endpoint) && isPlain(calleeSeat.endpoint))) {
      fail('I9', `${callId} does not wait for its media as it should`);
    }
    if (after.connectBy !== undefined && after.connectBy > after.answeredAt + CONNECT_WITHIN) {
      fail('I9', `${callId} waits too long for its media`);
    }
    return;
  }
  if (before.answeredAt !== after.answeredAt) fail('identity', `${callId} was answered at another time now`);
  if (before.answer !== after.answer && before.answer.sdp !== after.answer.sdp)
    fail('I1', `${callId} has another answer now`);
  if (before.connectedAt !== undefined && before.connectedAt !== after.connectedAt) {
    fail('identity', `${callId} was connected at another time now`);
  }
  if (before.connectBy !== undefined && after.connectBy === undefined && after.connectedAt === undefined) {
    fail('I9', `${callId} does not wait for its media any more`);
  }
  if (after.connectBy !== undefined && after.connectBy !== before.connectBy)
    fail('I9', `${callId} waits anew for its media`);
  if (callerSeat !== before.callerSeat) checkSeat(before.callerSeat, callerSeat, callId, by?.endpoint, true);
  if (calleeSeat !== before.calleeSeat) checkSeat(before.calleeSeat, calleeSeat, callId, by?.endpoint, true);
  if (negotiation !== undefined && negotiation.id !== before.negotiation?.id) {
    if (negotiation.id !== before.negotiations + 1)
      fail('RN-2', `negotiation ${negotiation.id} of ${callId} is out of turn`);
    if (after.negotiations !== negotiation.id) fail('RN-2', `${callId} lost count of its negotiations`);
    const openedAt = negotiation.until - NEGOTIATE_WITHIN;
    // Whoever goes on elsewhere, or after a reload, knows nothing of what is open (GL-2).
    const takenOver = effects.some((effect) => effect.type === 'send' && 'takeover' in effect.message.data);
    if (negotiation.by === 'callee' && before.negotiation && before.negotiation.until > openedAt && !takenOver) {
      fail('RN-2', `the callee of ${callId} opened a second negotiation`);
    }
    if (by?.endpoint !== (negotiation.by === 'caller' ? callerSeat : calleeSeat).endpoint) {
      fail('I7', `a negotiation of ${callId} was opened in another's name`);
    }
  } else if (after.negotiations !== before.negotiations) {
    fail('RN-2', `${callId} lost count of its negotiations`);
  }
}

/** A seat keeps its endpoint, but for a plain heir or a takeover; and the earliest loss of its socket counts (DS-1). */
function checkSeat(before: Seat, after: Seat, callId: CallId, actor: Endpoint | undefined, mayMove: boolean): void {
  if (before.endpoint === after.endpoint) {
    if (before.goneAt !== undefined && after.goneAt !== undefined && after.goneAt > before.goneAt) {
      fail('I9', `${callId} waits for ${after.endpoint} anew`);
    }
    if (after.leaving && after.goneAt === undefined) fail('I9', `${after.endpoint} of ${callId} is there and has left`);
    return;
  }
  if (userOf(before.endpoint) !== userOf(after.endpoint)) fail('I6', `a seat of ${callId} went to another person`);
  if (after.endpoint !== actor) fail('I6', `a seat of ${callId} went to ${after.endpoint}, which did not act`);
  if (isHeir(before, after.endpoint)) return;
  if (!mayMove || isPlain(after.endpoint)) fail('I6', `${after.endpoint} took a seat of ${callId} that was not free`);
}
