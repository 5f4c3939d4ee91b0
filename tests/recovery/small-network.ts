/**
 * A network of its own whose buffers are small, for one program and its end: a loopback hides megabytes in the kernel,
 * so that a client that stops reading is not noticed. Linux only; the namespace is gone when the program is.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** Least, usual and most bytes of a TCP buffer. */
const BUFFERS = '4096 16384 16384';
const PREPARE = [
  'ip link set lo mtu 1500 up',
  `echo "${BUFFERS}" > /proc/sys/net/ipv4/tcp_rmem`,
  `echo "${BUFFERS}" > /proc/sys/net/ipv4/tcp_wmem`,
].join(' && ');
/** Root needs no user namespace; anybody else needs one, and not every system grants it. */
const UNSHARE = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];

/** Why such a network cannot be made here; undefined when it can. */
export function whyNoSmallNetwork(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', [...UNSHARE, 'sh', '-c', PREPARE], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return (error?.message ?? stderr).trim();
}

/**
 * Runs one of our programs in a new small network.
 * @param program path from the project's root @param args its arguments
 */
export function startInSmallNetwork(program: string, ...args: string[]): ChildProcess {
  const node = [process.execPath, '--expose-gc', '--conditions=ringdown-source', program, ...args];
  return spawn('unshare', [...UNSHARE, 'sh', '-c', `${PREPARE} && exec "$@"`, 'sh', ...node], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
