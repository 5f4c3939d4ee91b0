/** `/api/groups*`: groups whose members may call each other. */
import type { People } from '../people.ts';
import { type App, operation } from './operation.ts';
import { orRefuse } from './refused.ts';
import { USER_ID_PARAMETER, userIdOf } from './relation-routes.ts';

const MEMBER_PARAMETERS = { id: { in: 'path', description: 'the group' }, ...USER_ID_PARAMETER } as const;

/** Adds the operations. */
export function groupRoutes(app: App, people: Pick<People, 'authenticator' | 'groups'>): void {
  const { authenticator, groups } = people;

  operation(
    app,
    authenticator,
    { method: 'get', path: '/api/groups', summary: 'The groups I am in or invited to', data: 'groups' },
    async ({ identity }) => ({ groups: await groups.list(identity.userId) }),
  );

  operation(
    app,
    authenticator,
    { method: 'post', path: '/api/groups', summary: 'Make a group', body: 'createGroup', data: 'group' },
    async ({ identity, body }) => ({ group: await groups.create(identity.userId, body.name) }),
  );

  operation(
    app,
    authenticator,
    {
      method: 'put',
      path: '/api/groups/:id/members/:userId',
      summary: 'Invite somebody to my group, or accept my own invitation',
      parameters: MEMBER_PARAMETERS,
      data: 'group',
      refusals: ['invalid_payload', 'not_found', 'receiver_not_found'],
    },
    async ({ c, identity }) => {
      const group = await groups.put(identity.userId, c.req.param('id') ?? '', userIdOf(c));
      return { group: orRefuse(group, 'userId must be somebody whom you have not blocked') };
    },
  );

  operation(
    app,
    authenticator,
    {
      method: 'delete',
      path: '/api/groups/:id/members/:userId',
      summary: 'Leave a group, decline an invitation, or as the owner remove somebody',
      parameters: MEMBER_PARAMETERS,
      data: 'nothing',
      refusals: ['invalid_payload', 'not_owner', 'not_found'],
    },
    async ({ c, identity }) => {
      const outcome = await groups.remove(identity.userId, c.req.param('id') ?? '', userIdOf(c));
      if (outcome !== 'removed') orRefuse(outcome);
      return {};
    },
  );
}
