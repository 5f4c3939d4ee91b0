/** The programs to compare with: installed here when the benchmark first needs them, and nowhere else. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH } from './subjects/subject.ts';

/** Installs what the lock file of this folder says, if it is not there. No install script is run. @throws when npm fails */
export function installRivals(): void {
  if (['peer', 'socket.io'].every((name) => existsSync(join(BENCH, 'node_modules', name, 'package.json')))) return;
  console.error('bench: installing what is compared with (npm ci in tests/bench)');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: BENCH,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm ci failed; its own message stands above');
}
