/** The call record (CDR): what remains of a call. Pure data, made once from an ended state. Rule HI-1. */
import type { CallOutcome, CallType, QualityMetrics } from '@ringdown/protocol';
import type { CallId, Millis, UserId } from './state.ts';

/** What one side of a call may know of how it went. */
export interface SideRecord {
  /** The outcome as that side was told it. */
  readonly outcome: CallOutcome;
  /** The quality that side reported on its hang-up. */
  readonly quality?: QualityMetrics;
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
  readonly endedAt: Millis;
  /** `service`: a timeout, a lost connection, nobody reachable. */
  readonly endedBy: 'caller' | 'callee' | 'service';
  /** The raw reason word of whoever ended it. */
  readonly reason?: string;
  readonly caller: SideRecord;
  /** Absent when the callee must never learn of the attempt (it had blocked the caller, BL-1). */
  readonly callee?: SideRecord;
}
