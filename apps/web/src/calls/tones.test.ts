/** Tunes that can be played. */
import { expect, test } from 'vitest';
import { END_TUNE, RING_TUNES, RINGBACK_TUNE } from './tones.ts';

const TUNES = { ...RING_TUNES, ringback: RINGBACK_TUNE, end: END_TUNE };

test.each(Object.entries(TUNES))('the tune %s fits into its period and never overdrives the speaker', (_, tune) => {
  for (const note of tune.notes) {
    expect(note.atMs).toBeGreaterThanOrEqual(0);
    expect(note.atMs + note.lengthMs).toBeLessThanOrEqual(tune.periodMs);
    expect(note.frequencyHz).toBeGreaterThan(100);
    const together = tune.notes.filter((other) => other.atMs <= note.atMs && note.atMs < other.atMs + other.lengthMs);
    // A bell fades by two thirds in a third of its length: what began before counts less and less.
    const loudness = together.reduce(
      (sum, { level, atMs, lengthMs }) => sum + level * 0.0005 ** ((note.atMs - atMs) / lengthMs),
      0,
    );
    expect(loudness).toBeLessThan(1);
  }
});
