/** `/api/friends*` and `/api/blocks*`: whom a person wants to hear from. */
import { isUserId, userIdText } from '@ringdown/protocol';
import type { Context } from 'hono';
import type { People } from '../people.ts';
import { type App, operation } from './operation.ts';
import { orRefuse, Refused } from './refused.ts';

/** How path parameters that name a person are described. */
export const USER_ID_PARAMETER = { userId: { in: 'path', description: 'whom it concerns' } } as const;

/**
 * Reads the path parameter `userId`.
 * @throws Refused 400
 */
export function userIdOf(c: Context): string {
  const id = c.req.param('userId') ?? '';
  if (isUserId(id)) return id;
  throw new Refused('invalid_payload', { expected: 'userId must be the digits of a user id' });
}

/** Adds the operations. */
export function relationRoutes(app: App, people: Pick<People, 'authenticator' | 'blocks' | 'friendships'>): void {
  const { authenticator, blocks, friendships } = people;

  operation(
    app,
    authenticator,
    { method: 'get', path: '/api/friends', summary: 'My friends, and requests both ways', data: 'friends' },
    ({ identity }) => friendships.list(identity.userId),
  );

  operation(
    app,
    authenticator,
    {
      method: 'post',
      path: '/api/friends',
      summary: 'Ask somebody to be friends, or accept what they asked',
      body: 'befriend',
      data: 'friendship',
      refusals: ['receiver_not_found'],
    },
    async ({ identity, body }) =>
      orRefuse(
        await friendships.ask(identity.userId, userIdText(body.userId)),
        'body.userId must be somebody else whom you have not blocked',
      ),
  );

  operation(
    app,
    authenticator,
    {
      method: 'delete',
      path: '/api/friends/:userId',
      summary: 'End a friendship, take a request back or decline one',
      parameters: USER_ID_PARAMETER,
      data: 'nothing',
      refusals: ['invalid_payload'],
    },
    async ({ c, identity }) => {
      await friendships.end(identity.userId, userIdOf(c));
      return {};
    },
  );

  operation(
    app,
    authenticator,
    { method: 'get', path: '/api/blocks', summary: 'Whom I have blocked', data: 'blocks' },
    async ({ identity }) => ({ blocked: await blocks.list(identity.userId) }),
  );

  operation(
    app,
    authenticator,
    {
      method: 'put',
      path: '/api/blocks/:userId',
      summary: 'Block somebody; they are not told and see no difference',
      parameters: USER_ID_PARAMETER,
      data: 'nothing',
      refusals: ['invalid_payload', 'receiver_not_found'],
    },
    async ({ c, identity }) => {
      const outcome = await blocks.block(identity.userId, userIdOf(c));
      if (outcome !== 'blocked') orRefuse(outcome, 'userId must be somebody else');
      return {};
    },
  );

  operation(
    app,
    authenticator,
    {
      method: 'delete',
      path: '/api/blocks/:userId',
      summary: 'Unblock somebody',
      parameters: USER_ID_PARAMETER,
      data: 'nothing',
      refusals: ['invalid_payload'],
    },
    async ({ c, identity }) => {
      await blocks.unblock(identity.userId, userIdOf(c));
      return {};
    },
  );
}
