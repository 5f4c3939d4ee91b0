/** `/api/auth/*`: sign up, sign in, stay signed in, sign out. */
import type { RestData } from '@ringdown/protocol';
import type { SignedIn } from '../auth/accounts.ts';
import type { People } from '../people.ts';
import type { Spent } from '../rate-limit.ts';
import { type App, type Env, openOperation, operation } from './operation.ts';
import { orRefuse, Refused } from './refused.ts';

/** What a user name must be when its letters are no name after all. */
export const NAME_EXPECTED = 'body.username must still be a name when its compatibility characters are resolved';

/** Writes what a device gets when it signs in. */
export function sessionData(signedIn: SignedIn): RestData<'session'> {
  return {
    user: signedIn.user,
    token: signedIn.token,
    expiresAt: new Date(signedIn.expiresAt).toISOString(),
    refreshToken: signedIn.refreshToken,
    refreshExpiresAt: new Date(signedIn.refreshExpiresAt).toISOString(),
  };
}

/** @throws Refused 429 */
export function admitted(spent: Spent): Extract<Spent, { ok: true }> {
  if (!spent.ok) throw new Refused('rate_limited', { retryAfterMs: spent.retryAfterMs });
  return spent;
}

/** @param limitKey what limits count a request by, see `addressKey` */
export function authRoutes(
  app: App,
  people: Pick<People, 'accounts' | 'authenticator' | 'loginGuard'>,
  limitKey: (bindings: Env['Bindings'] | undefined, forwardedFor: string | undefined) => string,
): void {
  const { accounts, authenticator, loginGuard } = people;

  openOperation(
    app,
    {
      method: 'post',
      path: '/api/auth/register',
      summary: 'Make an account and sign in',
      body: 'register',
      data: 'session',
      refusals: ['username_taken', 'rate_limited', 'overloaded'],
    },
    async ({ c, body }) => {
      admitted(await loginGuard.admitRegistration(limitKey(c.env, c.req.header('x-forwarded-for'))));
      return sessionData(orRefuse(await accounts.register(body.username, body.password), NAME_EXPECTED));
    },
  );

  openOperation(
    app,
    {
      method: 'post',
      path: '/api/auth/login',
      summary: 'Sign in',
      body: 'login',
      data: 'session',
      refusals: ['unauthenticated', 'rate_limited', 'overloaded'],
    },
    async ({ c, body }) => {
      const key = limitKey(c.env, c.req.header('x-forwarded-for'));
      const { used } = admitted(await loginGuard.admit(body.username, key));
      const signedIn = await accounts.login(body.username, body.password);
      if (!signedIn) {
        await loginGuard.failed(used);
        throw new Refused('unauthenticated');
      }
      await loginGuard.succeeded(body.username, key);
      return sessionData(signedIn);
    },
  );

  openOperation(
    app,
    {
      method: 'post',
      path: '/api/auth/refresh',
      summary: 'Take the next tokens of a session; the refresh token changes each time',
      body: 'refresh',
      data: 'session',
      refusals: ['unauthenticated'],
    },
    async ({ body }) => sessionData(orRefuse((await accounts.refresh(body.refreshToken)) ?? 'unauthenticated')),
  );

  operation(
    app,
    authenticator,
    {
      method: 'post',
      path: '/api/auth/logout',
      summary: 'End this session, or with `everywhere` all of this person',
      body: 'logout',
      data: 'nothing',
    },
    async ({ identity: { userId, sessionId }, body }) => {
      await authenticator.end(body.everywhere === true ? { userId } : { userId, sessionId });
      return {};
    },
  );
}
