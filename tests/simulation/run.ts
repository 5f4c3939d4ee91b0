/** Plays many histories on all cores, adds up what they came by, and tells of the first that goes wrong. */
import { Worker } from 'node:worker_threads';
import { Tally } from './tally.ts';

/** What came of a run. */
export interface RunReport {
  readonly firstSeed: number;
  readonly played: number;
  readonly seconds: number;
  /** Steps of clients, faults and time in a history. */
  readonly medianEvents: number;
  readonly tally: Tally;
  /** The seed of a history that went wrong. */
  readonly failed: number | undefined;
}

/**
 * Plays histories of consecutive seeds.
 * @param progress told how many are played, now and then
 */
export async function run(
  firstSeed: number,
  histories: number,
  threads: number,
  progress: (played: number) => void = () => {},
): Promise<RunReport> {
  const began = performance.now();
  const tally = new Tally();
  const events: number[] = [];
  const playedBy = new Array<number>(threads).fill(0);
  let played = 0;
  let failed: number | undefined;
  const workers: Worker[] = [];
  await Promise.all(
    playedBy.map(
      (_, thread) =>
        new Promise<void>((resolve, reject) => {
          const count = Math.floor(histories / threads) + (thread < histories % threads ? 1 : 0);
          const worker = new Worker(new URL('./play.worker.ts', import.meta.url), {
            workerData: { first: firstSeed + thread, step: threads, count },
          });
          workers.push(worker);
          worker.on('message', (message) => {
            if (message.played) {
              playedBy[thread] = message.played;
              progress(playedBy.reduce((sum, each) => sum + each, 0));
            } else if (message.done) {
              played += message.done.played;
              for (const each of message.done.events) events.push(each);
              tally.add(message.done.counts);
              resolve();
            } else if (message.failed !== undefined) {
              failed ??= message.failed;
              // One is enough; the others need not go on.
              for (const other of workers) if (other !== worker) void other.terminate();
            }
          });
          worker.on('error', reject);
          worker.on('exit', () => resolve());
        }),
    ),
  );
  events.sort((a, b) => a - b);
  return {
    firstSeed,
    played,
    seconds: (performance.now() - began) / 1_000,
    medianEvents: events[events.length >> 1] ?? 0,
    tally,
    failed,
  };
}
