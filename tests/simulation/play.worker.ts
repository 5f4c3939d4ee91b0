/** Plays a share of the histories on a thread of its own, and stops at the first that goes wrong. */
import { parentPort, workerData } from 'node:worker_threads';
import { History } from './history.ts';
import { Tally } from './tally.ts';

const { first, step, count } = workerData as { first: number; step: number; count: number };
/** After how many histories it says how far it is. */
const REPORT_EVERY = 100;

const tally = new Tally();
const events: number[] = [];
let played = 0;
for (; played < count; played += 1) {
  const seed = (first + played * step) >>> 0;
  const options = { seed, tally };
  const history = new History(options);
  try {
    await history.play(options);
  } catch {
    // The main thread plays it again and says what it was.
    parentPort?.postMessage({ failed: seed });
    break;
  }
  events.push(history.events);
  if (events.length % REPORT_EVERY === 0) {
    parentPort?.postMessage({ played: played + 1 });
    // Lets a message out, and timers of worlds that are gone run off.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
parentPort?.postMessage({ done: { played, counts: tally.counts, events } });
