/**
 * Builds the packages that applications install, and writes down what is derived from them: the client's API report
 * `packages/client/api.d.ts`, its reference and the sizes in its README. Ends with code 1 when something does not build.
 *
 * Usage: npm run sdk [build]        (build: only the packages' `dist`)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { API_REPORT, apiReport } from './sdk/api-report.mjs';
import { buildPackages } from './sdk/build.mjs';
import { REFERENCE, reference } from './sdk/reference.mjs';
import { measureSizes, README, withSizes } from './sdk/sizes.mjs';

const USAGE =
  'usage: npm run sdk [build]        builds @ringdown/protocol and @ringdown/client; without "build", also writes the API report, the reference and the sizes';
const asked = process.argv.slice(2);
if (asked.includes('--help')) {
  console.log(USAGE);
  process.exit(0);
}
if (asked.some((word) => word !== 'build')) {
  console.error(`${USAGE}   (got: ${asked.join(' ')})`);
  process.exit(2);
}

await buildPackages();
if (asked.length === 0) {
  const sizes = await measureSizes();
  write(API_REPORT, apiReport());
  write(REFERENCE, reference());
  write(README, withSizes(readFileSync(README, 'utf8'), sizes));
  for (const { what, minifiedBytes, gzippedBytes } of sizes)
    console.log(`${what}: ${minifiedBytes} bytes, ${gzippedBytes} gzipped`);
}

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}
