/** What a connection costs that does nothing. */
import { type Figures, type Measurement, withServer } from './measurement.ts';

const COUNT = { full: 10_000, quick: 40 };

/** See {@link Measurement.explanation}. */
export const memory: Measurement = {
  name: 'memory',
  title: 'Memory of one idle connection',
  unit: 'KB',
  decimals: 1,
  explanation:
    '10,000 connections at one process, after a full collection, less what the process held before the first of them. ' +
    'Of the service these are authenticated sessions of 10,000 people, extended ones with a mailbox that can be resumed; ' +
    'the other programs know a name and nothing else. `resident` is what the system counts, `heap` the part of it that ' +
    'JavaScript objects take.',
  lessIsBetter: true,
  comparable: true,
  async measure(subject, size) {
    const count = COUNT[size];
    const figures: Figures = {};
    const { dialect } = subject;
    for (const kind of ['extended', 'plain']) {
      if (dialect !== 'ringdown' && kind === 'plain') continue;
      await withServer(subject, count, async (server, load) => {
        const { origin, people } = server;
        const before = await server.probe.ask('memory', null);
        if (kind === 'plain') await load.ask('openIdlePlain', { origin, people });
        else await load.ask('openIdle', { origin, dialect, count, people });
        const after = await server.probe.ask('memory', null);
        const kinds = dialect === 'ringdown' ? [kind] : ['extended', 'plain'];
        for (const each of kinds) {
          figures[`resident, ${each}`] = (after.rss - before.rss) / count / 1024;
          figures[`heap, ${each}`] = (after.heapUsed - before.heapUsed) / count / 1024;
        }
      });
    }
    return figures;
  },
};
