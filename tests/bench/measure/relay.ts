/** How much processor time passing on one candidate costs. */
import { CANDIDATES_A_SIDE } from '../load/line.ts';
import type { Load } from '../load/load.program.ts';
import type { Remote } from '../remote.ts';
import type { ServerProcess } from '../subjects/server-process.ts';
import { cpuOf, type Figures, type Measurement, type Size, withServer } from './measurement.ts';

/** How candidates come: so many frames in one write, so many candidates in a frame, at their own pace or a person's. */
const WAYS = [
  { way: 'one at a time', framesAWrite: 1, candidatesAFrame: 1, everyMs: 0, passes: 4 },
  { way: 'one every 20 ms', framesAWrite: 1, candidatesAFrame: 1, everyMs: 20, passes: 1 },
  { way: 'ten frames in one write', framesAWrite: 10, candidatesAFrame: 1, everyMs: 0, passes: 4 },
  { way: 'ten in one frame', framesAWrite: 1, candidatesAFrame: 10, everyMs: 0, passes: 10 },
] as const;

const SIZES = { full: { lines: 50, passes: 1 }, quick: { lines: 4, passes: 0 } };

/** How long the records of the calls before may take to reach the history: they are not part of this. */
const SETTLE_MS = { full: 300, quick: 0 };
const WARM_UP_PASSES = 2;

/** See {@link Measurement.explanation}. */
export const relay: Measurement = {
  name: 'relay',
  title: 'Processor time for one relayed candidate',
  unit: 'µs',
  decimals: 1,
  explanation:
    'User and system time of the server process, divided by the candidates that arrived. 50 pairs in a call; in each the ' +
    'two sides send to and fro as fast as they can, so 50 sockets have something to say at any time and the server is ' +
    'busy all the time; but for `one every 20 ms`, where each side sends by the clock, 5,000 a second in all, and the ' +
    'server also pays for going to sleep and waking up. A candidate is 220 characters of JSON, ' +
    'as Chromium makes it. Extended clients acknowledge every 25th frame, plain ones answer the pings of the service; ' +
    'both are counted in. The other programs know no sessions and are measured once for both kinds.',
  lessIsBetter: true,
  comparable: true,
  async measure(subject, size) {
    if (subject.dialect !== 'ringdown') {
      return withServer(subject, 0, async (server, load) => {
        const figures = await measure(server, load, size, false, WAYS);
        const [{ way }] = WAYS;
        return { [`${way}, plain`]: figures[way] ?? Number.NaN, ...named(figures, 'extended') };
      });
    }
    return withServer(subject, 2 * SIZES[size].lines, async (server, load) => ({
      ...named(await measure(server, load, size, false, WAYS.slice(0, 1)), 'plain'),
      ...named(await measure(server, load, size, true, WAYS), 'extended'),
    }));
  },
};

const named = (figures: Figures, kind: string): Figures =>
  Object.fromEntries(Object.entries(figures).map(([way, value]) => [`${way}, ${kind}`, value]));

async function measure(
  server: ServerProcess,
  load: Remote<Load>,
  size: Size,
  extended: boolean,
  ways: readonly (typeof WAYS)[number][],
): Promise<Figures> {
  const { lines: count, passes: more } = SIZES[size];
  const { origin, people, subject } = server;
  await load.ask('openLines', { origin, dialect: subject.dialect, extended, count, people });
  const figures: Figures = {};
  for (const { way, framesAWrite, candidatesAFrame, everyMs, passes } of ways) {
    let cpuMicros = 0;
    let candidates = 0;
    // The first passes let the compiler see the code; they are not counted.
    const warmUp = WARM_UP_PASSES * more;
    for (let pass = 0; pass < warmUp + Math.max(1, passes * more); pass += 1) {
      await load.ask('renewLines', null);
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS[size]));
      let came = 0;
      const spent = await cpuOf(server, async () => {
        came = await load.ask('relay', { framesAWrite, candidatesAFrame, everyMs });
      });
      if (came !== count * CANDIDATES_A_SIDE * 2) throw new Error(`${came} candidates came through ${subject.name}`);
      if (pass < warmUp) continue;
      cpuMicros += spent;
      candidates += came;
    }
    figures[way] = cpuMicros / candidates;
  }
  await load.ask('close', null);
  return figures;
}
