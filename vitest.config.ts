/**
 * The four suites. `unit` needs nothing but Node; `server` listens on loopback ports; `recovery` kills the service and
 * uses the whole machine; `e2e` drives the system's Chromium. The last two therefore run one file at a time. A test that fails is not tried again: a flaky test is a fault.
 */
import { defineConfig } from 'vitest/config';

const source = { resolve: { conditions: ['ringdown-source'] }, ssr: { resolve: { conditions: ['ringdown-source'] } } };
const common = { testTimeout: 10_000, hookTimeout: 20_000, restoreMocks: true, unstubGlobals: true };

export default defineConfig({
  test: {
    passWithNoTests: false,
    // Mostly they wait, for sockets and for time to pass: more of them than cores get done sooner.
    maxWorkers: 3,
    projects: [
      {
        ...source,
        test: {
          ...common,
          name: 'unit',
          include: [
            'packages/{protocol,call,client}/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'tests/sdk/**/*.test.ts',
          ],
        },
      },
      {
        ...source,
        test: {
          ...common,
          name: 'server',
          include: [
            'packages/server/src/**/*.test.ts',
            'tests/{bench,conformance,package,server,repository}/**/*.test.ts',
          ],
        },
      },
      {
        ...source,
        test: { ...common, name: 'simulation', include: ['tests/simulation/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        ...source,
        test: { ...common, name: 'recovery', include: ['tests/recovery/**/*.test.ts'], fileParallelism: false },
      },
      {
        ...source,
        test: { ...common, name: 'fuzz', include: ['tests/fuzz/**/*.test.ts'], testTimeout: 180_000 },
      },
      {
        ...source,
        test: {
          ...common,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
