/** One setup at a time: two terminals that start together must not install over each other. */
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from './places.mjs';
import { SetupError } from './setup-error.mjs';

/** Outside node_modules, which an installation deletes. Holds the process id of its owner. */
const LOCK = join(ROOT, '.setup.lock');
/** No setup takes this long; an older lock is a dead one whose process id somebody else got. */
const OLDEST_LOCK_MS = 15 * 60_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const ASK_EVERY_MS = 200;

/**
 * Runs some work while no other setup of this repository runs, waiting for one that does.
 * @param {() => void} work @throws {SetupError} when the other one does not end
 */
export async function withSetupLock(work) {
  await takeLock();
  const release = () => rmSync(LOCK, { force: true });
  process.once('exit', release);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(1));
  try {
    work();
  } finally {
    release();
    process.off('exit', release);
  }
}

async function takeLock() {
  const mine = `${LOCK}.${process.pid}`;
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let told = false;
  // A link appears with its content, all at once: nobody ever reads a lock that is still empty.
  writeFileSync(mine, String(process.pid));
  try {
    while (!tryLink(mine)) {
      const owner = readOwner();
      if (owner === undefined) continue;
      if (isDead(owner)) {
        removeStale(owner);
        continue;
      }
      if (Date.now() > deadline) throw new SetupError(`process ${owner} holds ${LOCK}; end it or delete that file`);
      if (!told) console.log(`setup: waiting for another setup (process ${owner})`);
      told = true;
      await wait(ASK_EVERY_MS);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** @param {string} mine */
function tryLink(mine) {
  try {
    linkSync(mine, LOCK);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @returns {string | undefined} undefined when the lock has gone meanwhile */
function readOwner() {
  try {
    const owner = readFileSync(LOCK, 'utf8');
    return Date.now() - statSync(LOCK).mtimeMs > OLDEST_LOCK_MS ? '0' : owner;
  } catch {
    return undefined;
  }
}

/** @param {string} owner */
function isDead(owner) {
  const pid = Number(owner);
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

/**
 * Moved aside before it is deleted: of several that wait, one gets it, and whoever moved a living lock instead puts
 * it back.
 * @param {string} owner as it was judged dead
 */
function removeStale(owner) {
  const aside = `${LOCK}.stale.${process.pid}`;
  try {
    renameSync(LOCK, aside);
    if (owner !== '0' && readFileSync(aside, 'utf8') !== owner) linkSync(aside, LOCK);
  } catch {
    // Somebody else was faster; the next look decides.
  }
  rmSync(aside, { force: true });
}
