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
    for (const extended of [false, true]) {
      await withServer(subject, 2 * count, async (server, load) => {
        const { origin, people } = server;
        await load.ask('openLines', { origin, dialect: subject.dialect, extended, count, people });
        const recorded = async (most: number) => {
          const deadline = performance.now() + RECORDED_WITHIN_MS;
          while (server.recordedCalls() < most) {
            if (performance.now() > deadline) throw new Error('not every call came into the history');
            await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
          }
        };
        await load.ask('call', { times: warmUp });
        await recorded(warmUp * count);
        let made = 0;
        const cpuMicros = await cpuOf(server, async () => {
          made = await load.ask('call', { times });
          await recorded(warmUp * count + made);
        });
        figures[extended ? 'extended sessions' : 'plain sessions'] = made / (cpuMicros / 1e6);
      });
    }
    return figures;
  },
};
