/**
 * What becomes of an offer: the questions that concern several calls at once (busy, glare, re-call), one decision.
 * Asked only for an offer whose sender may call its receiver; order of the checks as in OF-1.
 */
import type { CallOutcome, CallType, Capability, Language, SessionDescription } from '@ringdown/protocol';
import type { CallEvent, Effect } from './events.ts';
import { type CallId, type Endpoint, isPlain, type Millis, type UserId, userOf } from './ids.ts';
import { busyMessage, notAvailableMessage, offerMessage } from './messages.ts';
import { canRenegotiate } from './negotiation.ts';
import { toCallRecord } from './record.ts';
import { isLostPlain } from './role.ts';
import type { Active, Device, Ended, LiveCall, Party, Ringing } from './state.ts';

/** An offer, as it was checked and signed by the service. */
export interface Attempt {
  /** Made by the service for this attempt (OF-2). */
  readonly callId: CallId;
  readonly from: Endpoint;
  readonly language: Language;
  readonly capabilities: readonly Capability[];
  readonly caller: Party;
  readonly callee: Party;
  readonly offer: SessionDescription;
  readonly callType: CallType;
  readonly conversationId?: string;
  /** How long it may ring, ms, already clamped (TI-1). */
  readonly ringTimeoutMs: number;
  /** Go on here with the call that I have with the same person, on another device or before a reload (GL-2). */
  readonly takeover?: boolean;
}

/** What an offer is judged by. */
export interface AdmissionFacts {
  /** The callee has blocked the caller. */
  readonly blocked: boolean;
  readonly doNotDisturb: boolean;
  readonly hideBusy: boolean;
  readonly busyPolicy: 'busy' | 'waiting';
  /** Live calls of the caller and of the callee, from one consistent read. */
  readonly callerCalls: readonly LiveCall[];
  readonly calleeCalls: readonly LiveCall[];
  /** The endpoints of the callee that are attached. */
  readonly calleeEndpoints: readonly {
    readonly endpoint: Endpoint;
    readonly language: Language;
    readonly capabilities: readonly Capability[];
  }[];
}

/** A call that ends in the same commit because of an admission, and by which event. */
export interface Consequence {
  readonly callId: CallId;
  readonly event: CallEvent;
}

/** The decision. */
export type Admission =
  /** Nothing happens but an error to the sender. */
  | { readonly verdict: 'refused'; readonly reason: 'already_in_call' | 'glare'; readonly callId: CallId }
  /** No call begins: the event `takeover` goes to this one (GL-2). */
  | { readonly verdict: 'takeover'; readonly callId: CallId }
  /** A call begins, ringing or over at once; others may end. */
  | {
      readonly verdict: 'begun';
      readonly state: Ringing | Ended;
      readonly effects: readonly Effect[];
      readonly consequences: readonly Consequence[];
    };

/**
 * Judges an offer.
 * @param now ms by the store's clock
 */
export function admit(attempt: Attempt, facts: AdmissionFacts, now: Millis): Admission {
  const { caller, callee } = attempt;
  const held = facts.callerCalls.filter((call) => holderOf(call, caller.id));
  const foreign = held.find((call) => !lostItsState(call, attempt.from));
  const goesOn = attempt.takeover === true && held.find((call) => peerOf(call, caller.id) === callee.id);
  if (foreign && foreign !== goesOn) return { verdict: 'refused', reason: 'already_in_call', callId: foreign.callId };
  if (goesOn && goesOn.phase === 'active' && canRenegotiate(peerSeat(goesOn, caller.id))) {
    return { verdict: 'takeover', callId: goesOn.callId };
  }
  // A peer that cannot go on in the same call is called anew, and the old one is replaced.

  const rings = facts.callerCalls.filter((call) => call.phase === 'ringing' && call.callee.id === caller.id);
  const consequences: Consequence[] = [
    ...held.map((call) => ({ callId: call.callId, event: { type: 'replaced', by: caller.id } as const })),
    ...rings
      .filter((ring) => ring.caller.id !== callee.id)
      .map((ring) => ({ callId: ring.callId, event: { type: 'dialledAway' } as const })),
  ];
  const over = new Set(consequences.map(({ callId }) => callId));
  const begun = (state: Ringing | Ended, effects: Effect[]): Admission => ({
    verdict: 'begun',
    state,
    effects,
    consequences,
  });
  const unanswered = (outcome: Ended['outcome'], message: 'busy' | 'not_available'): Admission => {
    const state = overAtOnce(attempt, outcome, now);
    const record = toCallRecord(state);
    return begun(state, [
      {
        type: 'send',
        to: attempt.from,
        message:
          message === 'busy'
            ? busyMessage(attempt, attempt.language, now)
            : notAvailableMessage(attempt, attempt.language),
      },
      ...(record ? [{ type: 'record', record } as const] : []),
    ]);
  };

  if (facts.blocked) return unanswered({ caller: 'unavailable', callee: null }, 'not_available');
  if (facts.doNotDisturb) return unanswered({ caller: 'unavailable', callee: 'unavailable' }, 'not_available');
  const crossing = rings.find((ring) => ring.caller.id === callee.id);
  if (crossing) {
    return isPlain(attempt.from)
      ? unanswered({ caller: null, callee: null }, 'busy')
      : { verdict: 'refused', reason: 'glare', callId: crossing.callId };
  }
  if (
    isBusy(
      facts.calleeCalls.filter((call) => !over.has(call.callId)),
      callee.id,
      facts.busyPolicy,
    )
  ) {
    return facts.hideBusy
      ? unanswered({ caller: 'unavailable', callee: 'busy' }, 'not_available')
      : unanswered({ caller: 'busy', callee: 'busy' }, 'busy');
  }
  if (facts.calleeEndpoints.length === 0) {
    return unanswered({ caller: 'unavailable', callee: 'unavailable' }, 'not_available');
  }
  const ringing = ring(attempt, facts.calleeEndpoints, now);
  const offer = offerMessage(ringing, now, false);
  return begun(
    ringing,
    facts.calleeEndpoints.map(({ endpoint }) => ({
      type: 'send',
      to: endpoint,
      message: offer,
      ringUntil: ringing.ringUntil,
    })),
  );
}

/**
 * The calls that an answer ends: whoever takes a second call leaves the first (BU-1, policy `waiting`).
 * @param calleeCalls live calls of who answers @param answered the call being answered
 */
export function answerConsequences(calleeCalls: readonly LiveCall[], answered: Ringing): Consequence[] {
  return calleeCalls
    .filter((call) => call.callId !== answered.callId && holderOf(call, answered.callee.id))
    .map((call) => ({ callId: call.callId, event: { type: 'answeredAnother', by: answered.callee.id } as const }));
}

/** The seat a user holds in a call it dialled or answered. */
function holderOf(call: LiveCall, user: UserId): Active['callerSeat'] | undefined {
  if (call.caller.id === user) return call.callerSeat;
  return call.phase === 'active' && call.callee.id === user ? call.calleeSeat : undefined;
}

/** The other person of a call. */
function peerOf(call: LiveCall, user: UserId): UserId {
  return call.caller.id === user ? call.callee.id : call.caller.id;
}

function peerSeat(call: Active, user: UserId): Active['callerSeat'] {
  return call.caller.id === user ? call.calleeSeat : call.callerSeat;
}

/** Whether an offer from this endpoint shows that the call it held has lost its state, as by a reload (GL-2). */
function lostItsState(call: LiveCall, from: Endpoint): boolean {
  const seat = holderOf(call, userOf(from));
  if (!seat) return false;
  return seat.endpoint === from || (isPlain(from) && isLostPlain(seat));
}

/** Whether a user may not be rung because of its calls (BU-1). */
function isBusy(calls: readonly LiveCall[], user: UserId, policy: AdmissionFacts['busyPolicy']): boolean {
  if (policy === 'busy') return calls.length > 0;
  const [only, ...more] = calls;
  return only !== undefined && (more.length > 0 || only.phase !== 'active' || holderOf(only, user) === undefined);
}

function ring(attempt: Attempt, endpoints: AdmissionFacts['calleeEndpoints'], now: Millis): Ringing {
  const devices: Record<Endpoint, Device> = {};
  for (const { endpoint, language, capabilities } of endpoints) devices[endpoint] = { language, capabilities };
  return {
    phase: 'ringing',
    ...identityOf(attempt),
    startedAt: now,
    // A plain socket rings as soon as it is sent the offer; a device says so itself (RI-1).
    ...(endpoints.some(({ endpoint }) => isPlain(endpoint)) && { ringingAt: now }),
    timeline: [{ at: now, who: 'caller', what: 'offered' }],
    offer: attempt.offer,
    ringUntil: now + attempt.ringTimeoutMs,
    callerSeat: { endpoint: attempt.from, language: attempt.language, capabilities: attempt.capabilities },
    devices,
  };
}

function overAtOnce(attempt: Attempt, outcome: Ended['outcome'], now: Millis): Ended {
  const told: CallOutcome | null = outcome.caller;
  return {
    phase: 'ended',
    ...identityOf(attempt),
    startedAt: now,
    endedAt: now,
    endedBy: 'service',
    reason: told ?? 'glare',
    outcome,
    quality: {},
    timeline: [
      { at: now, who: 'caller', what: 'offered' },
      { at: now, who: 'service', what: 'ended', detail: { outcome: told ?? 'glare' } },
    ],
  };
}

function identityOf({ callId, caller, callee, callType, conversationId }: Attempt) {
  return { callId, caller, callee, callType, ...(conversationId !== undefined && { conversationId }) };
}
