/** The history port: call records in, a person's history out. */
import type { CallRecord } from '@ringdown/call';
import type { CallSummary, Language, QualityMetrics, TimelineStep } from '@ringdown/protocol';

/** The history port. */
export interface Records {
  /**
   * Stores records, with their steps. One that is already there stays as it is, so repeating is harmless. All or none.
   * @throws when the database cannot be written; the caller tries again later
   */
  insert(records: readonly CallRecord[]): Promise<void>;
  /**
   * One page of a person's history, newest first, as that side was told (HI-1).
   * @param cursor `nextCursor` of the page before; undefined for the first
   * @param limit 1–100
   * @param language of the texts
   * @returns the page, or undefined when the cursor is not one of ours
   */
  list(
    userId: string,
    cursor: string | undefined,
    limit: number,
    language: Language,
  ): Promise<{ calls: CallSummary[]; nextCursor: string | null } | undefined>;
  /** One call as this person may see it, or undefined when there is none for them. */
  get(userId: string, callId: string, language: Language): Promise<CallSummary | undefined>;
  /** The steps of one call as this person may see them (HI-2), or undefined when there is no such call for them. */
  timeline(userId: string, callId: string): Promise<TimelineStep[] | undefined>;
  /**
   * Adds what a side tells of the quality after the end (QU-1). A figure that it has told before stays.
   * @param metrics in range
   * @returns false when there is no record yet, so that it can be tried again; else true
   */
  addQuality(callId: string, side: 'caller' | 'callee', metrics: QualityMetrics): Promise<boolean>;
  /**
   * Deletes records, with their steps, beginning with the oldest (HI-3).
   * @param endedBefore ms since the epoch @param most how many at once
   * @returns how many there were; fewer than `most` when none is left
   */
  forget(endedBefore: number, most: number): Promise<number>;
}
