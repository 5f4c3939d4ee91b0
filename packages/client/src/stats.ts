/**
 * The browser's statistics (webrtc-stats) in the few figures that a call needs. Pure. Counters of a browser count from
 * the beginning; every figure here is about the time between two samples.
 */
import type { QualityMetrics } from '@ringdown/protocol';

/** What goes in one direction. A figure is undefined when nothing was measured. */
export interface DirectionFigures {
  /** Lost of all that was sent, per cent. */
  readonly lossPercent: number | undefined;
  /** Variation of the delay, ms; the worse of sound and picture. */
  readonly jitterMs: number | undefined;
  /** Sound and picture without headers, kbit/s. */
  readonly bitrateKbps: number | undefined;
  /** Size of the picture, pixels. */
  readonly resolution: { readonly width: number; readonly height: number } | undefined;
  /** Pictures a second. */
  readonly fps: number | undefined;
}

/**
 * The way that media take: `relay` when either side uses a TURN server, `srflx` when either is seen behind a NAT
 * (candidates of the kinds srflx and prflx), else `host`.
 */
export type MediaPath = 'host' | 'srflx' | 'relay';

/** What comes in, and beside it what goes out and how. */
export interface MediaFigures extends DirectionFigures {
  /** Round trip between the two browsers, ms. */
  readonly rttMs: number | undefined;
  readonly path: MediaPath | undefined;
  /** What this side sends; loss and jitter as the other side reports them. */
  readonly sending: DirectionFigures;
}

/** What one look at the statistics saw: enough to compare with the next one. */
export interface Sample {
  readonly atMs: number;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly rttMs: number | undefined;
  readonly path: MediaPath | undefined;
  readonly jitterMs: Record<Direction, number | undefined>;
  /** Per cent of what this side sent lately, as the other side says. */
  readonly remoteLossPercent: number | undefined;
  /** Everything that came over the chosen way so far, bytes; undefined when the browser does not say. */
  readonly arrivedBytes: number | undefined;
  /** Sound and pictures that came so far, packets. */
  readonly arrivedPackets: number;
}

/** As much as the service takes for a round trip (QU-1), ms. */
const MOST_LATENCY_MS = 600_000;

type Direction = 'incoming' | 'sending';
/** The counters of one stream of sound or pictures. */
interface Stream {
  readonly direction: Direction;
  /** Packets, those that were lost, bytes and frames. */
  readonly counts: readonly (number | undefined)[];
  readonly resolution: DirectionFigures['resolution'];
}

/** @param report the browser's report @param atMs when it was made, ms of any clock */
export function readSample(report: Iterable<readonly [string, unknown]>, atMs: number): Sample {
  const entries = new Map(report) as Map<string, Entry>;
  const streams = new Map<string, Stream>();
  const jitter: Record<Direction, number[]> = { incoming: [], sending: [] };
  const remoteLoss: number[] = [];
  const remoteRtt: number[] = [];
  const rtt: number[] = [];
  let arrivedPackets = 0;
  for (const [id, entry] of entries) {
    switch (entry.type) {
      case 'inbound-rtp':
        streams.set(id, streamOf(entry, 'incoming', 'packetsReceived', 'bytesReceived', 'framesDecoded'));
        arrivedPackets += numberOf(entry['packetsReceived']) ?? 0;
        keep(jitter.incoming, entry['jitter'], 1000);
        break;
      case 'outbound-rtp':
        streams.set(id, streamOf(entry, 'sending', 'packetsSent', 'bytesSent', 'framesEncoded'));
        break;
      case 'remote-inbound-rtp':
        keep(jitter.sending, entry['jitter'], 1000);
        keep(remoteLoss, entry['fractionLost'], 100);
        keep(remoteRtt, entry['roundTripTime'], 1000);
        break;
    }
  }
  const pair = chosenPair(entries);
  keep(rtt, pair?.['currentRoundTripTime'], 1000);
  return {
    atMs,
    streams,
    rttMs: worst(rtt) ?? worst(remoteRtt),
    path: pathOf(entries, pair),
    jitterMs: { incoming: worst(jitter.incoming), sending: worst(jitter.sending) },
    remoteLossPercent: worst(remoteLoss),
    arrivedBytes: numberOf(pair?.['bytesReceived']),
    arrivedPackets,
  };
}

/** What happened between two samples. Counters that went back, as after a new connection, are left out. */
export function figuresBetween(before: Sample, after: Sample): MediaFigures {
  const seconds = (after.atMs - before.atMs) / 1000;
  return {
    ...direction('incoming', before, after, seconds),
    rttMs: after.rttMs,
    path: after.path,
    sending: direction('sending', before, after, seconds),
  };
}

function direction(which: Direction, before: Sample, after: Sample, seconds: number): DirectionFigures {
  const totals: (number | undefined)[] = [];
  let resolution: DirectionFigures['resolution'];
  for (const [id, now] of after.streams) {
    if (now.direction !== which) continue;
    const then = before.streams.get(id);
    now.counts.forEach((count, at) => {
      // A counter that is new began at 0. One that went back began anew: what it counted meanwhile cannot be told.
      const difference = (count ?? Number.NaN) - (then?.counts[at] ?? 0);
      if (difference >= 0) totals[at] = (totals[at] ?? 0) + difference;
    });
    resolution ??= now.resolution;
  }
  const [packets, lost, bytes, frames] = totals;
  return {
    lossPercent: which === 'sending' ? after.remoteLossPercent : lossOf(lost, packets),
    jitterMs: after.jitterMs[which],
    bitrateKbps: perSecond(bytes, seconds, 8 / 1000),
    resolution,
    fps: perSecond(frames, seconds),
  };
}

function streamOf(entry: Entry, direction: Direction, packets: string, bytes: string, frames: string): Stream {
  const [width, height] = [numberOf(entry['frameWidth']), numberOf(entry['frameHeight'])];
  return {
    direction,
    counts: [packets, 'packetsLost', bytes, frames].map((name) => numberOf(entry[name])),
    resolution: width && height ? { width, height } : undefined,
  };
}

/** A late packet counts as lost first and is taken back later, so the count may fall: that is no loss. */
function lossOf(lost = 0, received?: number): number | undefined {
  return received !== undefined && received + lost ? round((100 * lost) / (lost + received)) : undefined;
}

function perSecond(count: number | undefined, seconds: number, factor = 1): number | undefined {
  return count === undefined || seconds <= 0 ? undefined : round((count * factor) / seconds);
}

function pathOf(entries: Map<string, Entry>, pair: Entry | undefined): MediaPath | undefined {
  const kinds = [pair?.['localCandidateId'], pair?.['remoteCandidateId']].map(
    (id) => entries.get(String(id))?.['candidateType'],
  );
  const kind = ['relay', 'srflx', 'prflx', 'host'].find((each) => kinds.includes(each));
  return (kind === 'prflx' ? 'srflx' : kind) as MediaPath | undefined;
}

function keep(list: number[], value: unknown, factor: number): void {
  const figure = numberOf(value);
  if (figure !== undefined) list.push(round(Math.max(0, figure) * factor));
}
function worst(figures: number[]): number | undefined {
  return figures.length > 0 ? Math.max(...figures) : undefined;
}

/** What goes with the hang-up (QU-1): means over all samples, each second weighing the same. */
export class Averages {
  /** Of each figure the sum and how often it was known. */
  readonly #sums: { [figure in keyof QualityMetrics]-?: [sum: number, count: number] } = {
    quality: [0, 0],
    packetLoss: [0, 0],
    latency: [0, 0],
  };

  add(sample: { score: number | undefined; lossPercent: number | undefined; rttMs: number | undefined }): void {
    this.#add('quality', sample.score);
    this.#add('packetLoss', sample.lossPercent);
    this.#add('latency', sample.rttMs && Math.min(MOST_LATENCY_MS, sample.rttMs));
  }

  /** Undefined before there was anything; within the ranges that the service takes. */
  get metrics(): QualityMetrics | undefined {
    const known = Object.entries(this.#sums).filter(([, [, count]]) => count > 0);
    if (known.length === 0) return undefined;
    return Object.fromEntries(known.map(([figure, [sum, count]]) => [figure, round(sum / count)]));
  }

  #add(figure: keyof QualityMetrics, value: number | undefined): void {
    if (value === undefined) return;
    this.#sums[figure][0] += value;
    this.#sums[figure][1] += 1;
  }
}

type Entry = Record<string, unknown> & { readonly type: string };

/**
 * Chromium names the chosen pair in the transport's entry. Firefox, which long had none, marks the pair as `selected`;
 * otherwise the nominated pair that works and carried the most is the one.
 */
function chosenPair(entries: Map<string, Entry>): Entry | undefined {
  const all = [...entries.values()];
  for (const { type, selectedCandidatePairId: id } of all) {
    if (type === 'transport' && typeof id === 'string' && entries.has(id)) return entries.get(id);
  }
  const pairs = all.filter((entry) => entry.type === 'candidate-pair' && entry['state'] === 'succeeded');
  const carried = (entry: Entry) => numberOf(entry['bytesReceived']) ?? 0;
  return (
    pairs.find((entry) => entry['selected'] === true) ??
    pairs.filter((entry) => entry['nominated'] === true).sort((a, b) => carried(b) - carried(a))[0]
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
