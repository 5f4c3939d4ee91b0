/**
 * The service under attack, as a process of its own that tells over IPC what it has suffered: faults, how long it was
 * busy at a stretch, what it holds. Everything is as in earnest but the rates, which would only hide what is behind them.
 *
 * Usage: node --expose-gc service.program.ts DATA_DIR
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createLogger, createServer, readConfig } from '@ringdown/server';

/** What it is asked. `rest`: everybody is gone and an hour has passed. */
export type Question = 'health' | 'rest' | 'stop';

/** What it answers. */
export interface Health {
  /** Unhandled rejections, and what was logged as an error. */
  readonly faults: readonly string[];
  /** Longest stretch of this thread's own work between two looks at the clock since the last question, ms. */
  readonly busiestMs: number;
  /** Longest delay of the loop since the last question, ms: also what the machine did for others meanwhile. */
  readonly delayedMs: number;
  /** Held after a collection, bytes. */
  readonly heldBytes: number;
  /** What is alive in it. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** How often it looks at the clock, ms. */
const LOOK_MS = 5;
const HOUR_MS = 3_600_000;

const faults: string[] = [];
process.on('unhandledRejection', (error) => faults.push(`unhandled rejection: ${(error as Error)?.stack ?? error}`));
process.on('uncaughtExceptionMonitor', (error) => {
  process.send?.({ crash: error.stack ?? String(error) });
});

const dataDir = process.argv[2] ?? '';
const base = readConfig({ DATA_DIR: dataDir, PASSWORD_COST: '10' }, dataDir);
const limits = { ...base.limits };
for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
  // A socket that talks nonsense is still told to go; how soon is a limit of its own.
  if (name !== 'badFramesPerMinute') Object.assign(limits, { [name]: 1_000_000 });
}
let aheadMs = 0;
const start = Date.now() - performance.now();
const server = await createServer({
  config: { ...base, port: 0, limits },
  log: createLogger({
    level: 'warn',
    destination: {
      write: (line: string) => {
        const { level, msg, err } = JSON.parse(line) as { level: string; msg: string; err?: { stack?: string } };
        if (level === 'error' || level === 'fatal') faults.push(`${msg} ${err?.stack ?? ''}`);
      },
    },
  }),
  callClock: () => Math.floor(start + performance.now()) + aheadMs,
});

const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
delay.enable();
let busiestMs = 0;
let before = process.threadCpuUsage();
function look(): void {
  const now = process.threadCpuUsage();
  busiestMs = Math.max(busiestMs, (now.user + now.system - before.user - before.system) / 1000);
  before = now;
}
setInterval(look, LOOK_MS);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function health(): Promise<Health> {
  look();
  const answer = { faults: [...faults], busiestMs, delayedMs: delay.max / 1e6 };
  for (let rounds = 0; rounds < 3; rounds += 1) {
    globalThis.gc?.();
    await pause(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  const sizes = await server.sizes();
  // What asking costs is not the input's fault.
  before = process.threadCpuUsage();
  busiestMs = 0;
  delay.reset();
  return { ...answer, heldBytes: heapUsed + external, sizes };
}

process.on('message', async (question: Question) => {
  if (question === 'stop') {
    await server.stop();
    process.exit(0);
  }
  if (question === 'rest') {
    // Whoever hung up is gone in a moment; what is left of them is theirs for a while.
    for (let rounds = 0; rounds < 200 && (await server.sizes())['sockets'] !== 0; rounds += 1) await pause(50);
    await pause(50);
    aheadMs += HOUR_MS;
    server.wake();
    await pause(300);
  }
  process.send?.({ health: await health() });
});
process.on('disconnect', () => process.exit(1));
process.send?.({ port: server.port });
