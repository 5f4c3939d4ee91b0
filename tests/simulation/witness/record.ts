/** What the record of a call must say. */

import type { Step } from './step.ts';
import { fail } from './violation.ts';

/** HI-1: the record is written with the end, once, and says what the two sides were told. */
export function checkRecord({ before, after, record, cause }: Step): void {
  const { callId } = after;
  if (cause === undefined || after.phase !== 'ended') {
    if (record) fail('HI-1', `the record of ${callId} was written, and not at its end`);
    return;
  }
  if (after.outcome.caller === null) {
    if (record) fail('HI-1', `${callId} is in nobody's history, and was written down`);
    return;
  }
  if (!record) return fail('HI-1', `${callId} ended without a record`);
  if (record.callerId !== after.caller.id || record.calleeId !== after.callee.id)
    fail('HI-1', `the record of ${callId} names others`);
  if (record.caller.outcome !== after.outcome.caller || (record.callee?.outcome ?? null) !== after.outcome.callee) {
    fail('HI-1', `the record of ${callId} tells another outcome`);
  }
  const answeredAt = before?.phase === 'active' ? before.answeredAt : undefined;
  const connectedAt = before?.phase === 'active' ? before.connectedAt : undefined;
  if (
    record.startedAt !== after.startedAt ||
    record.ringingAt !== after.ringingAt ||
    record.answeredAt !== answeredAt ||
    record.connectedAt !== connectedAt ||
    record.endedAt !== after.endedAt ||
    record.endedBy !== after.endedBy ||
    record.reason !== after.reason
  ) {
    fail('HI-1', `the record of ${callId} tells other times or another end`);
  }
  const ringingAt = record.ringingAt ?? record.startedAt;
  if (
    !(
      record.startedAt <= ringingAt &&
      ringingAt <= (answeredAt ?? ringingAt) &&
      (answeredAt ?? ringingAt) <= (connectedAt ?? answeredAt ?? ringingAt) &&
      (connectedAt ?? answeredAt ?? ringingAt) <= record.endedAt
    )
  ) {
    fail('HI-1', `the times of ${callId} are out of order`);
  }
  if (record.timeline !== after.timeline && record.timeline.length !== after.timeline.length)
    fail('HI-2', `the record of ${callId} has another timeline`);
}
