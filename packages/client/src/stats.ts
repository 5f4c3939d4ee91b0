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
  readonly packets: number | undefined;
  readonly lost: number | undefined;
  readonly bytes: number | undefined;
  readonly frames: number | undefined;
  readonly resolution: DirectionFigures['resolution'];
}

/** @param report the browser's report @param atMs when it was made, ms of any clock */
export function readSample(report: Iterable<readonly [string, unknown]>, atMs: number): Sample {
  const entries = new Map(report) as Map<string, Entry>;
  const streams = new Map<string, Stream>();
  const jitter: Record<Direction, number[]> = { incoming: [], sending: [] };
  const remoteLoss: number[] = [];
  const remoteRtt: number[] = [];
  for (const [id, entry] of entries) {
    switch (entry.type) {
      case 'inbound-rtp':
        streams.set(id, streamOf(entry, 'incoming', 'packetsReceived', 'bytesReceived', 'framesDecoded'));
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
  const rttSeconds = numberOf(pair?.['currentRoundTripTime']);
  return {
    atMs,
    streams,
    rttMs: rttSeconds !== undefined ? round(Math.max(0, rttSeconds) * 1000) : worst(remoteRtt),
    path: pathOf(entries, pair),
    jitterMs: { incoming: worst(jitter.incoming), sending: worst(jitter.sending) },
    remoteLossPercent: worst(remoteLoss),
    arrivedBytes: numberOf(pair?.['bytesReceived']),
    arrivedPackets: [...streams.values()].reduce(
      (sum, { direction, packets }) => (direction === 'incoming' ? sum + (packets ?? 0) : sum),
      0,
    ),
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
  const packets = new Sum();
  const lost = new Sum();
  const bytes = new Sum();
  const frames = new Sum();
  let resolution: DirectionFigures['resolution'];
  for (const [id, now] of after.streams) {
    if (now.direction !== which) continue;
    const then = before.streams.get(id);
    packets.add(then?.packets, now.packets);
    lost.add(then?.lost, now.lost);
    bytes.add(then?.bytes, now.bytes);
    frames.add(then?.frames, now.frames);
    resolution ??= now.resolution;
  }
  return {
    lossPercent: which === 'sending' ? after.remoteLossPercent : lossOf(lost.total, packets.total),
    jitterMs: after.jitterMs[which],
    bitrateKbps: perSecond(bytes.total, seconds, 8 / 1000),
    resolution,
    fps: perSecond(frames.total, seconds),
  };
}

/** Adds up differences; undefined as long as there was none. */
class Sum {
  total: number | undefined;

  /** A counter that is new began at 0. One that went back began anew: what it counted meanwhile cannot be told. */
  add(before: number | undefined, after: number | undefined): void {
    if (after === undefined || after < (before ?? 0)) return;
    this.total = (this.total ?? 0) + after - (before ?? 0);
  }
}

function streamOf(entry: Entry, direction: Direction, packets: string, bytes: string, frames: string): Stream {
  const [width, height] = [numberOf(entry['frameWidth']), numberOf(entry['frameHeight'])];
  return {
    direction,
    packets: numberOf(entry[packets]),
    lost: numberOf(entry['packetsLost']),
    bytes: numberOf(entry[bytes]),
    frames: numberOf(entry[frames]),
    resolution: width && height ? { width, height } : undefined,
  };
}

/** A late packet counts as lost first and is taken back later, so the count may fall: that is no loss. */
function lossOf(lost: number | undefined, received: number | undefined): number | undefined {
  if (received === undefined || (received === 0 && !lost)) return undefined;
  return round((100 * (lost ?? 0)) / ((lost ?? 0) + received));
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
  const selected = pairs.find((entry) => entry['selected'] === true);
  if (selected) return selected;
  const nominated = pairs.filter((entry) => entry['nominated'] === true);
  return nominated.sort((a, b) => (numberOf(b['bytesReceived']) ?? 0) - (numberOf(a['bytesReceived']) ?? 0))[0];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
