/** The same search on several threads: each expands a part of every depth. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Asked } from './explorer.program.ts';
import type { Batch, Explorer } from './explorer.ts';
import type { SetupName } from './people.ts';
import { type Bounds, type Findings, searchWith } from './search.ts';
import { States } from './states.ts';

/** Room for young objects, MiB: nearly all of them are garbage at once, and need not be looked at twice. */
const YOUNG_MIB = 64;

/** Threads that search, one setup after another. */
export class Crew {
  readonly #workers: readonly Worker[];

  /** @param threads how many */
  constructor(threads: number) {
    this.#workers = Array.from(
      { length: threads },
      () =>
        new Worker(new URL('./explorer.program.ts', import.meta.url), {
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
        }),
    );
  }

  /** Searches a setup. @throws what a thread died of */
  async search(setup: SetupName, bounds: Bounds): Promise<Findings> {
    const states = States.withRoomFor(bounds.states, true);
    const openings = await Promise.all(this.#workers.map((worker) => ask(worker, { setup, memory: states.memory })));
    const opening = openings[0] as { high: number; low: number };
    const explorers = this.#workers.map(
      (worker): Explorer => ({ expand: async (from, to) => (await ask(worker, { from, to })) as Batch }),
    );
    return searchWith(explorers, states, opening, bounds);
  }

  /** Ends the threads. */
  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

async function ask(worker: Worker, asked: Asked): Promise<unknown> {
  worker.postMessage(asked);
  const [answer] = await once(worker, 'message');
  return answer;
}
