/** The call record (CDR): what remains of a call. Pure data, made once from an ended state. Rule HI-1. */
import type { CallOutcome, CallType, QualityMetrics } from '@ringdown/protocol';
import { type Diagnosis, diagnose } from './diagnosis.ts';
import type { CallId, Millis, UserId } from './ids.ts';
import type { Ended, PathReport } from './state.ts';
import type { TimelineEntry } from './timeline.ts';

/** What one side of a call may know of how it went. */
export interface SideRecord {
  /** The outcome as that side was told it. */
  readonly outcome: CallOutcome;
  /** The quality that side reported on its hang-up. */
  readonly quality?: QualityMetrics;
  /** Why it did not work, as far as that side may know (HI-2). */
  readonly diagnosis?: Diagnosis;
}

/** One call, as it goes into the history. All times are ms since the epoch by the store's clock. */
export interface CallRecord {
  readonly callId: CallId;
  readonly callerId: UserId;
  readonly calleeId: UserId;
  readonly callType: CallType;
  readonly conversationId?: string;
  /** The offer was admitted. */
  readonly startedAt: Millis;
  /** The first device was sent the offer; absent when nobody was rung. */
  readonly ringingAt?: Millis;
  /** The winning answer was committed; absent when nobody answered. */
  readonly answeredAt?: Millis;
  /** The first side reported media; absent when none did, as between plain sessions. */
  readonly connectedAt?: Millis;
  readonly endedAt: Millis;
  /** `service`: a timeout, a lost connection, nobody reachable. */
  readonly endedBy: 'caller' | 'callee' | 'service';
  /** The raw reason word of whoever ended it. */
  readonly reason?: string;
  readonly caller: SideRecord;
  /** Absent when the callee must never learn of the attempt (it had blocked the caller, BL-1). */
  readonly callee?: SideRecord;
  readonly timeline: readonly TimelineEntry[];
}

/**
 * Makes the record of an ended call.
 * @param reports what the two sides told of their media, when it was answered
 * @returns undefined when the attempt belongs in nobody's history (GL-1)
 */
export function toCallRecord(
  state: Ended,
  reports?: { readonly caller: PathReport; readonly callee: PathReport },
): CallRecord | undefined {
  if (state.outcome.caller === null) return undefined;
  const side = (mine: 'caller' | 'callee', outcome: CallOutcome, quality: QualityMetrics | undefined): SideRecord => {
    const diagnosis = diagnose(state, mine, outcome, reports);
    return { outcome, ...(quality && { quality }), ...(diagnosis && { diagnosis }) };
  };
  return {
    callId: state.callId,
    callerId: state.caller.id,
    calleeId: state.callee.id,
    callType: state.callType,
    ...(state.conversationId !== undefined && { conversationId: state.conversationId }),
    startedAt: state.startedAt,
    ...(state.ringingAt !== undefined && { ringingAt: state.ringingAt }),
    ...(state.answeredAt !== undefined && { answeredAt: state.answeredAt }),
    ...(state.connectedAt !== undefined && { connectedAt: state.connectedAt }),
    endedAt: state.endedAt,
    endedBy: state.endedBy,
    ...(state.reason !== undefined && { reason: state.reason }),
    caller: side('caller', state.outcome.caller, state.quality.caller),
    ...(state.outcome.callee !== null && { callee: side('callee', state.outcome.callee, state.quality.callee) }),
    timeline: state.timeline,
  };
}
