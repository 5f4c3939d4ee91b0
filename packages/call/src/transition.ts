/**
 * The rules of one call: state, event and time in; next state and effects out. Never throws, never waits, makes no ids.
 *
 * Two rules hold everywhere: an ended call never changes again, and what is overdue happens before the event that
 * came later. Late events of the two parties are harmless successes, foreign ones look as if there were no call (HU-2).
 */
import type { CallOutcome, QualityMetrics } from '@ringdown/protocol';
import type { CallEvent, ClientEvent, Effect, Reply } from './events.ts';
import {
  answerMessage,
  busyMessage,
  hangUpMessage,
  notAvailableMessage,
  offerMessage,
  rejectMessage,
  timeoutMessage,
} from './messages.ts';
import { toCallRecord } from './record.ts';
import { freeSeat, type Role, roleOf } from './role.ts';
import {
  type Active,
  type CallState,
  claimsOf,
  type Device,
  deadlineOf,
  type Ended,
  type Endpoint,
  GRACE,
  type LiveCall,
  type Millis,
  type Refusal,
  type Ringing,
  refusalsSettleAt,
  type Seat,
  type UserId,
  userOf,
} from './state.ts';

/** What came of an event. */
export interface Step {
  readonly state: CallState;
  readonly effects: readonly Effect[];
  /** What who sent the event is told; for events of the service it means nothing. */
  readonly reply: Reply;
}

const OK: Reply = { ok: true };
const refused = (reason: Extract<Reply, { ok: false }>['reason']): Reply => ({ ok: false, reason });
const stay = (state: CallState, reply: Reply = OK): Step => ({ state, effects: [], reply });
const send = (to: Endpoint, message: Extract<Effect, { type: 'send' }>['message']): Effect => ({
  type: 'send',
  to,
  message,
});

/**
 * Applies an event to a call.
 * @param now ms by the store's clock, never before the time of the state's last event
 */
export function transition(state: CallState, event: CallEvent, now: Millis): Step {
  const due = settle(state, now);
  const step = 'from' in event ? onClient(due.state, event, now) : onService(due.state, event, now);
  return { ...step, effects: [...due.effects, ...step.effects] };
}

// --------------------------------------------------------------------------------------------------------- overdue

/** Applies what is overdue, in time order. */
function settle(state: CallState, now: Millis): { state: CallState; effects: Effect[] } {
  if (state.phase === 'ended') return { state, effects: [] };
  const at = deadlineOf(state);
  if (at > now) return { state, effects: [] };
  const { state: next, effects } = state.phase === 'ringing' ? expireRing(state, at) : loseConnection(state, at);
  return { state: next, effects: [...effects] };
}

function expireRing(state: Ringing, at: Millis): Step {
  if ((state.callerSeat.goneAt ?? Number.POSITIVE_INFINITY) + GRACE.callerRingingMs === at)
    return loseConnection(state, at);
  if (refusalsSettleAt(state) === at) return endRefused(state, at);
  return end(
    state,
    at,
    { by: 'service', outcome: 'no_answer', reason: 'timeout' },
    {
      caller: timeoutMessage(state, state.callerSeat.language, at),
      device: (device) => timeoutMessage(state, device.language, at),
    },
  );
}

/** Somebody did not come back in time (DS-1). Everybody is told in the name of who was gone first. */
function loseConnection(state: LiveCall, at: Millis): Step {
  const callerGoneAt = state.callerSeat.goneAt ?? Number.POSITIVE_INFINITY;
  const calleeGoneAt = (state.phase === 'active' ? state.calleeSeat.goneAt : undefined) ?? Number.POSITIVE_INFINITY;
  const gone = calleeGoneAt < callerGoneAt ? state.callee.id : state.caller.id;
  const message = hangUpMessage(state, gone, 'connection_lost', at);
  return end(
    state,
    at,
    { by: 'service', outcome: 'connection_lost', reason: 'connection_lost' },
    { caller: message, device: () => message, callee: message },
  );
}

// --------------------------------------------------------------------------------------------------------- clients

function onClient(state: CallState, event: ClientEvent, now: Millis): Step {
  const role = roleOf(state, event.from);
  if (role === 'stranger') return stay(state, refused('call_not_found'));
  const peer = role === 'caller' || role === 'callerOther' ? state.callee.id : state.caller.id;
  if (event.receiverId !== undefined && event.receiverId !== peer) return stay(state, refused('receiver_mismatch'));
  if (state.phase === 'ended') return stay(state, event.type === 'answer' ? refused('call_ended') : OK);

  const seated = takeSeat(state, event.from, event.language, now);
  if (seated) {
    const step = onClient(seated.state, event, now);
    return { ...step, effects: [...seated.effects, ...step.effects] };
  }
  switch (event.type) {
    case 'claim':
      return stay(state);
    case 'answer':
      return onAnswer(state, event, role, now);
    case 'reject':
    case 'busy':
      return onRefusal(state, event, role, now);
    case 'hangUp':
      return onHangUp(state, event, role, now);
  }
}

function onAnswer(state: LiveCall, event: ClientEvent & { type: 'answer' }, role: Role, now: Millis): Step {
  if (role === 'caller' || role === 'callerOther') return stay(state, refused('not_participant'));
  if (state.phase === 'active') return stay(state, refused(role === 'callee' ? 'invalid_state' : 'answered_elsewhere'));
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
  const active: Active = {
    phase: 'active',
    ...identityOf(state),
    answer: event.answer,
    answeredAt: now,
    callerSeat: state.callerSeat,
    calleeSeat: { endpoint: event.from, language: event.language },
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

/** What a device can say for itself alone; any other reason is a person's no (RJ-1, RJ-2). */
function deviceRefusal(event: ClientEvent & { type: 'reject' | 'busy' }): Refusal | undefined {
  if (event.type === 'busy') return 'busy';
  const { reason } = event;
  return reason === 'busy' || reason === 'media_error' || reason === 'unsupported' ? reason : undefined;
}

function onRefusal(state: LiveCall, event: ClientEvent & { type: 'reject' | 'busy' }, role: Role, now: Millis): Step {
  if (role === 'caller' || role === 'callerOther') return stay(state, refused('not_participant'));
  if (state.phase === 'active') return stay(state, refused(role === 'callee' ? 'invalid_state' : 'answered_elsewhere'));
  const said = deviceRefusal(event);
  if (said === undefined) {
    return end(
      state,
      now,
      { by: 'callee', outcome: 'rejected', ...reasonOf(event) },
      {
        caller: rejectMessage(state, event.type === 'reject' ? event.reason : undefined, now),
        device: () => hangUpMessage(state, state.callee.id, 'rejected_elsewhere', now),
        except: event.from,
      },
    );
  }
  const before = state.devices[event.from];
  if (before?.said !== undefined) return stay(state);
  const device: Device = { ...(before ?? { language: event.language }), said };
  const next: Ringing = { ...state, devices: { ...state.devices, [event.from]: device } };
  return refusalsSettleAt(next) <= now ? endRefused(next, now) : stay(next);
}

/** No device is left ringing: the caller hears the strongest that was said (RJ-2). */
function endRefused(state: Ringing, at: Millis): Step {
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

function onHangUp(state: LiveCall, event: ClientEvent & { type: 'hangUp' }, role: Role, now: Millis): Step {
  if (role === 'callerOther' || role === 'calleeOther') return stay(state);
  const by = role === 'caller' ? 'caller' : 'callee';
  const quality = event.metrics ? { [by]: event.metrics } : {};
  const forwarded = hangUpMessage(state, userOf(event.from), event.reason, now);
  if (state.phase === 'active') {
    const messages = by === 'caller' ? { callee: forwarded } : { caller: forwarded };
    return end(state, now, { by, outcome: 'completed', quality, ...reasonOf(event) }, messages);
  }
  if (by === 'caller') {
    const cancelled = hangUpMessage(state, state.caller.id, 'cancelled', now);
    return end(state, now, { by, outcome: 'cancelled', quality, ...reasonOf(event) }, { device: () => cancelled });
  }
  return end(
    state,
    now,
    { by, outcome: 'rejected', quality, ...reasonOf(event) },
    {
      caller: forwarded,
      device: () => hangUpMessage(state, state.callee.id, 'rejected_elsewhere', now),
      except: event.from,
    },
  );
}

// --------------------------------------------------------------------------------------------------------- service

function onService(state: CallState, event: Exclude<CallEvent, ClientEvent>, now: Millis): Step {
  if (state.phase === 'ended') return stay(state);
  switch (event.type) {
    case 'tick':
      return stay(state);
    case 'attached':
      return onAttached(state, event.endpoint, event.language, now);
    case 'detached':
      return stay(markGone(state, event.endpoint, now));
    case 'replaced':
      return holds(state, event.by) ? leave(state, event.by, 'replaced', 'replaced', now) : stay(state);
    case 'dialledAway':
      return onDialledAway(state, now);
    case 'answeredAnother': {
      const outcome = state.phase === 'active' ? 'completed' : 'cancelled';
      return holds(state, event.by) ? leave(state, event.by, 'answered_another', outcome, now) : stay(state);
    }
  }
}

/** Whether a user dialled or answered this call. */
function holds(state: LiveCall, user: UserId): boolean {
  return claimsOf(state).some((claim) => claim.user === user && claim.claim === 'held');
}

/** A person has left for another call (GL-2, BU-1); both sides are told, since the device may be another one. */
function leave(state: LiveCall, user: UserId, reason: string, outcome: CallOutcome, now: Millis): Step {
  const message = hangUpMessage(state, user, reason, now);
  return end(
    state,
    now,
    { by: user === state.caller.id ? 'caller' : 'callee', outcome, reason },
    { caller: message, device: () => message, callee: message },
  );
}

function onAttached(state: LiveCall, endpoint: Endpoint, language: Seat['language'], now: Millis): Step {
  const back = markBack(state, endpoint);
  if (back) return stay(back);
  const seated = takeSeat(state, endpoint, language, now);
  if (seated) return { ...seated, reply: OK };
  if (state.phase !== 'ringing' || userOf(endpoint) !== state.callee.id || state.devices[endpoint]) return stay(state);
  if (state.ringUntil - now < GRACE.shortestReplayMs) return stay(state);
  return {
    state: { ...state, devices: { ...state.devices, [endpoint]: { language } } },
    effects: [
      { type: 'send', to: endpoint, message: offerMessage(state, now, true), ringUntil: state.ringUntil },
      { type: 'sendCandidates', callId: state.callId, from: state.callerSeat.endpoint, to: endpoint },
    ],
    reply: OK,
  };
}

/**
 * A plain socket takes the place of a lost plain one of the same user, and gets what it may have missed (DS-3, RI-2).
 * @returns undefined when there is no place to take
 */
function takeSeat(
  state: LiveCall,
  endpoint: Endpoint,
  language: Seat['language'],
  now: Millis,
): { state: LiveCall; effects: Effect[] } | undefined {
  const place = freeSeat(state, endpoint);
  if (!place) return undefined;
  const seat: Seat = { endpoint, language };
  const { callId } = state;
  if (state.phase === 'ringing') {
    const moved: Effect = { type: 'moveCandidates', callId, from: state.callerSeat.endpoint, to: endpoint };
    return { state: { ...state, callerSeat: seat }, effects: [moved] };
  }
  const [mine, peers] =
    place === 'callerSeat' ? [state.callerSeat, state.calleeSeat] : [state.calleeSeat, state.callerSeat];
  return {
    state: { ...state, [place]: seat },
    effects: [
      { type: 'moveCandidates', callId, from: mine.endpoint, to: endpoint },
      ...(place === 'callerSeat' ? [send(endpoint, answerMessage(state, state.answer, now))] : []),
      { type: 'sendCandidates', callId, from: peers.endpoint, to: endpoint },
    ],
  };
}

function onDialledAway(state: LiveCall, now: Millis): Step {
  if (state.phase !== 'ringing') return stay(state);
  return end(
    state,
    now,
    { by: 'callee', outcome: 'busy', reason: 'busy' },
    {
      caller: busyMessage(state, state.callerSeat.language, now),
      device: () => hangUpMessage(state, state.callee.id, 'rejected_elsewhere', now),
    },
  );
}

/** Notes that an endpoint has lost its socket; the earliest time counts. */
function markGone(state: LiveCall, endpoint: Endpoint, now: Millis): LiveCall {
  const gone = <T extends { goneAt?: Millis }>(held: T): T =>
    held.goneAt === undefined ? { ...held, goneAt: now } : held;
  if (state.callerSeat.endpoint === endpoint) return { ...state, callerSeat: gone(state.callerSeat) };
  if (state.phase === 'active') {
    return state.calleeSeat.endpoint === endpoint ? { ...state, calleeSeat: gone(state.calleeSeat) } : state;
  }
  const device = state.devices[endpoint];
  return device ? { ...state, devices: { ...state.devices, [endpoint]: gone(device) } } : state;
}

/** Notes that the same endpoint has a socket again. @returns undefined when it was not gone */
function markBack(state: LiveCall, endpoint: Endpoint): LiveCall | undefined {
  const back = <T extends { goneAt?: Millis }>({ goneAt: _, ...held }: T) => held;
  if (state.callerSeat.endpoint === endpoint && state.callerSeat.goneAt !== undefined) {
    return { ...state, callerSeat: back(state.callerSeat) };
  }
  if (state.phase === 'active') {
    return state.calleeSeat.endpoint === endpoint && state.calleeSeat.goneAt !== undefined
      ? { ...state, calleeSeat: back(state.calleeSeat) }
      : undefined;
  }
  const device = state.devices[endpoint];
  return device?.goneAt === undefined
    ? undefined
    : { ...state, devices: { ...state.devices, [endpoint]: back(device) } };
}

// ------------------------------------------------------------------------------------------------------------- end

type Message = Extract<Effect, { type: 'send' }>['message'];

/** What each side of a call is told at its end; whom it leaves out is told nothing. */
interface LastWords {
  readonly caller?: Message;
  /** Every device that is still ringing. */
  readonly device?: (device: Device) => Message;
  /** The answered seat. */
  readonly callee?: Message;
  /** The device whose doing it is; it knows. */
  readonly except?: Endpoint;
}

interface Ending {
  readonly by: Ended['endedBy'];
  readonly outcome: CallOutcome;
  readonly reason?: string;
  readonly quality?: { caller?: QualityMetrics; callee?: QualityMetrics };
}

function end(state: LiveCall, at: Millis, ending: Ending, words: LastWords): Step {
  const effects: Effect[] = [];
  if (words.caller) effects.push(send(state.callerSeat.endpoint, words.caller));
  if (state.phase === 'active') {
    if (words.callee) effects.push(send(state.calleeSeat.endpoint, words.callee));
  } else if (words.device) {
    for (const [endpoint, device] of ringingDevices(state, words.except))
      effects.push(send(endpoint, words.device(device)));
  }
  const ended: Ended = {
    phase: 'ended',
    ...identityOf(state),
    ringingAt: state.startedAt,
    ...(state.phase === 'active' && { answeredAt: state.answeredAt }),
    endedAt: at,
    endedBy: ending.by,
    ...(ending.reason !== undefined && { reason: ending.reason }),
    outcome: { caller: ending.outcome, callee: ending.outcome },
    quality: ending.quality ?? {},
  };
  const record = toCallRecord(ended);
  if (record) effects.push({ type: 'record', record });
  return { state: ended, effects, reply: OK };
}

/** The devices that have not spoken, but for one. */
function ringingDevices(state: Ringing, except?: Endpoint): [Endpoint, Device][] {
  return (Object.entries(state.devices) as [Endpoint, Device][]).filter(
    ([endpoint, device]) => endpoint !== except && device.said === undefined,
  );
}

/** The part of a call that never changes. */
function identityOf(
  state: CallState,
): Pick<Ended, 'callId' | 'caller' | 'callee' | 'callType' | 'conversationId' | 'startedAt'> {
  const { callId, caller, callee, callType, conversationId, startedAt } = state;
  return { callId, caller, callee, callType, startedAt, ...(conversationId !== undefined && { conversationId }) };
}

function reasonOf(event: { reason?: string } | { type: 'busy' }): { reason?: string } {
  return 'reason' in event && event.reason !== undefined ? { reason: event.reason } : {};
}
