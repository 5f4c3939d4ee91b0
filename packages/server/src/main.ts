/**
 * What is run. Before anything else it turns on the cache of compiled code, since most of a start is compiling; then it
 * hands over to the command.
 */
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** How long after the start the cache is written: a process that is killed later leaves it to the next one, too. */
const WRITE_CACHE_AFTER_MS = 1_000;

// Beside the installed code, and not in a folder for all: whoever can write the cache decides what is run. Where it
// cannot be written, or Node was told not to, code is compiled as ever. NODE_COMPILE_CACHE names another folder.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/ringdown/', import.meta.url)));
const { run } = await import('./command.ts');
await run();
setTimeout(flushCompileCache, WRITE_CACHE_AFTER_MS).unref();
