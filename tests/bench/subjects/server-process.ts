/** One run of a subject: a process with a folder of its own that is gone when the run is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../e2e/harness/free-port.ts';
import { atExit } from '../leftovers.ts';
import { Remote } from '../remote.ts';
import { type Person, recordedCalls, settle } from './people.ts';
import type { Probe } from './probe.ts';
import type { Subject } from './subject.ts';

const READY_WITHIN_MS = 20_000;
const SECRET = 'a secret of the benchmark, known to everybody';
/** The defaults are made for people. A client here dials all day long. */
const LIMITS = {
  offersPerMinute: 1_000_000,
  offersPerPairPerMinute: 1_000_000,
  messagesPerSecond: 100_000,
  messagesBurst: 100_000,
};
/** What the report says of {@link LIMITS}. */
export const RAISED_LIMITS = Object.keys(LIMITS).join('`, `');

/** The issuer of the tokens. Nobody goes there. */
const PUBLIC_URL = 'http://localhost:9';

/** A data folder with people in it, to be copied. */
interface Town {
  readonly dataDir: string;
  readonly people: readonly Person[];
}
/** Small measurements share one. */
const SMALLEST_TOWN = 100;
const towns = new Map<string, Town>();

/** A subject that runs. */
export class ServerProcess {
  readonly subject: Subject;
  readonly #port: number;
  readonly #folder: string;
  #people: readonly Person[] = [];
  #child: ChildProcess | undefined;
  #probe: Remote<Probe> | undefined;
  readonly #settled: () => void;

  private constructor(subject: Subject, port: number) {
    this.subject = subject;
    this.#port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'ringdown-bench-'));
    this.#settled = atExit(() => {
      this.#child?.kill('SIGKILL');
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  /**
   * Gives a subject a folder of its own, empty or with people in it, and does not start it yet.
   * @param people how many accounts it has, if it has such a thing
   */
  static async prepare(subject: Subject, people = 0): Promise<ServerProcess> {
    const server = new ServerProcess(subject, await freePort());
    if (subject.dialect !== 'ringdown' || people === 0) return server;
    const size = Math.max(people, SMALLEST_TOWN);
    const key = `${subject.program} ${size}`;
    const town = towns.get(key) ?? (await server.#build(size));
    towns.set(key, town);
    cpSync(town.dataDir, server.dataDir, { recursive: true });
    server.#people = town.people.slice(0, people);
    return server;
  }

  /** Prepares a subject and starts it with a probe in it. @throws when it does not get ready */
  static async start(subject: Subject, people = 0): Promise<ServerProcess> {
    const server = await ServerProcess.prepare(subject, people);
    await server.launch({ probed: true });
    return server;
  }

  /** Its accounts, if it has such a thing. */
  get people(): readonly Person[] {
    return this.#people;
  }

  /** `http://127.0.0.1:…` */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Its data folder. */
  get dataDir(): string {
    return join(this.#folder, 'data');
  }

  /** Asks the process what it has used. */
  get probe(): Remote<Probe> {
    if (!this.#probe) throw new Error(`${this.subject.name} runs without a probe`);
    return this.#probe;
  }

  /** How many calls its history has. */
  recordedCalls(): number {
    return recordedCalls(this.dataDir);
  }

  /**
   * Starts its process. Its log goes to /dev/null, as it would go to a file.
   * @returns ms from the start of the process until it takes connections, and how many of them it had a processor
   * @throws when it ends, or is silent for 20 s
   */
  async launch({
    probed = false,
    env = {},
  }: {
    probed?: boolean;
    env?: Record<string, string>;
  } = {}): Promise<{ tookMs: number; cpuMs: number }> {
    const { program, folder, ready } = this.subject;
    const options = ['--conditions=ringdown-source'];
    if (probed) options.push('--expose-gc', `--import=${join(import.meta.dirname, 'probe.ts')}`);
    const began = performance.now();
    const child = spawn(process.execPath, [...options, program], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: String(this.#port),
        DATA_DIR: this.dataDir,
        AUTH_JWT_SECRET: SECRET,
        PUBLIC_URL,
        LIMITS: JSON.stringify(LIMITS),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(probed ? (['ipc'] as const) : [])],
    });
    this.#child = child;
    const tookMs = await becomesReady(child, ready, began);
    const cpuMs = cpuMsOf(child.pid);
    // Its log is read on and thrown away: a pipe that nobody reads would fill.
    child.stdout?.resume();
    child.stderr?.resume();
    this.#probe = probed ? new Remote<Probe>(child) : undefined;
    return { tookMs, cpuMs };
  }

  /** Stops it in its own time and lets its folder stand. */
  async halt(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends it and deletes its folder. */
  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
    this.#settled();
  }

  /** Makes the folder that every run with so many people begins with. */
  async #build(count: number): Promise<Town> {
    const { dataDir } = this;
    await this.launch();
    await this.halt();
    const people = settle({ dataDir, count, secret: SECRET, issuer: PUBLIC_URL });
    const folder = mkdtempSync(join(tmpdir(), 'ringdown-bench-town-'));
    atExit(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(dataDir, folder, { recursive: true });
    return { dataDir: folder, people };
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

function becomesReady(child: ChildProcess, word: string, began: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string) => {
      child.kill('SIGKILL');
      reject(new Error(`a subject ${why}:\n${said}`));
    };
    const timer = setTimeout(() => fail('did not get ready'), READY_WITHIN_MS);
    const onExit = (code: number | null, signal: string | null) => fail(`ended with ${code ?? signal}`);
    const listen = (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (!said.includes(word)) return;
      clearTimeout(timer);
      child.off('exit', onExit);
      child.stdout?.off('data', listen);
      child.stderr?.off('data', listen);
      resolve(performance.now() - began);
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', onExit);
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
  });
}

/** The processor time of a process so far, in steps of 10 ms; NaN where there is no `/proc`. */
function cpuMsOf(pid: number | undefined): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  // Behind the name, which may hold anything, in ticks of 10 ms: proc(5).
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
