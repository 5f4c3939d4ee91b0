/** Calls in every phase, named by the state they are in, for the tests of this package. */
import type { Capability } from '@ringdown/protocol';
import type { Attempt } from './admission.ts';
import { admit } from './admission.ts';
import type { CallEvent } from './events.ts';
import { deviceEndpoint, type Endpoint, plainEndpoint } from './ids.ts';
import type { Active, Ended, Ringing } from './state.ts';
import { transition } from './transition.ts';

/** When every test call begins, ms. */
export const START = 1_800_000_000_000;
/** How long a test call rings, ms. */
export const RING_MS = 60_000;

/** What the devices of the tests can do. */
export const CAN: readonly Capability[] = ['renegotiate', 'media_state'];

/** Endpoints: Anna (1) calls Ben (2); Cleo (3) is a stranger. A `~` is a plain socket. */
export const ANNA = { phone: deviceEndpoint('1', 'phone'), laptop: deviceEndpoint('1', 'laptop') };
export const BEN = { phone: deviceEndpoint('2', 'phone'), laptop: deviceEndpoint('2', 'laptop') };
export const CLEO = { phone: deviceEndpoint('3', 'phone') };
export const ANNA_PLAIN = { first: plainEndpoint('1', 'a1'), second: plainEndpoint('1', 'a2') };
export const BEN_PLAIN = { first: plainEndpoint('2', 'b1'), second: plainEndpoint('2', 'b2') };

const party = (id: string, username: string) => ({ id, info: { id: Number(id), username, avatar: '' } });

/** Anna's offer to Ben. */
export function attempt(overrides: Partial<Attempt> = {}): Attempt {
  return {
    callId: 'call-1',
    from: ANNA.phone,
    language: 'en',
    capabilities: CAN,
    caller: party('1', 'anna'),
    callee: party('2', 'ben'),
    offer: { type: 'offer', sdp: 'v=0 offer' },
    callType: 'video',
    ringTimeoutMs: RING_MS,
    ...overrides,
  };
}

/** Ben's offer to Anna. */
export function attemptBack(overrides: Partial<Attempt> = {}): Attempt {
  return attempt({
    callId: 'call-2',
    from: BEN.phone,
    caller: party('2', 'ben'),
    callee: party('1', 'anna'),
    ...overrides,
  });
}

/** Facts that let any offer ring, at these endpoints of the callee. */
export function facts(endpoints: readonly Endpoint[] = [BEN.phone, BEN.laptop]) {
  return {
    blocked: false,
    doNotDisturb: false,
    hideBusy: false,
    busyPolicy: 'busy' as const,
    callerCalls: [],
    calleeCalls: [],
    calleeEndpoints: endpoints.map((endpoint) => ({ endpoint, language: 'en' as const, capabilities: CAN })),
  };
}

/** A call that rings on Ben's devices. */
export function ringing(overrides: Partial<Attempt> = {}, endpoints?: readonly Endpoint[]): Ringing {
  const admission = admit(attempt(overrides), facts(endpoints), START);
  if (admission.verdict !== 'begun' || admission.state.phase !== 'ringing')
    throw new Error('the test call did not ring');
  return admission.state;
}

/** A call that one of Ben's devices answered a second later. */
export function active(from: Endpoint = BEN.phone, ring: Ringing = ringing()): Active {
  const { state } = transition(ring, answered(from), START + 1_000);
  if (state.phase !== 'active') throw new Error('the test call was not answered');
  return state;
}

/** A call that Anna hung up two seconds after it began. */
export function ended(): Ended {
  const { state } = transition(
    active(),
    { type: 'hangUp', from: ANNA.phone, language: 'en', capabilities: CAN },
    START + 2_000,
  );
  if (state.phase !== 'ended') throw new Error('the test call did not end');
  return state;
}

/** An answer from an endpoint. */
export function answered(from: Endpoint, allowed = true): CallEvent & { type: 'answer' } {
  return {
    type: 'answer',
    from,
    language: 'en',
    capabilities: CAN,
    answer: { type: 'answer', sdp: 'v=0 answer' },
    allowed,
  };
}
