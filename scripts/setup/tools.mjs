/** Sees to it that the programs the suites drive are there: finds them, else installs them, else says what to do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, findTurnServer } from './find-tool.mjs';
import { MODULES, projectNode } from './places.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const DOWNLOAD_LIMIT_MS = 5 * 60_000;

const TOOLS = [
  {
    name: 'chromium',
    find: findChromium,
    download: () =>
      run(projectNode(), [join(MODULES, 'playwright-core', 'cli.js'), 'install', 'chromium'], {
        timeoutMs: DOWNLOAD_LIMIT_MS,
      }),
    debianPackage: 'chromium',
    advice: 'install Chromium, Chrome or Edge, or set CHROMIUM_PATH to the executable of one',
  },
  {
    name: 'turnserver',
    find: async () => findTurnServer(),
    download: () => false,
    debianPackage: 'coturn',
    advice:
      'install coturn (apt-get install coturn, brew install coturn), or leave its tests out: RINGDOWN_WITHOUT=turnserver npm test',
  },
];

/**
 * Nothing is skipped without somebody having asked for it: `RINGDOWN_WITHOUT=turnserver` leaves that one alone, and its
 * tests count as skipped. There is no such way around the browser.
 * @throws {SetupError} naming everything that is missing and how to get it
 */
export async function provideTools() {
  const without = process.env.RINGDOWN_WITHOUT ?? '';
  const needed = TOOLS.filter((tool) => tool.name === 'chromium' || tool.name !== without);
  let missing = await stillMissing(needed);
  if (missing.length > 0) {
    installDebianPackages(missing.map((tool) => tool.debianPackage));
    missing = await stillMissing(missing);
  }
  if (missing.length > 0) {
    for (const tool of missing) tool.download();
    missing = await stillMissing(missing);
  }
  if (missing.length === 0) return;
  throw new SetupError(missing.map((tool) => `${tool.name} is missing: ${tool.advice}`).join('; '));
}

/** @param {typeof TOOLS} tools */
async function stillMissing(tools) {
  const found = await Promise.all(tools.map((tool) => tool.find()));
  return tools.filter((_, index) => found[index] === undefined);
}

/** Only where that needs no password: as root on a Debian or Ubuntu. @param {string[]} packages */
function installDebianPackages(packages) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  console.log(`setup: installing ${packages.join(' ')} (apt-get)`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const patient = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  run('apt-get', [...patient, 'update'], { env, timeoutMs: DOWNLOAD_LIMIT_MS });
  const install = [...patient, 'install', '-y', '--no-install-recommends', ...packages];
  run('apt-get', install, { env, timeoutMs: DOWNLOAD_LIMIT_MS });
}
