/** Live calls as their people may see and end them without a socket: the REST door's way into `calls`. */
import {
  type CallId,
  type ClientEvent,
  deviceEndpoint,
  type Endpoint,
  type LiveCall,
  type UserId,
} from '@ringdown/call';
import { isoTime, type LiveCallSummary } from '@ringdown/protocol';
import type { CallStore } from './call-store/call-store.ts';
import type { Calls } from './calls.ts';
import type { LiveCalls } from './http/live-calls.ts';
import { stepsFor } from './records/steps.ts';

/** What a REST request speaks as: a device that no client can name, since device ids have no dot. */
const REST_DEVICE = '.rest';

/** Opens the REST door's way into the calls. */
export function openLiveCalls(store: CallStore, calls: Calls): LiveCalls {
  const by = (userId: UserId) =>
    ({ from: deviceEndpoint(userId, REST_DEVICE), language: 'en', capabilities: [] }) as const;
  const say = async (callId: CallId, event: ClientEvent) => {
    const outcome = await calls.apply(callId, event);
    return outcome.ok ? undefined : outcome.reason;
  };
  return {
    async active(userId) {
      const { users } = await store.read([userId], []);
      return (users.get(userId)?.calls ?? []).map((call) => summaryOf(call, userId));
    },
    async timeline(userId, callId) {
      const { calls: found } = await store.read([], [callId]);
      const state = found.get(callId)?.state;
      if (!state || (state.caller.id !== userId && state.callee.id !== userId)) return undefined;
      const mine = state.caller.id === userId ? 'caller' : 'callee';
      if (state.phase === 'ended' && state.outcome[mine] === null) return undefined;
      return stepsFor(mine, state.timeline, state.phase === 'ended' ? (state.outcome[mine] ?? undefined) : undefined);
    },
    accepting: (userId, callId) => say(callId, { type: 'accepting', ...by(userId) }),
    reject: (userId, callId, reason) =>
      say(callId, { type: 'reject', byPerson: true, ...by(userId), ...(reason !== undefined && { reason }) }),
    hangUp: (userId, callId) => say(callId, { type: 'hangUp', ...by(userId), anywhere: true }),
  };
}

/**
 * A live call as one of its people may know it; no SDP.
 * @param endpoint whose view it is, to tell whether the call is bound there
 */
export function summaryOf(call: LiveCall, userId: UserId, endpoint?: Endpoint): LiveCallSummary {
  const outgoing = call.caller.id === userId;
  const seat = outgoing ? call.callerSeat : call.phase === 'active' ? call.calleeSeat : undefined;
  return {
    callId: call.callId,
    direction: outgoing ? 'outgoing' : 'incoming',
    peer: (outgoing ? call.callee : call.caller).info,
    callType: call.callType,
    phase: call.phase,
    startedAt: isoTime(call.startedAt),
    answeredAt: call.phase === 'active' ? isoTime(call.answeredAt) : null,
    here: endpoint !== undefined && seat?.endpoint === endpoint,
  };
}
