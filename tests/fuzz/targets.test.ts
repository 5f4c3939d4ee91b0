/** Every target for a while, two at a time, each in a process of its own that gives way to others. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SECONDS_PER_TARGET } from './targets.ts';

const AT_ONCE = 2;
/** It gives way to whatever else is tested on the machine. */
const NICE = 10;
/** A run that has not ended by then is ended, ms. */
const LONGEST_MS = (4 * SECONDS_PER_TARGET + 60) * 1_000;
const PROGRAM = join(import.meta.dirname, 'fuzz.program.ts');

let free = AT_ONCE;
const waiting: (() => void)[] = [];

/** Lets so many run at the same time. */
async function turn<T>(work: () => Promise<T>): Promise<T> {
  while (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  free -= 1;
  try {
    return await work();
  } finally {
    free += 1;
    waiting.shift()?.();
  }
}

/** Fuzzes one target. @throws with everything the run said, when it found something */
async function nothingFoundIn(target: string): Promise<void> {
  const { code, said } = await turn(async () => {
    const args = ['--target', target, '--seconds', String(SECONDS_PER_TARGET)];
    const child = spawn(process.execPath, ['--expose-gc', '--conditions=ringdown-source', PROGRAM, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    if (child.pid !== undefined) setPriority(child.pid, NICE);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said };
  });
  expect(code, said).toBe(0);
  console.log(said.trim());
}

test.concurrent('[T23] [T24] [T34] [T37] whatever a frame holds, the service and every client answer with a message or a reason', () =>
  nothingFoundIn('frames'));

test.concurrent('[T33] [T46] [T53] whatever a setting, a body, an address or a log line holds, it is read in time, and no secret is repeated', () =>
  nothingFoundIn('texts'));

test.concurrent('[T18] whatever a token says, only what the service itself could have signed for now is good', () =>
  nothingFoundIn('tokens'));

test.concurrent('[T23] [T37] whatever a request is made of, the REST door answers with data or a reason, and never with a fault', () =>
  nothingFoundIn('http'));

test.concurrent('[T8] [T21] [T45] whatever sockets say, in whatever order, nothing breaks, and nothing is left when they are gone', () =>
  nothingFoundIn('sessions'));

test.concurrent('[T35] [T41] [T45] whatever bytes come over a socket, the service lives, is not held up, and keeps the calls of others', () =>
  nothingFoundIn('wire'));
