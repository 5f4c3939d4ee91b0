import { defineConfig } from 'vitest/config';

/**
 * The three suites. `unit` needs nothing but Node; `server` listens on loopback ports;
 * `e2e` drives the system's Chromium and therefore runs one file at a time.
 */
const source = { resolve: { conditions: ['ringdown-source'] }, ssr: { resolve: { conditions: ['ringdown-source'] } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          include: ['packages/{protocol,call,client}/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
        },
      },
      {
        ...source,
        test: { name: 'server', include: ['packages/server/src/**/*.test.ts', 'tests/{server,repository}/**/*.test.ts'] },
      },
      {
        ...source,
        test: { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
  },
});
