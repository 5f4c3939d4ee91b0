/** The steps from an empty file to today's tables. A released step is never changed; a change is a new step. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

type Schema = Kysely<unknown>;

async function people(db: Schema): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('external_id', 'text', (c) => c.unique())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('username_key', 'text', (c) => c.notNull().unique())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('avatar', 'text', (c) => c.notNull())
    .addColumn('do_not_disturb', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('hide_busy', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('hide_address', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('auth_sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('family_hash', 'text', (c) => c.notNull().unique())
    .addColumn('refresh_hash', 'text', (c) => c.notNull())
    .addColumn('previous_hash', 'text')
    .addColumn('successor_salt', 'text')
    .addColumn('rotated_at', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'integer', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('auth_sessions_by_user').on('auth_sessions').column('user_id').execute();
  await db.schema.createIndex('auth_sessions_by_expiry').on('auth_sessions').column('expires_at').execute();
}

async function relations(db: Schema): Promise<void> {
  await db.schema
    .createTable('friendships')
    .addColumn('low_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('high_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('friendships_pair', ['low_id', 'high_id'])
    .addCheckConstraint('friendships_order', sql`low_id < high_id`)
    .execute();
  await db.schema.createIndex('friendships_by_high').on('friendships').column('high_id').execute();
  await db.schema
    .createTable('friend_requests')
    .addColumn('from_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('to_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('hidden', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('friend_requests_pair', ['from_id', 'to_id'])
    .execute();
  await db.schema.createIndex('friend_requests_by_receiver').on('friend_requests').column('to_id').execute();
  await db.schema
    .createTable('blocks')
    .addColumn('blocker_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('blocked_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('blocks_pair', ['blocker_id', 'blocked_id'])
    .execute();
  await db.schema.createIndex('blocks_by_blocked').on('blocks').column('blocked_id').execute();
}

async function groups(db: Schema): Promise<void> {
  await db.schema
    .createTable('groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('group_members')
    .addColumn('group_id', 'text', (c) => c.notNull().references('groups.id').onDelete('cascade'))
    .addColumn('user_id', 'integer', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('membership', 'text', (c) => c.notNull())
    .addColumn('invited_by', 'integer')
    .addColumn('hidden', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('since', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('group_members_pair', ['group_id', 'user_id'])
    .execute();
  await db.schema.createIndex('group_members_by_user').on('group_members').column('user_id').execute();
}

/** No reference to `users`: the history of one side outlives the account of the other. */
async function callRecords(db: Schema): Promise<void> {
  await db.schema
    .createTable('call_records')
    .addColumn('call_id', 'text', (c) => c.primaryKey())
    .addColumn('caller_id', 'integer', (c) => c.notNull())
    .addColumn('callee_id', 'integer', (c) => c.notNull())
    .addColumn('call_type', 'text', (c) => c.notNull())
    .addColumn('conversation_id', 'text')
    .addColumn('started_at', 'integer', (c) => c.notNull())
    .addColumn('ringing_at', 'integer')
    .addColumn('answered_at', 'integer')
    .addColumn('ended_at', 'integer', (c) => c.notNull())
    .addColumn('ended_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('caller_outcome', 'text', (c) => c.notNull())
    .addColumn('caller_quality', 'text')
    .addColumn('callee_outcome', 'text')
    .addColumn('callee_quality', 'text')
    .execute();
  // A page of history is one walk down each of these two.
  await db.schema
    .createIndex('call_records_by_caller')
    .on('call_records')
    .columns(['caller_id', 'started_at', 'call_id'])
    .execute();
  await db.schema
    .createIndex('call_records_by_callee')
    .on('call_records')
    .columns(['callee_id', 'started_at', 'call_id'])
    .where(sql.ref('callee_outcome'), 'is not', null)
    .execute();
}

/**
 * What went on in a call. Its steps are one JSON text: they are written, read and deleted with their record and never
 * searched.
 */
async function callDetails(db: Schema): Promise<void> {
  const table = db.schema.alterTable('call_records');
  await table.addColumn('connected_at', 'integer').execute();
  await table.addColumn('caller_diagnosis', 'text').execute();
  await table.addColumn('callee_diagnosis', 'text').execute();
  await table.addColumn('timeline', 'text', (c) => c.notNull().defaultTo('[]')).execute();
  // What is too old is found from its end (HI-3).
  await db.schema.createIndex('call_records_by_end').on('call_records').column('ended_at').execute();
}

/** The steps by name; they run in the order of their names. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = Object.freeze({
  '0001_people': { up: people },
  '0002_relations': { up: relations },
  '0003_groups': { up: groups },
  '0004_call_records': { up: callRecords },
  '0005_call_details': { up: callDetails },
});
