import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addUser, testFolder } from '../people-for-tests.ts';
import { openRecords } from '../records/sqlite.ts';
import { DatabaseRefused, openDatabase } from './database.ts';

let folder: ReturnType<typeof testFolder>;
let file: string;
beforeEach(() => {
  folder = testFolder();
  file = join(folder.path, 'nested', 'ringdown.db');
});
afterEach(() => folder.remove());

/** Changes the file behind the service's back. */
function tamper(statement: string): void {
  const raw = new DatabaseSync(file);
  raw.exec(statement);
  raw.close();
}

async function refusal(): Promise<string> {
  const before = readFileSync(file);
  const error: unknown = await openDatabase(file).then(
    (db) => db.destroy(),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DatabaseRefused)) throw new Error('was not refused');
  expect(readFileSync(file).equals(before)).toBe(true);
  return error.message;
}

describe('the database', () => {
  test('is made with its folder, for the owner alone, and kept', async () => {
    const db = await openDatabase(file);
    await addUser(db, 'alice', 7);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
    await db.destroy();

    const again = await openDatabase(file);
    expect(await again.selectFrom('users').select('username').execute()).toEqual([{ username: 'alice' }]);
    await again.destroy();
  });

  test('[F19] survives a power cut after every commit: WAL, synchronous FULL, and keeps its references', async () => {
    const db = await openDatabase(file);
    const setting = async (name: string) =>
      Object.values((await sql.raw(`PRAGMA ${name}`).execute(db)).rows[0] as object)[0];
    expect(await setting('journal_mode')).toBe('wal');
    expect(await setting('synchronous')).toBe(2);
    expect(await setting('foreign_keys')).toBe(1);
    expect(await setting('busy_timeout')).toBeGreaterThan(0);
    await expect(
      db.insertInto('blocks').values({ blocker_id: 1, blocked_id: 2, created_at: 0 }).execute(),
    ).rejects.toThrow('FOREIGN KEY');
    await db.destroy();
  });

  test('undoes all of a transaction that fails, and none of its neighbours', async () => {
    const db = await openDatabase(file);
    const failing = db.transaction().execute(async (tx) => {
      await tx.insertInto('groups').values({ id: 'g_1', name: 'x', owner_id: 1, created_at: 0 }).execute();
      throw new Error('stop');
    });
    const neighbour = addUser(db, 'alice', 7);
    await expect(failing).rejects.toThrow('stop');
    await neighbour;
    expect(await db.selectFrom('groups').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('users').select('id').execute()).toEqual([{ id: 7 }]);
    await db.destroy();
  });

  test('[F17] refuses a file that is no database, and leaves it as it is', async () => {
    file = join(folder.path, 'notes.txt');
    writeFileSync(file, 'my only notes, '.repeat(1000));
    expect(await refusal()).toBe(`${file}: file is not a database`);
  });

  test('refuses another program’s database', async () => {
    file = join(folder.path, 'other.db');
    tamper('CREATE TABLE songs (title)');
    expect(await refusal()).toMatch('another program');
  });

  test('[F17] refuses a database that a newer version wrote', async () => {
    await (await openDatabase(file)).destroy();
    tamper("INSERT INTO kysely_migration VALUES ('0999_future', '2030-01-01')");
    expect(await refusal()).toMatch('a newer version wrote this database (step 0999_future)');
  });

  test('[F17] refuses a damaged database', async () => {
    const db = await openDatabase(file);
    for (let id = 1; id <= 200; id += 1) await addUser(db, `user${id}`, id);
    await db.destroy();
    // The last page holds rows; what is read at the start otherwise stands before it.
    const bytes = readFileSync(file);
    bytes.fill(0xa5, bytes.length - 4096);
    writeFileSync(file, bytes);
    expect(await refusal()).toBe(`${file}: this database is damaged; restore a backup`);
  });

  test('refuses a folder in the place of the file', async () => {
    const error: unknown = await openDatabase(folder.path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseRefused);
  });

  test('refuses a path that leads nowhere', async () => {
    writeFileSync(join(folder.path, 'plain'), '');
    const error: unknown = await openDatabase(join(folder.path, 'plain', 'x.db')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseRefused);
  });

  test('leaves nothing half made when a step towards today’s tables fails', async () => {
    await (await openDatabase(file)).destroy();
    tamper("DROP TABLE group_members; DROP TABLE groups; DELETE FROM kysely_migration WHERE name >= '0003'");
    // The third step could be taken, the fourth finds its table there already.
    await expect(openDatabase(file)).rejects.toThrow('could not be brought up to date');
    const raw = new DatabaseSync(file);
    expect(raw.prepare("SELECT name FROM sqlite_schema WHERE name = 'groups'").all()).toEqual([]);
    raw.close();
  });

  test('takes over what a first version wrote: the history stays, with what was not known then left empty', async () => {
    await (await openDatabase(file)).destroy();
    tamper(`
      DROP INDEX call_records_by_end;
      ALTER TABLE call_records DROP COLUMN connected_at;
      ALTER TABLE call_records DROP COLUMN caller_diagnosis;
      ALTER TABLE call_records DROP COLUMN callee_diagnosis;
      ALTER TABLE call_records DROP COLUMN timeline;
      DELETE FROM kysely_migration WHERE name >= '0005';
      INSERT INTO call_records VALUES
        ('call-1', 7, 8, 'video', NULL, 1, 2, 3, 4, 'caller', 'normal', 'completed', '{"quality":4}', 'completed', NULL)
    `);
    const db = await openDatabase(file);
    await addUser(db, 'alice', 7);
    const records = openRecords(db);
    expect(await records.get('7', 'call-1', 'en')).toMatchObject({
      outcome: 'completed',
      quality: { quality: 4 },
      talkMs: 1,
      connectedAt: null,
      diagnosis: null,
    });
    expect(await records.timeline('7', 'call-1')).toEqual([]);
    await db.destroy();
  });

  test('in memory leaves no file', async () => {
    await (await openDatabase(':memory:')).destroy();
    expect(existsSync(':memory:')).toBe(false);
  });
});
