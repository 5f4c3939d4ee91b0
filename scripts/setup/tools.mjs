/** Sees to it that the programs the suites drive are there: finds them, else installs them, else says what to do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium, findFirefox, findTurnServer, isLeftOut } from './find-tool.mjs';
import { MODULES, projectNode } from './places.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/**
 * What the suites drive.
 * @typedef {object} Tool
 * @property {string} name
 * @property {() => Promise<string | undefined>} find
 * @property {() => unknown} download where no package of the system brings it
 * @property {string} debianPackage
 * @property {string} advice what to do, in one line
 * @property {boolean} [isOptional] the tests go on without it, and say what they leave out
 */

/** @type {Tool[]} */
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
  {
    name: 'firefox',
    find: async () => findFirefox(),
    download: () => false,
    debianPackage: 'firefox-esr',
    advice:
      'calls between Chromium and Firefox are left out (apt-get install firefox-esr, or set FIREFOX_PATH; RINGDOWN_WITHOUT=firefox stops asking)',
    isOptional: true,
  },
];

/**
 * Nothing that is needed is skipped without somebody having asked for it: `RINGDOWN_WITHOUT=turnserver` leaves that one
 * alone, and its tests count as skipped. There is no such way around Chromium. Firefox is not needed: where it cannot be
 * had, one line says so, and its tests count as skipped.
 * @throws {SetupError} naming everything that is missing and how to get it
 */
export async function provideTools() {
  const wanted = TOOLS.filter(({ name }) => name === 'chromium' || !isLeftOut(name));
  let missing = await stillMissing(wanted);
  if (missing.length > 0) {
    installDebianPackages(missing);
    missing = await stillMissing(missing);
  }
  if (missing.length > 0) {
    for (const tool of missing) tool.download();
    missing = await stillMissing(missing);
  }
  const lines = missing.map(({ name, advice }) => `${name} is missing: ${advice}`);
  if (missing.some(({ isOptional }) => !isOptional)) throw new SetupError(lines.join('; '));
  for (const line of lines) console.warn(`setup: ${line}`);
}

/** @param {Tool[]} tools */
async function stillMissing(tools) {
  const found = await Promise.all(tools.map((tool) => tool.find()));
  return tools.filter((_, index) => found[index] === undefined);
}

/**
 * Only where that needs no password: as root on a Debian or Ubuntu. One by one, since a system may lack one of them.
 * @param {Tool[]} tools
 */
function installDebianPackages(tools) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const patient = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  /** @param {string[]} args */
  const apt = (...args) => run('apt-get', [...patient, ...args], { env, timeoutMs: DOWNLOAD_LIMIT_MS });
  console.log(`setup: installing ${tools.map(({ debianPackage }) => debianPackage).join(' ')} (apt-get)`);
  apt('update');
  for (const { debianPackage } of tools) apt('install', '-y', '--no-install-recommends', debianPackage);
}
