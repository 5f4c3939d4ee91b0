/** How large the SDK is in an application: minified and gzipped, as a browser loads it. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../setup/places.mjs';
import { bundle } from './bundle.mjs';

/** What it may be at most, kB of 1000 bytes, gzipped. */
export const BUDGET_KB = 25;
/** Where the figures stand, between two marks. */
export const README = join(ROOT, 'packages', 'client', 'README.md');

const DIST = join(ROOT, 'packages', 'client', 'dist');
const MARKS = /(<!-- sizes -->\n)[\s\S]*?(<!-- \/sizes -->)/;

/** @typedef {{ what: string, minifiedKb: string, gzippedKb: string }} Size */

/** @returns {Promise<Size[]>} of everything, and of the client alone */
export async function measureSizes() {
  const parts = [
    { what: 'everything', source: "export * from './index.js';" },
    { what: '`RingdownClient` alone', source: "export { RingdownClient } from './index.js';" },
  ];
  return await Promise.all(
    parts.map(async ({ what, source }) => {
      const code = Buffer.from((await bundle(source, DIST)).code);
      return { what, minifiedKb: kb(code.length), gzippedKb: kb(gzipSync(code, { level: 9 }).length) };
    }),
  );
}

/**
 * The README with these sizes.
 * @param {string} text
 * @param {Size[]} sizes
 */
export function withSizes(text, sizes) {
  if (!MARKS.test(text)) throw new Error('the README has no place for the sizes');
  const rows = sizes.map(({ what, minifiedKb, gzippedKb }) => `| ${what} | ${minifiedKb} kB | ${gzippedKb} kB |`);
  const table = ['| import | minified | gzipped |', '|---|---|---|', ...rows].join('\n');
  return text.replace(MARKS, `$1${table}\n$2`);
}

/** @param {number} bytes */
function kb(bytes) {
  return (bytes / 1000).toFixed(1);
}
