/** Deletes call records that are older than the settings allow, at once and every hour (HI-3). */
import type { Logger } from '../log.ts';
import type { Records } from './records.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Records deleted in one go: it holds everything else up for some milliseconds. */
const BATCH = 200;
/** Between two of them, so that calls come first. */
const PAUSE_MS = 20;

/** What keeps the history as short as it is meant to be. */
export interface Retention {
  /** Stops for good, in the middle of the work if need be: what is left is deleted after the next start. */
  stop(): Promise<void>;
}

/**
 * Begins to delete what is too old. A failure is logged and tried again with the next hour.
 * @param days how long a record is kept after the end of its call; 0 for ever
 * @param now the clock, ms since the epoch
 */
export function keepRetention(
  records: Pick<Records, 'forget'>,
  { days, log, now }: { readonly days: number; readonly log: Logger; readonly now: () => number },
): Retention {
  let stopped = days === 0;
  let endPause = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function sweep(): Promise<void> {
    let deleted = 0;
    try {
      while (!stopped) {
        const batch = await records.forget(now() - days * DAY_MS, BATCH);
        deleted += batch;
        if (batch < BATCH) break;
        await pause(PAUSE_MS);
      }
    } catch (error) {
      log.error({ err: error }, 'old call records could not be deleted; trying again in an hour');
    }
    if (deleted > 0) log.info({ deleted, retentionDays: days }, 'old call records deleted');
  }

  async function work(): Promise<void> {
    while (!stopped) {
      await sweep();
      if (!stopped) await pause(HOUR_MS);
    }
  }

  const working = work();
  return {
    async stop() {
      stopped = true;
      endPause();
      await working;
    },
  };
}
