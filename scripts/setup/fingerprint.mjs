/** Tells by content, not by date, whether files changed: clones and checkouts do not keep dates. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './places.mjs';

/**
 * One hash over files and whole folders.
 * @param {string[]} paths relative to the repository's root; what does not exist counts as absent
 * @param {(relativePath: string) => boolean} [wanted] asked for every file and folder found
 * @returns {string} hexadecimal SHA-256
 */
export function fingerprint(paths, wanted = () => true) {
  const hash = createHash('sha256');
  /** @param {string} path */
  const add = (path) => {
    const absolute = join(ROOT, path);
    if (!existsSync(absolute) || !wanted(path)) return;
    if (statSync(absolute).isDirectory()) {
      for (const name of readdirSync(absolute).sort()) add(`${path}/${name}`);
      return;
    }
    const content = readFileSync(absolute);
    hash.update(`${path}\0${content.length}\0`).update(content);
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

/**
 * Whether a stamp file holds exactly this text.
 * @param {string} file absolute path @param {string} text
 */
export function isStamped(file, text) {
  return existsSync(file) && readFileSync(file, 'utf8') === text;
}

/**
 * Writes a stamp file, its folder too when that is missing.
 * @param {string} file absolute path @param {string} text
 */
export function stamp(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
