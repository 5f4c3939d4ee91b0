/** Endpoints that come and go: who is waited for, who takes whose place, and what they missed (DS-1, DS-3, RI-2). */
import type { Effect, ServiceEvent } from './events.ts';
import { type Endpoint, isPlain, type Millis, userOf } from './ids.ts';
import { answerMessage, mediaStateMessage, offerMessage, peerStateMessage } from './messages.ts';
import { freeSeat } from './role.ts';
import { type Device, GRACE, type LiveCall, type Seat } from './state.ts';
import { OK, type Step, send, sideOf, stay } from './step.ts';
import { noted } from './timeline.ts';

/** An endpoint came online. */
export function onAttached(state: LiveCall, event: ServiceEvent & { type: 'attached' }, now: Millis): Step {
  const { endpoint, language, capabilities, resumed } = event;
  const side = sideOf(state, endpoint);
  if (side) return seatBack(state, side, event, now);
  const seated = takeSeat(state, { endpoint, language, capabilities }, now);
  if (seated) return { ...seated, reply: OK };
  if (state.phase !== 'ringing' || userOf(endpoint) !== state.callee.id) return stay(state);

  const known = state.devices[endpoint];
  // A device that comes back with its mailbox has the offer in it; one that spoke is not rung again.
  if (known && (resumed || known.said !== undefined)) {
    if (known.goneAt === undefined) return stay(state);
    const { goneAt: _, ...back } = known;
    return stay({ ...state, devices: { ...state.devices, [endpoint]: back } });
  }
  if (state.ringUntil - now < GRACE.shortestReplayMs) return stay(state);
  const device: Device = { language, capabilities, ...(known?.rang && { rang: true }) };
  return {
    state: { ...state, devices: { ...state.devices, [endpoint]: device } },
    effects: [
      { type: 'send', to: endpoint, message: offerMessage(state, now, true), ringUntil: state.ringUntil },
      { type: 'sendCandidates', callId: state.callId, from: state.callerSeat.endpoint, to: endpoint },
    ],
    reply: OK,
  };
}

/** A bound endpoint has a socket again. Without its mailbox it gets what the call knows. */
function seatBack(
  state: LiveCall,
  side: 'caller' | 'callee',
  { language, capabilities, resumed, cameWhile }: ServiceEvent & { type: 'attached' },
  now: Millis,
): Step {
  const seat = (held: Seat): Seat => {
    const { goneAt: _, leaving: __, ...rest } = held;
    return { ...rest, language, capabilities };
  };
  const wasGone = goneOf(state, side);
  if (resumed && !wasGone) return stay(state);
  const noticed = wasGone ? noted(state, { at: now, who: side, what: 'socket_back' }) : state;
  if (noticed.phase === 'ringing') return stay({ ...noticed, callerSeat: seat(noticed.callerSeat) });
  const next =
    side === 'caller'
      ? { ...noticed, callerSeat: seat(noticed.callerSeat) }
      : { ...noticed, calleeSeat: seat(noticed.calleeSeat) };
  const [mine, peers] = side === 'caller' ? [next.callerSeat, next.calleeSeat] : [next.calleeSeat, next.callerSeat];
  return {
    state: next,
    effects: [
      ...(wasGone && !isPlain(peers.endpoint) ? [send(peers.endpoint, peerStateMessage(state, 'connected'))] : []),
      // Answered since it came: then the answer was sent to it like to anybody, and must not reach it twice (AN-1).
      ...(resumed || cameWhile === 'ringing' ? [] : missed(next, side, mine.endpoint, now)),
    ],
    reply: OK,
  };
}

function goneOf(state: LiveCall, side: 'caller' | 'callee'): boolean {
  const seat = side === 'caller' ? state.callerSeat : state.phase === 'active' ? state.calleeSeat : undefined;
  return seat?.goneAt !== undefined;
}

/** What a side of an answered call gets that comes back knowing nothing (RI-2). */
function missed(state: LiveCall & { phase: 'active' }, side: 'caller' | 'callee', to: Endpoint, now: Millis): Effect[] {
  const [peer, peers] =
    side === 'caller' ? (['callee', state.calleeSeat] as const) : (['caller', state.callerSeat] as const);
  const media = state.media[peer];
  return [
    ...(side === 'caller' ? [send(to, answerMessage(state, state.answer, now))] : []),
    { type: 'sendCandidates', callId: state.callId, from: peers.endpoint, to },
    ...(media && !isPlain(to) ? [send(to, mediaStateMessage(state, state[peer].id, media, now))] : []),
  ];
}

/**
 * A plain socket takes the place of a lost plain one of the same user, and gets what it may have missed (DS-3, RI-2).
 * @returns undefined when there is no place to take
 */
export function takeSeat(state: LiveCall, seat: Seat, now: Millis): { state: LiveCall; effects: Effect[] } | undefined {
  const place = freeSeat(state, seat.endpoint);
  if (!place) return undefined;
  const { callId } = state;
  const side = place === 'callerSeat' ? 'caller' : 'callee';
  const noticed = noted(state, { at: now, who: side, what: 'socket_back' });
  if (noticed.phase === 'ringing') {
    const moved: Effect = { type: 'moveCandidates', callId, from: state.callerSeat.endpoint, to: seat.endpoint };
    return { state: { ...noticed, callerSeat: seat }, effects: [moved] };
  }
  const [mine, peers] =
    side === 'caller' ? [noticed.callerSeat, noticed.calleeSeat] : [noticed.calleeSeat, noticed.callerSeat];
  const next = { ...noticed, [place]: seat };
  return {
    state: next,
    effects: [
      { type: 'moveCandidates', callId, from: mine.endpoint, to: seat.endpoint },
      ...missed(next, side, seat.endpoint, now),
      ...(isPlain(peers.endpoint) ? [] : [send(peers.endpoint, peerStateMessage(state, 'connected'))]),
    ],
  };
}

/** An endpoint lost its socket; the earliest time counts. An extended peer is told (DS-1). */
export function onDetached(
  state: LiveCall,
  { endpoint, leaving }: ServiceEvent & { type: 'detached' },
  now: Millis,
): Step {
  const gone = (held: Seat): Seat => ({ ...held, goneAt: now, ...(leaving && { leaving }) });
  const side = sideOf(state, endpoint);
  if (!side) {
    if (state.phase === 'active') return stay(state);
    const device = state.devices[endpoint];
    return device?.goneAt === undefined && device
      ? stay({ ...state, devices: { ...state.devices, [endpoint]: { ...device, goneAt: now } } })
      : stay(state);
  }
  if (goneOf(state, side)) return stay(state);
  const noticed = noted(state, { at: now, who: side, what: 'socket_lost' });
  if (noticed.phase === 'ringing') return stay({ ...noticed, callerSeat: gone(noticed.callerSeat) });
  const peers = side === 'caller' ? noticed.calleeSeat : noticed.callerSeat;
  return {
    state:
      side === 'caller'
        ? { ...noticed, callerSeat: gone(noticed.callerSeat) }
        : { ...noticed, calleeSeat: gone(noticed.calleeSeat) },
    effects: isPlain(peers.endpoint) ? [] : [send(peers.endpoint, peerStateMessage(state, 'reconnecting'))],
    reply: OK,
  };
}
