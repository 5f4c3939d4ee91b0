/** A line of the history, for tests. */
import type { CallSummary } from '@ringdown/protocol';

/** A completed call; what a test is about stands in `facts`. */
export function callForTests(facts: Partial<CallSummary> = {}): CallSummary {
  return {
    callId: 'c1',
    direction: 'outgoing',
    peer: { id: '2', username: 'ben', avatar: '' },
    callType: 'video',
    conversationId: null,
    outcome: 'completed',
    missed: false,
    endedBy: 'me',
    reason: null,
    startedAt: '2026-03-12T08:00:00.000Z',
    ringingAt: null,
    answeredAt: null,
    endedAt: '2026-03-12T08:01:05.000Z',
    talkMs: 65_000,
    quality: null,
    connectedAt: null,
    diagnosis: null,
    ...facts,
  };
}
