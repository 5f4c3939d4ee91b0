/** The same search on several threads: each expands a part of every depth. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Batch, Explorer } from './explorer.ts';
import type { SetupName } from './people.ts';
import { type Bounds, type Findings, searchWith } from './search.ts';
import { States } from './states.ts';

/** Searches on so many threads. They are gone when it is done. */
export async function searchOnThreads(setup: SetupName, bounds: Bounds, threads: number): Promise<Findings> {
  const states = States.withRoomFor(bounds.states, true);
  const workers = Array.from(
    { length: threads },
    () =>
      new Worker(new URL('./explorer.program.ts', import.meta.url), { workerData: { setup, memory: states.memory } }),
  );
  try {
    const openings = await Promise.all(workers.map((worker) => answerOf(worker)));
    return await searchWith(workers.map(remoteExplorer), states, openings[0] as { high: number; low: number }, bounds);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function remoteExplorer(worker: Worker): Explorer {
  return {
    async expand(from, to) {
      worker.postMessage({ from, to });
      return (await answerOf(worker)) as Batch;
    },
  };
}

/** The next message of a thread. @throws what the thread died of */
async function answerOf(worker: Worker): Promise<unknown> {
  const [answer] = await once(worker, 'message');
  return answer;
}
