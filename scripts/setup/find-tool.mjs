/** Finds the programs the tests drive and that npm cannot bring: a Chromium and a TURN server. */
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

/**
 * A browser of the Chromium family: `CHROMIUM_PATH`, then the usual names and places, then the one that
 * playwright-core has downloaded.
 * @returns {Promise<string | undefined>} absolute path
 * @throws {SetupError} when `CHROMIUM_PATH` names no executable: somebody wanted that one and no other
 */
export async function findChromium() {
  const named = process.env.CHROMIUM_PATH ?? '';
  if (named !== '' && !canRun(named)) throw new SetupError(`CHROMIUM_PATH names no executable file: ${named}`);
  if (named !== '') return named;
  return onPath(CHROMIUM_NAMES) ?? usualPlaces().find(canRun) ?? (await downloadedChromium());
}

/** coturn's server. @returns {string | undefined} absolute path */
export function findTurnServer() {
  return onPath(['turnserver']) ?? ['/opt/homebrew/bin/turnserver', '/usr/local/bin/turnserver'].find(canRun);
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    return ['/Applications', join(homedir(), 'Applications')].flatMap((at) => MAC_APPS.map((app) => join(at, app)));
  }
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => process.env[name] ?? '');
    return roots.filter((root) => root !== '').flatMap((root) => WINDOWS_APPS.map((app) => join(root, app)));
  }
  return ['/snap/bin/chromium', '/opt/google/chrome/chrome'];
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

/** @param {string} path */
function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
