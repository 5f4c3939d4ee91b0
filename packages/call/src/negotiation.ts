/** Offers and answers inside a running call: ICE restart, camera on, and a call that moves to another device. */
import type { ClientEvent } from './events.ts';
import { isPlain, type Millis, userOf } from './ids.ts';
import { answerMessage, hangUpMessage, renegotiationMessage } from './messages.ts';
import type { Role } from './role.ts';
import { type Active, GRACE, type LiveCall, type Seat } from './state.ts';
import { insideCall, OK, refused, type Step, send, stay } from './step.ts';
import { noted } from './timeline.ts';

/** Whether a seat's client can answer an offer inside a call (RN-1). */
export function canRenegotiate(seat: Seat): boolean {
  return !isPlain(seat.endpoint) && seat.capabilities.includes('renegotiate');
}

/** An offer inside a call (RN-1). The callee is the polite one: its second offer yields, the caller's supersedes (RN-2). */
export function onRenegotiate(
  state: LiveCall,
  event: ClientEvent & { type: 'renegotiate' },
  role: Role,
  now: Millis,
): Step {
  const inside = insideCall(state, role);
  if ('refusal' in inside) return inside.refusal;
  const { call, side } = inside;
  if (!canRenegotiate(side === 'caller' ? call.calleeSeat : call.callerSeat)) {
    return stay(state, refused('peer_unsupported'));
  }
  if (side === 'callee' && call.negotiation) return stay(state, refused('negotiation_collision'));
  return open(call, event, side, now, false);
}

/** The same person goes on from another device, or from this one after a reload (GL-2). Decided by `admit`. */
export function onTakeover(state: LiveCall, event: ClientEvent & { type: 'takeover' }, now: Millis): Step {
  if (state.phase === 'ringing') return stay(state, refused('invalid_state'));
  const side = userOf(event.from) === state.caller.id ? 'caller' : 'callee';
  const left = side === 'caller' ? state.callerSeat : state.calleeSeat;
  const seat: Seat = {
    endpoint: event.from,
    language: event.language,
    capabilities: event.capabilities,
    // What this side said of the media holds until the new device says something: it may be what the peer is waited for.
    ...(left.flowingAt !== undefined && { flowingAt: left.flowingAt }),
  };
  if (!canRenegotiate(side === 'caller' ? state.calleeSeat : state.callerSeat)) {
    return stay(state, refused('peer_unsupported'));
  }
  const moved: Active = {
    ...noted(state, { at: now, who: side, what: 'taken_over' }),
    ...(side === 'caller' ? { callerSeat: seat } : { calleeSeat: seat }),
  };
  const step = open(moved, event, side, now, true);
  // After a reload there is nobody else to tell.
  if (left.endpoint === event.from) return step;
  const { callId } = state;
  return {
    ...step,
    effects: [
      send(left.endpoint, hangUpMessage(state, userOf(event.from), 'takeover', now)),
      { type: 'dropCandidates', callId, from: left.endpoint },
      ...step.effects,
    ],
  };
}

function open(
  state: Active,
  event: ClientEvent & { type: 'renegotiate' | 'takeover' },
  by: 'caller' | 'callee',
  now: Millis,
  takeover: boolean,
): Step {
  const id = state.negotiations + 1;
  const peers = by === 'caller' ? state.calleeSeat : state.callerSeat;
  const callType = event.callType ?? state.callType;
  return {
    state: {
      ...(takeover ? state : noted(state, { at: now, who: by, what: 'renegotiation' })),
      negotiations: id,
      negotiation: { id, by, until: now + GRACE.negotiationMs },
    },
    effects: [
      // Candidates of the negotiation before are of no use to anybody, and must not count against this one (IC-3).
      { type: 'dropCandidates', callId: state.callId, from: event.from },
      send(
        peers.endpoint,
        renegotiationMessage(state, { by, offer: event.offer, callType, negotiationId: id, takeover }, now),
      ),
    ],
    reply: { ...OK, negotiationId: id },
  };
}

/** The answer to an offer inside a call (RN-1); to an old one it is stale (RN-2). */
export function onNegotiationAnswer(
  state: LiveCall,
  event: ClientEvent & { type: 'answer' },
  negotiationId: number,
  role: Role,
  now: Millis,
): Step {
  const inside = insideCall(state, role);
  if ('refusal' in inside) return inside.refusal;
  const { call, side } = inside;
  const { negotiation, ...rest } = call;
  if (!negotiation || negotiation.id !== negotiationId || negotiation.by === side) {
    return stay(state, refused('stale_negotiation'));
  }
  const offerer = negotiation.by === 'caller' ? call.callerSeat : call.calleeSeat;
  return {
    state: rest,
    effects: [
      { type: 'dropCandidates', callId: state.callId, from: event.from },
      send(offerer.endpoint, answerMessage(state, event.answer, now, { by: side, negotiationId })),
    ],
    reply: OK,
  };
}
