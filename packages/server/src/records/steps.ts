/** The steps of a call as one of its two people may see them (HI-2). Pure. */
import type { TimelineEntry } from '@ringdown/call';
import { type CallOutcome, isoTime, type TimelineStep } from '@ringdown/protocol';

/**
 * Leaves out what is for the other side alone, and tells the end as this side was told it (HI-1).
 * @param side whose eyes it is for
 * @param outcome as that side was told it; undefined while the call goes on
 */
export function stepsFor(
  side: 'caller' | 'callee',
  entries: readonly TimelineEntry[],
  outcome: CallOutcome | undefined,
): TimelineStep[] {
  return entries
    .filter(({ only }) => only === undefined || only === side)
    .map(({ at, who, what, detail }) => {
      const told = what === 'ended' && outcome !== undefined ? { ...detail, outcome } : detail;
      return {
        at: isoTime(at),
        who: who === 'service' ? who : who === side ? 'me' : 'peer',
        what,
        ...(told && { detail: { ...told } }),
      };
    });
}
