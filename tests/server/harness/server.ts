/** A real server on a free loopback port with a database of its own, that takes itself down after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Config, createLogger, createServer, type RunningServer, readConfig } from '@ringdown/server';
import { expect, onTestFinished } from 'vitest';

/** What a test may set; everything else is as on a fresh machine, but for rates that would be in the way. */
export type Overrides = Partial<Omit<Config, 'limits'>> & {
  limits?: Partial<Config['limits']>;
};

/** A server under test. */
export interface TestServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  /** The server that runs now; another one after {@link restart}. */
  readonly running: RunningServer;
  /** Stops it as SIGTERM would. */
  stop(): Promise<void>;
  /** Stops it as SIGTERM would, and starts another on the same folder and port. */
  restart(): Promise<void>;
  /** Moves the clock of calls, and lets the server look at it. */
  advance(ms: number): void;
  /** Its data folder. */
  readonly dataDir: string;
  /** Takes a table away from under the directory, so that every question to it fails. */
  breakDirectory(): void;
  /** Everything it has logged. */
  readonly log: () => string;
}

/** Rates so high that only a test about rates meets them. */
const GENEROUS = {
  registrationsPerHour: 10_000,
  offersPerMinute: 10_000,
  offersPerPairPerMinute: 10_000,
  offersPerStrangerPairPerHour: 10_000,
  denialsPer10Minutes: 10_000,
  messagesPerSecond: 1_000,
  messagesBurst: 1_000,
  unauthenticatedSocketsPerAddress: 1_000,
};

/** By then every mailbox, tombstone and remembered request is over. */
const FORGOTTEN_AFTER_MS = 10 * 60_000;

/** Starts a server and stops it when the test is over. */
export async function startServer({ limits, ...overrides }: Overrides = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-test-'));
  const lines: string[] = [];
  // Nobody steals these passwords: two of them dear would take longer than most tests.
  const base = readConfig({ DATA_DIR: dataDir, PASSWORD_COST: '10' }, dataDir);
  const config = { ...base, port: 0, ...overrides, limits: { ...base.limits, ...GENEROUS, ...limits } };
  const log = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  let aheadMs = 0;
  const clock = steadyNow();
  const options = { log, callClock: () => clock() + aheadMs };
  let stopped = false;
  let running = await createServer({ config, ...options });
  const { port } = running;
  onTestFinished(async () => {
    // The sockets of the test are gone by now. Ten minutes later nothing may be left of it (I10).
    if (!stopped) {
      await expect.poll(async () => (await running.sizes()).sockets, { timeout: 5_000 }).toBe(0);
      aheadMs += FORGOTTEN_AFTER_MS;
      running.wake();
      await expect
        .poll(async () => Object.entries(await running.sizes()).filter(([, size]) => size > 0), {
          timeout: 5_000,
          message: 'what a finished test leaves in the server',
        })
        .toEqual([]);
    }
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    get running() {
      return running;
    },
    async stop() {
      stopped = true;
      await running.stop();
    },
    async restart() {
      await running.stop();
      running = await createServer({ config: { ...config, port }, ...options });
    },
    advance(ms) {
      aheadMs += ms;
      running.wake();
    },
    dataDir,
    log: () => lines.join(''),
    breakDirectory() {
      const database = new DatabaseSync(join(dataDir, 'ringdown.db'));
      database.exec('alter table blocks rename to gone');
      database.close();
    },
  };
}

function steadyNow(): () => number {
  const start = Date.now() - performance.now();
  return () => Math.floor(start + performance.now());
}
