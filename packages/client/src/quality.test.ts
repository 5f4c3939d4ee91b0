import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rate } from './quality.ts';

describe('quality', () => {
  it.each([
    { rttMs: 0, lossPercent: 0, jitterMs: 0, score: 5, mos: 4.4 },
    { rttMs: 150, lossPercent: 0, jitterMs: 5, score: 5, mos: 4.4 },
    { rttMs: 40, lossPercent: 0.5, jitterMs: 5, score: 5, mos: 4.3 },
    { rttMs: 40, lossPercent: 1, jitterMs: 5, score: 4, mos: 4.3 },
    { rttMs: 300, lossPercent: 0, jitterMs: 0, score: 4, mos: 4.3 },
    { rttMs: 40, lossPercent: 3, jitterMs: 5, score: 4, mos: 4.1 },
    { rttMs: 500, lossPercent: 0, jitterMs: 0, score: 3, mos: 3.9 },
    { rttMs: 40, lossPercent: 6, jitterMs: 5, score: 3, mos: 3.8 },
    { rttMs: 40, lossPercent: 10, jitterMs: 5, score: 2, mos: 3.4 },
    { rttMs: 40, lossPercent: 15, jitterMs: 5, score: 1, mos: 2.9 },
    { rttMs: 1000, lossPercent: 0, jitterMs: 0, score: 1, mos: 2.2 },
    { rttMs: 40, lossPercent: 0, jitterMs: 150, score: 2, mos: 3.5 },
    { rttMs: 3000, lossPercent: 60, jitterMs: 300, score: 1, mos: 1 },
  ])('a path of $rttMs ms, $lossPercent % loss and $jitterMs ms jitter is worth $score', (row) => {
    expect(rate(row)).toEqual({ score: row.score, mos: row.mos });
  });

  it('what is not known spoils nothing', () => {
    expect(rate({})).toEqual(rate({ rttMs: 0, lossPercent: 0, jitterMs: 0 }));
    expect(rate({ rttMs: Number.NaN, lossPercent: -3 })).toEqual(rate({}));
  });

  it('a worse path is never rated better, and no path beyond 1 to 5', () => {
    const figures = fc.record({
      rttMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
      lossPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      jitterMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
    });
    const worse = fc.record({ rttMs: fc.nat(5_000), lossPercent: fc.nat(100), jitterMs: fc.nat(1_000) });
    fc.assert(
      fc.property(figures, worse, (path, more) => {
        const rating = rate(path);
        const other = rate({
          rttMs: path.rttMs + more.rttMs,
          lossPercent: path.lossPercent + more.lossPercent,
          jitterMs: path.jitterMs + more.jitterMs,
        });
        expect(other.score).toBeLessThanOrEqual(rating.score);
        expect(other.mos).toBeLessThanOrEqual(rating.mos);
        for (const { score, mos } of [rating, other]) {
          expect(score).toBeGreaterThanOrEqual(1);
          expect(score).toBeLessThanOrEqual(5);
          expect(mos).toBeGreaterThanOrEqual(1);
          expect(mos).toBeLessThanOrEqual(4.5);
        }
      }),
    );
  });
});
