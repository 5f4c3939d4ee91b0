/**
 * Makes a fresh clone ready, for `npm start` or `npm test`, and does nothing when it already is.
 * Runs before anything is installed and on any Node from 18 on, so it uses only what Node ships.
 *
 * Usage: node scripts/setup.mjs start|test
 */

import { withSetupLock } from './setup/lock.mjs';
import { installModules, modulesAreFresh } from './setup/modules.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { provideTools } from './setup/tools.mjs';
import { buildWebApp, webAppIsFresh } from './setup/web-app.mjs';

/** @param {string[]} args */
async function main(args) {
  const [goal] = args;
  if (args.length !== 1 || (goal !== 'start' && goal !== 'test')) {
    throw new SetupError('usage: node scripts/setup.mjs start|test');
  }
  // Looked at without the lock first: the usual case is that all is fresh, and that must cost nothing.
  if (!modulesAreFresh() || !webAppIsFresh()) {
    await withSetupLock(() => {
      if (!modulesAreFresh()) installModules();
      if (!webAppIsFresh()) buildWebApp();
    });
  }
  if (goal === 'test') await provideTools();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
