/** Builds `dist` of the packages that applications install. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, projectNode, ROOT } from '../setup/places.mjs';
import { bundle } from './bundle.mjs';

/** The packages, in the order in which they need each other. */
const PACKAGES = ['protocol', 'client'];

/** One file with everything, for pages without a bundler. */
const BUNDLE = 'ringdown.min.js';

/**
 * Builds them anew.
 * @throws {Error} when the compiler finds an error; what it said went to the terminal
 */
export async function buildPackages() {
  for (const name of PACKAGES) {
    const folder = join(ROOT, 'packages', name);
    const dist = join(folder, 'dist');
    rmSync(dist, { recursive: true, force: true });
    const tsc = join(MODULES, 'typescript', 'bin', 'tsc');
    execFileSync(projectNode(), [tsc, '-p', join(folder, 'tsconfig.build.json')], { stdio: 'inherit' });
    // The compiler rewrites what scripts import, not what declarations do; older compilers take no `.ts` there.
    for (const file of readdirSync(dist).filter((each) => each.endsWith('.d.ts'))) {
      const path = join(dist, file);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(['"]\.\.?\/[^'"\n]+)\.ts(['"])/g, '$1.js$2'));
    }
  }
  const dist = join(ROOT, 'packages', 'client', 'dist');
  const { code, map } = await bundle("export * from './bundle.js';", dist, BUNDLE);
  writeFileSync(join(dist, BUNDLE), `${code}//# sourceMappingURL=${BUNDLE}.map\n`);
  writeFileSync(join(dist, `${BUNDLE}.map`), map);
}
