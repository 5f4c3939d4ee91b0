/** How long a program takes from its start until it takes connections. */
import { median } from '../statistics.ts';
import { ServerProcess } from '../subjects/server-process.ts';
import type { Subject } from '../subjects/subject.ts';
import type { Measurement } from './measurement.ts';

const TIMES = { full: 3, quick: 1 };

/** See {@link Measurement.explanation}. */
export const start: Measurement = {
  name: 'start',
  title: 'Time from start to ready',
  unit: 'ms',
  decimals: 0,
  explanation:
    'From the start of the process until it says that it takes connections, three times a round. `first` begins on an ' +
    'empty data folder and makes its databases, `again` on the folder of the time before. The other programs keep nothing.',
  lessIsBetter: true,
  comparable: true,
  async measure(subject, size) {
    const first: number[] = [];
    const again: number[] = [];
    for (let n = 0; n < TIMES[size]; n += 1) {
      const [one, two] = await twice(subject);
      first.push(one);
      again.push(two);
    }
    return { first: median(first), again: median(again) };
  },
};

async function twice(subject: Subject): Promise<[number, number]> {
  const server = await ServerProcess.prepare(subject);
  try {
    const first = await server.launch();
    await server.halt();
    const again = await server.launch();
    return [first, again];
  } finally {
    await server.remove();
  }
}
