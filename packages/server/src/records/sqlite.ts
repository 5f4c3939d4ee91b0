/** The history port on the service's own database. */
import type { CallRecord, TimelineEntry } from '@ringdown/call';
import {
  type CallOutcome,
  type CallSummary,
  diagnosisText,
  type Language,
  type PublicUser,
  type QualityMetrics,
} from '@ringdown/protocol';
import type { Selectable } from 'kysely';
import type { Database } from '../db/database.ts';
import { PUBLIC_COLUMNS, publicUser } from '../db/public-user.ts';
import type { Tables } from '../db/schema.ts';
import { type Cursor, decodeCursor, encodeCursor } from './cursor.ts';
import type { Records } from './records.ts';
import { stepsFor } from './steps.ts';

type Row = Selectable<Tables['call_records']>;
/** A row without its steps, which may be long. */
type Line = Omit<Row, 'timeline'>;

/** Rows of one insert, so that a statement stays below SQLite's 32766 parameters. */
const ROWS_PER_INSERT = 500;

const LINE = [
  'call_id',
  'caller_id',
  'callee_id',
  'call_type',
  'conversation_id',
  'started_at',
  'ringing_at',
  'answered_at',
  'connected_at',
  'ended_at',
  'ended_by',
  'reason',
  'caller_outcome',
  'caller_quality',
  'caller_diagnosis',
  'callee_outcome',
  'callee_quality',
  'callee_diagnosis',
] as const satisfies (keyof Line)[];

/** @returns the history in a database */
export function openRecords(db: Database): Records {
  return {
    async insert(records) {
      if (records.length === 0) return;
      await db.transaction().execute(async (tx) => {
        for (let start = 0; start < records.length; start += ROWS_PER_INSERT) {
          await tx
            .insertInto('call_records')
            .values(records.slice(start, start + ROWS_PER_INSERT).map(rowOf))
            .onConflict((conflict) => conflict.column('call_id').doNothing())
            .execute();
        }
      });
    },

    async list(userId, cursor, limit, language) {
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      if (cursor !== undefined && after === undefined) return undefined;
      const me = Number(userId);
      // Each side has its own index, so each is one short walk; together they are one page.
      const dialled = await page(db, 'caller_id', me, after, limit + 1);
      const received = await page(db, 'callee_id', me, after, limit + 1);
      const rows = [...dialled, ...received].sort(newestFirst);
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        calls: await summaries(db, me, shown, language),
        nextCursor:
          rows.length > limit && last ? encodeCursor({ startedAt: last.started_at, callId: last.call_id }) : null,
      };
    },

    async get(userId, callId, language) {
      const me = Number(userId);
      const row = await db.selectFrom('call_records').select(LINE).where('call_id', '=', callId).executeTakeFirst();
      return row && sideOf(row, me) ? (await summaries(db, me, [row], language))[0] : undefined;
    },

    async timeline(userId, callId) {
      const row = await db.selectFrom('call_records').selectAll().where('call_id', '=', callId).executeTakeFirst();
      const side = row && sideOf(row, Number(userId));
      if (!side) return undefined;
      return stepsFor(side, JSON.parse(row.timeline) as TimelineEntry[], outcomeOf(row, side));
    },

    async addQuality(callId, side, metrics) {
      return db.transaction().execute(async (tx) => {
        const row = await tx
          .selectFrom('call_records')
          .select(['caller_quality', 'callee_quality'])
          .where('call_id', '=', callId)
          .executeTakeFirst();
        if (!row) return false;
        const told = side === 'caller' ? row.caller_quality : row.callee_quality;
        const quality = JSON.stringify({ ...metrics, ...(told !== null && (JSON.parse(told) as QualityMetrics)) });
        await tx
          .updateTable('call_records')
          .set(side === 'caller' ? { caller_quality: quality } : { callee_quality: quality })
          .where('call_id', '=', callId)
          .execute();
        return true;
      });
    },

    async forget(endedBefore, most) {
      const oldest = db
        .selectFrom('call_records')
        .select('call_id')
        .where('ended_at', '<', endedBefore)
        .orderBy('ended_at')
        .limit(most);
      const { numDeletedRows } = await db
        .deleteFrom('call_records')
        .where('call_id', 'in', oldest)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}

function rowOf(record: CallRecord): Row {
  const quality = (metrics: QualityMetrics | undefined) => (metrics === undefined ? null : JSON.stringify(metrics));
  return {
    call_id: record.callId,
    caller_id: Number(record.callerId),
    callee_id: Number(record.calleeId),
    call_type: record.callType,
    conversation_id: record.conversationId ?? null,
    started_at: record.startedAt,
    ringing_at: record.ringingAt ?? null,
    answered_at: record.answeredAt ?? null,
    ended_at: record.endedAt,
    ended_by: record.endedBy,
    reason: record.reason ?? null,
    caller_outcome: record.caller.outcome,
    caller_quality: quality(record.caller.quality),
    callee_outcome: record.callee?.outcome ?? null,
    callee_quality: quality(record.callee?.quality),
    connected_at: record.connectedAt ?? null,
    caller_diagnosis: record.caller.diagnosis ?? null,
    callee_diagnosis: record.callee?.diagnosis ?? null,
    timeline: JSON.stringify(record.timeline),
  };
}

async function page(
  db: Database,
  side: 'caller_id' | 'callee_id',
  me: number,
  after: Cursor | undefined,
  limit: number,
) {
  let query = db.selectFrom('call_records').select(LINE).where(side, '=', me);
  if (side === 'callee_id') query = query.where('callee_outcome', 'is not', null);
  if (after) {
    query = query.where((eb) => eb(eb.refTuple('started_at', 'call_id'), '<', eb.tuple(after.startedAt, after.callId)));
  }
  return query.orderBy('started_at', 'desc').orderBy('call_id', 'desc').limit(limit).execute();
}

function newestFirst(a: Line, b: Line): number {
  return b.started_at - a.started_at || (a.call_id < b.call_id ? 1 : -1);
}

async function summaries(db: Database, me: number, rows: readonly Line[], language: Language): Promise<CallSummary[]> {
  const peerOf = (row: Line) => (row.caller_id === me ? row.callee_id : row.caller_id);
  const ids = [...new Set(rows.map(peerOf))];
  const known =
    ids.length === 0 ? [] : await db.selectFrom('users').select(PUBLIC_COLUMNS).where('id', 'in', ids).execute();
  const people = new Map(known.map((row) => [row.id, publicUser(row)]));
  return rows.map((row) => summaryOf(row, me, people.get(peerOf(row)) ?? goneUser(peerOf(row)), language));
}

/** Who stands in the history after the account is gone: the id, and nothing to show. */
function goneUser(id: number): PublicUser {
  return { id: String(id), username: '', avatar: '' };
}

/** The side a person was on; undefined when it was none, or one that must not know of the call (BL-1). */
function sideOf(row: Line, me: number): 'caller' | 'callee' | undefined {
  if (row.caller_id === me) return 'caller';
  return row.callee_id === me && row.callee_outcome !== null ? 'callee' : undefined;
}

/** The outcome as a side was told it. */
function outcomeOf(row: Line, side: 'caller' | 'callee'): CallOutcome {
  return side === 'caller' ? row.caller_outcome : (row.callee_outcome ?? row.caller_outcome);
}

function summaryOf(row: Line, me: number, peer: PublicUser, language: Language): CallSummary {
  const outgoing = row.caller_id === me;
  const outcome = outcomeOf(row, outgoing ? 'caller' : 'callee');
  const quality = outgoing ? row.caller_quality : row.callee_quality;
  const diagnosis = outgoing ? row.caller_diagnosis : row.callee_diagnosis;
  const time = (at: number) => new Date(at).toISOString();
  const maybeTime = (at: number | null) => (at === null ? null : time(at));
  return {
    callId: row.call_id,
    direction: outgoing ? 'outgoing' : 'incoming',
    peer,
    callType: row.call_type,
    conversationId: row.conversation_id,
    outcome,
    missed: !outgoing && row.answered_at === null && outcome !== 'rejected',
    endedBy: row.ended_by === 'service' ? 'service' : (row.ended_by === 'caller') === outgoing ? 'me' : 'peer',
    reason: row.reason,
    startedAt: time(row.started_at),
    ringingAt: maybeTime(row.ringing_at),
    answeredAt: maybeTime(row.answered_at),
    connectedAt: maybeTime(row.connected_at),
    endedAt: time(row.ended_at),
    talkMs: row.answered_at === null ? 0 : row.ended_at - row.answered_at,
    quality: quality === null ? null : (JSON.parse(quality) as QualityMetrics),
    diagnosis: diagnosis === null ? null : { code: diagnosis, message: diagnosisText(diagnosis, language) },
  };
}
