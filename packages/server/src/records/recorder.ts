/** Brings committed call records into the history: at once, and again until it works. Never loses one, never twice. */
import type { CallStore } from '../call-store/call-store.ts';
import type { Logger } from '../log.ts';
import type { Records } from './records.ts';

const BATCH = 100;
/** First and longest pause after a failure, ms. */
const RETRY = { firstMs: 250, longestMs: 30_000 };

/** The recorder of this node. */
export class Recorder {
  readonly #store: CallStore;
  readonly #records: Records;
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  #again = false;
  #retryMs = RETRY.firstMs;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(store: CallStore, records: Records, log: Logger) {
    this.#store = store;
    this.#records = records;
    this.#log = log;
  }

  /** A record was committed. */
  kick(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when what was committed before is in the history, or has failed and waits for another try. */
  async settled(): Promise<void> {
    this.kick();
    await this.#running;
  }

  /** Writes what is left and stops. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.kick();
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        const records = await this.#store.unsettled(BATCH);
        if (records.length === 0) break;
        await this.#records.insert(records);
        await this.#store.settle(records.map(({ callId }) => callId));
        this.#retryMs = RETRY.firstMs;
        if (records.length === BATCH) this.#again = true;
      }
    } catch (error) {
      this.#log.error({ err: error, retryMs: this.#retryMs }, 'call records could not be written; trying again');
      if (this.#stopped) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.kick(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY.longestMs);
    }
  }
}
