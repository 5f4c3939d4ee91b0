/** Bundles a module as an application's bundler would: minified, without what is not used. */
import { resolve } from 'node:path';
import { build, defaultClientConditions } from 'vite';

const ENTRY = 'virtual:entry';

/**
 * @param {string} source of the module that is bundled
 * @param {string} folder in which it stands
 * @param {string} name of the file that is made of it, which is not written
 * @param {string[]} conditions under which packages are entered, beside a browser's
 * @returns {Promise<{ code: string, map: string }>} the map holds its sources
 */
export async function bundle(source, folder, name = 'bundle.js', conditions = []) {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    root: folder,
    resolve: { conditions: [...conditions, ...defaultClientConditions] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? resolve(folder, 'entry.js') : undefined),
        load: (id) => (id === resolve(folder, 'entry.js') ? source : undefined),
      },
    ],
    build: {
      target: 'es2023',
      write: false,
      minify: true,
      sourcemap: 'hidden',
      modulePreload: { polyfill: false },
      outDir: folder,
      rollupOptions: { input: ENTRY, preserveEntrySignatures: 'strict', output: { entryFileNames: name } },
    },
  });
  const [chunk] = /** @type {{ output: { type: string, code?: string, map?: any }[] }} */ (built).output;
  if (!chunk?.code || !chunk.map) throw new Error('the bundler gave no chunk');
  return { code: chunk.code, map: String(chunk.map) };
}
