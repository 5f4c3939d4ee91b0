/** All of the SDK that runs in a browser, for pages that load one file. */
export * from './index.ts';
export * from './ringing.ts';
