/** The directory port on the service's own database. */
import { isUserId } from '@ringdown/protocol';
import { sql } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Directory, Person } from './directory.ts';
import { pairOf } from './friendships.ts';
import { GROUP_PREFIX } from './groups.ts';

/** One of two people, and what is between them as flags, the same in the row of the other. */
interface RelationRow {
  id: number;
  username: string;
  avatar: string;
  do_not_disturb: number;
  hide_busy: number;
  friends: number;
  group: number;
  blocked_by_sender: number;
  blocked_by_receiver: number;
  conversation: number;
}

/** @returns the directory in a database */
export function openDirectory(db: Database): Directory {
  return {
    async relation(sender, receiver, conversationId) {
      const one = numberOf(sender);
      const other = numberOf(receiver);
      const rows = await relationRows(db, one, other, conversationId ?? '');
      const people = new Map(rows.map((row) => [row.id, personOf(row)]));
      // No row at all: neither exists, and there is nothing between them.
      const ties = rows[0];
      return {
        sender: people.get(one),
        receiver: people.get(other),
        tie: ties?.friends ? 'friends' : ties?.group ? 'group' : 'none',
        blockedBySender: ties?.blocked_by_sender === 1,
        blockedByReceiver: ties?.blocked_by_receiver === 1,
        // An id with our prefix that names no group is refused too, or a caller could try out which ones exist.
        conversationAllowed: !conversationId?.startsWith(GROUP_PREFIX) || ties?.conversation === 1,
      };
    },

    async friendsOf(userId) {
      const me = numberOf(userId);
      const { rows } = await sql<{ id: number }>`
        with friends as (
          select high_id as id from friendships where low_id = ${me}
          union all select low_id from friendships where high_id = ${me}
        )
        select id from friends
        where not exists(select 1 from blocks where blocker_id = ${me} and blocked_id = friends.id)
          and not exists(select 1 from blocks where blocker_id = friends.id and blocked_id = ${me})`.execute(db);
      return rows.map(({ id }) => String(id));
    },
  };
}

/** The number of a wire id; 0, which is nobody's, for what is none. */
function numberOf(id: string): number {
  return isUserId(id) ? Number(id) : 0;
}

/** One statement, so that it is consistent without a transaction, which costs as much again at every offer. */
async function relationRows(db: Database, one: number, other: number, conversationId: string): Promise<RelationRow[]> {
  const { low_id, high_id } = pairOf(one, other);
  const bothIn = sql`from group_members a join group_members b on b.group_id = a.group_id
    where a.user_id = ${one} and a.membership = 'member' and b.user_id = ${other} and b.membership = 'member'`;
  const { rows } = await sql<RelationRow>`select id, username, avatar, do_not_disturb, hide_busy,
    exists(select 1 from friendships where low_id = ${low_id} and high_id = ${high_id}) as friends,
    ${one} <> ${other} and exists(select 1 ${bothIn}) as "group",
    exists(select 1 from blocks where blocker_id = ${one} and blocked_id = ${other}) as blocked_by_sender,
    exists(select 1 from blocks where blocker_id = ${other} and blocked_id = ${one}) as blocked_by_receiver,
    exists(select 1 ${bothIn} and a.group_id = ${conversationId}) as conversation
    from users where id in (${one}, ${other})`.execute(db);
  return rows;
}

function personOf(row: RelationRow): Person {
  return {
    id: String(row.id),
    info: { id: row.id, username: row.username, avatar: row.avatar },
    doNotDisturb: row.do_not_disturb === 1,
    hideBusy: row.hide_busy === 1,
  };
}
