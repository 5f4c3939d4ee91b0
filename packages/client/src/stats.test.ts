import { explainMismatch, QualityMetrics } from '@ringdown/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Averages, figuresBetween, readSample } from './stats.ts';

const inbound = (packetsLost: number, packetsReceived: number) => ({
  type: 'inbound-rtp',
  packetsLost,
  packetsReceived,
});
const report = (...entries: object[]) => entries.map((entry, index) => [`${index}`, entry] as const);

/** A report of Chromium about a call with a picture, as far as it is read; `now` counts everything up. */
function chromium(now: number, changes: Record<string, object> = {}) {
  const entries: Record<string, object> = {
    T: { type: 'transport', selectedCandidatePairId: 'P' },
    P: {
      type: 'candidate-pair',
      state: 'succeeded',
      nominated: true,
      localCandidateId: 'L',
      remoteCandidateId: 'R',
      currentRoundTripTime: 0.0421,
      bytesReceived: now * 200,
    },
    L: { type: 'local-candidate', candidateType: 'host' },
    R: { type: 'remote-candidate', candidateType: 'srflx' },
    IA: {
      type: 'inbound-rtp',
      kind: 'audio',
      packetsReceived: now * 50,
      packetsLost: 0,
      bytesReceived: now * 4000,
      jitter: 0.004,
    },
    IV: {
      type: 'inbound-rtp',
      kind: 'video',
      packetsReceived: now * 100,
      packetsLost: now * 2,
      bytesReceived: now * 100_000,
      framesDecoded: now * 25,
      frameWidth: 640,
      frameHeight: 480,
      jitter: 0.012,
    },
    OA: { type: 'outbound-rtp', kind: 'audio', packetsSent: now * 50, bytesSent: now * 4000 },
    OV: {
      type: 'outbound-rtp',
      kind: 'video',
      packetsSent: now * 80,
      bytesSent: now * 50_000,
      framesEncoded: now * 30,
      frameWidth: 320,
      frameHeight: 240,
    },
    RV: { type: 'remote-inbound-rtp', kind: 'video', jitter: 0.02, fractionLost: 0.05, roundTripTime: 0.3 },
    ...changes,
  };
  return Object.entries(entries);
}
const between = (before: [string, object][], after: [string, object][], afterMs = 1000) =>
  figuresBetween(readSample(before, 0), readSample(after, afterMs));

describe('figures between two samples', () => {
  it('are about the time between, in both directions', () => {
    expect(between(chromium(10), chromium(12), 2000)).toEqual({
      rttMs: 42.1,
      path: 'srflx',
      lossPercent: 1.3,
      jitterMs: 12,
      bitrateKbps: 832,
      resolution: { width: 640, height: 480 },
      fps: 25,
      sending: {
        lossPercent: 5,
        jitterMs: 20,
        bitrateKbps: 432,
        resolution: { width: 320, height: 240 },
        fps: 30,
      },
    });
  });

  it('a stream that joined since counts from its beginning', () => {
    const sound = chromium(10).filter(([id]) => id !== 'IV');
    expect(between(sound, chromium(1, { IA: { type: 'inbound-rtp' } })).fps).toBe(25);
  });

  it('counters that went back are left out', () => {
    const figures = between(chromium(10), chromium(9));
    expect([figures.lossPercent, figures.bitrateKbps, figures.fps]).toEqual([undefined, undefined, undefined]);
  });

  it('packets that were only late are no loss', () => {
    const late = (packetsLost: number, packetsReceived: number) => [
      ['1', inbound(packetsLost, packetsReceived)] as [string, object],
    ];
    expect(between(late(10, 100), late(4, 200)).lossPercent).toBe(0);
    expect(between(late(0, 100), late(25, 175)).lossPercent).toBe(25);
    expect(between(late(0, 100), late(25, 100)).lossPercent).toBe(100);
    expect(between(late(0, 100), late(0, 100)).lossPercent).toBeUndefined();
  });

  it.each([
    ['host', 'host', 'host'],
    ['host', 'srflx', 'srflx'],
    ['prflx', 'host', 'srflx'],
    ['host', 'relay', 'relay'],
    ['relay', 'prflx', 'relay'],
    ['something new', 'host', 'host'],
    [undefined, undefined, undefined],
  ])('a local %s and a remote %s candidate make the path %s', (local, remote, path) => {
    const report = chromium(1, {
      L: { type: 'local-candidate', candidateType: local },
      R: { type: 'remote-candidate', candidateType: remote },
    });
    expect(readSample(report, 0).path).toBe(path);
  });

  const pair = (currentRoundTripTime: number, more: object) => ({
    type: 'candidate-pair',
    state: 'succeeded',
    currentRoundTripTime,
    ...more,
  });
  it.each([
    [
      'the transport names',
      [{ type: 'transport', selectedCandidatePairId: '2' }, pair(9, { nominated: true }), pair(0.01, {})],
    ],
    [
      'Firefox marks as selected',
      [pair(9, { nominated: true, bytesReceived: 9 }), pair(0.01, { selected: true, nominated: true })],
    ],
    [
      'carried the most of the nominated ones',
      [
        pair(9, { nominated: true, bytesReceived: 1 }),
        pair(0.01, { nominated: true, bytesReceived: 5 }),
        pair(8, { bytesReceived: 10 }),
      ],
    ],
    [
      'is there though the transport names one that is gone',
      [{ type: 'transport', selectedCandidatePairId: '7' }, pair(0.01, { nominated: true })],
    ],
  ])('the chosen pair is the one that %s', (_, entries) => {
    expect(readSample(report(...entries), 0).rttMs).toBe(10);
  });

  it('a browser that measures no round trip by ICE has the one of RTCP', () => {
    expect(readSample(chromium(1, { P: { type: 'candidate-pair' } }), 0).rttMs).toBe(300);
  });

  it('of nothing there are no figures', () => {
    const empty = {
      lossPercent: undefined,
      jitterMs: undefined,
      bitrateKbps: undefined,
      resolution: undefined,
      fps: undefined,
    };
    expect(between([], [])).toEqual({ ...empty, rttMs: undefined, path: undefined, sending: empty });
    expect(between(chromium(1), chromium(2), 0).bitrateKbps).toBeUndefined();
  });

  it('[QU-1] what goes with the hang-up is the mean of all seconds, whatever a browser reports', () => {
    const averages = new Averages();
    expect(averages.metrics).toBeUndefined();
    averages.add({ score: 5, lossPercent: 1, rttMs: 40 });
    averages.add({ score: 4, lossPercent: undefined, rttMs: 60 });
    averages.add({ score: undefined, lossPercent: 2, rttMs: undefined });
    expect(averages.metrics).toEqual({ quality: 4.5, packetLoss: 1.5, latency: 50 });
    const figure = fc.oneof(fc.double(), fc.integer(), fc.constant(undefined), fc.string());
    const any = fc.array(
      fc.dictionary(
        fc.constantFrom(
          'packetsLost',
          'packetsReceived',
          'bytesReceived',
          'currentRoundTripTime',
          'jitter',
          'fractionLost',
          'roundTripTime',
        ),
        figure,
      ),
      { maxLength: 4 },
    );
    const types = fc.array(
      fc.constantFrom('inbound-rtp', 'outbound-rtp', 'remote-inbound-rtp', 'candidate-pair', 'transport'),
      { minLength: 4, maxLength: 4 },
    );
    fc.assert(
      fc.property(any, any, types, (one, other, kinds) => {
        const [before, after] = [one, other].map((each) =>
          report(...each.map((entry, at) => ({ ...entry, type: kinds[at] as string }))),
        );
        const figures = figuresBetween(readSample(before ?? [], 0), readSample(after ?? [], 1000));
        const mean = new Averages();
        mean.add({ ...figures, score: 3 });
        expect(explainMismatch(QualityMetrics, mean.metrics)).toBeUndefined();
      }),
    );
  });
});
