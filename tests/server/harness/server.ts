/** A real server on a free loopback port with a database of its own, that takes itself down after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Config, createLogger, createServer, type RunningServer, readConfig } from '@ringdown/server';
import { onTestFinished } from 'vitest';

/** What a test may set; everything else is as on a fresh machine, but for rates that would be in the way. */
export type Overrides = Partial<Omit<Config, 'limits'>> & { limits?: Partial<Config['limits']> };

/** A server under test. */
export interface TestServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  readonly running: RunningServer;
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

/** Starts a server and stops it when the test is over. */
export async function startServer({ limits, ...overrides }: Overrides = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-test-'));
  const lines: string[] = [];
  const config = readConfig({ DATA_DIR: dataDir }, dataDir);
  const running = await createServer({
    config: { ...config, port: 0, ...overrides, limits: { ...config.limits, ...GENEROUS, ...limits } },
    log: createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } }),
  });
  onTestFinished(async () => {
    await running.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    origin: `http://127.0.0.1:${running.port}`,
    running,
    dataDir,
    log: () => lines.join(''),
    breakDirectory: () => {
      const database = new DatabaseSync(join(dataDir, 'ringdown.db'));
      database.exec('alter table blocks rename to gone');
      database.close();
    },
  };
}
