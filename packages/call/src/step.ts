/** What came of an event, and the small words the rules are written in. */
import type { Effect, Reply } from './events.ts';
import type { Endpoint } from './ids.ts';
import type { Role } from './role.ts';
import type { Active, CallState, Ended, LiveCall } from './state.ts';

/** What came of an event. */
export interface Step {
  readonly state: CallState;
  readonly effects: readonly Effect[];
  /** What who sent the event is told; for events of the service it means nothing. */
  readonly reply: Reply;
}

/** The sender is told that it is done. */
export const OK: { readonly ok: true } = { ok: true };

/** The sender is told why not. */
export function refused(reason: Extract<Reply, { ok: false }>['reason']): Reply {
  return { ok: false, reason };
}

/** A step that only answers, or only changes the state. */
export function stay(state: CallState, reply: Reply = OK): Step {
  return { state, effects: [], reply };
}

/** A frame as an effect. */
export function send(to: Endpoint, message: Extract<Effect, { type: 'send' }>['message']): Effect {
  return { type: 'send', to, message };
}

/** The part of a call that no phase changes, but for what is added to the timeline. */
export function identityOf(
  state: CallState,
): Pick<
  Ended,
  'callId' | 'caller' | 'callee' | 'callType' | 'conversationId' | 'startedAt' | 'ringingAt' | 'timeline'
> {
  const { callId, caller, callee, callType, conversationId, startedAt, ringingAt, timeline } = state;
  return {
    callId,
    caller,
    callee,
    callType,
    startedAt,
    timeline,
    ...(conversationId !== undefined && { conversationId }),
    ...(ringingAt !== undefined && { ringingAt }),
  };
}

/** The side a bound endpoint sits on; undefined for any other. */
export function sideOf(state: LiveCall, endpoint: Endpoint): 'caller' | 'callee' | undefined {
  if (state.callerSeat.endpoint === endpoint) return 'caller';
  return state.phase === 'active' && state.calleeSeat.endpoint === endpoint ? 'callee' : undefined;
}

/**
 * The answered call and the side of it, for what only the two bound endpoints may say, and only there.
 * @returns `refusal` when this endpoint, or this phase, is not the one
 */
export function insideCall(
  state: LiveCall,
  role: Role,
): { readonly call: Active; readonly side: 'caller' | 'callee' } | { readonly refusal: Step } {
  if (role !== 'caller' && role !== 'callee') return { refusal: stay(state, refused('not_participant')) };
  if (state.phase === 'ringing') return { refusal: stay(state, refused('invalid_state')) };
  return { call: state, side: role };
}
