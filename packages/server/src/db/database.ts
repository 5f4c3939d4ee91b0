/** Opens the service's SQL database: settings, a check that the file is ours, and the steps to today's tables. */
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ensureDataDir } from '../data-dir.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './schema.ts';
import { nodeSqliteDialect } from './sqlite-dialect.ts';

/** The open database, typed by its tables. */
export type Database = Kysely<Tables>;

/** A database file that this program will not touch. The message is one line that names the file and why. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
}

/** Marks a file as ours (SQLite file format, offset 68); the letters "Ring". */
const APPLICATION_ID = 0x52696e67;
/** How long a statement waits for another process's lock, in ms. */
const BUSY_TIMEOUT_MS = 5_000;
/** The write-ahead log is cut back to this size after a checkpoint, in bytes. */
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the database, creates it when there is none, and brings its tables up to date.
 * @param file absolute path, or `:memory:`; the folder is made when missing
 * @throws DatabaseRefused when the file is no SQLite database, is damaged, belongs to another program, was written by
 *   a newer version, or cannot be written. Such a file is left as it is.
 */
export async function openDatabase(file: string): Promise<Database> {
  const connection = connect(file);
  const db = new Kysely<Tables>({ dialect: nodeSqliteDialect(connection) });
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  }).migrateToLatest();
  if (error !== undefined) {
    await db.destroy();
    throw new DatabaseRefused(`${file}: its tables could not be brought up to date, ${textOf(error)}`, {
      cause: error,
    });
  }
  return db;
}

function connect(file: string): DatabaseSync {
  const inMemory = file === ':memory:';
  const isNew = inMemory || !existsSync(file) || (statSync(file).isFile() && statSync(file).size === 0);
  let connection: DatabaseSync | undefined;
  try {
    if (!inMemory) ensureDataDir(dirname(file));
    connection = openPrivately(file);
    if (!isNew) inspect(connection);
    configure(connection);
    return connection;
  } catch (error) {
    connection?.close();
    throw new DatabaseRefused(`${file}: ${textOf(error)}`, { cause: error });
  }
}

/** Only the owner may read the file; SQLite gives its journal the same mode. */
function openPrivately(file: string): DatabaseSync {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
  return new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
}

/** Reads only. @throws when the file is not ours, damaged, or newer than this code */
function inspect(connection: DatabaseSync): void {
  const pragma = (name: string): unknown => Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (pragma('application_id') !== APPLICATION_ID) throw new Error('this is another program’s database');
  const damage = pragma('quick_check(1)');
  if (damage !== 'ok') throw new Error('this database is damaged; restore a backup');
  const known = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'kysely_migration'").get();
  const steps = known === undefined ? [] : connection.prepare('SELECT name FROM kysely_migration').all();
  const unknown = steps.find(({ name }) => !Object.hasOwn(MIGRATIONS, String(name)));
  if (unknown) throw new Error(`a newer version wrote this database (step ${unknown['name']}); start that version`);
}

/** The first statements that write, so that a file that cannot be written is found out now. */
function configure(connection: DatabaseSync): void {
  connection.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES};
    PRAGMA application_id = ${APPLICATION_ID};
  `);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
