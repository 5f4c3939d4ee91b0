/** The service under attack as its attackers' process sees it: where it is, and what it says of itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Place } from '../../recovery/person.ts';
import type { Health, Question } from './service.program.ts';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
/** How long it may take to start or to answer, ms. */
const PATIENCE_MS = 30_000;

type Told = { readonly port: number } | { readonly health: Health } | { readonly crash: string };

/** A service in a process of its own. */
export class Victim {
  readonly place: Place;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #crash: string | undefined;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
    this.place = { origin: `http://127.0.0.1:${port}`, socketUrl: `ws://127.0.0.1:${port}/ws` };
    child.on('message', (told: Told) => {
      if ('crash' in told) this.#crash = told.crash;
    });
  }

  /** Starts it on an empty folder. */
  static async begin(): Promise<Victim> {
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-wire-'));
    const args = ['--expose-gc', '--conditions=ringdown-source', 'tests/fuzz/wire/service.program.ts', folder];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    process.once('exit', () => child.kill('SIGKILL'));
    const told = (await answerOf(child)) as { port: number };
    return new Victim(child, folder, told.port);
  }

  /** Why it does not run any more; undefined while it does. */
  get death(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (this.#crash !== undefined) return this.#crash;
    return exitCode === null && signalCode === null ? undefined : `it ended with ${exitCode ?? signalCode}`;
  }

  /** How it is; also resets what is counted. @param rest everybody is gone and an hour passes first */
  async health(rest = false): Promise<Health> {
    if (this.death !== undefined) throw new Error(`the service is gone: ${this.death}`);
    const question: Question = rest ? 'rest' : 'health';
    const answer = answerOf(this.#child);
    this.#child.send(question);
    return ((await answer) as { health: Health }).health;
  }

  async end(): Promise<void> {
    if (this.death === undefined) {
      const gone = once(this.#child, 'exit');
      const question: Question = 'stop';
      this.#child.send(question);
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
      await gone;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function answerOf(child: ChildProcess): Promise<Told> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const [told] = (await Promise.race([
    once(child, 'message', { signal: timeout }),
    once(child, 'exit', { signal: timeout }).then(([code, signal]) => {
      throw new Error(`the service ended with ${code ?? signal}`);
    }),
  ])) as [Told];
  return told;
}
