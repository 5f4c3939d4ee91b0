import { describe, expect, it } from 'vitest';
import { CallSignal } from './call-signal.ts';
import type { Request } from './connection.ts';
import { RingdownError } from './errors.ts';
import type { RequestHandlers } from './outbox.ts';

const OFFER = { type: 'offer', sdp: 'o' } as const;
const ANSWER = { type: 'answer', sdp: 'a' } as const;
const candidate = (n: number) => ({ candidate: `candidate:${n}` });

function setUp(options: { extended?: boolean; callId?: string } = {}) {
  const sent: { request: Request; handlers: RequestHandlers; cancelled: boolean }[] = [];
  let unwanted = 0;
  const signal = new CallSignal({
    send: (request, handlers) => {
      const entry = { request, handlers, cancelled: false };
      sent.push(entry);
      return {
        cancel: () => {
          entry.cancelled = true;
          return true;
        },
      };
    },
    extended: () => options.extended !== false,
    peerId: '2',
    ...(options.callId !== undefined && { callId: options.callId }),
    onUnwanted: () => {
      unwanted += 1;
    },
  });
  const said = (type: string) => sent.filter(({ request }) => request.type === type).map(({ request }) => request.data);
  return { signal, sent, said, unwanted: () => unwanted };
}
const refused = (reason: 'negotiation_collision' | 'peer_unsupported' | 'call_ended' | 'rate_limited') =>
  new RingdownError('rejected_by_service', 'no', { reason, retryAfterMs: 300 });

describe('candidates', () => {
  it('[IC-2] wait until the service knows the call, and go then in the order they came, twenty a frame', () => {
    const { signal, sent, said } = setUp();
    signal.offerCall({ offer: OFFER, callType: 'audio' }, { ack: () => {}, error: () => {} });
    const all = Array.from({ length: 45 }, (_, n) => candidate(n));
    signal.sendCandidates(all.slice(0, 30));
    signal.sendCandidates([...all.slice(30), null]);
    expect(said('call:ice_candidate')).toEqual([]);
    sent[0]!.handlers.ack?.({ callId: 'c' }, false);
    const frames = said('call:ice_candidate') as { callId: string; candidates: unknown[] }[];
    expect(frames.map(({ candidates }) => candidates.length)).toEqual([20, 20, 6]);
    expect(frames.flatMap(({ candidates }) => candidates)).toEqual([...all, null]);
    expect(new Set(frames.map(({ callId }) => callId))).toEqual(new Set(['c']));
  });

  it('[IC-2] of a callee follow its answer', () => {
    const { signal, sent } = setUp({ callId: 'c' });
    signal.sendCandidates([candidate(1)]);
    signal.answerCall(ANSWER, () => {});
    expect(sent.map(({ request }) => request.type)).toEqual(['call:answer', 'call:ice_candidate']);
  });

  it('[IC-3] in a plain session go one by one, without an end', () => {
    const { signal, said } = setUp({ extended: false, callId: 'c' });
    signal.answerCall(ANSWER, () => {});
    signal.sendCandidates([candidate(1), { candidate: '' }, candidate(2), null]);
    expect(said('call:ice_candidate')).toEqual([
      { callId: 'c', receiverId: '2', candidate: candidate(1) },
      { callId: 'c', receiverId: '2', candidate: candidate(2) },
    ]);
  });

  it('that find the call gone say so, and those of a call that is over are not said', () => {
    const { signal, sent, said, unwanted } = setUp({ callId: 'c' });
    signal.answerCall(ANSWER, () => {});
    signal.sendCandidates([candidate(1)]);
    sent[1]!.handlers.error?.(refused('rate_limited'), false);
    expect(unwanted()).toBe(0);
    sent[1]!.handlers.error?.(refused('call_ended'), false);
    expect(unwanted()).toBe(1);
    signal.close();
    signal.sendCandidates([candidate(2)]);
    expect(said('call:ice_candidate')).toHaveLength(1);
  });
});

describe('[RN-1] a change of the running call', () => {
  it('needs an extended session and an answer', async () => {
    expect(setUp({ callId: 'c' }).signal.canRenegotiate()).toBe(false);
    const { signal } = setUp({ callId: 'c', extended: false });
    signal.answered();
    expect(signal.canRenegotiate()).toBe(false);
    await expect(signal.sendOffer(OFFER, 'audio')).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('is numbered by the service', async () => {
    const { signal, sent } = setUp({ callId: 'c' });
    signal.answered();
    const offering = signal.sendOffer(OFFER, 'video');
    expect(sent[0]!.request.data).toEqual({ callId: 'c', receiverId: '2', offer: OFFER, callType: 'video' });
    sent[0]!.handlers.ack?.({ callId: 'c', negotiationId: 7 }, false);
    expect(await offering).toEqual({ negotiationId: 7 });
    void signal.sendAnswer(ANSWER, 8);
    expect(sent[1]!.request.data).toMatchObject({ answer: ANSWER, negotiationId: 8 });
  });

  it('[RN-2] that is refused says why, and is not tried again where the other side cannot', async () => {
    const { signal, sent } = setUp({ callId: 'c' });
    signal.answered();
    const colliding = signal.sendOffer(OFFER, 'video');
    sent[0]!.handlers.error?.(refused('negotiation_collision'), false);
    await expect(colliding).rejects.toMatchObject({ reason: 'negotiation_collision' });
    expect(signal.canRenegotiate()).toBe(true);
    const unsupported = signal.sendOffer(OFFER, 'video');
    sent[1]!.handlers.error?.(refused('peer_unsupported'), false);
    await expect(unsupported).rejects.toMatchObject({ reason: 'peer_unsupported' });
    expect(signal.canRenegotiate()).toBe(false);
  });

  it('that the end of the call overtakes fails, and leaves the outbox', async () => {
    const { signal, sent } = setUp({ callId: 'c' });
    signal.answered();
    const offering = signal.sendOffer(OFFER, 'video');
    signal.close();
    await expect(offering).rejects.toMatchObject({ code: 'call_ended' });
    expect(sent[0]!.cancelled).toBe(true);
    await expect(signal.sendAnswer(ANSWER, 1)).rejects.toMatchObject({ code: 'call_ended' });
  });
});

describe('last words', () => {
  it('[OF-3] before the call has a name mean the only call to that person', () => {
    const { signal, sent, said } = setUp();
    signal.hangUp('normal', undefined, () => {});
    expect(sent).toEqual([]);
    signal.offerCall({ offer: OFFER, callType: 'audio' }, { ack: () => {}, error: () => {} });
    signal.hangUp('normal', undefined, () => {});
    expect(sent[0]!.cancelled).toBe(true);
    expect(said('call:hang_up')).toEqual([{ receiverId: '2' }]);
  });

  it('[GL-2] of a call whose name is known use it, and one that is agreed about anew says none', () => {
    const { signal, sent, said } = setUp({ callId: 'c' });
    const takeover = { offer: OFFER, callType: 'audio', takeover: true } as const;
    signal.offerCall(takeover, { ack: () => {}, error: () => {} });
    signal.close(true);
    expect([sent[0]!.cancelled, said('call:hang_up')]).toEqual([true, []]);
    const again = setUp({ callId: 'c' });
    again.signal.offerCall(takeover, { ack: () => {}, error: () => {} });
    again.signal.hangUp('normal', undefined, () => {});
    again.signal.close();
    expect(again.said('call:hang_up')).toEqual([{ callId: 'c', receiverId: '2', reason: 'normal' }]);
  });

  it('[QU-1] carry the quality', () => {
    const { signal, said } = setUp({ callId: 'c' });
    signal.hangUp('normal', { quality: 4 }, () => {});
    expect(said('call:hang_up')).toEqual([{ callId: 'c', receiverId: '2', reason: 'normal', metrics: { quality: 4 } }]);
  });
});

it('what only extended sessions know is not said in a plain one', () => {
  const { signal, sent } = setUp({ extended: false, callId: 'c' });
  signal.answered();
  signal.accepting();
  signal.sendReport({ state: 'connected' });
  signal.mediaState({ audio: 'on', video: 'off' }, () => {});
  signal.quality({ quality: 5 });
  expect(sent).toEqual([]);
});
