/** The real service as a process of its own, as an operator starts it, with rates that tests do not meet. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../e2e/harness/free-port.ts';
import type { Target } from '../person.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const START_LIMIT_MS = 15_000;
const LIMITS = {
  registrationsPerHour: 10_000,
  offersPerMinute: 10_000,
  offersPerPairPerMinute: 10_000,
  offersPerStrangerPairPerHour: 10_000,
  denialsPer10Minutes: 10_000,
  messagesPerSecond: 1_000,
  messagesBurst: 1_000,
  iceServersPer10Minutes: 10_000,
};

/** A service under test. */
export interface RealServer extends Target {
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a service on a free loopback port, with an empty data folder of its own. @throws when it does not get ready */
export async function startRealServer(): Promise<RealServer> {
  const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'ringdown-conformance-'))];
  const child = spawn(process.execPath, ['--conditions=ringdown-source', 'packages/server/src/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      DATA_DIR: folder,
      PASSWORD_COST: '10',
      LOG_LEVEL: 'error',
      LIMITS: JSON.stringify(LIMITS),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `ws://127.0.0.1:${port}/ws`, rest: `http://127.0.0.1:${port}`, stop };
}

async function ready(child: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolveReady, failed) => {
    const timer = setTimeout(() => failed(new Error(`the service is not ready: ${output}`)), START_LIMIT_MS);
    const done = (outcome: () => void) => {
      clearTimeout(timer);
      outcome();
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += String(chunk);
        if (output.includes('Ringdown is ready')) done(resolveReady);
      });
    }
    child.once('exit', (code) => done(() => failed(new Error(`the service ended with ${code}: ${output}`))));
  });
}
