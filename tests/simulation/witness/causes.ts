/** Why a call ended, worked out from the state before and what the end says of itself. */

import {
  type CallState,
  type Ended,
  type Endpoint,
  isPlain,
  type LiveCall,
  type Millis,
  type Ringing,
  type UserId,
  userOf,
} from '@ringdown/call';
import type { Commit } from '@ringdown/server/core';
import { isHeir, seatOf } from './seats.ts';
import type { Cause } from './step.ts';
import { callerGraceEnd, connectBy, DEVICE_GRACE, endsBy, refusedBy } from './times.ts';
import { fail } from './violation.ts';

/** Whether a call of this commit ended because one of its people went into another call of the commit. */
export function isLeft(before: LiveCall, after: CallState, { calls }: Commit): boolean {
  if (after.phase !== 'ended') return false;
  if (after.endedAt >= endsBy(before)) return false;
  const last = calls[calls.length - 1];
  return last !== undefined && last !== after;
}

/** Why a call ended, from the state before and what the end says of itself. Fails when the two do not go together. */
export function causeOf(before: LiveCall | undefined, after: Ended, commit: Commit, left: boolean): Cause {
  const { callId, endedAt, endedBy, outcome, reason } = after;
  const word = outcome.caller;
  if (before === undefined) {
    if (endedBy !== 'service' || endedAt !== after.startedAt)
      fail('HI-1', `${callId} never rang and did not end at once`);
    if (word === null) return outcome.callee === null ? 'busyAtOnce' : fail('HI-1', `${callId} is in half a history`);
    if (word === 'busy') return 'busyAtOnce';
    return word === 'unavailable' ? 'unavailableAtOnce' : fail('HI-1', `${callId} never rang and is called ${word}`);
  }
  if (word === null || outcome.callee !== word)
    fail('HI-1', `the sides of ${callId} were told ${word}, ${outcome.callee}`);
  const due = endsBy(before);
  if (endedAt > due) fail('I9', `${callId} ended ${endedAt - due} ms later than it should have`);
  if (endedAt === due) return timedCause(before, after, due);
  if (left) {
    const leaver = endedBy === 'service' ? fail('I4', `nobody left ${callId}`) : after[endedBy].id;
    if (!commit.by || userOf(commit.by.endpoint) !== leaver)
      fail('I4', `${callId} was left by somebody who did not act`);
    if (before.phase === 'ringing' && endedBy === 'callee') return expect(after, word === 'busy', 'dialledAway');
    if (reason === 'replaced') {
      return expect(after, word === 'replaced' && mayReplace(before, leaver, commit.by.endpoint), 'replaced');
    }
    return expect(
      after,
      reason === 'answered_another' && word === (before.phase === 'active' ? 'completed' : 'cancelled'),
      'answeredAnother',
    );
  }
  const actor = commit.by?.endpoint;
  const side = actor === undefined ? undefined : userOf(actor) === before.caller.id ? 'caller' : 'callee';
  if (endedBy !== 'service' && side !== undefined && side !== endedBy)
    fail('I4', `${callId} was ended in another's name`);
  if (before.phase === 'active') {
    const seated = actor === undefined || (endedBy !== 'service' && actor === seatOf(before, endedBy, commit));
    return expect(after, word === 'completed' && seated, 'completed');
  }
  switch (word) {
    case 'cancelled':
      return expect(after, endedBy === 'caller' && (!actor || actor === seatOf(before, 'caller', commit)), 'cancelled');
    case 'rejected':
      return expect(after, endedBy === 'callee', 'rejected');
    case 'unavailable':
      return expect(after, endedBy === 'service' && side === 'callee', 'forbidden');
    case 'busy':
    case 'failed':
      return expect(
        after,
        endedBy === 'callee' && actor !== undefined && isLastToSpeak(before, actor, endedAt),
        'deviceRefusals',
      );
    default:
      return fail('HI-1', `${callId} rang and is called ${word}`);
  }
}

function expect({ callId, endedBy, reason, outcome }: Ended, holds: boolean, cause: Cause): Cause {
  if (!holds) fail('I4', `${callId} cannot have ended as ${outcome.caller} by the ${endedBy} (${reason})`);
  return cause;
}

/**
 * Whether an offer from this endpoint ends a call that its user dialled or answered (GL-2): it held the call itself, or
 * took over from a plain socket that is lost, or the call cannot move to it since its peer knows nothing of that.
 */
function mayReplace(before: LiveCall, leaver: UserId, actor: Endpoint): boolean {
  if (before.phase === 'ringing') return before.caller.id === leaver;
  const [seat, peer] =
    before.caller.id === leaver ? [before.callerSeat, before.calleeSeat] : [before.calleeSeat, before.callerSeat];
  if (seat.endpoint === actor || isHeir(seat, actor)) return true;
  return !isPlain(actor) && (isPlain(peer.endpoint) || !peer.capabilities.includes('renegotiate'));
}

/** An end that time brought; of limits that run out together any may be named. */
function timedCause(before: LiveCall, after: Ended, due: Millis): Cause {
  const { callId, endedBy } = after;
  const word = after.outcome.caller;
  if (before.phase === 'active') {
    if (word === 'failed' && connectBy(before) === due) return expect(after, endedBy === 'service', 'connectTimeout');
    return expect(after, word === 'connection_lost' && endedBy === 'service', 'lost');
  }
  if (word === 'connection_lost' && callerGraceEnd(before) === due) return expect(after, endedBy === 'service', 'lost');
  if (word === 'no_answer' && before.ringUntil === due) return expect(after, endedBy === 'service', 'ringTimeout');
  if ((word === 'busy' || word === 'failed') && refusedBy(before) === due)
    return expect(after, endedBy === 'callee', 'deviceRefusals');
  return fail('I9', `${callId} ran out of time and is called ${word}`);
}

/** Whether nobody is left ringing once this device has spoken (RJ-2). */
function isLastToSpeak({ devices, callee }: Ringing, actor: Endpoint, at: Millis): boolean {
  if (userOf(actor) !== callee.id || devices[actor]?.said !== undefined) return false;
  for (const key in devices) {
    const device = devices[key as Endpoint];
    if (!device || key === actor || device.said !== undefined) continue;
    if (device.goneAt === undefined || device.goneAt + DEVICE_GRACE > at) return false;
  }
  return true;
}
