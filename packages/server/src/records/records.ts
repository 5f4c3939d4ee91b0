/** The history port: call records in, a person's history out. */
import type { CallRecord } from '@ringdown/call';
import type { CallSummary } from '@ringdown/protocol';

/** The history port. */
export interface Records {
  /**
   * Stores records. A record that is already there stays as it is, so repeating is harmless. All or none.
   * @throws when the database cannot be written; the caller tries again later
   */
  insert(records: readonly CallRecord[]): Promise<void>;
  /**
   * One page of a person's history, newest first, as that side was told (HI-1).
   * @param cursor `nextCursor` of the page before; undefined for the first
   * @param limit 1–100
   * @returns the page, or undefined when the cursor is not one of ours
   */
  list(
    userId: string,
    cursor: string | undefined,
    limit: number,
  ): Promise<{ calls: CallSummary[]; nextCursor: string | null } | undefined>;
  /** One call as this person may see it, or undefined when there is none for them. */
  get(userId: string, callId: string): Promise<CallSummary | undefined>;
}
