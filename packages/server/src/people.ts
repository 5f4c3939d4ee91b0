/** Wires the people half of the service: database, accounts, directory, history and ICE servers. */
import type { Authenticator } from './auth/auth.ts';
import type { Config } from './config.ts';
import type { Directory } from './directory/directory.ts';
import type { Logger } from './log.ts';
import type { Records } from './records/records.ts';

/** Everything that knows people, behind one handle. */
export interface People {
  readonly authenticator: Authenticator;
  readonly directory: Directory;
  readonly records: Records;
  /** Closes the database; everything else of this handle is unusable afterwards. */
  close(): Promise<void>;
}

/**
 * Opens the database, bringing its tables up to date, and wires what stands on it.
 * @throws when the file is no database of ours, is newer than this code, or cannot be written
 */
export async function openPeople(_config: Config, _log: Logger): Promise<People> {
  throw new Error('not wired yet');
}
