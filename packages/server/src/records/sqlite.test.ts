import { type CallRecord, DIAGNOSES, type Diagnosis, type TimelineEntry } from '@ringdown/call';
import { CallSummary, type DiagnosisCode, explainMismatch, LANGUAGES, TimelineStep } from '@ringdown/protocol';
import { sql } from 'kysely';
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import type { Database } from '../db/database.ts';
import { addUser, testDatabase } from '../people-for-tests.ts';
import { encodeCursor } from './cursor.ts';
import type { Records } from './records.ts';
import { openRecords } from './sqlite.ts';

let db: Database;
let records: Records;
const [alice, bob, carol] = ['7', '8', '9'];
const T = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

beforeEach(async () => {
  db = await testDatabase();
  records = openRecords(db);
  await addUser(db, 'alice', 7);
  await addUser(db, 'bob', 8);
  await addUser(db, 'carol', 9);
  return () => db.destroy();
});

const completed: CallRecord = {
  callId: 'call-1',
  callerId: alice,
  calleeId: bob,
  callType: 'video',
  conversationId: 'room',
  startedAt: T,
  ringingAt: T + 40,
  answeredAt: T + 5_000,
  connectedAt: T + 5_800,
  endedAt: T + 65_000,
  endedBy: 'callee',
  reason: 'normal',
  caller: { outcome: 'completed', quality: { quality: 4, packetLoss: 0.5, latency: 80 } },
  callee: { outcome: 'completed' },
  timeline: [{ at: T, who: 'caller', what: 'offered' }],
};
const ended = (changes: Partial<CallRecord>): CallRecord => {
  const { answeredAt: _never, connectedAt: _neither, conversationId: _none, reason: _unsaid, ...rest } = completed;
  return { ...rest, ...changes };
};
const idsOf = async (user: string) =>
  (await records.list(user, undefined, 100, 'en'))?.calls.map(({ callId }) => callId);

describe('[HI-1] the history', () => {
  test('shows each side the call from its own side', async () => {
    await records.insert([completed]);
    const common = {
      callId: 'call-1',
      callType: 'video',
      conversationId: 'room',
      outcome: 'completed',
      missed: false,
      reason: 'normal',
      startedAt: '2026-01-02T03:04:05.678Z',
      ringingAt: '2026-01-02T03:04:05.718Z',
      answeredAt: '2026-01-02T03:04:10.678Z',
      connectedAt: '2026-01-02T03:04:11.478Z',
      endedAt: '2026-01-02T03:05:10.678Z',
      talkMs: 60_000,
      diagnosis: null,
    };
    expect(await records.get(alice, 'call-1', 'en')).toEqual({
      ...common,
      direction: 'outgoing',
      peer: { id: bob, username: 'bob', avatar: '/avatars/8.svg' },
      endedBy: 'peer',
      quality: { quality: 4, packetLoss: 0.5, latency: 80 },
    });
    expect(await records.get(bob, 'call-1', 'en')).toEqual({
      ...common,
      direction: 'incoming',
      peer: { id: alice, username: 'alice', avatar: '/avatars/7.svg' },
      endedBy: 'me',
      quality: null,
    });
  });

  test('says it in the shape that the wire promises', async () => {
    await records.insert([
      completed,
      ended({ callId: 'call-2', caller: { outcome: 'no_answer', diagnosis: 'rang_unanswered' } }),
    ]);
    const page = await records.list(alice, undefined, 10, 'en');
    for (const call of page?.calls ?? []) expect(explainMismatch(CallSummary, call)).toBeUndefined();
    expect(page?.calls).toHaveLength(2);
  });

  test.each<[string, Partial<CallRecord>, boolean]>([
    ['nobody answered', { caller: { outcome: 'no_answer' }, callee: { outcome: 'no_answer' } }, true],
    ['the caller gave up', { caller: { outcome: 'cancelled' }, callee: { outcome: 'cancelled' } }, true],
    ['the callee was busy', { caller: { outcome: 'busy' }, callee: { outcome: 'busy' } }, true],
    ['nobody was reachable', { caller: { outcome: 'unavailable' }, callee: { outcome: 'unavailable' } }, true],
    ['the callee rejected it', { caller: { outcome: 'rejected' }, callee: { outcome: 'rejected' } }, false],
    [
      'it was answered and then lost',
      { answeredAt: T + 1, caller: { outcome: 'connection_lost' }, callee: { outcome: 'connection_lost' } },
      false,
    ],
  ])('when %s, missed is said to the callee alone', async (_name, changes, missed) => {
    await records.insert([ended(changes)]);
    expect((await records.get(bob, 'call-1', 'en'))?.missed).toBe(missed);
    expect((await records.get(alice, 'call-1', 'en'))?.missed).toBe(false);
  });

  test('tells each side the outcome it was told', async () => {
    await records.insert([
      ended({ endedBy: 'service', caller: { outcome: 'unavailable' }, callee: { outcome: 'busy' } }),
    ]);
    expect(await records.get(alice, 'call-1', 'en')).toMatchObject({
      outcome: 'unavailable',
      endedBy: 'service',
      talkMs: 0,
      answeredAt: null,
    });
    expect(await records.get(bob, 'call-1', 'en')).toMatchObject({ outcome: 'busy', endedBy: 'service' });
  });

  test('[BL-1] keeps a blocked attempt from the callee, in the list and by its id', async () => {
    const { callee: _hidden, ...blocked } = ended({ caller: { outcome: 'unavailable' } });
    await records.insert([blocked]);
    expect(await idsOf(alice)).toEqual(['call-1']);
    expect(await idsOf(bob)).toEqual([]);
    expect(await records.get(bob, 'call-1', 'en')).toBeUndefined();
  });

  test('is nobody else’s', async () => {
    await records.insert([completed]);
    expect(await records.get(carol, 'call-1', 'en')).toBeUndefined();
    expect(await idsOf(carol)).toEqual([]);
    expect(await records.get(alice, 'call-2', 'en')).toBeUndefined();
  });

  test('has a call once, as it was first written, however often it comes', async () => {
    await records.insert([completed]);
    await records.insert([{ ...completed, endedAt: T + 1, reason: 'other' }, ended({ callId: 'call-2' })]);
    expect(await records.get(alice, 'call-1', 'en')).toMatchObject({ reason: 'normal', talkMs: 60_000 });
    expect(await idsOf(alice)).toEqual(['call-2', 'call-1']);
    await records.insert([]);
  });

  test('stores all of a batch or none', async () => {
    const broken = { ...completed, callId: 'call-2', callType: null } as unknown as CallRecord;
    await expect(records.insert([completed, broken])).rejects.toThrow('NOT NULL');
    expect(await idsOf(alice)).toEqual([]);
  });

  test('stores a thousand records in one go', async () => {
    await records.insert(
      Array.from({ length: 1200 }, (_, index) => ({ ...completed, callId: `c${index}`, startedAt: T + index })),
    );
    expect((await records.list(alice, undefined, 1, 'en'))?.calls[0]?.callId).toBe('c1199');
    const { count } = await db
      .selectFrom('call_records')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(1200);
  });

  test('comes in pages, newest first, without a gap or a repetition, also when times are equal and calls come in between', async () => {
    const all = Array.from({ length: 25 }, (_, index) => ({
      ...completed,
      ...(index % 3 === 0 ? { callerId: bob, calleeId: alice } : {}),
      callId: `c${String(index).padStart(2, '0')}`,
      startedAt: T + Math.floor(index / 4),
    }));
    await records.insert(all);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await records.list(alice, cursor ?? undefined, 4, 'en');
      if (!page) throw new Error('the cursor was refused');
      seen.push(...page.calls.map(({ callId }) => callId));
      cursor = page.nextCursor;
      await records.insert([{ ...completed, callId: `new-${seen.length}`, startedAt: T + 1000 }]);
    } while (cursor !== null);
    expect(seen).toEqual(all.map(({ callId }) => callId).reverse());
  });

  test('says that there is no next page when the last one is exactly full', async () => {
    await records.insert([completed, { ...completed, callId: 'call-2', startedAt: T + 1 }]);
    expect((await records.list(alice, undefined, 2, 'en'))?.nextCursor).toBeNull();
    expect((await records.list(alice, undefined, 1, 'en'))?.nextCursor).not.toBeNull();
  });

  test.each([
    '',
    'x',
    'AAAA',
    encodeCursor({ startedAt: 1, callId: 'c' }).slice(0, -1),
    Buffer.from('1').toString('base64url'),
    Buffer.from('-1 c').toString('base64url'),
    `${encodeCursor({ startedAt: 1, callId: 'c' })}=`,
  ])('does not take %j for a cursor of its own', async (cursor) => {
    expect(await records.list(alice, cursor, 10, 'en')).toBeUndefined();
  });

  test('outlives the account of the other side', async () => {
    await records.insert([completed]);
    await db.deleteFrom('users').where('id', '=', 8).execute();
    expect((await records.get(alice, 'call-1', 'en'))?.peer).toEqual({ id: bob, username: '', avatar: '' });
  });

  test('finds what is too old by an index', async () => {
    const plan = sql`explain query plan select call_id from call_records where ended_at < 1 order by ended_at limit 5`;
    expect(JSON.stringify((await plan.execute(db)).rows)).toMatch(/call_records_by_end(?!.*TEMP B-TREE)/);
  });

  test('reads a page by its indexes, without a sort', async () => {
    const plans = await Promise.all(
      [
        sql`explain query plan select * from call_records where caller_id = 7 and (started_at, call_id) < (1, 'c') order by started_at desc, call_id desc limit 5`,
        sql`explain query plan select * from call_records where callee_id = 7 and callee_outcome is not null and (started_at, call_id) < (1, 'c') order by started_at desc, call_id desc limit 5`,
      ].map((query) => query.execute(db)),
    );
    const said = JSON.stringify(plans);
    expect(said).toContain('call_records_by_caller');
    expect(said).toContain('call_records_by_callee');
    expect(said).not.toContain('TEMP B-TREE');
  });
});

describe('[HI-2] the diagnosis of a call', () => {
  test('is told to each side as it may know it, in its own language', async () => {
    await records.insert([
      ended({
        caller: { outcome: 'failed', diagnosis: 'peer_no_relay' },
        callee: { outcome: 'failed', diagnosis: 'my_no_relay' },
      }),
    ]);
    expect((await records.get(alice, 'call-1', 'en'))?.diagnosis).toEqual({
      code: 'peer_no_relay',
      message:
        'There was no direct way between the two devices, and that of the other person had no relay to go through.',
    });
    expect((await records.get(bob, 'call-1', 'zh-CN'))?.diagnosis).toEqual({
      code: 'my_no_relay',
      message: '两台设备之间无法直连，且你的设备没有可用的中继。',
    });
    expect((await records.list(bob, undefined, 1, 'zh-CN'))?.calls[0]?.diagnosis?.code).toBe('my_no_relay');
  });

  test('has a sentence of its own for every cause in every language', async () => {
    expectTypeOf<DiagnosisCode>().toEqualTypeOf<Diagnosis>();
    await records.insert(
      DIAGNOSES.map((diagnosis) => ended({ callId: diagnosis, caller: { outcome: 'failed', diagnosis } })),
    );
    const said = new Set<string>();
    for (const code of DIAGNOSES) {
      for (const language of LANGUAGES) {
        const diagnosis = (await records.get(alice, code, language))?.diagnosis;
        expect(diagnosis).toEqual({
          code,
          message: expect.stringMatching(/^(\P{Script=Han}+\.|.*\p{Script=Han}.*。)$/u),
        });
        said.add(diagnosis?.message ?? '');
      }
    }
    expect(said.size).toBe(DIAGNOSES.length * LANGUAGES.length);
  });
});

describe('[HI-2] the steps of a call', () => {
  const steps: TimelineEntry[] = [
    { at: T, who: 'caller', what: 'offered' },
    { at: T + 100, who: 'callee', what: 'device_refused', detail: { said: 'busy' }, only: 'callee' },
    { at: T + 200, who: 'caller', what: 'socket_lost', only: 'caller' },
    { at: T + 300, who: 'callee', what: 'connected', detail: { path: 'relay' } },
    { at: T + 400, who: 'service', what: 'ended', detail: { outcome: 'completed' } },
  ];

  test('are told to each side from its own side, without what is for the other alone', async () => {
    await records.insert([{ ...completed, timeline: steps }]);
    expect(await records.timeline(alice, 'call-1')).toEqual([
      { at: '2026-01-02T03:04:05.678Z', who: 'me', what: 'offered' },
      { at: '2026-01-02T03:04:05.878Z', who: 'me', what: 'socket_lost' },
      { at: '2026-01-02T03:04:05.978Z', who: 'peer', what: 'connected', detail: { path: 'relay' } },
      { at: '2026-01-02T03:04:06.078Z', who: 'service', what: 'ended', detail: { outcome: 'completed' } },
    ]);
    expect(await records.timeline(bob, 'call-1')).toEqual([
      { at: '2026-01-02T03:04:05.678Z', who: 'peer', what: 'offered' },
      { at: '2026-01-02T03:04:05.778Z', who: 'me', what: 'device_refused', detail: { said: 'busy' } },
      { at: '2026-01-02T03:04:05.978Z', who: 'me', what: 'connected', detail: { path: 'relay' } },
      { at: '2026-01-02T03:04:06.078Z', who: 'service', what: 'ended', detail: { outcome: 'completed' } },
    ]);
    for (const user of [alice, bob]) {
      for (const step of (await records.timeline(user, 'call-1')) ?? []) {
        expect(explainMismatch(TimelineStep, step)).toBeUndefined();
      }
    }
  });

  test('end as each side was told: a hidden busy stays hidden from the caller', async () => {
    const timeline: TimelineEntry[] = [{ at: T, who: 'service', what: 'ended', detail: { outcome: 'unavailable' } }];
    await records.insert([ended({ caller: { outcome: 'unavailable' }, callee: { outcome: 'busy' }, timeline })]);
    const endOf = async (user: string) => (await records.timeline(user, 'call-1'))?.at(-1)?.detail;
    expect(await endOf(alice)).toEqual({ outcome: 'unavailable' });
    expect(await endOf(bob)).toEqual({ outcome: 'busy' });
  });

  test('are nobody else’s, and none are there of a call that is not', async () => {
    await records.insert([{ ...completed, timeline: steps }]);
    expect(await records.timeline(carol, 'call-1')).toBeUndefined();
    expect(await records.timeline(alice, 'call-2')).toBeUndefined();
  });

  test('[BL-1] of a blocked attempt are kept from the callee', async () => {
    const { callee: _hidden, ...blocked } = ended({ caller: { outcome: 'unavailable' }, timeline: steps });
    await records.insert([blocked]);
    expect(await records.timeline(alice, 'call-1')).toHaveLength(4);
    expect(await records.timeline(bob, 'call-1')).toBeUndefined();
  });
});

describe('[QU-1] the quality a side tells after the end', () => {
  const qualities = async () => ({
    caller: (await records.get(alice, 'call-1', 'en'))?.quality,
    callee: (await records.get(bob, 'call-1', 'en'))?.quality,
  });

  test('is added to its own side', async () => {
    await records.insert([completed]);
    expect(await records.addQuality('call-1', 'callee', { quality: 2, latency: 300 })).toBe(true);
    expect(await qualities()).toEqual({ caller: completed.caller.quality, callee: { quality: 2, latency: 300 } });
  });

  test('fills what that side has left out and changes nothing that it has told', async () => {
    await records.insert([{ ...completed, caller: { outcome: 'completed', quality: { quality: 4 } } }]);
    expect(await records.addQuality('call-1', 'caller', { quality: 1, packetLoss: 0.5 })).toBe(true);
    expect(await records.addQuality('call-1', 'caller', { packetLoss: 99, latency: 80 })).toBe(true);
    expect(await qualities()).toEqual({ caller: { quality: 4, packetLoss: 0.5, latency: 80 }, callee: null });
  });

  test('waits when the record is not there yet', async () => {
    expect(await records.addQuality('call-1', 'caller', { quality: 1 })).toBe(false);
    await records.insert([ended({})]);
    expect((await qualities()).caller).toEqual(completed.caller.quality);
  });
});
