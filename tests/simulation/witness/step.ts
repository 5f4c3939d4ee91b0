/** One call in the commit that is being judged, and what can be asked of it. */

import type { CallId, CallRecord, CallState, Endpoint } from '@ringdown/call';
import type { Commit } from '@ringdown/server/core';
import { causeOf, isLeft } from './causes.ts';
import { NOBODY } from './seats.ts';

/** Why a call ended. `…AtOnce`: it never rang. */
export type Cause =
  | 'busyAtOnce'
  | 'unavailableAtOnce'
  | 'lost'
  | 'deviceRefusals'
  | 'ringTimeout'
  | 'connectTimeout'
  | 'replaced'
  | 'answeredAnother'
  | 'dialledAway'
  | 'cancelled'
  | 'rejected'
  | 'forbidden'
  | 'completed';

export interface Known {
  readonly state: CallState;
  /** Who has heard an end of this call, which goes on for others. */
  readonly out: readonly Endpoint[];
}

/** One call in the commit that is being judged. */
export interface Step {
  readonly before: CallState | undefined;
  readonly after: CallState;
  readonly out: readonly Endpoint[];
  readonly cause: Cause | undefined;
  /** The call ended because its person went into another one in the same commit. */
  readonly left: boolean;
  /** Who was sent the offer of the ring, the answer, an end. */
  readonly rung: Endpoint[];
  readonly answered: Endpoint[];
  readonly told: Endpoint[];
  record: CallRecord | undefined;
}

/** A call as this commit takes it on. */
export function stepTo(known: Known | undefined, after: CallState, commit: Commit): Step {
  const before = known?.state;
  const left =
    commit.calls.length > 1 && before !== undefined && before.phase !== 'ended' && isLeft(before, after, commit);
  return {
    before,
    after,
    out: known?.out ?? NOBODY,
    cause: after.phase === 'ended' && before?.phase !== 'ended' ? causeOf(before, after, commit, left) : undefined,
    left,
    rung: [],
    answered: [],
    told: [],
    record: undefined,
  };
}

/** The call of this name in the commit. */
export function stepOf(steps: readonly Step[], callId: CallId): Step | undefined {
  for (const step of steps) if (step.after.callId === callId) return step;
  return undefined;
}
