/** How many calls a second of processor time carries from offer to record. */
import { cpuOf, type Figures, type Measurement, withServer } from './measurement.ts';

const SIZES = { full: { lines: 50, times: 10, warmUp: 4 }, quick: { lines: 2, times: 2, warmUp: 0 } };
const RECORDED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** See {@link Measurement.explanation}. */
export const calls: Measurement = {
  name: 'calls',
  title: 'Calls set up and ended in one second of processor time',
  unit: 'calls',
  decimals: 0,
  explanation:
    'Offer, answer, hang-up, with descriptions of 6 KB, between 50 pairs at once. Every step is in the journal on the ' +
    'disk before anybody hears of it, and the time counts until the last call is in the history (SQLite).',
  lessIsBetter: false,
  comparable: false,
  async measure(subject, size) {
    const { lines: count, times, warmUp } = SIZES[size];
    const figures: Figures = {};
    await withServer(subject, 2 * count, async (server, load) => {
      const { origin, people } = server;
      let made = 0;
      /** Makes calls and waits until every one of them is in the history. */
      const call = async (often: number) => {
        const calls = await load.ask('call', { times: often });
        made += calls;
        const deadline = performance.now() + RECORDED_WITHIN_MS;
        while (server.recordedCalls() < made) {
          if (performance.now() > deadline) throw new Error('not every call came into the history');
          await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        }
        return calls;
      };
      for (const extended of [false, true]) {
        await load.ask('openLines', { origin, dialect: subject.dialect, extended, count, people });
        await call(warmUp);
        let calls = 0;
        const cpuMicros = await cpuOf(server, async () => {
          calls = await call(times);
        });
        figures[extended ? 'extended sessions' : 'plain sessions'] = calls / (cpuMicros / 1e6);
        await load.ask('close', null);
      }
    });
    return figures;
  },
};
