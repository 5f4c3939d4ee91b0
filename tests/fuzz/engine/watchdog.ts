/**
 * Ends the process when one input is being read for ever. An endless loop lets nobody else of its thread do anything, so a
 * second thread looks: it can read the input from memory that both see, and says what it was.
 */
import { Worker } from 'node:worker_threads';

/** How long one input may be read before it counts as for ever, ms: long enough for a machine with other work to do. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 1_000;
/** Bytes of the longest input that can be told, as UTF-16. */
const MOST_BYTES = 2 ** 18;
/** Places in the shared numbers. */
const TURN = 0;
const LENGTH = 1;

/** What the second thread does; its own text, since it has to start without anything of the first. */
const LOOKS = `
const { workerData } = process.getBuiltinModule('node:worker_threads');
const { mkdirSync, writeFileSync, writeSync } = process.getBuiltinModule('node:fs');
const { dirname } = process.getBuiltinModule('node:path');
const { numbers, text, file, again, patienceMs, lookMs } = workerData;
const [turn, length] = [new Int32Array(numbers), new Int32Array(numbers)];
let seen = -1;
let since = performance.now();
setInterval(() => {
  const now = Atomics.load(turn, ${TURN});
  if (now !== seen || now % 2 === 0) {
    seen = now;
    since = performance.now();
  } else if (performance.now() - since > patienceMs) {
    const input = Buffer.from(Buffer.from(text, 0, Atomics.load(length, ${LENGTH}))).toString('utf16le');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(input) + '\\n');
    writeSync(2, 'an input is being read for ever: ' + JSON.stringify(input).slice(0, 2000) + '\\nagain: ' + again + ' --input ' + file + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }
}, lookMs);
`;

/** Watches one target. */
export class Watchdog {
  readonly #numbers = new Int32Array(new SharedArrayBuffer(8));
  readonly #text = Buffer.from(new SharedArrayBuffer(MOST_BYTES));
  readonly #worker: Worker;

  /**
   * @param options.file where the input is written @param options.again the command that reads it again
   * @param options.patienceMs for tests
   */
  constructor({ file, again, patienceMs = PATIENCE_MS }: { file: string; again: string; patienceMs?: number }) {
    const workerData = {
      numbers: this.#numbers.buffer,
      text: this.#text.buffer,
      file,
      again,
      patienceMs,
      lookMs: LOOK_MS,
    };
    this.#worker = new Worker(LOOKS, { eval: true, workerData });
    this.#worker.unref();
  }

  /** An input is about to be read. */
  begins(input: string): void {
    Atomics.store(this.#numbers, LENGTH, this.#text.write(input, 'utf16le'));
    Atomics.add(this.#numbers, TURN, 1);
  }

  /** It has been read. */
  ends(): void {
    Atomics.add(this.#numbers, TURN, 1);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
