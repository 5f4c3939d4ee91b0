/** What the callee's devices can say to a ring: it is here, it is waking up, no, and yes. */

import { end, ringingDevices } from './ending.ts';
import type { ClientEvent, Effect } from './events.ts';
import { type Endpoint, isPlain, type Millis } from './ids.ts';
import {
  acceptingElsewhereMessage,
  answerMessage,
  busyMessage,
  hangUpMessage,
  notAvailableMessage,
  rejectMessage,
  ringingMessage,
} from './messages.ts';
import type { Role } from './role.ts';
import {
  type Active,
  type Device,
  GRACE,
  type LiveCall,
  type Refusal,
  type Ringing,
  refusalsSettleAt,
} from './state.ts';
import { identityOf, OK, refused, type Step, send, stay } from './step.ts';
import { noted } from './timeline.ts';

/** An answer (AN-1, AN-2). */
export function onAnswer(state: LiveCall, event: ClientEvent & { type: 'answer' }, role: Role, now: Millis): Step {
  if (role === 'caller' || role === 'callerOther') return stay(state, refused('not_participant'));
  if (state.phase === 'active') return stay(state, tooLate(role));
  if (state.devices[event.from]?.said !== undefined) return stay(state, refused('invalid_state'));
  if (!event.allowed) {
    const ended = end(
      state,
      now,
      { by: 'service', outcome: 'unavailable', reason: 'unavailable' },
      {
        caller: notAvailableMessage(state, state.callerSeat.language),
        device: () => hangUpMessage(state, state.caller.id, 'not_allowed', now),
      },
    );
    return { ...ended, reply: refused('not_allowed') };
  }
  const extended = !isPlain(event.from) || !isPlain(state.callerSeat.endpoint);
  const active: Active = {
    phase: 'active',
    ...identityOf(noted(state, { at: now, who: 'callee', what: 'answered' })),
    ringingAt: state.ringingAt ?? now,
    answer: event.answer,
    answeredAt: now,
    callerSeat: state.callerSeat,
    calleeSeat: { endpoint: event.from, language: event.language, capabilities: event.capabilities },
    ...(extended && { connectBy: now + GRACE.connectMs }),
    negotiations: 0,
    media: {},
    reports: { caller: {}, callee: {} },
  };
  return {
    state: active,
    effects: [
      send(state.callerSeat.endpoint, answerMessage(state, event.answer, now)),
      { type: 'sendCandidates', callId: state.callId, from: event.from, to: state.callerSeat.endpoint },
      ...ringingDevices(state, event.from).map(([device]) =>
        send(device, hangUpMessage(state, state.callee.id, 'answered_elsewhere', now)),
      ),
    ],
    reply: OK,
  };
}

/** What a callee's session hears that speaks of a ring after it was answered. */
function tooLate(role: Role): Step['reply'] {
  return refused(role === 'callee' ? 'invalid_state' : 'answered_elsewhere');
}

/** What a device can say for itself alone; any other reason is a person's no (RJ-1, RJ-2). */
function deviceRefusal(event: ClientEvent & { type: 'reject' | 'busy' }): Refusal | undefined {
  if (event.type === 'busy') return 'busy';
  if (event.byPerson) return undefined;
  const { reason } = event;
  return reason === 'busy' || reason === 'media_error' || reason === 'unsupported' ? reason : undefined;
}

/** A no: of the person (RJ-1) or of one device (RJ-2). */
export function onRefusal(
  state: LiveCall,
  event: ClientEvent & { type: 'reject' | 'busy' },
  role: Role,
  now: Millis,
): Step {
  if (role === 'caller' || role === 'callerOther') return stay(state, refused('not_participant'));
  if (state.phase === 'active') return stay(state, tooLate(role));
  const said = deviceRefusal(event);
  if (said === undefined) {
    const reason = event.type === 'reject' ? event.reason : undefined;
    return end(
      state,
      now,
      { by: 'callee', outcome: 'rejected', ...(reason !== undefined && { reason }) },
      {
        caller: rejectMessage(state, reason, now),
        device: () => hangUpMessage(state, state.callee.id, 'rejected_elsewhere', now),
        except: event.from,
      },
    );
  }
  const before = state.devices[event.from];
  if (before?.said !== undefined) return stay(state);
  const device: Device = { language: event.language, capabilities: event.capabilities, ...before, said };
  const spoken = noted(state, { at: now, who: 'callee', what: 'device_refused', detail: { said }, only: 'callee' });
  const next: Ringing = { ...spoken, devices: { ...state.devices, [event.from]: device } };
  return refusalsSettleAt(next) <= now ? endRefused(next, now) : stay(next);
}

/** No device is left ringing: the caller hears the strongest that was said (RJ-2). */
export function endRefused(state: Ringing, at: Millis): Step {
  const all = Object.values(state.devices).map((device) => device.said);
  const strongest: Refusal = all.includes('busy')
    ? 'busy'
    : all.includes('media_error')
      ? 'media_error'
      : 'unsupported';
  return end(
    state,
    at,
    { by: 'callee', outcome: strongest === 'busy' ? 'busy' : 'failed', reason: strongest },
    {
      caller:
        strongest === 'busy' ? busyMessage(state, state.callerSeat.language, at) : rejectMessage(state, strongest, at),
      device: () => hangUpMessage(state, state.callee.id, 'rejected_elsewhere', at),
    },
  );
}

/**
 * A device has the offer (RI-1). An extended caller is told how many ring. Between two plain sessions nothing is noted:
 * nobody could be told, and the commit would be for nothing.
 */
export function onRang(state: LiveCall, endpoint: Endpoint, now: Millis): Step {
  if (state.phase !== 'ringing') return stay(state);
  const device = state.devices[endpoint];
  const caller = state.callerSeat.endpoint;
  if (!device || device.rang || (isPlain(caller) && isPlain(endpoint))) return stay(state);
  const devices = { ...state.devices, [endpoint]: { ...device, rang: true as const } };
  const first = state.ringingAt === undefined || !state.timeline.some(({ what }) => what === 'rang');
  const next: Ringing = {
    ...(first ? noted(state, { at: now, who: 'callee', what: 'rang' }) : state),
    ringingAt: state.ringingAt ?? now,
    devices,
  };
  if (isPlain(caller)) return stay(next);
  const count = ringingDevices(next).filter(([, { rang }]) => rang).length;
  return { state: next, effects: [send(caller, ringingMessage(state, count))], reply: OK };
}

/** A person tapped Answer on a device that is still waking up: it holds the ring, once (TI-2). */
export function onAccepting(
  state: LiveCall,
  event: ClientEvent & { type: 'accepting' },
  role: Role,
  now: Millis,
): Step {
  if (role === 'caller' || role === 'callerOther') return stay(state, refused('not_participant'));
  if (state.phase === 'active') return stay(state, tooLate(role));
  if (state.devices[event.from]?.said !== undefined) return stay(state, refused('invalid_state'));
  if (state.acceptingBy !== undefined) return stay(state);
  const effects: Effect[] = [];
  for (const [device] of ringingDevices(state, event.from)) {
    if (!isPlain(device)) effects.push(send(device, acceptingElsewhereMessage(state, GRACE.acceptingMs)));
  }
  return {
    state: {
      ...noted(state, { at: now, who: 'callee', what: 'accepting', only: 'callee' }),
      acceptingBy: event.from,
      ringUntil: Math.max(state.ringUntil, now + GRACE.acceptingMs),
    },
    effects,
    reply: OK,
  };
}
