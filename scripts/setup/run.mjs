/** Runs one command to its end, its output going straight to the terminal. */
import { spawnSync } from 'node:child_process';
import { ROOT } from './places.mjs';

/**
 * @param {string} command an executable
 * @param {string[]} args its arguments
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutMs?: number, shell?: boolean }} [options]
 *   `cwd` defaults to the repository's root; `env` is added to the environment
 * @returns {boolean} whether it ran and ended with code 0
 */
export function run(command, args, { cwd = ROOT, env = {}, timeoutMs, shell = false } = {}) {
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  return done.status === 0;
}
