/**
 * The live calls on the disk, in a file of their own with a connection of their own: every commit is written there before
 * anything of it is delivered, so that a killed process takes no call with it. A file that cannot be read is set aside,
 * never used and never deleted; a disk that cannot be written costs the journal, not the calls.
 */
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Logger } from '../log.ts';
import { isBusy } from '../sqlite-busy.ts';
import type { Changed, Journal, JournalRows } from './memory.ts';

/** Marks the file as ours ("RngL"), and its layout. */
const APPLICATION_ID = 0x526e674c;
const LAYOUT = 4;

const KINDS = [
  'endpoint',
  'acks',
  'call',
  'candidates',
  'relays',
  'record',
  'request',
] as const satisfies (keyof JournalRows)[];

/** A journal in a file. */
export interface FileJournal extends Journal {
  close(): void;
}

/**
 * Opens the journal, or sets a damaged or foreign file aside and begins a new one.
 * @param file absolute path @param log says what was set aside, and when writing fails
 * @throws when somebody else holds the file, or not even a new one can be made there
 */
export function openJournal(file: string, log: Logger): FileJournal {
  const { database, rows } = openOrSetAside(file, log);
  let broken = false;
  const put = new Map<string, StatementSync>();
  const remove = new Map<string, StatementSync>();
  for (const kind of KINDS) {
    put.set(
      kind,
      database.prepare(`insert into ${kind} (key, row) values (?, ?) on conflict do update set row = excluded.row`),
    );
    remove.set(kind, database.prepare(`delete from ${kind} where key = ?`));
  }
  // What a failed write would have written; it goes with the next one that works.
  const owed: Record<keyof JournalRows, Set<string>> = {
    endpoint: new Set(),
    acks: new Set(),
    call: new Set(),
    candidates: new Set(),
    relays: new Set(),
    record: new Set(),
    request: new Set(),
  };

  function write(changed: Changed, current: JournalRows): void {
    // After the stop: what a late timer would add is of no use to anybody.
    if (!database.isOpen) return;
    try {
      database.exec('begin immediate');
      for (const kind of KINDS) {
        for (const key of new Set([...owed[kind], ...changed[kind]])) {
          const row = current[kind](key);
          if (row === undefined) remove.get(kind)?.run(key);
          else put.get(kind)?.run(key, JSON.stringify(row));
        }
      }
      database.exec('commit');
      for (const kind of KINDS) owed[kind].clear();
      if (broken) log.warn('live calls are written down again');
      broken = false;
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      for (const kind of KINDS) for (const key of changed[kind]) owed[kind].add(key);
      if (!broken)
        log.error({ err: error }, 'live calls cannot be written down; they go on, and would not outlive this process');
      broken = true;
    }
  }

  return { write, load: () => rows, close: () => database.close() };
}

type Rows = ReturnType<Journal['load']>;

function openOrSetAside(file: string, log: Logger): { database: DatabaseSync; rows: Rows } {
  try {
    return open(file);
  } catch (error) {
    // A file that somebody else holds is not damaged.
    if (!existsSync(file) || isBusy(error)) throw error;
    const aside = `${file}.aside-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(file, aside);
    for (const tail of ['-wal', '-shm']) rmSync(`${file}${tail}`, { force: true });
    log.error(
      { err: error, aside },
      'the file of live calls cannot be used and was set aside; starting without live calls',
    );
    return open(file);
  }
}

/** @throws when the file is no journal of this layout */
function open(file: string): { database: DatabaseSync; rows: Rows } {
  const isNew = !existsSync(file);
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    const pragma = (name: string) => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0];
    if (!isNew && pragma('application_id') !== APPLICATION_ID) throw new Error('it is not a file of live calls');
    if (!isNew && pragma('user_version') !== LAYOUT) throw new Error('it is of another version');
    if (!isNew && pragma('quick_check') !== 'ok') throw new Error('it is damaged');
    // NORMAL loses nothing when the process is killed; only a power cut can cost the last moments of a call.
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = normal; pragma secure_delete = on; pragma journal_size_limit = 4194304',
    );
    if (isNew) {
      database.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${LAYOUT}`);
      for (const kind of KINDS)
        database.exec(`create table ${kind} (key text primary key, row text not null) without rowid`);
    }
    return { database, rows: Object.fromEntries(KINDS.map((kind) => [kind, read(database, kind)])) as unknown as Rows };
  } catch (error) {
    database.close();
    throw error;
  }
}

function read(database: DatabaseSync, kind: string): [string, unknown][] {
  return database
    .prepare(`select key, row from ${kind}`)
    .all()
    .map(({ key, row }) => [String(key), JSON.parse(String(row))]);
}
