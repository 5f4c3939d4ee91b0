import { explainMismatch, QualityMetrics } from '@ringdown/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qualityOf } from './stats.ts';

const inbound = (packetsLost: number, packetsReceived: number) => ({
  type: 'inbound-rtp',
  packetsLost,
  packetsReceived,
});
const report = (...entries: object[]) => entries.map((entry, index) => [`${index}`, entry] as const);

describe('stats', () => {
  it('[QU-1] loss is what did not come of all that was sent here, latency the round trip of the chosen pair', () => {
    const chosen = { type: 'candidate-pair', currentRoundTripTime: 0.0421 };
    const other = { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 9 };
    const transport = { type: 'transport', selectedCandidatePairId: '1' };
    expect(qualityOf(report(inbound(1, 49), chosen, other, transport, inbound(1, 49)))).toEqual({
      quality: 4,
      packetLoss: 2,
      latency: 42.1,
    });
  });

  it('[QU-1] without a named pair the nominated one that works counts', () => {
    const failed = { type: 'candidate-pair', nominated: true, state: 'failed', currentRoundTripTime: 9 };
    const works = { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.01 };
    expect(qualityOf(report(failed, works))).toEqual({ quality: 5, latency: 10 });
  });

  it.each([
    [0, 100, 5],
    [3, 97, 4],
    [7, 93, 3],
    [15, 85, 2],
    [16, 84, 1],
  ])('[QU-1] %i lost and %i received is graded %i', (lost, received, quality) => {
    expect(qualityOf(report(inbound(lost, received)))?.quality).toBe(quality);
  });

  it('[QU-1] nothing measured is nothing said', () => {
    expect(qualityOf([])).toBeUndefined();
    expect(qualityOf(report(inbound(0, 0)))).toBeUndefined();
  });

  it('[QU-1] whatever a browser reports, the figures are ones the service takes', () => {
    const figure = fc.oneof(fc.double(), fc.integer(), fc.constant(undefined), fc.string());
    const entry = fc.record({
      type: fc.constantFrom('inbound-rtp', 'candidate-pair', 'transport'),
      packetsLost: figure,
      packetsReceived: fc.oneof(fc.nat(), fc.constant(undefined)),
      currentRoundTripTime: fc.oneof(fc.double({ min: 0, noNaN: true }), fc.constant(undefined)),
      nominated: fc.boolean(),
      state: fc.constantFrom('succeeded', 'failed'),
      selectedCandidatePairId: fc.constantFrom('0', '1', undefined),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
        const metrics = qualityOf(report(...entries));
        if (metrics) expect(explainMismatch(QualityMetrics, metrics)).toBeUndefined();
      }),
    );
  });
});
