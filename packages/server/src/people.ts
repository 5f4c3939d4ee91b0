/** Wires the people half of the service: database, accounts, directory, history and ICE servers. */
import { type Accounts, openAccounts } from './auth/accounts.ts';
import { type LoginGuard, loginGuard } from './auth/login-guard.ts';
import { openPasswords } from './auth/password.ts';
import { openSessions, type Sessions } from './auth/sessions.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/database.ts';
import { type Blocks, openBlocks } from './directory/blocks.ts';
import type { Directory } from './directory/directory.ts';
import { type Friendships, openFriendships } from './directory/friendships.ts';
import { type Groups, openGroups } from './directory/groups.ts';
import { openProfiles, type Profiles } from './directory/profiles.ts';
import { openDirectory } from './directory/sqlite.ts';
import type { Logger } from './log.ts';
import type { Records } from './records/records.ts';
import { keepRetention } from './records/retention.ts';
import { openRecords } from './records/sqlite.ts';
import { type IceServers, iceServers } from './turn/ice-servers.ts';

/** Everything that knows people, behind one handle. */
export interface People {
  /** Judges tokens and tells when they die; also starts and ends sessions. */
  readonly authenticator: Sessions;
  readonly accounts: Accounts;
  readonly loginGuard: LoginGuard;
  readonly directory: Directory;
  readonly profiles: Profiles;
  readonly friendships: Friendships;
  readonly blocks: Blocks;
  readonly groups: Groups;
  readonly records: Records;
  readonly iceServers: IceServers;
  /** Stops deleting old records and closes the database; everything else of this handle is unusable afterwards. */
  close(): Promise<void>;
}

/**
 * Opens the database, bringing its tables up to date, and wires what stands on it.
 * @param now the clock, ms since the epoch; the system's by default
 * @throws DatabaseRefused when the file is no database of ours, is newer than this code, or cannot be written
 */
export async function openPeople(config: Config, log: Logger, now: () => number = Date.now): Promise<People> {
  const db = await openDatabase(config.databaseFile);
  log.info({ database: config.databaseFile }, 'database open');
  const authenticator = openSessions(db, { secret: config.authSecret, issuer: config.publicUrl, now });
  const records = openRecords(db);
  const retention = keepRetention(records, { days: config.retentionDays, log, now });
  return {
    authenticator,
    accounts: openAccounts(db, authenticator, openPasswords(config.passwordCost), now),
    loginGuard: loginGuard(config.limits),
    directory: openDirectory(db),
    profiles: openProfiles(db),
    friendships: openFriendships(db, now),
    blocks: openBlocks(db, now),
    groups: openGroups(db, now),
    records,
    iceServers: iceServers(config),
    close: async () => {
      await retention.stop();
      await db.destroy();
    },
  };
}
