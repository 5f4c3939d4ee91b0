/** The quality of a call in three figures, from the browser's statistics. Pure. */
import type { QualityMetrics } from '@ringdown/protocol';

/** What a grade allows at most, best first; anything worse is 1. Loss in per cent, latency in ms of the round trip. */
const GRADES = [
  { quality: 5, packetLoss: 1, latency: 150 },
  { quality: 4, packetLoss: 3, latency: 300 },
  { quality: 3, packetLoss: 7, latency: 500 },
  { quality: 2, packetLoss: 15, latency: 1000 },
] as const;

type Entry = Record<string, unknown> & { readonly type: string };

/**
 * Reads the figures of a call so far: loss of what came in, round trip of the chosen candidate pair.
 * @param report the browser's report, see webrtc-stats
 * @returns undefined while nothing was measured; only the figures there are
 */
export function qualityOf(report: Iterable<readonly [string, unknown]>): QualityMetrics | undefined {
  const entries = new Map(report) as Map<string, Entry>;
  let lost = 0;
  let received = 0;
  for (const entry of entries.values()) {
    if (entry.type !== 'inbound-rtp') continue;
    lost += Math.max(0, numberOf(entry['packetsLost']) ?? 0);
    received += numberOf(entry['packetsReceived']) ?? 0;
  }
  const rttSeconds = numberOf(chosenPair(entries)?.['currentRoundTripTime']);
  const packetLoss = received > 0 ? round((100 * lost) / (lost + received)) : undefined;
  const latency = rttSeconds === undefined ? undefined : Math.min(600_000, round(rttSeconds * 1000));
  if (packetLoss === undefined && latency === undefined) return undefined;
  const grade = GRADES.find((each) => (packetLoss ?? 0) <= each.packetLoss && (latency ?? 0) <= each.latency);
  return {
    quality: grade?.quality ?? 1,
    ...(packetLoss !== undefined && { packetLoss }),
    ...(latency !== undefined && { latency }),
  };
}

/** Firefox names no transport; there the nominated pair that works is the one. */
function chosenPair(entries: Map<string, Entry>): Entry | undefined {
  const all = [...entries.values()];
  const named = all.find((entry) => entry.type === 'transport')?.['selectedCandidatePairId'];
  if (typeof named === 'string') return entries.get(named);
  return all.find(
    (entry) => entry.type === 'candidate-pair' && entry['nominated'] === true && entry['state'] === 'succeeded',
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
