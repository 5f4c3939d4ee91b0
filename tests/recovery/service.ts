/** The real service as a child process that can be killed without warning and started again on the same folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../e2e/harness/free-port.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const MAIN = 'packages/server/src/main.ts';
const START_LIMIT_MS = 20_000;

/** So much from one address and between two people is to be expected in tests only. */
const LIMITS = {
  registrationsPerHour: 100_000,
  offersPerMinute: 100_000,
  offersPerPairPerMinute: 100_000,
  offersPerStrangerPairPerHour: 100_000,
  denialsPer10Minutes: 100_000,
  messagesPerSecond: 10_000,
  messagesBurst: 10_000,
};

/** A service that may die and come back. */
export class Service {
  /** `http://127.0.0.1:…`, the same in every life. */
  readonly origin: string;
  /** Its data folder. */
  readonly dataDir: string;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, folder: string) {
    this.origin = `http://127.0.0.1:${port}`;
    this.dataDir = join(folder, 'data');
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      DATA_DIR: this.dataDir,
      PASSWORD_COST: '10',
      LIMITS: JSON.stringify(LIMITS),
      // Most of a start is the reading of modules. The cache is written by an orderly end, so `begin` makes one.
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    };
  }

  /** Makes a service with an empty data folder of its own and starts it. */
  static async begin(): Promise<Service> {
    const service = new Service(await freePort(), mkdtempSync(join(tmpdir(), 'ringdown-recovery-')));
    // Whatever ends this process ends the service with it.
    process.once('exit', () => service.#child?.kill('SIGKILL'));
    await service.start();
    await service.#end('SIGTERM');
    await service.start();
    return service;
  }

  /** What its lives have printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Where sockets are opened. */
  get socketUrl(): string {
    return `${this.origin.replace('http', 'ws')}/ws`;
  }

  /**
   * Starts it on what the life before left.
   * @throws when it ends, or says nothing for 20 s; the message holds what it printed
   */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--conditions=ringdown-source', MAIN], {
      cwd: ROOT,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let life = '';
    await new Promise<void>((ready, failed) => {
      const fail = (why: string) => {
        child.kill('SIGKILL');
        failed(new Error(`the service ${why}:\n${life}`));
      };
      const timer = setTimeout(() => fail('did not get ready'), START_LIMIT_MS);
      child.once('error', (error) => fail(error.message));
      const onExit = (code: number | null, signal: string | null) => fail(`ended with ${code ?? signal}`);
      child.once('exit', onExit);
      let isReady = false;
      const collect = (chunk: Buffer) => {
        const text = chunk.toString('utf8');
        this.#output += text;
        if (isReady) return;
        life += text;
        if (!life.includes('Ringdown is ready')) return;
        isReady = true;
        clearTimeout(timer);
        child.off('exit', onExit);
        ready();
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
    });
  }

  /** Ends it as a power cut of this one process would: nothing of it runs any more when this resolves. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it for good and deletes its data. */
  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(resolve(this.dataDir, '..'), { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
