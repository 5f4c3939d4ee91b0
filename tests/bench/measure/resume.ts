/** What happens when everybody comes back at once. */
import { cpuOf, type Figures, type Measurement, withServer } from './measurement.ts';

const COUNT = { full: 5_000, quick: 40 };

/** See {@link Measurement.explanation}. */
export const resume: Measurement = {
  name: 'resume',
  title: 'Everybody resumes at once',
  unit: 's, s, ms, ms',
  decimals: 2,
  explanation:
    '5,000 extended sessions lose their sockets in one moment, as behind a proxy that restarts, and come back at once. ' +
    'The time runs until the last of them has its answer to `hello`; every one must be resumed. One process plays all ' +
    'clients and shares the machine, so the time is an upper bound.',
  lessIsBetter: true,
  comparable: false,
  async measure(subject, size) {
    const count = COUNT[size];
    const figures: Figures = {};
    await withServer(subject, count, async (server, load) => {
      const { origin, people } = server;
      await load.ask('openSessions', { origin, people });
      await server.probe.ask('watchLoop', null);
      let tookMs = 0;
      const cpuMicros = await cpuOf(server, async () => {
        const result = await load.ask('resumeSessions', { origin, people });
        if (result.resumed !== count) throw new Error(`${result.resumed} of ${count} sessions were resumed`);
        tookMs = result.tookMs;
      });
      const { p99Ms, mostMs } = await server.probe.ask('loopDelay', null);
      figures['until the last is back (s)'] = tookMs / 1000;
      figures['processor time (s)'] = cpuMicros / 1e6;
      figures['delay of the event loop, 99th percentile (ms)'] = p99Ms;
      figures['delay of the event loop, longest (ms)'] = mostMs;
    });
    return figures;
  },
};
