/** One child process, run to its end or to the deadline, with everything it has started. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { ROOT } from '../setup/places.mjs';

/** How long the whole run may take; a pipeline's usual limit is ten minutes. */
export const DEADLINE_MS = 9.5 * 60_000;
/** The niceness of who yields: it gets about a tenth of a busy machine, so that it does not stand still either. */
const YIELDING = 7;
/** What a child gets between the request to end and the end. */
const FAREWELL_MS = 5_000;

/**
 * Runs a command, its output going straight to the terminal. Never rejects.
 * @param {string[]} command an executable and its arguments
 * @param {number} deadline ms since the epoch, after which the child and all it started are killed
 * @param {Record<string, string>} [env] added to the environment
 * @param {boolean} [beside] it takes only what the machine has left, and is heard when it is done
 * @returns {Promise<import('./tally.mjs').Ending>}
 */
export async function runChild([executable = '', ...args], deadline, env = {}, beside = false) {
  if (Date.now() >= deadline) return { code: null, signal: null, outOfTime: true };
  // A group of its own, so that it can be ended with its workers, their servers and browsers, and with nothing else.
  const child = spawn(executable, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: beside ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  });
  /** @type {Buffer[]} */
  const heard = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => heard.push(chunk));
  if (beside && child.pid !== undefined) yieldToOthers(child.pid);
  let outOfTime = false;
  const stop = () => endGroup(child.pid, 'SIGTERM');
  const timer = setTimeout(() => {
    outOfTime = true;
    stop();
    setTimeout(() => endGroup(child.pid, 'SIGKILL'), FAREWELL_MS).unref();
  }, deadline - Date.now());
  const leave = () => {
    stop();
    child.once('exit', () => process.exit(130));
  };
  process.on('SIGINT', leave).on('SIGTERM', leave);
  try {
    return await new Promise((resolve) => {
      child.once('error', () => resolve({ code: 127, signal: null, outOfTime }));
      // With pipes, only `close` says that everything was heard.
      child.once(beside ? 'close' : 'exit', (code, signal) => resolve({ code, signal, outOfTime }));
    });
  } finally {
    clearTimeout(timer);
    if (heard.length > 0) process.stdout.write(Buffer.concat(heard));
    process.off('SIGINT', leave).off('SIGTERM', leave);
    if (outOfTime) endGroup(child.pid, 'SIGKILL');
  }
}

/** @param {number} pid a leader of a session; it and its children are to run only when nobody else wants to */
function yieldToOthers(pid) {
  try {
    setPriority(pid, YIELDING);
    // Linux shares a processor between sessions first, and heeds what a process says of itself only inside its own: the
    // session has to say it too (sched(7), "The autogroup feature").
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(YIELDING));
  } catch {
    // It has ended already, or the system knows no such groups.
  }
}

/**
 * @param {number | undefined} pid @param {NodeJS.Signals} signal
 */
function endGroup(pid, signal) {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
