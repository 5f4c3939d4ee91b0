/** Accounts made through the REST door, for tests that are about something else than signing up. */
import { randomInt } from 'node:crypto';
import type { RestData } from '@ringdown/protocol';

/** Someone with an account. */
export interface Account {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

/** A name nobody else has, for the readers of a trace with a role in front: `anna-8f3k2`. */
export function freshName(role: string): string {
  return `${role}-${randomInt(36 ** 6).toString(36)}`;
}

/** Creates an account. @param url of the service @param role what the name begins with */
export async function createAccount(url: string, role: string): Promise<Account> {
  const username = freshName(role);
  const password = `pass phrase ${freshName('x')}`;
  const session = await post<RestData<'session'>>(url, '/api/auth/register', { username, password });
  return { id: session.user.id, username, password, token: session.token };
}

/** Makes friends of two people: one asks, the other accepts. */
export async function befriend(url: string, one: Account, other: Account): Promise<void> {
  await post(url, '/api/friends', { userId: other.id }, one.token);
  await post(url, '/api/friends', { userId: one.id }, other.token);
}

async function post<T>(url: string, path: string, body: unknown, token?: string): Promise<T> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { success: boolean; data: T; error?: { message: string } };
  if (!answer.success) throw new Error(`POST ${path}: ${response.status} ${answer.error?.message}`);
  return answer.data;
}
