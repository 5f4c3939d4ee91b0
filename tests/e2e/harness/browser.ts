/** The system's browsers, headless, with a synthetic camera and microphone that nobody has to allow. */
import { type Browser, chromium, firefox } from 'playwright-core';
import { findChromium, findFirefox, isLeftOut } from '../../../scripts/setup/find-tool.mjs';

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

/** Why there is no Firefox to test with, in one line; undefined when there is one. */
export function whyNoFirefox(): string | undefined {
  if (isLeftOut('firefox')) return 'RINGDOWN_WITHOUT names firefox';
  return findFirefox() === undefined
    ? 'there is no Firefox here: node scripts/setup.mjs test says how to get one'
    : undefined;
}

/** @throws when there is none, see {@link whyNoFirefox} */
export async function launchFirefox(): Promise<Browser> {
  const executablePath = findFirefox();
  if (executablePath === undefined) throw new Error(whyNoFirefox());
  return firefox.launch({
    executablePath,
    // The Firefox of the system speaks WebDriver BiDi, not the protocol of playwright's own build.
    channel: 'moz-firefox',
    headless: true,
    firefoxUserPrefs: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      // Else it takes no TURN server on loopback.
      'media.peerconnection.ice.loopback': true,
    },
  });
}
