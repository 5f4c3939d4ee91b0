/** The port through which the REST routes reach calls that are not over yet. */
import type { ErrorReason, LiveCallSummary, TimelineStep } from '@ringdown/protocol';

/**
 * Live calls as their people may see and end them. Call ids are taken as they came; one that is unknown, or somebody
 * else's, or that this person must never learn of (BL-1), is `call_not_found`. User ids are canonical.
 */
export interface LiveCalls {
  /** The live calls of a person, whatever device they are on. */
  active(userId: string): Promise<LiveCallSummary[]>;
  /**
   * What has happened so far, as far as this person may know it (HI-2).
   * @returns undefined when there is no such call for them
   */
  timeline(userId: string, callId: string): Promise<TimelineStep[] | undefined>;
  /**
   * The person tapped Answer while the app still wakes up (TI-2).
   * @returns undefined when done, else why not
   */
  accepting(userId: string, callId: string): Promise<ErrorReason | undefined>;
  /**
   * Rejects a call that rings this person, on every device (RJ-1). Of a call that ended lately: done (HU-2).
   * @param reason the raw word for the caller
   * @returns undefined when done, else why not
   */
  reject(userId: string, callId: string, reason?: string): Promise<ErrorReason | undefined>;
  /**
   * Ends a call of this person, whatever device it is on (HU-1). Of a call that ended lately: done (HU-2).
   * @returns undefined when done, else why not
   */
  hangUp(userId: string, callId: string): Promise<ErrorReason | undefined>;
}
