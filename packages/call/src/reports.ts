/** What the two clients tell of their media: what they send, how it goes, and how it was (MS-1, ST-1, QU-1). */
import type { ClientEvent } from './events.ts';
import { isPlain, type Millis } from './ids.ts';
import { mediaStateMessage } from './messages.ts';
import type { Role } from './role.ts';
import { type Active, type CallState, GRACE, type LiveCall, type PathReport, type Seat } from './state.ts';
import { insideCall, OK, refused, type Step, send, stay } from './step.ts';
import { noted } from './timeline.ts';

/** A side has changed what it sends (MS-1). The last word is kept for a peer that comes back. */
export function onMediaState(
  state: LiveCall,
  event: ClientEvent & { type: 'mediaState' },
  role: Role,
  now: Millis,
): Step {
  const inside = insideCall(state, role);
  if ('refusal' in inside) return inside.refusal;
  const { call, side } = inside;
  const peers = side === 'caller' ? call.calleeSeat : call.callerSeat;
  return {
    state: { ...call, media: { ...call.media, [side]: event.media } },
    effects:
      isPlain(peers.endpoint) || !peers.capabilities.includes('media_state')
        ? []
        : [send(peers.endpoint, mediaStateMessage(call, call[side].id, event.media, now))],
    reply: OK,
  };
}

/** A bound endpoint tells how media goes (ST-1). */
export function onReport(state: LiveCall, event: ClientEvent & { type: 'report' }, role: Role, now: Millis): Step {
  const inside = insideCall(state, role);
  if ('refusal' in inside) return inside.refusal;
  const { call, side } = inside;
  const { state: word, path, gathered, iceErrors } = event.report;
  const before = call.reports[side];
  const report: PathReport = {
    ...before,
    ...(word === 'failed' ? { failed: true } : { connected: true }),
    ...(path && { path }),
    ...(gathered && { gathered }),
    ...(iceErrors && { iceErrors }),
  };
  const detail = path ? { detail: { path } } : {};
  const seat: Seat = word === 'failed' ? seatOf(call, side) : { ...seatOf(call, side), flowingAt: now };
  const { connectBy, ...rest } = call;
  const next: Active = {
    ...rest,
    ...(word === 'failed' ? connectBy !== undefined && { connectBy } : { connectedAt: call.connectedAt ?? now }),
    reports: { ...call.reports, [side]: report },
    ...(side === 'caller' ? { callerSeat: seat } : { calleeSeat: seat }),
  };
  if (word === 'connected' && !before.connected)
    return stay(noted(next, { at: now, who: side, what: 'connected', ...detail }));
  if (word === 'failed') return stay(noted(next, { at: now, who: side, what: 'media_failed', ...detail }));
  return stay(next);
}

function seatOf(state: Active, side: 'caller' | 'callee'): Seat {
  return side === 'caller' ? state.callerSeat : state.calleeSeat;
}

/** How it was, said after the end (QU-1). */
export function onQuality(state: CallState, event: ClientEvent & { type: 'quality' }, role: Role, now: Millis): Step {
  if (state.phase !== 'ended') return stay(state, refused('invalid_state'));
  if (now - state.endedAt > GRACE.qualityMs) return stay(state, refused('call_ended'));
  const side = role === 'caller' || role === 'callerOther' ? 'caller' : 'callee';
  if (state.outcome[side] === null) return stay(state);
  return { state, effects: [{ type: 'quality', callId: state.callId, side, metrics: event.metrics }], reply: OK };
}
