/** The web app: built into apps/web/dist when what it is made of changed. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, isStamped, stamp } from './fingerprint.mjs';
import { MODULES, projectNode, ROOT } from './places.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

const APP = join(ROOT, 'apps', 'web');
const BUILT = join(APP, 'dist');
const STAMP = join(MODULES, '.ringdown-web-app');
const INPUTS = ['apps/web', 'packages/client', 'packages/protocol', 'package-lock.json', 'tsconfig.base.json'];

function wantedBuild() {
  return fingerprint(INPUTS, (path) => !/\/(dist|node_modules)$|\.test\.ts$/.test(path));
}

/** Whether apps/web/dist was built from the sources as they are. */
export function webAppIsFresh() {
  return existsSync(join(BUILT, 'index.html')) && isStamped(STAMP, wantedBuild());
}

/**
 * Builds the web app. The old build stays in place until the new one is complete, so that a running service never
 * serves half of one. @throws {SetupError} when the build fails
 */
export function buildWebApp() {
  console.log('setup: building the web app');
  const wanted = wantedBuild();
  const next = join(MODULES, '.ringdown-web-app-build');
  const vite = join(MODULES, 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--outDir', next, '--emptyOutDir', '--logLevel', 'warn'];
  if (!run(projectNode(), args, { cwd: APP })) {
    throw new SetupError('the web app does not build; the message stands above');
  }
  rmSync(BUILT, { recursive: true, force: true });
  renameSync(next, BUILT);
  stamp(STAMP, wanted);
}
