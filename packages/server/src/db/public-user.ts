/** A row of `users` as others see it. */
import type { PublicUser } from '@ringdown/protocol';

/** The columns of `users` that make a {@link PublicUser}. */
export const PUBLIC_COLUMNS = ['users.id', 'users.username', 'users.avatar'] as const;

/** Makes a {@link PublicUser} of a row with {@link PUBLIC_COLUMNS}. */
export function publicUser(row: { id: number; username: string; avatar: string }): PublicUser {
  return { id: String(row.id), username: row.username, avatar: row.avatar };
}
