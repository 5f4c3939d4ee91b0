/** The data folder: made for the service's user alone, and the secret that is generated in it. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes the folder, with mode 0700, unless it is there.
 * @param dataDir absolute path
 * @throws the file system's error
 */
export function ensureDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
}

/**
 * Reads a secret from the data folder; the first time it is generated and kept with mode 0600.
 * @param dataDir absolute path @param name file name @param leastBytes smallest size that is accepted
 * @returns the bytes of the file's text
 * @throws the file system's error, or one that says that the file is too short
 */
export function readOrCreateSecret(dataDir: string, name: string, leastBytes: number): Uint8Array {
  ensureDataDir(dataDir);
  const file = join(dataDir, name);
  try {
    // `wx` fails when the file is there, so that of two processes starting together one writes and both read the same.
    writeFileSync(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = new Uint8Array(readFileSync(file));
  if (secret.length < leastBytes) throw new Error(`${file} must hold at least ${leastBytes} bytes`);
  return secret;
}
