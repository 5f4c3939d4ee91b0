/** The public API of the client as one text under git, so that a change of it is seen where changes are read. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../setup/places.mjs';

const CLIENT = join(ROOT, 'packages', 'client');
/** Where it is written. */
export const API_REPORT = join(CLIENT, 'api.d.ts');
/** The doors: what an application can import. */
const DOORS = ['index.d.ts', 'ringing.d.ts', 'testing.d.ts'];

/**
 * Reads the declarations that can be reached from the doors, each file once, in the order it is met.
 * @returns {string} needs a fresh `dist`
 */
export function apiReport() {
  /** @type {Map<string, string>} */
  const files = new Map();
  for (let waiting = [...DOORS]; waiting.length > 0; ) {
    const [file = '', ...rest] = waiting;
    waiting = rest;
    if (files.has(file)) continue;
    const text = readFileSync(join(CLIENT, 'dist', file), 'utf8');
    files.set(file, text.replace(/^\/\/# sourceMappingURL=.*$/m, '').trim());
    for (const [, path = ''] of text.matchAll(/['"](\.\/[^'"\n]+)\.js['"]/g))
      waiting.push(posix.normalize(`${path}.d.ts`));
  }
  const parts = [...files].map(([file, text]) => `// ------------------------------------ ${file}\n${text}`);
  return `// The public API of @ringdown/client, as its declarations say it. Written by \`npm run sdk\`; do not edit.\n\n${parts.join('\n\n')}\n`;
}
