import { join } from 'node:path';
import type { CallRecord } from '@ringdown/call';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Database } from '../db/database.ts';
import { createLogger } from '../log.ts';
import { openPeople } from '../people.ts';
import { testConfig, testDatabase, testFolder } from '../people-for-tests.ts';
import type { Records } from './records.ts';
import { keepRetention, type Retention } from './retention.ts';
import { openRecords } from './sqlite.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let db: Database;
let records: Records;
let logged: { level: string; msg: string; deleted?: number }[];
let retention: Retention | undefined;

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 5, 1), toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  db = await testDatabase();
  records = openRecords(db);
  logged = [];
});
afterEach(async () => {
  await retention?.stop();
  vi.useRealTimers();
  await db.destroy();
});

const ended = (callId: string, ago: number): CallRecord => ({
  callId,
  callerId: '7',
  calleeId: '8',
  callType: 'audio',
  startedAt: Date.now() - ago - 1_000,
  endedAt: Date.now() - ago,
  endedBy: 'caller',
  caller: { outcome: 'cancelled' },
  callee: { outcome: 'cancelled' },
  timeline: [{ at: Date.now() - ago - 1_000, who: 'caller', what: 'offered' }],
});
const keep = (days: number, kept: Pick<Records, 'forget'> = records) => {
  const log = createLogger({ level: 'info', destination: { write: (line) => logged.push(JSON.parse(line)) } });
  retention = keepRetention(kept, { days, log, now: Date.now });
};
const left = async () =>
  (await db.selectFrom('call_records').select('call_id').orderBy('call_id').execute()).map((row) => row.call_id);
/** Lets time pass and what is due in it happen. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('[HI-3] a call record', () => {
  test('is deleted at the start when its call ended longer ago than the days it is kept, steps and all', async () => {
    await records.insert([ended('old', 30 * DAY_MS + 1), ended('new', 30 * DAY_MS)]);
    keep(30);
    await pass(0);
    expect(await left()).toEqual(['new']);
    expect(await records.timeline('7', 'old')).toBeUndefined();
    expect(await records.timeline('7', 'new')).toHaveLength(1);
    expect(logged).toMatchObject([{ level: 'info', msg: 'old call records deleted', deleted: 1 }]);
  });

  test('is deleted within the hour in which it becomes too old', async () => {
    await records.insert([ended('a', 0), ended('b', -HOUR_MS)]);
    keep(1);
    await pass(DAY_MS);
    expect(await left()).toEqual(['a', 'b']);
    await pass(HOUR_MS);
    expect(await left()).toEqual(['b']);
    await pass(HOUR_MS);
    expect(await left()).toEqual([]);
    expect(logged.map(({ deleted }) => deleted)).toEqual([1, 1]);
  });

  test('is deleted by the service as it is set, and no more once that is closed', async () => {
    const folder = testFolder();
    const config = testConfig({ databaseFile: join(folder.path, 'ringdown.db'), retentionDays: 2 });
    const first = await openPeople(config, createLogger({ level: 'silent' }));
    await first.records.insert([ended('a', 0), ended('b', -DAY_MS)]);
    await pass(2 * DAY_MS - HOUR_MS);
    expect(await first.records.get('7', 'a', 'en')).toBeDefined();
    await first.close();
    expect(vi.getTimerCount()).toBe(0);
    await pass(2 * HOUR_MS);
    const second = await openPeople(config, createLogger({ level: 'silent' }));
    await pass(0);
    expect(await second.records.get('7', 'a', 'en')).toBeUndefined();
    expect(await second.records.get('7', 'b', 'en')).toBeDefined();
    await second.close();
    folder.remove();
  });

  test('is kept for ever when the setting is 0', async () => {
    await records.insert([ended('old', 36_500 * DAY_MS)]);
    keep(0);
    await pass(DAY_MS);
    expect(await left()).toEqual(['old']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is one of a batch of 200, with a pause after each batch, the oldest first', async () => {
    await records.insert(Array.from({ length: 450 }, (_, index) => ended(`c${index}`, 2 * DAY_MS + index)));
    keep(1);
    await pass(0);
    expect(await left()).toHaveLength(250);
    expect(await left()).not.toContain('c449');
    await pass(20);
    expect(await left()).toHaveLength(50);
    await pass(20);
    expect(await left()).toEqual([]);
    expect(logged).toMatchObject([{ deleted: 450 }]);
  });

  test('outlasts a stop in the middle of the work', async () => {
    await records.insert(Array.from({ length: 450 }, (_, index) => ended(`c${index}`, 2 * DAY_MS)));
    keep(1);
    await pass(0);
    await retention?.stop();
    await pass(DAY_MS);
    expect(await left()).toHaveLength(250);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is tried again an hour after the database could not be written', async () => {
    await records.insert([ended('old', 2 * DAY_MS)]);
    const forget = vi.fn(records.forget).mockRejectedValueOnce(new Error('disk I/O error'));
    keep(1, { forget });
    await pass(0);
    expect(await left()).toEqual(['old']);
    expect(logged).toMatchObject([{ level: 'error', err: { message: 'disk I/O error' } }]);
    await pass(HOUR_MS);
    expect(await left()).toEqual([]);
  });
});
