/** How large the SDK is in an application: minified and gzipped, as a browser loads it. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../setup/places.mjs';
import { bundle } from './bundle.mjs';

/** What all of `@ringdown/client` may be at most, bytes, gzipped. */
export const BUDGET_BYTES = 25_000;
/** Where the figures stand, between two marks. */
export const README = join(ROOT, 'packages', 'client', 'README.md');

const DIST = join(ROOT, 'packages', 'client', 'dist');
const MARKS = /(<!-- sizes -->\n)[\s\S]*?(<!-- \/sizes -->)/;

/** @typedef {{ what: string, minifiedBytes: number, gzippedBytes: number }} Size */

/** @returns {Promise<Size[]>} of all calls need first */
export async function measureSizes() {
  const parts = [
    { what: 'all of `@ringdown/client`', source: "export * from './index.js';" },
    { what: '`RingdownClient` alone', source: "export { RingdownClient } from './index.js';" },
    { what: 'all of it with `@ringdown/client/ringing`', source: "export * from './bundle.js';" },
  ];
  return await Promise.all(
    parts.map(async ({ what, source }) => {
      const code = Buffer.from((await bundle(source, DIST)).code);
      return { what, minifiedBytes: code.length, gzippedBytes: gzipSync(code, { level: 9 }).length };
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
  const rows = sizes.map(
    ({ what, minifiedBytes, gzippedBytes }) => `| ${what} | ${kb(minifiedBytes)} kB | ${kb(gzippedBytes)} kB |`,
  );
  const table = ['| import | minified | gzipped |', '|---|---|---|', ...rows].join('\n');
  return text.replace(MARKS, `$1${table}\n$2`);
}

/** @param {number} bytes */
function kb(bytes) {
  return (bytes / 1000).toFixed(1);
}
