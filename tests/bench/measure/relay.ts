/** How much processor time passing on one candidate costs. */
import { CANDIDATES_A_SIDE } from '../load/line.ts';
import type { Subject } from '../subjects/subject.ts';
import { cpuOf, type Figures, type Measurement, type Size, withServer } from './measurement.ts';

/** How candidates come: so many frames in one write, so many candidates in a frame. */
const WAYS = [
  { way: 'one at a time', framesAWrite: 1, candidatesAFrame: 1, passes: 2 },
  { way: 'ten frames in one write', framesAWrite: 10, candidatesAFrame: 1, passes: 2 },
  { way: 'ten in one frame', framesAWrite: 1, candidatesAFrame: 10, passes: 6 },
] as const;

const SIZES = { full: { lines: 50, passes: 1 }, quick: { lines: 4, passes: 0 } };

/** See {@link Measurement.explanation}. */
export const relay: Measurement = {
  name: 'relay',
  title: 'Processor time for one relayed candidate',
  unit: 'µs',
  decimals: 1,
  explanation:
    'User and system time of the server process, divided by the candidates that arrived. 50 pairs in a call; in each the ' +
    'two sides send to and fro, so 50 sockets have something to say at any time. A candidate is 220 characters of JSON, ' +
    'as Chromium makes it. Extended clients acknowledge every 25th frame, plain ones answer the pings of the service; ' +
    'both are counted in. The other programs know no sessions and are measured once for both kinds.',
  lessIsBetter: true,
  comparable: true,
  async measure(subject, size) {
    if (subject.dialect !== 'ringdown') {
      const figures = await one(subject, size, false, WAYS);
      const [single] = WAYS;
      return Object.fromEntries(
        Object.entries(figures).flatMap(([way, value]) =>
          way === single.way
            ? [
                [`${way}, plain`, value],
                [`${way}, extended`, value],
              ]
            : [[`${way}, extended`, value]],
        ),
      );
    }
    const plain = await one(subject, size, false, WAYS.slice(0, 1));
    const extended = await one(subject, size, true, WAYS);
    return Object.fromEntries([
      ...Object.entries(plain).map(([way, value]) => [`${way}, plain`, value]),
      ...Object.entries(extended).map(([way, value]) => [`${way}, extended`, value]),
    ]);
  },
};

function one(
  subject: Subject,
  size: Size,
  extended: boolean,
  ways: readonly (typeof WAYS)[number][],
): Promise<Figures> {
  const { lines: count, passes: more } = SIZES[size];
  return withServer(subject, 2 * count, async (server, load) => {
    const { origin, people } = server;
    await load.ask('openLines', { origin, dialect: subject.dialect, extended, count, people });
    const figures: Figures = {};
    for (const { way, framesAWrite, candidatesAFrame, passes } of ways) {
      let cpuMicros = 0;
      let candidates = 0;
      // The first pass lets the compiler see the code; it is not counted.
      for (let pass = 0; pass <= passes * more; pass += 1) {
        await load.ask('renewLines', null);
        let came = 0;
        const spent = await cpuOf(server, async () => {
          came = await load.ask('relay', { framesAWrite, candidatesAFrame });
        });
        if (came !== count * CANDIDATES_A_SIDE * 2) throw new Error(`${came} candidates came through ${subject.name}`);
        if (pass === 0 && more > 0) continue;
        cpuMicros += spent;
        candidates += came;
      }
      figures[way] = cpuMicros / candidates;
    }
    return figures;
  });
}
