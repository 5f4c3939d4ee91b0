/**
 * How good a call sounds, from three figures of its path. Pure.
 *
 * The rating is the E-model of ITU-T G.107 with its default values, in the simplification that Cole and Rosenbluth gave
 * for packet networks ("Voice over IP performance monitoring", ACM SIGCOMM CCR 31(2), 2001):
 *
 *     R     = 93.2 − Id − Ie,eff
 *     d     = rttMs / 2 + 2 · jitterMs + 20                      from mouth to ear, ms: path, jitter buffer, 20 ms frame
 *     Id    = 0.024 · d + 0.11 · (d − 177.3)  for d > 177.3      what the delay spoils
 *     Ie,eff = 95 · loss / (loss + 25.1)                         what lost packets spoil, loss in per cent
 *
 * G.113 has no figures for Opus: those of G.711 with concealment of lost packets are taken (Appendix I: Ie 0, Bpl 25.1).
 * The score is the category of G.109 for R: 5 from 90 (very satisfied), 4 from 80, 3 from 70, 2 from 60, else 1; `mos` is
 * the mean opinion score of G.107 Annex B. Pictures are not rated: people forgive those far more than sound.
 */

/** What the rating needs; a figure that is not known spoils nothing. */
export interface PathFigures {
  /** Round trip between the two browsers, ms. */
  readonly rttMs?: number | undefined;
  /** Lost on the way here, per cent. */
  readonly lossPercent?: number | undefined;
  /** Variation of the delay, ms. */
  readonly jitterMs?: number | undefined;
}

/** How good a call sounds. */
export interface Rating {
  /** 1 bad to 5 very good. */
  readonly score: 1 | 2 | 3 | 4 | 5;
  /** Mean opinion score, 1 to 4.5, one decimal. */
  readonly mos: number;
}

/** R without any delay or loss: G.107, all values default. */
const BEST_R = 93.2;
/** From mouth to ear even on a perfect path, ms: one frame of sound. */
const FRAME_MS = 20;
/** Above this delay a conversation stumbles, ms. */
const STUMBLE_MS = 177.3;
/** How well the codec stands random loss (G.113 Appendix I, G.711 with concealment). */
const LOSS_ROBUSTNESS = 25.1;

/** Rates a path. Never throws; figures below zero count as zero. */
export function rate({ rttMs, lossPercent, jitterMs }: PathFigures): Rating {
  const delayMs = known(rttMs) / 2 + 2 * known(jitterMs) + FRAME_MS;
  const delayImpairment = 0.024 * delayMs + 0.11 * Math.max(0, delayMs - STUMBLE_MS);
  const loss = Math.min(100, known(lossPercent));
  const lossImpairment = (95 * loss) / (loss + LOSS_ROBUSTNESS);
  const r = BEST_R - delayImpairment - lossImpairment;
  return { score: scoreOf(r), mos: mosOf(r) };
}

function scoreOf(r: number): Rating['score'] {
  if (r >= 90) return 5;
  if (r >= 80) return 4;
  if (r >= 70) return 3;
  return r >= 60 ? 2 : 1;
}

function mosOf(r: number): number {
  if (r <= 0) return 1;
  // Just above 0 the polynomial of Annex B dips below 1.
  const mos = Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
  return Math.round(mos * 10) / 10;
}

function known(figure: number | undefined): number {
  return figure !== undefined && figure > 0 ? figure : 0;
}
