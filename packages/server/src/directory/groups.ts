/** Groups: whose accepted members may call each other. */
import { randomBytes } from 'node:crypto';
import type { Group } from '@ringdown/protocol';
import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { PUBLIC_COLUMNS, publicUser } from '../db/public-user.ts';
import type { Tables } from '../db/schema.ts';
import { hasBlocked } from './friendships.ts';

/** Groups as one person may see and change them. Ids of people are canonical; a group one is not in does not exist. */
export interface Groups {
  /** The groups I am in or invited to, newest first. */
  list(me: string): Promise<Group[]>;
  /** Makes a group; its creator is its owner and first member. */
  create(me: string, name: string): Promise<Group>;
  /**
   * A member invites somebody, or the invited person accepts.
   * @returns the group afterwards; `not_found` when I am no member, or was not invited; `invalid_payload` when I have
   *   blocked whom I invite
   */
  put(
    me: string,
    groupId: string,
    user: string,
  ): Promise<Group | 'not_found' | 'receiver_not_found' | 'invalid_payload'>;
  /**
   * Leaves, declines, or, for the owner and for who invited, removes somebody. The last member out deletes the group;
   * an owner who leaves hands it to the member who has been in it longest.
   */
  remove(me: string, groupId: string, user: string): Promise<'removed' | 'not_found' | 'not_owner'>;
}

/** What the ids of our groups begin with; a `conversationId` that does so is checked (OF-5). */
export const GROUP_PREFIX = 'g_';

/** @param now the clock, ms since the epoch */
export function openGroups(db: Database, now: () => number): Groups {
  return {
    list: (me) =>
      db.transaction().execute(async (tx) => {
        const rows = await tx
          .selectFrom('group_members')
          .innerJoin('groups', 'groups.id', 'group_members.group_id')
          .select('groups.id')
          .where('group_members.user_id', '=', Number(me))
          .where('group_members.hidden', '=', 0)
          .orderBy('groups.created_at', 'desc')
          .orderBy('groups.id')
          .execute();
        const groups: Group[] = [];
        for (const { id } of rows) {
          const group = await groupAs(tx, Number(me), id);
          if (group) groups.push(group);
        }
        return groups;
      }),

    create: (me, name) =>
      db.transaction().execute(async (tx) => {
        const owner = Number(me);
        const id = `${GROUP_PREFIX}${randomBytes(12).toString('base64url')}`;
        const since = now();
        await tx.insertInto('groups').values({ id, name: name.trim(), owner_id: owner, created_at: since }).execute();
        await tx
          .insertInto('group_members')
          .values({ group_id: id, user_id: owner, membership: 'member', invited_by: null, hidden: 0, since })
          .execute();
        const group = await groupAs(tx, owner, id);
        if (!group) throw new Error('a group is gone inside the transaction that made it');
        return group;
      }),

    put: (me, groupId, user) =>
      db.transaction().execute(async (tx) => {
        const actor = Number(me);
        const target = Number(user);
        const mine = await membershipOf(tx, groupId, actor);
        if (!mine || mine.hidden === 1) return 'not_found';
        if (actor === target) {
          if (mine.membership === 'invited') {
            await tx
              .updateTable('group_members')
              .set({ membership: 'member', since: now() })
              .where('group_id', '=', groupId)
              .where('user_id', '=', actor)
              .execute();
          }
        } else {
          if (mine.membership !== 'member') return 'not_found';
          const found = await tx.selectFrom('users').select('id').where('id', '=', target).executeTakeFirst();
          if (!found) return 'receiver_not_found';
          if (await hasBlocked(tx, actor, target)) return 'invalid_payload';
          await invite(tx, groupId, actor, target, now());
        }
        return (await groupAs(tx, actor, groupId)) ?? 'not_found';
      }),

    remove: (me, groupId, user) =>
      db.transaction().execute(async (tx) => {
        const actor = Number(me);
        const target = Number(user);
        const mine = await membershipOf(tx, groupId, actor);
        if (!mine || mine.hidden === 1) return 'not_found';
        const group = await tx
          .selectFrom('groups')
          .select('owner_id')
          .where('id', '=', groupId)
          .executeTakeFirstOrThrow();
        if (actor !== target) {
          const theirs = await membershipOf(tx, groupId, target);
          const ownInvitation = theirs?.membership === 'invited' && theirs.invited_by === actor;
          if (group.owner_id !== actor && !ownInvitation) return 'not_owner';
          if (!theirs) return 'not_found';
        }
        await tx.deleteFrom('group_members').where('group_id', '=', groupId).where('user_id', '=', target).execute();
        if (group.owner_id === target) await handOver(tx, groupId);
        return 'removed';
      }),
  };
}

async function membershipOf(tx: Transaction<Tables>, groupId: string, userId: number) {
  return tx
    .selectFrom('group_members')
    .select(['membership', 'hidden', 'invited_by'])
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
}

/** The invitation reaches nobody when the invited person has blocked who invites; to all others it looks the same. */
async function invite(tx: Transaction<Tables>, groupId: string, actor: number, target: number, since: number) {
  const hidden = Number(await hasBlocked(tx, target, actor));
  await tx
    .insertInto('group_members')
    .values({ group_id: groupId, user_id: target, membership: 'invited', invited_by: actor, hidden, since })
    .onConflict((conflict) =>
      conflict
        .columns(['group_id', 'user_id'])
        .doUpdateSet({ invited_by: actor, hidden })
        // Only a hidden invitation can become better by another member's; a member stays one.
        .where('group_members.membership', '=', 'invited')
        .where('group_members.hidden', '=', 1),
    )
    .execute();
}

/** The owner has left. */
async function handOver(tx: Transaction<Tables>, groupId: string): Promise<void> {
  const heir = await tx
    .selectFrom('group_members')
    .select('user_id')
    .where('group_id', '=', groupId)
    .where('membership', '=', 'member')
    .orderBy('since')
    .orderBy('user_id')
    .executeTakeFirst();
  if (heir) await tx.updateTable('groups').set({ owner_id: heir.user_id }).where('id', '=', groupId).execute();
  else await tx.deleteFrom('groups').where('id', '=', groupId).execute();
}

async function groupAs(tx: Transaction<Tables>, me: number, groupId: string): Promise<Group | undefined> {
  const group = await tx.selectFrom('groups').selectAll().where('id', '=', groupId).executeTakeFirst();
  const members = await tx
    .selectFrom('group_members')
    .innerJoin('users', 'users.id', 'group_members.user_id')
    .select([...PUBLIC_COLUMNS, 'group_members.membership'])
    .where('group_members.group_id', '=', groupId)
    .orderBy('group_members.since')
    .orderBy('users.username_key')
    .execute();
  const mine = members.find((member) => member.id === me);
  if (!group || !mine) return undefined;
  return {
    id: group.id,
    name: group.name,
    ownerId: String(group.owner_id),
    membership: mine.membership,
    members: members.map((member) => ({ ...publicUser(member), membership: member.membership })),
  };
}
