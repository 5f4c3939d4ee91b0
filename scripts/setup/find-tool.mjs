/** Finds the programs the tests drive and that npm cannot bring: a Chromium, a Firefox and a TURN server. */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SetupError } from './setup-error.mjs';

const CHROMIUM_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
];

const MAC_APPS = [
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Chromium.app/Contents/MacOS/Chromium',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const WINDOWS_APPS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

const LINUX_PLACES = ['/snap/bin/chromium', '/opt/google/chrome/chrome'];
const FIREFOX_ON_MAC = ['Firefox.app/Contents/MacOS/firefox'];
const FIREFOX_ON_WINDOWS = ['Mozilla Firefox\\firefox.exe'];

/**
 * A browser of the Chromium family: `CHROMIUM_PATH`, then the usual names and places, then the one that
 * playwright-core has downloaded.
 * @returns {Promise<string | undefined>} absolute path
 * @throws {SetupError} when `CHROMIUM_PATH` names no executable: somebody wanted that one and no other
 */
export async function findChromium() {
  return (
    namedBy('CHROMIUM_PATH') ??
    onPath(CHROMIUM_NAMES) ??
    usualPlaces(MAC_APPS, WINDOWS_APPS, LINUX_PLACES).find(canRun) ??
    (await downloadedChromium())
  );
}

/**
 * A Firefox: `FIREFOX_PATH`, then the usual names and places.
 * @returns {string | undefined} absolute path
 * @throws {SetupError} when `FIREFOX_PATH` names no executable
 */
export function findFirefox() {
  return (
    namedBy('FIREFOX_PATH') ??
    onPath(['firefox-esr', 'firefox']) ??
    usualPlaces(FIREFOX_ON_MAC, FIREFOX_ON_WINDOWS, []).find(canRun)
  );
}

/** coturn's server. @returns {string | undefined} absolute path */
export function findTurnServer() {
  return onPath(['turnserver']) ?? ['/opt/homebrew/bin/turnserver', '/usr/local/bin/turnserver'].find(canRun);
}

/** @param {string} variable of the environment @returns {string | undefined} undefined when it is not set */
function namedBy(variable) {
  const path = process.env[variable] ?? '';
  if (path !== '' && !canRun(path)) throw new SetupError(`${variable} names no executable file: ${path}`);
  return path === '' ? undefined : path;
}

/**
 * @param {string[]} onMac in a folder of applications
 * @param {string[]} onWindows in a folder of programs
 * @param {string[]} elsewhere absolute paths
 */
function usualPlaces(onMac, onWindows, elsewhere) {
  if (process.platform === 'darwin') {
    return ['/Applications', join(homedir(), 'Applications')].flatMap((at) => onMac.map((app) => join(at, app)));
  }
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => process.env[name] ?? '');
    return roots.filter((root) => root !== '').flatMap((root) => onWindows.map((app) => join(root, app)));
  }
  return elsewhere;
}

async function downloadedChromium() {
  try {
    const { chromium } = await import('playwright-core');
    const path = chromium.executablePath();
    return canRun(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string[]} names */
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name + suffix)).find(canRun);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Whether somebody asked to do without a tool: `RINGDOWN_WITHOUT` names one or, with commas, several.
 * @param {string} tool `turnserver` or `firefox`
 */
export function isLeftOut(tool) {
  return (process.env.RINGDOWN_WITHOUT ?? '').split(',').some((name) => name.trim() === tool);
}

/** @param {string} path */
function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
