/** How long a program takes from its start until it takes connections. */
import { median } from '../statistics.ts';
import { ServerProcess } from '../subjects/server-process.ts';
import type { Subject } from '../subjects/subject.ts';
import type { Figures, Measurement } from './measurement.ts';

const TIMES = { full: 3, quick: 1 };

/** See {@link Measurement.explanation}. */
export const start: Measurement = {
  name: 'start',
  title: 'Time from start to ready',
  unit: 'ms',
  decimals: 0,
  explanation:
    'From the start of the process until it says that it takes connections, three times a round. `first` begins on an ' +
    'empty data folder and makes its databases, `again` on the folder of the time before. Both find the code that an ' +
    'earlier start compiled (`node_modules/.cache`); a line with `nothing compiled` does not. The other programs keep nothing. ' +
    'Processor time is what a busy machine does not stretch.',
  lessIsBetter: true,
  comparable: true,
  async measure(subject, size) {
    const taken: Figures[] = [];
    for (let n = 0; n < TIMES[size]; n += 1) taken.push(await thrice(subject));
    const names = Object.keys(taken[0] ?? {});
    return Object.fromEntries(names.map((name) => [name, median(taken.map((each) => each[name] ?? Number.NaN))]));
  },
};

async function thrice(subject: Subject): Promise<Figures> {
  const server = await ServerProcess.prepare(subject);
  try {
    const first = await server.launch();
    await server.halt();
    const again = await server.launch();
    await server.halt();
    const bare = await server.launch({ env: { NODE_DISABLE_COMPILE_CACHE: '1' } });
    return {
      first: first.tookMs,
      again: again.tookMs,
      'again, nothing compiled': bare.tookMs,
      'again, processor time': again.cpuMs,
      'again, nothing compiled, processor time': bare.cpuMs,
    };
  } finally {
    await server.remove();
  }
}
