/** The tunes of the app as data: notes on a time line that repeats. Pure. */
import type { RingTone } from '../settings/preferences.ts';

/** One note. */
export interface Note {
  readonly frequencyHz: number;
  /** From the beginning of the tune. */
  readonly atMs: number;
  readonly lengthMs: number;
  /** 0 to 1. */
  readonly level: number;
  /** Struck like a bell, or held like a line tone. */
  readonly kind: 'bell' | 'line';
}

/** A tune; it starts again every `periodMs` when it is played as a loop. */
export interface Tune {
  readonly periodMs: number;
  readonly notes: readonly Note[];
}

const bell = (frequencyHz: number, atMs: number, level = 0.5, lengthMs = 900): Note => ({
  frequencyHz,
  atMs,
  lengthMs,
  level,
  kind: 'bell',
});
const line = (frequencyHz: number, atMs: number, lengthMs: number, level: number): Note => ({
  frequencyHz,
  atMs,
  lengthMs,
  level,
  kind: 'line',
});

/** What an incoming call sounds like. */
export const RING_TUNES: Record<Exclude<RingTone, 'silent'>, Tune> = {
  chime: {
    periodMs: 3200,
    notes: [
      bell(659.3, 0),
      bell(830.6, 180),
      bell(987.8, 360),
      bell(1318.5, 540, 0.4),
      bell(987.8, 1080),
      bell(1318.5, 1260, 0.4),
    ],
  },
  classic: {
    periodMs: 3000,
    notes: [0, 400].flatMap((start) =>
      [0, 50, 100, 150, 200, 250].map((at, index) => bell(index % 2 === 0 ? 1245 : 1480, start + at, 0.35, 220)),
    ),
  },
  drops: {
    periodMs: 2600,
    notes: [
      bell(1046.5, 0, 0.5, 300),
      bell(784, 220, 0.45, 300),
      bell(587.3, 440, 0.5, 600),
      bell(1174.7, 1000, 0.3, 300),
    ],
  },
};

/** What the caller hears while it rings at the other end: one second of 425 Hz, four seconds of silence. */
export const RINGBACK_TUNE: Tune = { periodMs: 5000, notes: [line(425, 0, 1000, 0.12)] };

/** Two notes going down when a call is over. */
export const END_TUNE: Tune = { periodMs: 700, notes: [bell(659.3, 0, 0.3, 300), bell(440, 170, 0.3, 450)] };
