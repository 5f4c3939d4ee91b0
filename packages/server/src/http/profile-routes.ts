/** `/api/users*`: one's own profile and password, and others by name. */
import type { People } from '../people.ts';
import { admitted, NAME_EXPECTED, sessionData } from './auth-routes.ts';
import { type App, type Env, operation } from './operation.ts';
import { orRefuse, Refused } from './refused.ts';

/** Longest name that is looked up, in characters. */
const LONGEST_NAME = 64;

/** @param limitKey what limits count a request by, see `addressKey` */
export function profileRoutes(
  app: App,
  people: Pick<People, 'accounts' | 'authenticator' | 'loginGuard' | 'profiles'>,
  limitKey: (bindings: Env['Bindings'] | undefined, forwardedFor: string | undefined) => string,
): void {
  const { accounts, authenticator, loginGuard, profiles } = people;

  operation(
    app,
    authenticator,
    { method: 'get', path: '/api/users/me', summary: 'My profile', data: 'me' },
    async ({ identity }) => ({ user: orRefuse((await profiles.own(identity.userId)) ?? 'unauthenticated') }),
  );

  operation(
    app,
    authenticator,
    {
      method: 'patch',
      path: '/api/users/me',
      summary: 'Change my profile; what the body does not name stays',
      body: 'updateMe',
      data: 'me',
      refusals: ['username_taken'],
    },
    async ({ identity, body }) => ({ user: orRefuse(await profiles.update(identity.userId, body), NAME_EXPECTED) }),
  );

  operation(
    app,
    authenticator,
    {
      method: 'put',
      path: '/api/users/me/password',
      summary: 'Change my password; every session ends, and the answer is a new one for this device',
      body: 'changePassword',
      data: 'session',
      refusals: ['wrong_password', 'rate_limited', 'overloaded'],
    },
    async ({ c, identity: { userId }, body }) => {
      // A stolen token must not be a way to guess the password. `#` is in no user name.
      const guess = [`#${userId}`, limitKey(c.env, c.req.header('x-forwarded-for'))] as const;
      const { used } = admitted(await loginGuard.admit(...guess));
      const signedIn = await accounts.changePassword(userId, body.currentPassword, body.newPassword);
      if (!signedIn) {
        await loginGuard.failed(used);
        throw new Refused('wrong_password');
      }
      await loginGuard.succeeded(...guess);
      return sessionData(signedIn);
    },
  );

  operation(
    app,
    authenticator,
    {
      method: 'get',
      path: '/api/users',
      summary: 'Find somebody by exact name, whatever its case',
      parameters: { username: { in: 'query', description: 'the name' } },
      data: 'user',
      refusals: ['invalid_payload', 'receiver_not_found'],
    },
    async ({ c }) => {
      const username = c.req.query('username') ?? '';
      if (username === '' || username.length > LONGEST_NAME) {
        throw new Refused('invalid_payload', { expected: `query.username must have 1 to ${LONGEST_NAME} characters` });
      }
      return { user: orRefuse((await profiles.byUsername(username)) ?? 'receiver_not_found') };
    },
  );
}
