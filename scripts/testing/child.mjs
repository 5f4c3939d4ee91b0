/** One child process, run to its end or to the deadline, with everything it has started. */
import { spawn, spawnSync } from 'node:child_process';
import { ROOT } from '../setup/places.mjs';

/** How long the whole run may take; a pipeline's usual limit is ten minutes. */
export const DEADLINE_MS = 9.5 * 60_000;
/** What a child gets between the request to end and the end. */
const FAREWELL_MS = 5_000;

/**
 * Runs a command, its output going straight to the terminal. Never rejects.
 * @param {string[]} command an executable and its arguments
 * @param {number} deadline ms since the epoch, after which the child and all it started are killed
 * @param {Record<string, string>} [env] added to the environment
 * @returns {Promise<import('./tally.mjs').Ending>}
 */
export async function runChild([executable = '', ...args], deadline, env = {}) {
  if (Date.now() >= deadline) return { code: null, signal: null, outOfTime: true };
  // A group of its own, so that it can be ended with its workers, their servers and browsers, and with nothing else.
  const child = spawn(executable, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  });
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
      child.once('exit', (code, signal) => resolve({ code, signal, outOfTime }));
    });
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', leave).off('SIGTERM', leave);
    if (outOfTime) endGroup(child.pid, 'SIGKILL');
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
