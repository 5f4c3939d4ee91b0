/**
 * A thread that explores: it is told of a search, then given ranges of states that all threads share, and gives back what
 * it found. It lives through several searches, since a thread that has run for a while is several times as fast.
 */
import { parentPort } from 'node:worker_threads';
import { LocalExplorer } from './explorer.ts';
import { type SetupName, setupOf } from './people.ts';
import { States, type StatesMemory } from './states.ts';

/** What a thread is asked. */
export type Asked =
  | { readonly setup: SetupName; readonly memory: StatesMemory }
  | { readonly from: number; readonly to: number };

const port = parentPort;
if (!port) throw new Error('this is a thread of the search, not a command');
let explorer: LocalExplorer | undefined;
port.on('message', async (asked: Asked) => {
  if ('setup' in asked) {
    explorer = await LocalExplorer.open(setupOf(asked.setup), new States(asked.memory));
    port.postMessage(explorer.openingKey);
    return;
  }
  const batch = await explorer?.expand(asked.from, asked.to);
  if (!batch) throw new Error('there is no search to expand states of');
  port.postMessage(batch, [batch.found.buffer as ArrayBuffer]);
});
