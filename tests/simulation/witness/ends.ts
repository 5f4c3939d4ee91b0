/** Who must hear an end, and in which words. */

import { type Ended, type Endpoint, type Ringing, type UserId, userOf } from '@ringdown/call';
import type { ServerMessage } from '@ringdown/protocol';
import type { Commit } from '@ringdown/server/core';
import { isHeir, listeners, seatOf } from './seats.ts';
import type { Step } from './step.ts';
import { endsBy, lostBy } from './times.ts';
import { fail } from './violation.ts';

/** What an end says: type, reason and sender follow from why the call ended, or why it ended for this endpoint. */
export function checkEnd(to: Endpoint, toCaller: boolean, message: ServerMessage, step: Step): void {
  const { before, after, cause } = step;
  const { callId, caller, callee } = after;
  const { type, data } = message;
  const reason = 'reason' in data ? data.reason : undefined;
  const sender = 'senderId' in data ? data.senderId : undefined;
  const is = (expected: string, word: string | undefined, from: UserId | undefined): void => {
    if (type !== expected || reason !== word)
      fail('I4', `${to} was told ${type}(${reason}) at the end of ${callId}, not ${expected}(${word})`);
    if (sender !== from) fail('I7', `${type} of ${callId} names ${sender}, not ${from}`);
  };
  if (cause === undefined) {
    if (before?.phase === 'ringing' && after.phase === 'active') {
      if (toCaller) fail('I4', `${to} was told ${type} while ${callId} was answered`);
      return is('call:hang_up', 'answered_elsewhere', callee.id);
    }
    if (before?.phase === 'active' && after.phase === 'active') return is('call:hang_up', 'takeover', userOf(to));
    return fail('I4', `${to} was told ${type} of ${callId}, which goes on`);
  }
  switch (cause) {
    case 'busyAtOnce':
      return is('call:busy', undefined, callee.id);
    case 'unavailableAtOnce':
      return isUnavailable();
    case 'lost': {
      const first =
        before?.phase === 'active' &&
        lostBy(before.calleeSeat, before.callerSeat) < lostBy(before.callerSeat, before.calleeSeat);
      return is('call:hang_up', 'connection_lost', first ? callee.id : caller.id);
    }
    case 'deviceRefusals': {
      if (!toCaller) return is('call:hang_up', 'rejected_elsewhere', callee.id);
      const { outcome, reason: word } = after as Ended;
      return outcome.caller === 'busy' ? is('call:busy', undefined, callee.id) : is('call:reject', word, callee.id);
    }
    case 'ringTimeout':
    case 'connectTimeout': {
      is('call:timeout', undefined, caller.id);
      const stage = cause === 'ringTimeout' ? 'ring' : 'connect';
      if (message.type === 'call:timeout' && (message.data.stage !== stage || message.data.receiverId !== callee.id)) {
        fail('I4', `${to} was told another timeout of ${callId}`);
      }
      return;
    }
    case 'replaced':
    case 'answeredAnother': {
      const leaver = (after as Ended).endedBy === 'caller' ? caller.id : callee.id;
      return is('call:hang_up', cause === 'replaced' ? 'replaced' : 'answered_another', leaver);
    }
    case 'dialledAway':
      return toCaller ? is('call:busy', undefined, callee.id) : is('call:hang_up', 'rejected_elsewhere', callee.id);
    case 'cancelled':
      return is('call:hang_up', 'cancelled', caller.id);
    case 'rejected':
      if (!toCaller) return is('call:hang_up', 'rejected_elsewhere', callee.id);
      return is(type === 'call:reject' ? 'call:reject' : 'call:hang_up', (after as Ended).reason, callee.id);
    case 'forbidden':
      return toCaller ? isUnavailable() : is('call:hang_up', 'not_allowed', caller.id);
    case 'completed':
      return is('call:hang_up', (after as Ended).reason, (after as Ended).endedBy === 'caller' ? caller.id : callee.id);
  }

  function isUnavailable(): void {
    is('call:not_available', undefined, undefined);
    if (message.type === 'call:not_available' && message.data.receiverId !== callee.id)
      fail('I7', `${to} was told that another is away`);
  }
}

/** Every device that was added to a ring was sent its offer, or has just spoken for itself. */
export function checkRung({ before, after, rung }: Step): void {
  if (after.phase !== 'ringing') return;
  const known = before?.phase === 'ringing' ? before.devices : undefined;
  if (known === after.devices) return;
  for (const key in after.devices) {
    if (known?.[key as Endpoint] || rung.includes(key as Endpoint)) continue;
    if (after.devices[key as Endpoint]?.said === undefined)
      fail('I4', `${key} counts as ringing in ${after.callId} and was sent no offer`);
  }
}

/** I1: the commit that answers a call sends the answer exactly once. */
export function checkAnswered({ before, after, answered }: Step, commit: Commit): void {
  if (answered.length > 1) fail('I1', `the answer of ${after.callId} was sent ${answered.length} times at once`);
  if (before?.phase === 'ringing' && after.phase === 'active' && answered.length !== 1) {
    fail('I1', `${after.callId} was answered, and its caller was not told`);
  }
  // A plain socket that takes the caller's seat knows nothing of the answer.
  if (before?.phase !== 'active' || after.phase !== 'active') return;
  const heir = commit.by?.endpoint;
  if (heir && isHeir(before.callerSeat, heir) && after.callerSeat.endpoint === heir && answered.length !== 1) {
    fail('I1', `${heir} took the caller's place in ${after.callId} and was not given the answer`);
  }
}

/** I4: exactly those hear an end who believe in the call; `told` holds each at most once already. */
export function checkTold(step: Step, commit: Commit): void {
  const { before, after, told, cause } = step;
  const { callId } = after;
  if (before?.phase === 'ended') return;
  let expected = 0;
  const must = (endpoint: Endpoint): void => {
    expected += 1;
    if (!told.includes(endpoint))
      fail('I4', `${endpoint} was not told the end of ${callId} (${cause ?? 'which goes on'})`);
  };
  if (cause !== undefined) {
    const actor = commit.by?.endpoint;
    const own =
      actor !== undefined &&
      (cause === 'cancelled' ||
        cause === 'rejected' ||
        cause === 'completed' ||
        (cause === 'deviceRefusals' && (after as Ended).endedAt < endsBy(before as Ringing)));
    const except = own ? actor : undefined;
    if (before === undefined) {
      if (actor !== undefined) must(actor);
    } else {
      const callerSeat = own ? seatOf(before, 'caller', commit) : before.callerSeat.endpoint;
      if (callerSeat !== undefined && callerSeat !== except) must(callerSeat);
      if (before.phase === 'active') {
        const calleeSeat = own ? seatOf(before, 'callee', commit) : before.calleeSeat.endpoint;
        if (calleeSeat !== undefined && calleeSeat !== except) must(calleeSeat);
      } else {
        for (const endpoint of listeners(before)) if (endpoint !== except) must(endpoint);
      }
    }
  } else if (before?.phase === 'ringing' && after.phase === 'active') {
    for (const endpoint of listeners(before)) if (endpoint !== after.calleeSeat.endpoint) must(endpoint);
  } else if (before?.phase === 'active' && after.phase === 'active') {
    for (const seat of ['callerSeat', 'calleeSeat'] as const) {
      if (before[seat].endpoint !== after[seat].endpoint && !isHeir(before[seat], after[seat].endpoint))
        must(before[seat].endpoint);
    }
  }
  if (told.length !== expected)
    fail('I4', `${told.join(', ')} were told the end of ${callId} (${cause ?? 'which goes on'})`);
}
