/** One service a data folder: a second one would write over the live calls of the first. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ensureDataDir } from './data-dir.ts';
import { isBusy } from './sqlite-busy.ts';

/**
 * Takes a data folder for this process. The lock is the operating system's, by way of SQLite, so it is gone with the
 * process however that ends.
 * @param dataDir absolute path; the folder is made unless it is there
 * @returns gives it back
 * @throws an error with one clear line when another process has it
 */
export function lockDataDir(dataDir: string): () => void {
  ensureDataDir(dataDir);
  const database = new DatabaseSync(join(dataDir, 'lock'));
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new Error(`another Ringdown uses the data folder ${dataDir}; stop it, or set DATA_DIR to another folder`, {
      cause: error,
    });
  }
  return () => database.close();
}
