/** The directory port on the service's own database. */
import { isUserId } from '@ringdown/protocol';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Tables } from '../db/schema.ts';
import type { Directory, Person } from './directory.ts';
import { pairOf } from './friendships.ts';
import { GROUP_PREFIX } from './groups.ts';

/** What is between two people, as flags of one row. */
interface Ties {
  friends: number;
  group: number;
  blocked_by_sender: number;
  blocked_by_receiver: number;
  conversation: number;
}

/** @returns the directory in a database */
export function openDirectory(db: Database): Directory {
  return {
    relation: (sender, receiver, conversationId) =>
      db.transaction().execute(async (tx) => {
        const one = isUserId(sender) ? Number(sender) : 0;
        const other = isUserId(receiver) ? Number(receiver) : 0;
        const people = await peopleOf(tx, [one, other]);
        const ties = await tiesOf(tx, one, other, conversationId);
        return {
          sender: people.get(one),
          receiver: people.get(other),
          tie: ties.friends ? 'friends' : ties.group ? 'group' : 'none',
          blockedBySender: ties.blocked_by_sender === 1,
          blockedByReceiver: ties.blocked_by_receiver === 1,
          // An id with our prefix that names no group is refused too, or a caller could try out which ones exist.
          conversationAllowed: !conversationId?.startsWith(GROUP_PREFIX) || ties.conversation === 1,
        };
      }),
  };
}

async function peopleOf(tx: Transaction<Tables>, ids: number[]): Promise<Map<number, Person>> {
  const rows = await tx.selectFrom('users').selectAll().where('id', 'in', ids).execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: String(row.id),
        info: { id: row.id, username: row.username, avatar: row.avatar },
        doNotDisturb: row.do_not_disturb === 1,
        hideBusy: row.hide_busy === 1,
      },
    ]),
  );
}

async function tiesOf(tx: Transaction<Tables>, one: number, other: number, conversationId?: string): Promise<Ties> {
  const { low_id, high_id } = pairOf(one, other);
  const bothIn = sql`from group_members a join group_members b on b.group_id = a.group_id
    where a.user_id = ${one} and a.membership = 'member' and b.user_id = ${other} and b.membership = 'member'`;
  const { rows } = await sql<Ties>`select
    exists(select 1 from friendships where low_id = ${low_id} and high_id = ${high_id}) as friends,
    ${one} <> ${other} and exists(select 1 ${bothIn}) as "group",
    exists(select 1 from blocks where blocker_id = ${one} and blocked_id = ${other}) as blocked_by_sender,
    exists(select 1 from blocks where blocker_id = ${other} and blocked_id = ${one}) as blocked_by_receiver,
    exists(select 1 ${bothIn} and a.group_id = ${conversationId ?? ''}) as conversation`.execute(tx);
  const [ties] = rows;
  if (!ties) throw new Error('a select without a table gave no row');
  return ties;
}
