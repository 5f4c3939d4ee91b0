/** The real service as a child process, on a free loopback port with a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 15_000;

/** So many people from one address, in so short a time, are to be expected in tests only. */
const LIMITS = {
  registrationsPerHour: 10_000,
  failedLoginsPer30Minutes: 1_000,
  offersPerMinute: 1_000,
  offersPerPairPerMinute: 1_000,
  iceServersPer10Minutes: 10_000,
};

/** A running service. */
export interface RunningServer {
  /** Where people reach it, e.g. `http://localhost:49152`. */
  readonly url: string;
  /** Kills it as a crash would, without a goodbye, and starts it again on the same folder and address. */
  crashAndRestart(): Promise<void>;
  /** All it has printed so far. */
  output(): string;
  /** Ends it and deletes its data. Resolves when the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the service and waits until it says that it is ready.
 * @param settings environment variables on top of the tests' own
 * @throws when it ends, or says nothing for 20 s; the message holds what it printed
 */
export async function startServer(settings: Record<string, string> = {}): Promise<RunningServer> {
  if (!existsSync(join(ROOT, 'apps', 'web', 'dist', 'index.html'))) {
    throw new Error('the web app is not built: run node scripts/setup.mjs test');
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-e2e-'));
  const env = {
    PATH: process.env.PATH ?? '',
    PORT: String(await freePort()),
    DATA_DIR: dataDir,
    PASSWORD_COST: '10',
    LIMITS: JSON.stringify(LIMITS),
    ...settings,
  };
  let output = '';
  const start = async () => {
    const child = spawn(process.execPath, ['--conditions=ringdown-source', 'packages/server/src/main.ts'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let own = '';
    const collect = (chunk: Buffer) => {
      own += chunk.toString('utf8');
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    return { child, url: await readyUrl(child, () => own) };
  };
  let { child, url } = await start();
  return {
    url,
    output: () => output,
    crashAndRestart: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      ({ child, url } = await start());
    },
    stop: async () => {
      await end(child);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readyUrl(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((found, failed) => {
    const fail = (why: string) => {
      child.kill('SIGKILL');
      failed(new Error(`the service ${why}:\n${output()}`));
    };
    const timer = setTimeout(() => fail('did not get ready'), START_LIMIT_MS);
    child.once('exit', (code) => fail(`ended with code ${code}`));
    child.stdout?.on('data', () => {
      const url = /ready: (https?:\/\/\S+)/.exec(output())?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      found(url);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}
