/** The system's Chromium, headless, with a synthetic camera and microphone that nobody has to allow. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../../scripts/setup/find-tool.mjs';

const FLAGS = [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page in the background would be slowed down, and of two people in a call one always is.
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-background-timer-throttling',
];

/** @throws when there is no browser; `npm test` brings one or says how to get it */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: run node scripts/setup.mjs test');
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}
