import { describe, expect, it } from 'vitest';
import { CandidateGate } from './candidates.ts';
import { FakePeers } from './fake-peer.ts';
import { Negotiation } from './negotiation.ts';

function setUp() {
  const peers = new FakePeers();
  const side = () => {
    const remoteCandidates = new CandidateGate();
    const refused: unknown[] = [];
    const states: string[] = [];
    const negotiation = new Negotiation({
      openPeer: (events) => peers.open({}, events),
      remoteCandidates,
      onState: (state) => states.push(state),
      onTrack: () => undefined,
      onCandidateRefused: (cause) => refused.push(cause),
    });
    return { negotiation, remoteCandidates, refused, states, peer: peers.made.at(-1)! };
  };
  return { caller: side(), callee: side() };
}

describe('negotiation', () => {
  it('[IC-2] candidates that come before the description wait for it', async () => {
    const { caller, callee } = setUp();
    callee.remoteCandidates.push({ candidate: 'early' });
    expect(callee.peer.remoteCandidates).toEqual([]);
    await callee.negotiation.answer(await caller.negotiation.offer(undefined, true), undefined);
    callee.remoteCandidates.push({ candidate: 'late' });
    expect(callee.peer.remoteCandidates).toEqual([{ candidate: 'early' }, { candidate: 'late' }]);
    expect(callee.refused).toEqual([]);
  });

  it('[IC-2] own candidates wait until they may follow their description', async () => {
    const { caller } = setUp();
    const sent: string[] = [];
    await caller.negotiation.offer(undefined, true);
    expect(sent).toEqual([]);
    caller.negotiation.sendCandidates(({ candidate }) => sent.push(candidate));
    caller.peer.gather();
    expect(sent).toEqual(['candidate:1 0', 'candidate:1 1', 'candidate:1 2']);
  });

  it('[AN-1] a second answer is ignored', async () => {
    const { caller, callee } = setUp();
    const answer = await callee.negotiation.answer(await caller.negotiation.offer(undefined, false), undefined);
    await caller.negotiation.applyAnswer(answer);
    await caller.negotiation.applyAnswer(answer);
    caller.remoteCandidates.push({ candidate: 'a' });
    callee.remoteCandidates.push({ candidate: 'b' });
    expect([caller.states, callee.states]).toEqual([['connected'], ['connected']]);
  });
});
