/** The ways a call ends: what each side is told, and the record of it. */
import type { CallOutcome, QualityMetrics } from '@ringdown/protocol';
import type { ClientEvent, Effect } from './events.ts';
import { type Endpoint, type Millis, type UserId, userOf } from './ids.ts';
import { busyMessage, hangUpMessage, timeoutMessage } from './messages.ts';
import { toCallRecord } from './record.ts';
import type { Role } from './role.ts';
import { type Active, type Device, type Ended, graceEnd, type LiveCall, type Ringing } from './state.ts';
import { identityOf, OK, type Step, send, stay } from './step.ts';
import { noted } from './timeline.ts';

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

/** Ends a live call: tells who is to be told, and writes the record. */
export function end(state: LiveCall, at: Millis, ending: Ending, words: LastWords): Step {
  const effects: Effect[] = [];
  if (words.caller) effects.push(send(state.callerSeat.endpoint, words.caller));
  if (state.phase === 'active') {
    if (words.callee) effects.push(send(state.calleeSeat.endpoint, words.callee));
  } else if (words.device) {
    for (const [endpoint, device] of ringingDevices(state, words.except)) {
      effects.push(send(endpoint, words.device(device)));
    }
  }
  const ended: Ended = {
    phase: 'ended',
    ...identityOf(noted(state, { at, who: ending.by, what: 'ended', detail: { outcome: ending.outcome } })),
    ...(state.phase === 'active' && { answeredAt: state.answeredAt }),
    ...(state.phase === 'active' && state.connectedAt !== undefined && { connectedAt: state.connectedAt }),
    endedAt: at,
    endedBy: ending.by,
    ...(ending.reason !== undefined && { reason: ending.reason }),
    outcome: { caller: ending.outcome, callee: ending.outcome },
    quality: ending.quality ?? {},
  };
  const record = toCallRecord(ended, state.phase === 'active' ? state.reports : undefined);
  if (record) effects.push({ type: 'record', record });
  return { state: ended, effects, reply: OK };
}

/** The devices that have not spoken, but for one. */
export function ringingDevices(state: Ringing, except?: Endpoint): [Endpoint, Device][] {
  return (Object.entries(state.devices) as [Endpoint, Device][]).filter(
    ([endpoint, device]) => endpoint !== except && device.said === undefined,
  );
}

/** A party hangs up (HU-1). */
export function onHangUp(state: LiveCall, event: ClientEvent & { type: 'hangUp' }, role: Role, now: Millis): Step {
  const anywhere = event.anywhere === true;
  if (!anywhere && (role === 'callerOther' || role === 'calleeOther')) return stay(state);
  const by = userOf(event.from) === state.caller.id ? 'caller' : 'callee';
  const quality = event.metrics ? { [by]: event.metrics } : {};
  const reason = event.reason === undefined ? {} : { reason: event.reason };
  const forwarded = hangUpMessage(state, userOf(event.from), event.reason, now);
  const own = anywhere ? { [by]: forwarded } : {};
  if (state.phase === 'active') {
    return end(
      state,
      now,
      { by, outcome: 'completed', quality, ...reason },
      { ...own, [by === 'caller' ? 'callee' : 'caller']: forwarded },
    );
  }
  if (by === 'caller') {
    const cancelled = hangUpMessage(state, state.caller.id, 'cancelled', now);
    return end(
      state,
      now,
      { by, outcome: 'cancelled', quality, ...reason },
      { ...(anywhere && { caller: cancelled }), device: () => cancelled },
    );
  }
  return end(
    state,
    now,
    { by, outcome: 'rejected', quality, ...reason },
    {
      caller: forwarded,
      device: () => hangUpMessage(state, state.callee.id, 'rejected_elsewhere', now),
      except: event.from,
    },
  );
}

/** Nobody answered in time (TI-1). */
export function endUnanswered(state: Ringing, at: Millis): Step {
  return end(
    state,
    at,
    { by: 'service', outcome: 'no_answer', reason: 'timeout' },
    {
      caller: timeoutMessage(state, 'ring', state.callerSeat.language, at),
      device: (device) => timeoutMessage(state, 'ring', device.language, at),
    },
  );
}

/** Answered, but no side ever reported media (TI-3). */
export function endUnconnected(state: Active, at: Millis): Step {
  return end(
    state,
    at,
    { by: 'service', outcome: 'failed', reason: 'connect_timeout' },
    {
      caller: timeoutMessage(state, 'connect', state.callerSeat.language, at),
      callee: timeoutMessage(state, 'connect', state.calleeSeat.language, at),
    },
  );
}

/** Somebody did not come back in time (DS-1). Everybody is told in the name of whose time ran out first. */
export function endLost(state: LiveCall, at: Millis): Step {
  const calleeGone =
    state.phase === 'active' &&
    graceEnd(state.calleeSeat, state.callerSeat) < graceEnd(state.callerSeat, state.calleeSeat);
  const message = hangUpMessage(state, calleeGone ? state.callee.id : state.caller.id, 'connection_lost', at);
  return end(
    state,
    at,
    { by: 'service', outcome: 'connection_lost', reason: 'connection_lost' },
    { caller: message, device: () => message, callee: message },
  );
}

/** A person has left for another call (GL-2, BU-1); both sides are told, since the device may be another one. */
export function endLeft(state: LiveCall, user: UserId, reason: string, outcome: CallOutcome, now: Millis): Step {
  const message = hangUpMessage(state, user, reason, now);
  return end(
    state,
    now,
    { by: user === state.caller.id ? 'caller' : 'callee', outcome, reason },
    { caller: message, device: () => message, callee: message },
  );
}

/** The person being rung dials somebody else (BU-1). */
export function endDialledAway(state: LiveCall, now: Millis): Step {
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
