/**
 * The rules of one call: state, event and time in; next state and effects out. Never throws, never waits, makes no ids.
 *
 * Two rules hold everywhere: an ended call never changes again, and what is overdue happens before the event that
 * came later. Late events of the two parties are harmless successes, foreign ones look as if there were no call (HU-2).
 */
import { endDialledAway, endLeft, endLost, endUnanswered, endUnconnected, onHangUp } from './ending.ts';
import type { CallEvent, ClientEvent, Effect, ServiceEvent } from './events.ts';
import type { Millis, UserId } from './ids.ts';
import { onNegotiationAnswer, onRenegotiate, onTakeover } from './negotiation.ts';
import { onMediaState, onQuality, onReport } from './reports.ts';
import { endRefused, onAccepting, onAnswer, onRang, onRefusal } from './ringing.ts';
import { roleOf } from './role.ts';
import { onAttached, onDetached, takeSeat } from './seats.ts';
import { type CallState, callerGraceEnd, claimsOf, deadlineOf, type LiveCall, refusalsSettleAt } from './state.ts';
import { refused, type Step, stay } from './step.ts';

/**
 * Applies an event to a call.
 * @param now ms by the store's clock, never before the time of the state's last event
 */
export function transition(state: CallState, event: CallEvent, now: Millis): Step {
  const effects: Effect[] = [];
  let current = state;
  while (current.phase !== 'ended' && deadlineOf(current) <= now) {
    const due = expire(current, deadlineOf(current));
    effects.push(...due.effects);
    current = due.state;
  }
  const step = 'from' in event ? onClient(current, event, now) : onService(current, event, now);
  return { ...step, effects: [...effects, ...step.effects] };
}

/** What happens at a deadline. */
function expire(state: LiveCall, at: Millis): Step {
  if (state.phase === 'active') {
    if (state.negotiation?.until === at) {
      const { negotiation: _, ...rest } = state;
      return stay(rest);
    }
    return state.connectBy === at ? endUnconnected(state, at) : endLost(state, at);
  }
  if (callerGraceEnd(state) === at) return endLost(state, at);
  return refusalsSettleAt(state) === at ? endRefused(state, at) : endUnanswered(state, at);
}

/** Late words that mean something after the end; every other one of a party is a silent success (HU-2). */
const TOO_LATE: ReadonlySet<ClientEvent['type']> = new Set(['answer', 'renegotiate', 'takeover', 'accepting']);

function onClient(state: CallState, event: ClientEvent, now: Millis): Step {
  const role = roleOf(state, event.from);
  if (role === 'stranger') return stay(state, refused('call_not_found'));
  const peer = role === 'caller' || role === 'callerOther' ? state.callee.id : state.caller.id;
  if (event.receiverId !== undefined && event.receiverId !== peer) return stay(state, refused('receiver_mismatch'));
  if (event.type === 'quality') return onQuality(state, event, role, now);
  if (state.phase === 'ended') return TOO_LATE.has(event.type) ? stay(state, refused('call_ended')) : stay(state);

  const seated = takeSeat(
    state,
    { endpoint: event.from, language: event.language, capabilities: event.capabilities },
    now,
  );
  if (seated) {
    const step = onClient(seated.state, event, now);
    return { ...step, effects: [...seated.effects, ...step.effects] };
  }
  switch (event.type) {
    case 'claim':
      return stay(state);
    case 'answer':
      return event.negotiationId === undefined
        ? onAnswer(state, event, role, now)
        : onNegotiationAnswer(state, event, event.negotiationId, role, now);
    case 'reject':
    case 'busy':
      return onRefusal(state, event, role, now);
    case 'accepting':
      return onAccepting(state, event, role, now);
    case 'hangUp':
      return onHangUp(state, event, role, now);
    case 'renegotiate':
      return onRenegotiate(state, event, role, now);
    case 'takeover':
      return onTakeover(state, event, now);
    case 'mediaState':
      return onMediaState(state, event, role, now);
    case 'report':
      return onReport(state, event, role, now);
  }
}

function onService(state: CallState, event: ServiceEvent, now: Millis): Step {
  if (state.phase === 'ended') return stay(state);
  switch (event.type) {
    case 'tick':
      return stay(state);
    case 'attached':
      return onAttached(state, event, now);
    case 'detached':
      return onDetached(state, event, now);
    case 'rang':
      return onRang(state, event.endpoint, now);
    case 'replaced':
      return holds(state, event.by) ? endLeft(state, event.by, 'replaced', 'replaced', now) : stay(state);
    case 'dialledAway':
      return endDialledAway(state, now);
    case 'answeredAnother': {
      const outcome = state.phase === 'active' ? 'completed' : 'cancelled';
      return holds(state, event.by) ? endLeft(state, event.by, 'answered_another', outcome, now) : stay(state);
    }
  }
}

/** Whether a user dialled or answered this call. */
function holds(state: LiveCall, user: UserId): boolean {
  return claimsOf(state).some((claim) => claim.user === user && claim.claim === 'held');
}
