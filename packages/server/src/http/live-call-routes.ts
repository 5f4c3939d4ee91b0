/** `/api/rtc/calls/active` and what can be done about one call without a socket. */
import type { ErrorReason } from '@ringdown/protocol';
import type { People } from '../people.ts';
import type { LiveCalls } from './live-calls.ts';
import { type App, operation } from './operation.ts';
import { orRefuse, Refused } from './refused.ts';
import { CALL_ID_PARAMETER, callIdOf } from './rtc-routes.ts';

/** Adds the operations. Before those of the history, whose `/api/rtc/calls/:id` would take `active` for an id. */
export function liveCallRoutes(
  app: App,
  { authenticator, records }: Pick<People, 'authenticator' | 'records'>,
  liveCalls: LiveCalls,
): void {
  operation(
    app,
    authenticator,
    {
      method: 'get',
      path: '/api/rtc/calls/active',
      summary: 'My calls that are not over, on whatever device',
      data: 'activeCalls',
    },
    async ({ identity }) => ({ calls: await liveCalls.active(identity.userId) }),
  );

  operation(
    app,
    authenticator,
    {
      method: 'get',
      path: '/api/rtc/calls/:id/timeline',
      summary: 'What happened in one of my calls, step by step, over or not',
      parameters: CALL_ID_PARAMETER,
      data: 'timeline',
      refusals: ['call_not_found'],
    },
    async ({ c, identity: { userId } }) => {
      const callId = callIdOf(c);
      const steps = (await records.timeline(userId, callId)) ?? (await liveCalls.timeline(userId, callId));
      return { callId, steps: orRefuse(steps ?? 'call_not_found') };
    },
  );

  operation(
    app,
    authenticator,
    {
      method: 'post',
      path: '/api/rtc/calls/:id/accepting',
      summary: 'Hold the ring while the app, whose person tapped Answer, still wakes up',
      parameters: CALL_ID_PARAMETER,
      data: 'nothing',
      refusals: [
        'call_not_found',
        'not_participant',
        'answered_elsewhere',
        'invalid_state',
        'call_ended',
        'overloaded',
      ],
    },
    async ({ c, identity }) => done(await liveCalls.accepting(identity.userId, callIdOf(c))),
  );

  operation(
    app,
    authenticator,
    {
      method: 'post',
      path: '/api/rtc/calls/:id/reject',
      summary: 'Reject a call that rings me; of one just ended, nothing',
      parameters: CALL_ID_PARAMETER,
      body: 'rejectCall',
      data: 'nothing',
      refusals: ['call_not_found', 'not_participant', 'answered_elsewhere', 'invalid_state', 'overloaded'],
    },
    async ({ c, identity, body }) => done(await liveCalls.reject(identity.userId, callIdOf(c), body.reason)),
  );

  operation(
    app,
    authenticator,
    {
      method: 'post',
      path: '/api/rtc/calls/:id/hang-up',
      summary: 'End a call of mine, on whatever device it is; of one just ended, nothing',
      parameters: CALL_ID_PARAMETER,
      data: 'nothing',
      refusals: ['call_not_found', 'overloaded'],
    },
    async ({ c, identity }) => done(await liveCalls.hangUp(identity.userId, callIdOf(c))),
  );
}

/** @throws Refused when it was not done */
function done(why: ErrorReason | undefined): Record<string, never> {
  if (why !== undefined) throw new Refused(why);
  return {};
}
