/** A thread that explores: it is given ranges of states that all threads share, and gives back what it found. */
import { parentPort, workerData } from 'node:worker_threads';
import { LocalExplorer } from './explorer.ts';
import { type SetupName, setupOf } from './people.ts';
import { States, type StatesMemory } from './states.ts';

const { setup, memory } = workerData as { setup: SetupName; memory: StatesMemory };
const port = parentPort;
if (!port) throw new Error('this is a thread of the search, not a command');
const explorer = await LocalExplorer.open(setupOf(setup), new States(memory));
port.on('message', async ({ from, to }: { from: number; to: number }) => {
  const batch = await explorer.expand(from, to);
  port.postMessage(batch, [batch.found.buffer as ArrayBuffer]);
});
port.postMessage(explorer.openingKey);
