/** What time alone does to a call: the ring timeout, the graces, and who is told. */
import { expect, test } from 'vitest';
import {
  ANNA,
  ANNA_PLAIN,
  active,
  answered,
  BEN,
  BEN_PLAIN,
  CAN,
  ended,
  RING_MS,
  ringing,
  START,
} from './calls-for-tests.ts';
import type { CallEvent, Effect } from './events.ts';
import type { Endpoint } from './ids.ts';
import { type CallState, deadlineOf, GRACE } from './state.ts';
import { transition } from './transition.ts';

const TICK: CallEvent = { type: 'tick' };

function run(state: CallState, ...steps: [CallEvent, number][]) {
  const effects: Effect[] = [];
  let now = state;
  for (const [event, at] of steps) {
    const step = transition(now, event, at);
    now = step.state;
    effects.push(...step.effects);
  }
  return { state: now, effects };
}

function sent(effects: readonly Effect[], to: Endpoint): string[] {
  return effects.flatMap((effect) => (effect.type === 'send' && effect.to === to ? [effect.message.type] : []));
}

test('[TI-1] a ring that nobody answers times out for both sides at its deadline, not a millisecond before', () => {
  const ring = ringing();
  expect(deadlineOf(ring)).toBe(START + RING_MS);
  expect(run(ring, [TICK, START + RING_MS - 1])).toEqual({ state: ring, effects: [] });
  const { state, effects } = run(ring, [TICK, START + RING_MS]);
  expect(state).toMatchObject({
    phase: 'ended',
    outcome: { caller: 'no_answer', callee: 'no_answer' },
    endedBy: 'service',
  });
  for (const endpoint of [ANNA.phone, BEN.phone, BEN.laptop]) expect(sent(effects, endpoint)).toEqual(['call:timeout']);
  expect(effects.find((effect) => effect.type === 'send')).toMatchObject({
    message: { data: { senderId: '1', receiverId: '2', stage: 'ring' } },
  });
});

test('[TI-1] an answer that arrives after the deadline finds the call timed out', () => {
  const step = transition(ringing(), answered(BEN.phone), START + RING_MS);
  expect(step.reply).toEqual({ ok: false, reason: 'call_ended' });
  expect(step.state).toMatchObject({ phase: 'ended', endedAt: START + RING_MS });
  expect(sent(step.effects, ANNA.phone)).toEqual(['call:timeout']);
});

test('[DS-1] a caller that is gone while it rings is waited for 15 s', () => {
  const gone = run(ringing(), [{ type: 'detached', endpoint: ANNA.phone }, START + 1_000]).state;
  expect(deadlineOf(gone)).toBe(START + 1_000 + GRACE.callerRingingMs);
  expect(run(gone, [TICK, START + 15_999]).state.phase).toBe('ringing');
  const { state, effects } = run(gone, [TICK, START + 16_000]);
  expect(state).toMatchObject({ phase: 'ended', outcome: { caller: 'connection_lost' } });
  expect(effects).toContainEqual(
    expect.objectContaining({
      to: BEN.phone,
      message: expect.objectContaining({ data: expect.objectContaining({ reason: 'connection_lost', senderId: '1' }) }),
    }),
  );
});

test('[DS-1] a callee that is gone while it rings is rung until the deadline', () => {
  const gone = run(
    ringing(),
    [{ type: 'detached', endpoint: BEN.phone }, START + 1],
    [{ type: 'detached', endpoint: BEN.laptop }, START + 2],
  );
  expect(deadlineOf(gone.state)).toBe(START + RING_MS);
});

test.each([
  ['caller', ANNA.phone, '1'],
  ['callee', BEN.phone, '2'],
])(
  '[DS-1] a %s that is gone in a call is waited for 30 s, and the other side is told in its name',
  (_, endpoint, id) => {
    const gone = run(active(), [{ type: 'detached', endpoint }, START + 2_000]).state;
    expect(run(gone, [TICK, START + 31_999]).state.phase).toBe('active');
    const { state, effects } = run(gone, [TICK, START + 32_000]);
    expect(state).toMatchObject({ phase: 'ended', outcome: { caller: 'connection_lost', callee: 'connection_lost' } });
    expect(effects).toContainEqual(
      expect.objectContaining({
        message: expect.objectContaining({ data: expect.objectContaining({ senderId: id }) }),
      }),
    );
    expect([...sent(effects, ANNA.phone), ...sent(effects, BEN.phone)]).toEqual(['call:hang_up', 'call:hang_up']);
  },
);

test('[DS-1] whose page went away is waited for 10 s, whatever flowed before, and like anybody once it is back', () => {
  const left: CallEvent = { type: 'detached', endpoint: ANNA.phone, leaving: true };
  const gone = run(
    active(),
    [
      { type: 'report', from: BEN.phone, language: 'en', capabilities: CAN, report: { state: 'flowing' } },
      START + 2_000,
    ],
    [left, START + 3_000],
  ).state;
  expect(run(gone, [TICK, START + 12_999]).state.phase).toBe('active');
  expect(run(gone, [TICK, START + 13_000]).state).toMatchObject({
    phase: 'ended',
    outcome: { caller: 'connection_lost', callee: 'connection_lost' },
  });
  const lostLater = run(
    gone,
    [{ type: 'attached', endpoint: ANNA.phone, language: 'en', capabilities: CAN, resumed: false }, START + 5_000],
    [{ type: 'detached', endpoint: ANNA.phone }, START + 6_000],
  ).state;
  expect(run(lostLater, [TICK, START + 26_999]).state.phase).toBe('active');
});

test('[DS-1] a caller whose page goes while it rings is waited for 10 s, also when it is answered meanwhile, and devices ring on', () => {
  const caller = run(ringing(), [{ type: 'detached', endpoint: ANNA.phone, leaving: true }, START + 1_000]).state;
  expect(deadlineOf(caller)).toBe(START + 11_000);
  expect(run(caller, [answered(BEN.phone), START + 9_000]).state).toMatchObject({ phase: 'active' });
  expect(deadlineOf(run(caller, [answered(BEN.phone), START + 9_000]).state)).toBe(START + 11_000);
  const device = run(ringing(), [{ type: 'detached', endpoint: BEN.phone, leaving: true }, START + 1_000]).state;
  expect(deadlineOf(device)).toBe(START + RING_MS);
});

test('[DS-1] an endpoint that is back in time is not waited for any more', () => {
  const back = run(
    active(),
    [{ type: 'detached', endpoint: ANNA.phone }, START + 2_000],
    [{ type: 'attached', endpoint: ANNA.phone, language: 'en', capabilities: CAN, resumed: false }, START + 20_000],
  ).state;
  expect(deadlineOf(back)).toBe(START + 1_000 + GRACE.connectMs);
});

test('[DS-1] when both are gone the earlier one decides', () => {
  const gone = run(
    active(),
    [{ type: 'detached', endpoint: BEN.phone }, START + 2_000],
    [{ type: 'detached', endpoint: ANNA.phone }, START + 3_000],
  ).state;
  const { state, effects } = run(gone, [TICK, START + 60_000]);
  expect(state).toMatchObject({ phase: 'ended', endedAt: START + 32_000 });
  expect(effects[0]).toMatchObject({ message: { data: { senderId: '2' } } });
});

test('[RJ-2] a device that spoke leaves the others ringing; the last word is the strongest', () => {
  const mediaError: CallEvent = {
    type: 'reject',
    from: BEN.phone,
    language: 'en',
    capabilities: CAN,
    reason: 'media_error',
  };
  const one = run(ringing(), [mediaError, START + 1_000]);
  expect(one.state.phase).toBe('ringing');
  expect(one.effects).toEqual([]);
  const both = run(one.state, [{ type: 'busy', from: BEN.laptop, language: 'en', capabilities: CAN }, START + 2_000]);
  expect(both.state).toMatchObject({ phase: 'ended', outcome: { caller: 'busy' } });
  expect(sent(both.effects, ANNA.phone)).toEqual(['call:busy']);
});

test.each(['media_error', 'unsupported'] as const)(
  '[RJ-2] the only device cannot take it (%s): the caller hears just that',
  (reason) => {
    const { state, effects } = run(ringing({}, [BEN.phone]), [
      { type: 'reject', from: BEN.phone, language: 'en', capabilities: CAN, reason },
      START + 1,
    ]);
    expect(state).toMatchObject({ phase: 'ended', outcome: { caller: 'failed' }, reason });
    expect(effects[0]).toMatchObject({ to: ANNA.phone, message: { type: 'call:reject', data: { reason } } });
  },
);

test('[RJ-2] a device that has spoken cannot answer any more', () => {
  const spoken = run(ringing(), [
    { type: 'busy', from: BEN.phone, language: 'en', capabilities: CAN },
    START + 1,
  ]).state;
  expect(transition(spoken, answered(BEN.phone), START + 2).reply).toEqual({ ok: false, reason: 'invalid_state' });
  expect(transition(spoken, answered(BEN.laptop), START + 2).state.phase).toBe('active');
});

test('[RJ-2] once a device has spoken, another that is gone is waited for 30 s', () => {
  const waiting = run(
    ringing(),
    [{ type: 'detached', endpoint: BEN.laptop }, START + 1_000],
    [{ type: 'busy', from: BEN.phone, language: 'en', capabilities: CAN }, START + 2_000],
  ).state;
  expect(deadlineOf(waiting)).toBe(START + 31_000);
  expect(run(waiting, [TICK, START + 31_000]).state).toMatchObject({ phase: 'ended', outcome: { caller: 'busy' } });
});

test('[RI-2] a session that joins while it rings gets the offer as replayed and then the kept candidates', () => {
  const tablet: Endpoint = '2/tablet';
  const step = transition(
    ringing(),
    { type: 'attached', endpoint: tablet, language: 'en', capabilities: CAN, resumed: false },
    START + 10_000,
  );
  expect(step.effects).toEqual([
    expect.objectContaining({
      to: tablet,
      ringUntil: START + RING_MS,
      message: expect.objectContaining({ type: 'call:offer', data: expect.objectContaining({ replayed: true }) }),
    }),
    { type: 'sendCandidates', callId: 'call-1', from: ANNA.phone, to: tablet },
  ]);
  expect(transition(step.state, answered(tablet), START + 11_000).state.phase).toBe('active');
});

test('[RI-2] [T13] with less than 3 s left nobody new is rung', () => {
  const joins = (at: number) =>
    transition(
      ringing(),
      { type: 'attached', endpoint: '2/tablet', language: 'en', capabilities: CAN, resumed: false },
      at,
    ).effects.length;
  expect(joins(START + RING_MS - 3_000)).toBe(2);
  expect(joins(START + RING_MS - 2_999)).toBe(0);
});

test('[DS-3] the next plain socket of the caller takes the place of the lost one and gets the answer, then the candidates', () => {
  const ring = ringing({ from: ANNA_PLAIN.first }, [BEN_PLAIN.first]);
  const gone = run(
    ring,
    [{ type: 'detached', endpoint: ANNA_PLAIN.first }, START + 500],
    [answered(BEN_PLAIN.first), START + 1_000],
  ).state;
  const { state, effects } = run(gone, [
    { type: 'attached', endpoint: ANNA_PLAIN.second, language: 'en', capabilities: CAN, resumed: false },
    START + 2_000,
  ]);
  expect(state).toMatchObject({ phase: 'active', callerSeat: { endpoint: ANNA_PLAIN.second } });
  expect(deadlineOf(state)).toBe(Number.POSITIVE_INFINITY);
  expect(effects).toEqual([
    { type: 'moveCandidates', callId: 'call-1', from: ANNA_PLAIN.first, to: ANNA_PLAIN.second },
    expect.objectContaining({ to: ANNA_PLAIN.second, message: expect.objectContaining({ type: 'call:answer' }) }),
    { type: 'sendCandidates', callId: 'call-1', from: BEN_PLAIN.first, to: ANNA_PLAIN.second },
  ]);
});

test('[DS-3] an unbound plain socket that speaks of a call whose plain socket is lost is taken at its word', () => {
  const call = active(BEN_PLAIN.first, ringing({ from: ANNA_PLAIN.first }, [BEN_PLAIN.first, BEN_PLAIN.second]));
  const hangUp: CallEvent = { type: 'hangUp', from: BEN_PLAIN.second, language: 'en', capabilities: CAN };
  expect(run(call, [hangUp, START + 2_000]).state.phase).toBe('active');
  const gone = run(call, [{ type: 'detached', endpoint: BEN_PLAIN.first }, START + 2_000]).state;
  expect(run(gone, [hangUp, START + 3_000]).state).toMatchObject({ phase: 'ended', endedBy: 'callee' });
});

test('[DS-3] the place of a device is never taken by a plain socket', () => {
  const gone = run(active(), [{ type: 'detached', endpoint: BEN.phone }, START + 2_000]).state;
  expect(
    run(gone, [
      { type: 'attached', endpoint: BEN_PLAIN.first, language: 'en', capabilities: CAN, resumed: false },
      START + 3_000,
    ]),
  ).toEqual({
    state: gone,
    effects: [],
  });
});

test('[HU-2] an ended call is remembered for 120 s', () => {
  const call = ended();
  expect(deadlineOf(call)).toBe(call.endedAt + 120_000);
});

test('[QU-1] the figures of a hang-up go into the record of the side that sent them', () => {
  const metrics = { quality: 4, packetLoss: 0.5, latency: 40 };
  const { effects } = run(active(), [
    { type: 'hangUp', from: BEN.phone, language: 'en', capabilities: CAN, metrics },
    START + 9_000,
  ]);
  expect(effects.at(-1)).toMatchObject({
    type: 'record',
    record: {
      callee: { outcome: 'completed', quality: metrics },
      caller: { outcome: 'completed' },
      answeredAt: START + 1_000,
      endedAt: START + 9_000,
    },
  });
});

const report = (from: Endpoint, word: 'connected' | 'flowing' | 'failed'): CallEvent => ({
  type: 'report',
  from,
  language: 'en',
  capabilities: CAN,
  report: { state: word, ...(word === 'failed' && { gathered: ['host', 'srflx'], iceErrors: [701] }) },
});

test('[TI-3] a call answered between devices that no side reports connected fails after 45 s', () => {
  const call = active();
  expect(deadlineOf(call)).toBe(START + 46_000);
  const { state, effects } = run(call, [TICK, START + 46_000]);
  expect(state).toMatchObject({ phase: 'ended', outcome: { caller: 'failed', callee: 'failed' }, endedBy: 'service' });
  expect(sent(effects, ANNA.phone)).toEqual(['call:timeout']);
  expect(effects[1]).toMatchObject({ to: BEN.phone, message: { data: { stage: 'connect' } } });
});

test('[TI-3] [ST-1] one side that reports connected is enough; between plain sockets answered means active', () => {
  expect(deadlineOf(run(active(), [report(BEN.phone, 'connected'), START + 2_000]).state)).toBe(
    Number.POSITIVE_INFINITY,
  );
  expect(deadlineOf(active(BEN_PLAIN.first, ringing({ from: ANNA_PLAIN.first }, [BEN_PLAIN.first])))).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test('[DS-1] [ST-1] while the other side reports that media flows, a lost one is waited for, up to 5 min', () => {
  let state: CallState = run(
    active(),
    [report(BEN.phone, 'connected'), START + 2_000],
    [{ type: 'detached', endpoint: ANNA.phone }, START + 3_000],
  ).state;
  for (let at = START + 12_000; at < START + 303_000; at += 10_000) {
    state = run(state, [report(BEN.phone, 'flowing'), at]).state;
    expect(state.phase).toBe('active');
  }
  expect(deadlineOf(state)).toBe(START + 303_000);
  expect(run(state, [TICK, START + 303_000]).state).toMatchObject({ outcome: { caller: 'connection_lost' } });
});

test('[DS-1] once the other side stops reporting, the grace runs out', () => {
  const gone = run(
    active(),
    [report(BEN.phone, 'connected'), START + 2_000],
    [{ type: 'detached', endpoint: ANNA.phone }, START + 3_000],
    [report(BEN.phone, 'flowing'), START + 20_000],
  ).state;
  expect(deadlineOf(gone)).toBe(START + 20_000 + GRACE.flowingCountsMs);
});

test('[GL-2] [DS-1] a call that moves to another device waits for the lost peer as long as before', () => {
  const waiting = run(
    active(),
    [report(BEN.phone, 'connected'), START + 2_000],
    [{ type: 'detached', endpoint: ANNA.phone }, START + 3_000],
    [report(BEN.phone, 'flowing'), START + 30_000],
  ).state;
  const offer = { type: 'offer' as const, sdp: 'v=0 here' };
  const moved = run(waiting, [
    { type: 'takeover', from: BEN.laptop, language: 'en', capabilities: CAN, offer },
    START + 40_000,
  ]).state;
  expect(moved).toMatchObject({ phase: 'active', calleeSeat: { endpoint: BEN.laptop } });
  expect(deadlineOf(moved)).toBe(START + 30_000 + GRACE.flowingCountsMs);
});

test('[HI-2] a failed call is explained to each side from what both reported', () => {
  const { effects } = run(active(), [report(ANNA.phone, 'failed'), START + 2_000], [TICK, START + 46_000]);
  expect(effects.at(-1)).toMatchObject({
    record: { caller: { diagnosis: 'my_relay_unreachable' }, callee: { diagnosis: 'peer_relay_unreachable' } },
  });
});

test('[RI-1] an extended caller is told how many devices ring', () => {
  const rang = (endpoint: Endpoint): CallEvent => ({ type: 'rang', endpoint });
  const { effects } = run(
    ringing(),
    [rang(BEN.phone), START + 100],
    [rang(BEN.phone), START + 150],
    [rang(BEN.laptop), START + 200],
  );
  expect(effects).toMatchObject([
    { to: ANNA.phone, message: { type: 'call:ringing', data: { devices: 1 } } },
    { to: ANNA.phone, message: { type: 'call:ringing', data: { devices: 2 } } },
  ]);
});

test('[TI-2] a device that is waking up holds the ring, once, and the others may still answer', () => {
  const accepting = (from: Endpoint): CallEvent => ({ type: 'accepting', from, language: 'en', capabilities: CAN });
  const late = START + RING_MS - 1_000;
  const { state } = run(ringing(), [accepting(BEN.phone), late], [accepting(BEN.laptop), late + 5_000]);
  expect(deadlineOf(state)).toBe(late + GRACE.acceptingMs);
  expect(transition(state, answered(BEN.laptop), late + 6_000).state.phase).toBe('active');
  expect(deadlineOf(run(ringing(), [accepting(BEN.phone), START + 1]).state)).toBe(START + RING_MS);
});

const renegotiate = (from: Endpoint): CallEvent => ({
  type: 'renegotiate',
  from,
  language: 'en',
  capabilities: CAN,
  offer: { type: 'offer', sdp: 'v=0 again' },
});
const negotiated = (from: Endpoint, negotiationId: number): CallEvent => ({ ...answered(from), negotiationId });

test('[RN-1] an offer inside a call goes to the peer with its politeness, its answer back to who offered', () => {
  const offered = transition(active(), renegotiate(ANNA.phone), START + 2_000);
  expect(offered.reply).toEqual({ ok: true, negotiationId: 1 });
  expect(offered.effects.at(-1)).toMatchObject({
    to: BEN.phone,
    message: { type: 'call:offer', data: { renegotiation: true, negotiationId: 1, polite: true, senderId: '1' } },
  });
  const answer = transition(offered.state, negotiated(BEN.phone, 1), START + 3_000);
  expect(answer.effects.at(-1)).toMatchObject({
    to: ANNA.phone,
    message: { type: 'call:answer', data: { negotiationId: 1, senderId: '2' } },
  });
  const back = transition(answer.state, renegotiate(BEN.phone), START + 4_000);
  expect(back.effects.at(-1)).toMatchObject({ to: ANNA.phone, message: { data: { negotiationId: 2, polite: false } } });
});

test('[RN-2] nobody answers an offer of its own', () => {
  const open = run(active(), [renegotiate(ANNA.phone), START + 2_000]).state;
  expect(transition(open, negotiated(ANNA.phone, 1), START + 2_100).reply).toMatchObject({
    reason: 'stale_negotiation',
  });
});

test('[RN-2] when both offer the caller’s supersedes, the callee’s collides, and an old answer is stale', () => {
  const callees = run(active(), [renegotiate(BEN.phone), START + 2_000]).state;
  const callers = transition(callees, renegotiate(ANNA.phone), START + 2_100);
  expect(callers.reply).toEqual({ ok: true, negotiationId: 2 });
  expect(transition(callers.state, negotiated(ANNA.phone, 1), START + 2_200).reply).toMatchObject({
    reason: 'stale_negotiation',
  });
  expect(transition(callers.state, renegotiate(BEN.phone), START + 2_300).reply).toMatchObject({
    reason: 'negotiation_collision',
  });
  expect(transition(callers.state, negotiated(BEN.phone, 2), START + 2_400).reply).toEqual({ ok: true });
});

test('[RN-2] a negotiation nobody answers is dropped after 15 s, and the call goes on', () => {
  const open = run(
    active(),
    [report(BEN.phone, 'connected'), START + 1_500],
    [renegotiate(BEN.phone), START + 2_000],
  ).state;
  expect(deadlineOf(open)).toBe(START + 17_000);
  const dropped = run(open, [TICK, START + 17_000]);
  expect(dropped).toMatchObject({ state: { phase: 'active' }, effects: [] });
  expect(transition(dropped.state, negotiated(ANNA.phone, 1), START + 17_001).reply).toMatchObject({
    reason: 'stale_negotiation',
  });
});

test('[RN-1] a plain peer cannot renegotiate', () => {
  const call = active(BEN_PLAIN.first, ringing({}, [BEN_PLAIN.first]));
  expect(transition(call, renegotiate(ANNA.phone), START + 2_000).reply).toMatchObject({ reason: 'peer_unsupported' });
});

test('[MS-1] what a side sends is passed on, and repeated to a peer that comes back knowing nothing', () => {
  const off: CallEvent = {
    type: 'mediaState',
    from: ANNA.phone,
    language: 'en',
    capabilities: CAN,
    media: { audio: 'off', video: 'screen' },
  };
  const step = transition(active(), off, START + 2_000);
  const told = {
    to: BEN.phone,
    message: { type: 'call:media_state', data: { senderId: '1', audio: 'off', video: 'screen' } },
  };
  expect(step.effects).toMatchObject([told]);
  const back = transition(
    step.state,
    { type: 'attached', endpoint: BEN.phone, language: 'en', capabilities: CAN, resumed: false },
    START + 3_000,
  );
  expect(back.effects.at(-1)).toMatchObject(told);
  expect(
    transition(
      step.state,
      { type: 'attached', endpoint: BEN.phone, language: 'en', capabilities: CAN, resumed: true },
      START + 3_000,
    ).effects,
  ).toEqual([]);
});

test('[QU-1] a side may tell its quality up to 60 s after the end, and not later', () => {
  const quality: CallEvent = {
    type: 'quality',
    from: BEN.phone,
    language: 'en',
    capabilities: CAN,
    metrics: { quality: 2 },
  };
  const { endedAt } = ended();
  expect(transition(ended(), quality, endedAt + 60_000).effects).toEqual([
    { type: 'quality', callId: 'call-1', side: 'callee', metrics: { quality: 2 } },
  ]);
  expect(transition(ended(), quality, endedAt + 60_001).reply).toMatchObject({ reason: 'call_ended' });
});
