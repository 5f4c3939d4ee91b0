/** Calls under the day they began on. */
import type { CallSummary } from '@ringdown/protocol';
import { dayNumber } from '../i18n/when.ts';

/** One day and its calls, in the order they came. */
export interface DayGroup {
  /** When the first of the calls began. */
  readonly date: Date;
  readonly calls: readonly CallSummary[];
}

/**
 * Splits a list of calls where the calendar day changes, in this machine's time zone.
 * @param calls in any order; neighbours of the same day stay together
 */
export function groupByDay(calls: readonly CallSummary[]): DayGroup[] {
  const groups: { date: Date; calls: CallSummary[] }[] = [];
  for (const call of calls) {
    const date = new Date(call.startedAt);
    const current = groups.at(-1);
    if (current && dayNumber(current.date) === dayNumber(date)) current.calls.push(call);
    else groups.push({ date, calls: [call] });
  }
  return groups;
}
