/**
 * Which blocks of the project's code have run: V8's own block coverage, read through the inspector. What is read counts
 * what has run since the last reading, so a reading after a handful of inputs tells whether one of them was new.
 *
 * It must begin before the code under test is loaded: a function compiled earlier has no counters.
 */
import { type Profiler, Session } from 'node:inspector/promises';

/** The part of the code that counts: the project's packages, and the checkers compiled from its schemas (no address). */
const isOurs = (url: string) => url === '' || (url.includes('/packages/') && !url.includes('/node_modules/'));

/** A stretch of a function that had not run before. */
interface Block {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}
/** Stretches that had not run before. */
export type Blocks = readonly Block[];

interface Known {
  /** What of the function has never run, as offsets into its script; sorted, disjoint. */
  uncovered: (readonly [from: number, to: number])[];
  readonly from: number;
  readonly to: number;
}

/** The coverage of this process. */
export class Coverage {
  readonly #session: Session;
  readonly #scripts = new Map<string, { readonly url: string; readonly functions: Map<string, Known> }>();

  private constructor(session: Session) {
    this.#session = session;
  }

  /** Starts to count. */
  static async begin(): Promise<Coverage> {
    const session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return new Coverage(session);
  }

  /** Reads the counters. @returns what ran for the first time since the beginning; undefined when nothing did */
  async fresh(): Promise<Blocks | undefined> {
    const blocks: Block[] = [];
    for (const script of await this.#take()) this.#add(script, blocks);
    return blocks.length > 0 ? blocks : undefined;
  }

  /** Reads the counters. @returns which of these blocks have run since the last reading */
  async ran(blocks: Blocks): Promise<Blocks> {
    const ran: Block[] = [];
    for (const script of await this.#take()) {
      for (const { ranges } of script.functions) {
        const key = keyOf(script.scriptId, ranges);
        const wanted = blocks.filter((block) => block.key === key);
        if (wanted.length === 0) continue;
        const uncovered = uncoveredOf(ranges);
        ran.push(...wanted.filter(({ from, to }) => lengthOf(common([[from, to]], uncovered)) < to - from));
      }
      this.#add(script, []);
    }
    return ran;
  }

  async #take(): Promise<Profiler.ScriptCoverage[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    return result.filter(({ url }) => isOurs(url));
  }

  #add({ scriptId, url, functions }: Profiler.ScriptCoverage, fresh: Block[]): void {
    let script = this.#scripts.get(scriptId);
    if (!script) {
      script = { url, functions: new Map() };
      this.#scripts.set(scriptId, script);
    }
    for (const { ranges } of functions) {
      const [whole] = ranges;
      if (!whole) continue;
      const key = keyOf(scriptId, ranges);
      const { startOffset: from, endOffset: to } = whole;
      const before = script.functions.get(key);
      const uncovered = uncoveredOf(ranges);
      if (!before) {
        script.functions.set(key, { uncovered, from, to });
        if (whole.count > 0) fresh.push({ key, from, to });
        continue;
      }
      const left = common(before.uncovered, uncovered);
      if (lengthOf(left) < lengthOf(before.uncovered)) {
        for (const [start, end] of before.uncovered) {
          if (lengthOf(common([[start, end]], left)) < end - start) fresh.push({ key, from: start, to: end });
        }
      }
      before.uncovered = left;
    }
  }

  /**
   * How much of the functions in some files has run.
   * @param files ends of their paths
   * @returns share of their characters, 0 to 1; undefined when none of them was loaded
   */
  share(files: readonly string[]): number | undefined {
    let all = 0;
    let ran = 0;
    for (const { url, functions } of this.#scripts.values()) {
      if (!files.some((file) => url.endsWith(file))) continue;
      const end = Math.max(...[...functions.values()].map(({ to }) => to));
      // 0: outside of every function, 1: has run, 2: has not. Inner functions are painted over outer ones.
      const paint = new Uint8Array(end);
      const outerFirst = [...functions.values()].filter(({ from, to }) => from > 0 || to < end);
      outerFirst.sort((a, b) => a.from - b.from || b.to - a.to);
      for (const { from, to, uncovered } of outerFirst) {
        paint.fill(1, from, to);
        for (const [start, stop] of uncovered) paint.fill(2, start, stop);
      }
      for (const each of paint) {
        if (each > 0) all += 1;
        if (each === 1) ran += 1;
      }
    }
    return all === 0 ? undefined : ran / all;
  }

  /** Stops to count. */
  async end(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }
}

/** What did not run, from V8's ranges: each counts its own part, an inner one over an outer one. */
function uncoveredOf(ranges: readonly Profiler.CoverageRange[]): (readonly [number, number])[] {
  const result: [number, number][] = [];
  const open: { readonly end: number; readonly zero: boolean }[] = [];
  let at = ranges[0]?.startOffset ?? 0;
  const upTo = (offset: number) => {
    const zero = open.at(-1)?.zero ?? false;
    if (zero && offset > at) {
      const last = result.at(-1);
      if (last && last[1] === at) last[1] = offset;
      else result.push([at, offset]);
    }
    at = Math.max(at, offset);
  };
  for (const { startOffset, endOffset, count } of ranges) {
    for (let top = open.at(-1); top && top.end <= startOffset; top = open.at(-1)) {
      upTo(top.end);
      open.pop();
    }
    upTo(startOffset);
    open.push({ end: endOffset, zero: count === 0 });
  }
  for (let top = open.pop(); top; top = open.pop()) {
    open.push(top);
    upTo(top.end);
    open.pop();
  }
  return result;
}

function common(a: Known['uncovered'], b: Known['uncovered']): Known['uncovered'] {
  const both: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as readonly [number, number], b[j] as readonly [number, number]];
    const from = Math.max(one[0], other[0]);
    const to = Math.min(one[1], other[1]);
    if (from < to) both.push([from, to]);
    if (one[1] < other[1]) i += 1;
    else j += 1;
  }
  return both;
}

const lengthOf = (intervals: Known['uncovered']) => intervals.reduce((sum, [from, to]) => sum + to - from, 0);

const keyOf = (scriptId: string, [whole]: readonly Profiler.CoverageRange[]) =>
  `${scriptId}:${whole?.startOffset}:${whole?.endOffset}`;
