/** The invariants that concern one call, over random histories of valid and invalid events. */
import { VideoCallMessageType } from '@ringdown/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANNA, ANNA_PLAIN, answered, BEN, BEN_PLAIN, CAN, CLEO, ringing, START } from './calls-for-tests.ts';
import { candidateRoute } from './candidates.ts';
import type { CallEvent, Effect } from './events.ts';
import { type Endpoint, isPlain, userOf } from './ids.ts';
import { type CallState, claimsOf, deadlineOf, GRACE } from './state.ts';
import { transition } from './transition.ts';

const ENDPOINTS: Endpoint[] = [
  ...[ANNA, BEN, CLEO, ANNA_PLAIN, BEN_PLAIN].flatMap((devices) => Object.values(devices)),
];
const RECEIVERS = ['1', '2', '9', undefined];
const REASONS = ['normal', 'busy', 'media_error', 'unsupported', undefined];

/** Every kind of event there is; a new kind does not compile until it stands here. */
const ARBITRARIES: { [T in CallEvent['type']]: fc.Arbitrary<CallEvent> } = (() => {
  const endpoint = fc.constantFrom(...ENDPOINTS);
  const user = fc.constantFrom('1', '2', '3');
  const from = <T extends object>(rest: T) =>
    fc.record({ from: endpoint, receiverId: fc.constantFrom(...RECEIVERS) }).map(({ from: sender, receiverId }) => ({
      ...rest,
      from: sender,
      language: 'en' as const,
      capabilities: CAN,
      ...(receiverId !== undefined && { receiverId }),
    }));
  const reason = fc.constantFrom(...REASONS).map((word) => (word === undefined ? {} : { reason: word }));
  return {
    answer: fc
      .tuple(endpoint, fc.boolean())
      .map(([sender, allowed]) => answered(sender, allowed || sender !== BEN.phone)),
    reject: reason.chain((words) => from({ type: 'reject' as const, ...words })),
    busy: from({ type: 'busy' as const }),
    hangUp: reason.chain((words) => from({ type: 'hangUp' as const, ...words })),
    claim: from({ type: 'claim' as const }),
    accepting: from({ type: 'accepting' as const }),
    renegotiate: from({ type: 'renegotiate' as const, offer: { type: 'offer' as const, sdp: 'v=0 again' } }),
    takeover: from({ type: 'takeover' as const, offer: { type: 'offer' as const, sdp: 'v=0 here' } }),
    mediaState: from({ type: 'mediaState' as const, media: { audio: 'on' as const, video: 'off' as const } }),
    report: fc
      .constantFrom('connected' as const, 'flowing' as const, 'failed' as const)
      .chain((word) => from({ type: 'report' as const, report: { state: word } })),
    quality: from({ type: 'quality' as const, metrics: { quality: 3 } }),
    rang: endpoint.map((rang) => ({ type: 'rang', endpoint: rang })),
    attached: fc.tuple(endpoint, fc.boolean()).map(([attached, resumed]) => ({
      type: 'attached',
      endpoint: attached,
      language: 'en',
      capabilities: CAN,
      resumed,
    })),
    detached: endpoint.map((detached) => ({ type: 'detached', endpoint: detached })),
    replaced: user.map((by) => ({ type: 'replaced', by })),
    dialledAway: fc.constant({ type: 'dialledAway' }),
    answeredAnother: user.map((by) => ({ type: 'answeredAnother', by })),
    tick: fc.constant({ type: 'tick' }),
  };
})();

/** Histories in which most events let the call live on, so that long ones are seen as well. */
const history = fc.array(
  fc.tuple(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.oneof(
          ARBITRARIES.attached,
          ARBITRARIES.detached,
          ARBITRARIES.tick,
          ARBITRARIES.claim,
          ARBITRARIES.rang,
          ARBITRARIES.accepting,
          ARBITRARIES.report,
        ),
      },
      {
        weight: 2,
        arbitrary: fc.oneof(ARBITRARIES.answer, ARBITRARIES.busy, ARBITRARIES.renegotiate, ARBITRARIES.takeover),
      },
      { weight: 1, arbitrary: fc.oneof(...Object.values(ARBITRARIES)) },
    ),
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
    ),
  ),
  { minLength: 1, maxLength: 40 },
);

interface Seen {
  readonly before: CallState;
  readonly event: CallEvent;
  readonly after: CallState;
  readonly effects: readonly Effect[];
  readonly at: number;
}

/** Plays a history against a ring from a plain socket or a device, to a device and a plain socket, and returns every step. */
function play(events: readonly (readonly [CallEvent, number])[], from: Endpoint): Seen[] {
  const seen: Seen[] = [];
  let state: CallState = ringing({ from }, [BEN.phone, BEN_PLAIN.first]);
  let at = START;
  for (const [event, later] of events) {
    at += later;
    const step = transition(state, event, at);
    seen.push({ before: state, event, after: step.state, effects: step.effects, at });
    state = step.state;
  }
  return seen;
}

const ENDS = new Set(['call:hang_up', 'call:reject', 'call:busy', 'call:timeout', 'call:not_available']);
const sends = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.type === 'send' ? [effect] : []));
const holds = (check: (steps: Seen[]) => void) =>
  fc.assert(
    fc.property(history, fc.constantFrom(ANNA_PLAIN.first, ANNA.phone), (events, from) => check(play(events, from))),
    { numRuns: 3_000 },
  );

describe('for every history of one call', () => {
  test('[I1] at most one answer wins, and it reaches the caller’s seat alone', () => {
    holds((steps) => {
      const won = steps.filter(({ before, after }) => before.phase === 'ringing' && after.phase === 'active');
      expect(won.length).toBeLessThanOrEqual(1);
      for (const { effects } of steps) {
        for (const { to, message } of sends(effects))
          if (message.type === 'call:answer' && message.data.negotiationId === undefined) expect(userOf(to)).toBe('1');
      }
    });
  });

  test('[I3] [T8] nothing leads out of an ended call, and nothing is sent in it', () => {
    holds((steps) => {
      for (const { before, event, after, effects } of steps) {
        if (before.phase !== 'ended') continue;
        expect(after).toBe(before);
        if (event.type !== 'quality') expect(effects).toEqual([]);
        expect(sends(effects)).toEqual([]);
      }
    });
  });

  test('[I4] each seat and each device hears at most one end, and the record is written exactly once', () => {
    holds((steps) => {
      const ends = new Map<Endpoint, number>();
      let records = 0;
      for (const { event, effects } of steps) {
        // Whoever takes the call over comes into it anew (GL-2).
        if (event.type === 'takeover' && sends(effects).length > 0) ends.delete(event.from);
        for (const { to, message } of sends(effects)) if (ENDS.has(message.type)) ends.set(to, (ends.get(to) ?? 0) + 1);
        records += effects.filter((effect) => effect.type === 'record').length;
      }
      for (const count of ends.values()) expect(count).toBe(1);
      expect(records).toBe(steps.at(-1)?.after.phase === 'ended' ? 1 : 0);
    });
  });

  test('[AN-3] [I5] before the answer the caller hears nothing of the callee but a refusal', () => {
    holds((steps) => {
      for (const { before, event, after, effects } of steps) {
        if (before.phase !== 'ringing' || after.phase === 'active') continue;
        for (const effect of effects) {
          if (effect.type === 'sendCandidates') expect(userOf(effect.from)).toBe('1');
          if (effect.type !== 'send' || userOf(effect.to) !== '1') continue;
          expect(ENDS.has(effect.message.type) || effect.message.type === 'call:ringing').toBe(true);
        }
        expect(event).toBeDefined();
      }
    });
  });

  test('[I6] [T2] only the two parties are ever sent anything', () => {
    holds((steps) => {
      for (const { after, effects } of steps) {
        for (const { to } of sends(effects)) expect(['1', '2']).toContain(userOf(to));
        expect(candidateRoute(after, CLEO.phone)).toBe('unknown');
      }
    });
  });

  test('[I7] [T9] who a frame is from is one of the parties, whatever a client claims', () => {
    holds((steps) => {
      for (const { effects } of steps) {
        for (const { message } of sends(effects))
          if ('senderId' in message.data) expect(['1', '2']).toContain(message.data.senderId);
      }
    });
  });

  test('a plain endpoint is never sent a type or a negotiation that the contract does not have', () => {
    const contract = new Set<string>(Object.values(VideoCallMessageType));
    holds((steps) => {
      for (const { effects } of steps) {
        for (const { to, message } of sends(effects)) {
          if (!isPlain(to)) continue;
          expect(contract.has(message.type)).toBe(true);
          expect(message.data).not.toHaveProperty('negotiationId');
        }
      }
    });
  });

  test('[RN-2] at most one negotiation is open, and it is answered at most once', () => {
    holds((steps) => {
      const answeredIds = new Set<number>();
      for (const { effects } of steps) {
        for (const { message } of sends(effects)) {
          if (message.type !== 'call:answer' || message.data.negotiationId === undefined) continue;
          expect(answeredIds.has(message.data.negotiationId)).toBe(false);
          answeredIds.add(message.data.negotiationId);
        }
      }
    });
  });

  test('[HI-2] the timeline is in the order of time and bounded, and ends with the end', () => {
    holds((steps) => {
      const { timeline, phase } = steps.at(-1)!.after;
      expect(timeline.length).toBeLessThanOrEqual(101);
      for (const [n, { at }] of timeline.entries()) expect(at).toBeGreaterThanOrEqual(timeline[n - 1]?.at ?? 0);
      expect(timeline.at(-1)?.what === 'ended').toBe(phase === 'ended');
    });
  });

  test('[IC-2] [I8] candidates of the callee reach the caller only after the answer did', () => {
    holds((steps) => {
      let answerSent = false;
      for (const { effects } of steps) {
        for (const effect of effects) {
          if (effect.type === 'send' && effect.message.type === 'call:answer') answerSent = true;
          if (effect.type === 'sendCandidates' && userOf(effect.from) === '2') expect(answerSent).toBe(true);
        }
      }
    });
  });

  test('[I9] once both sides are gone a call ends within the longest grace', () => {
    holds((steps) => {
      const last = steps.at(-1)!;
      let state = last.after;
      for (const endpoint of ENDPOINTS) state = transition(state, { type: 'detached', endpoint }, last.at).state;
      const bound = last.at + GRACE.activeFlowingMs;
      expect(transition(state, { type: 'tick' }, bound).state.phase).toBe('ended');
    });
  });

  test('[I10] an ended call occupies nobody, a live one exactly its two people', () => {
    holds((steps) => {
      for (const { after } of steps) expect(claimsOf(after).length).toBe(after.phase === 'ended' ? 0 : 2);
    });
  });

  test('after an event at some time nothing of that time is left overdue', () => {
    holds((steps) => {
      for (const { after, at } of steps) if (after.phase !== 'ended') expect(deadlineOf(after)).toBeGreaterThan(at);
    });
  });

  test('[I14] an answer that is not allowed never makes a call', () => {
    holds((steps) => {
      for (const { before, event, after } of steps) {
        if (event.type === 'answer' && !event.allowed && before.phase === 'ringing')
          expect(after.phase).not.toBe('active');
      }
    });
  });

  test('a state is plain JSON', () => {
    holds((steps) => {
      for (const { after } of steps) expect(JSON.parse(JSON.stringify(after))).toEqual(after);
    });
  });
});
