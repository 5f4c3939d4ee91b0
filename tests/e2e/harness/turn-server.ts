/** A real coturn on loopback, with the shared secret the service signs its credentials with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTurnServer } from '../../../scripts/setup/find-tool.mjs';
import { freePort } from './free-port.ts';

/** A running TURN server. */
export interface RunningTurnServer {
  /** As in the service's `TURN_URLS`. */
  readonly url: string;
  /** Where it listens, to start another one in its place. */
  readonly port: number;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts it and waits until it listens.
 * @param secret the shared secret of the TURN REST scheme
 * @param wantedPort of loopback; default: a free one
 * @throws when there is no coturn; `npm test` brings one or says how to get it
 */
export async function startTurnServer(secret: string, wantedPort?: number): Promise<RunningTurnServer> {
  const executable = findTurnServer();
  if (executable === undefined) throw new Error('no turnserver: run node scripts/setup.mjs test');
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-turn-'));
  const port = wantedPort ?? (await freePort());
  const args = [
    ...['-c', '/dev/null', '--no-cli', '--fingerprint', '--realm=ringdown.test', '--no-tls', '--no-dtls'],
    ...['--use-auth-secret', `--static-auth-secret=${secret}`],
    ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`, '--allow-loopback-peers'],
    ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`, '--log-file=stdout', '--verbose'],
  ];
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((listens, failed) => {
    let output = '';
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`turnserver ended with code ${code}:\n${output}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
      if (/UDP listener opened on/i.test(output)) listens();
    });
  });
  child.removeAllListeners('exit');
  return {
    url: `turn:127.0.0.1:${port}?transport=udp`,
    port,
    stop: async () => {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
