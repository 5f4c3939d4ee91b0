/** The REST operations the app uses, by name; bodies and answers are the protocol's own types. */
import type { RestBody, RestData } from '@ringdown/protocol';
import { ApiError } from './api-error.ts';
import { type HttpRequest, send } from './http.ts';
import type { Session } from './session.ts';

/** The REST door. Every operation rejects with an {@link ApiError}. */
export class Api {
  readonly #session: Session;
  readonly #language: () => string;
  readonly #fetch: typeof fetch;

  /**
   * @param session where tokens come from
   * @param language the language of the service's sentences
   * @param fetchFunction the browser's `fetch`, or a double
   */
  constructor(session: Session, language: () => string, fetchFunction: typeof fetch) {
    this.#session = session;
    this.#language = language;
    this.#fetch = fetchFunction;
  }

  /** Signs up and in. */
  async register(body: RestBody<'register'>): Promise<void> {
    const request = { method: 'POST', path: '/api/auth/register', body, language: this.#language() } as const;
    this.#session.adopt((await send(this.#fetch, request)) as RestData<'session'>);
  }

  /** Signs in. */
  async login(body: RestBody<'login'>): Promise<void> {
    const request = { method: 'POST', path: '/api/auth/login', body, language: this.#language() } as const;
    this.#session.adopt((await send(this.#fetch, request)) as RestData<'session'>);
  }

  /** Signs out here or everywhere. The tokens are forgotten here even when the service cannot be told. */
  async logout(everywhere: boolean): Promise<void> {
    try {
      await this.#ask('POST', '/api/auth/logout', { everywhere } satisfies RestBody<'logout'>);
    } catch (error) {
      // Ending the other sessions is a promise: when it failed, the person has to know and stays signed in.
      if (everywhere) throw error;
    }
    this.#session.clear();
  }

  /** The person signed in, with their settings. */
  async me(): Promise<RestData<'me'>['user']> {
    return ((await this.#ask('GET', '/api/users/me')) as RestData<'me'>).user;
  }

  /** Changes settings of the person signed in. */
  async updateMe(body: RestBody<'updateMe'>): Promise<RestData<'me'>['user']> {
    return ((await this.#ask('PATCH', '/api/users/me', body)) as RestData<'me'>).user;
  }

  /**
   * Changes the password. The service ends every session; when it answers with new tokens this one goes on.
   * @returns whether this session goes on
   */
  async changePassword(body: RestBody<'changePassword'>): Promise<boolean> {
    const data = (await this.#ask('PUT', '/api/users/me/password', body)) as Partial<RestData<'session'>>;
    if (data.token === undefined) return false;
    this.#session.adopt(data as RestData<'session'>);
    return true;
  }

  /** Looks somebody up by exact name; undefined when there is nobody of that name. */
  async findByName(username: string): Promise<RestData<'user'>['user'] | undefined> {
    try {
      const path = `/api/users?username=${encodeURIComponent(username)}`;
      return ((await this.#ask('GET', path)) as RestData<'user'>).user;
    } catch (error) {
      // A text that cannot be anybody's name is nobody's name.
      if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return undefined;
      throw error;
    }
  }

  /** Friends and requests, both ways. */
  async friends(): Promise<RestData<'friends'>> {
    return (await this.#ask('GET', '/api/friends')) as RestData<'friends'>;
  }

  /** Asks somebody to be friends, or accepts their request. */
  async befriend(userId: string): Promise<RestData<'friendship'>> {
    return (await this.#ask('POST', '/api/friends', { userId })) as RestData<'friendship'>;
  }

  /** Ends a friendship, declines a request or takes one back. */
  async unfriend(userId: string): Promise<void> {
    await this.#ask('DELETE', `/api/friends/${encodeURIComponent(userId)}`);
  }

  /** Whom the person has blocked. */
  async blocked(): Promise<RestData<'blocks'>['blocked']> {
    return ((await this.#ask('GET', '/api/blocks')) as RestData<'blocks'>).blocked;
  }

  /** Blocks somebody. */
  async block(userId: string): Promise<void> {
    await this.#ask('PUT', `/api/blocks/${encodeURIComponent(userId)}`);
  }

  /** Unblocks somebody. */
  async unblock(userId: string): Promise<void> {
    await this.#ask('DELETE', `/api/blocks/${encodeURIComponent(userId)}`);
  }

  /** The person's groups and invitations. */
  async groups(): Promise<RestData<'groups'>['groups']> {
    return ((await this.#ask('GET', '/api/groups')) as RestData<'groups'>).groups;
  }

  /** Makes a group. */
  async createGroup(name: string): Promise<RestData<'group'>['group']> {
    return ((await this.#ask('POST', '/api/groups', { name })) as RestData<'group'>).group;
  }

  /** Invites somebody to a group or, with one's own id, accepts the invitation. */
  async putMember(groupId: string, userId: string): Promise<void> {
    await this.#ask('PUT', memberPath(groupId, userId));
  }

  /** Leaves a group, declines its invitation or, as its owner, removes somebody. */
  async removeMember(groupId: string, userId: string): Promise<void> {
    await this.#ask('DELETE', memberPath(groupId, userId));
  }

  /** One page of the call history, newest first. */
  async calls(cursor: string | undefined): Promise<RestData<'calls'>> {
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    return (await this.#ask('GET', `/api/rtc/calls${query}`)) as RestData<'calls'>;
  }

  /** Sends a request with a token; when the token is refused, once more with a new one. */
  async #ask(method: HttpRequest['method'], path: string, body?: unknown): Promise<unknown> {
    const request = { method, path, language: this.#language(), ...(body === undefined ? {} : { body }) };
    const token = await this.#session.accessToken();
    try {
      return await send(this.#fetch, { ...request, token });
    } catch (error) {
      if (!(error instanceof ApiError) || !isSpentToken(error)) throw error;
      return send(this.#fetch, { ...request, token: await this.#session.renew(token) });
    }
  }
}

/** A wrong current password is a 401 too on some services; only these two words speak of the token. */
function isSpentToken(error: ApiError): boolean {
  return error.status === 401 && (error.reason === 'token_expired' || error.reason === 'unauthenticated');
}

function memberPath(groupId: string, userId: string): string {
  return `/api/groups/${encodeURIComponent(groupId)}/members/${encodeURIComponent(userId)}`;
}
