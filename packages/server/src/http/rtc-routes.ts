/** `/api/rtc/*`: ICE servers and the history of calls. */
import { chooseLanguage } from '@ringdown/protocol';
import type { Context } from 'hono';
import type { Limits } from '../config.ts';
import type { People } from '../people.ts';
import { budget } from '../rate-limit.ts';
import { admitted } from './auth-routes.ts';
import { type App, operation } from './operation.ts';
import { orRefuse, Refused } from './refused.ts';

/** Calls of a page when the client does not say, and at most. */
const PAGE = 50;
const LONGEST_PAGE = 100;
/** Longest cursor that is looked at, in characters. */
const LONGEST_CURSOR = 256;
const TEN_MINUTES_SECONDS = 600;

/** How a path parameter that names a call is described. */
export const CALL_ID_PARAMETER = { id: { in: 'path', description: 'its callId' } } as const;

/** The path parameter `id`, as it came. */
export function callIdOf(c: Context): string {
  return c.req.param('id') ?? '';
}

/** @param now the clock, ms since the epoch */
export function rtcRoutes(
  app: App,
  people: Pick<People, 'authenticator' | 'iceServers' | 'records'>,
  limits: Limits,
  now: () => number,
): void {
  const { authenticator, iceServers, records } = people;
  const iceRequests = budget(limits.iceServersPer10Minutes, TEN_MINUTES_SECONDS);

  operation(
    app,
    authenticator,
    {
      method: 'get',
      path: '/api/rtc/ice-servers',
      summary: 'The STUN and TURN servers I may use, with credentials that soon run out',
      data: 'iceServers',
      refusals: ['rate_limited'],
    },
    async ({ identity: { userId } }) => {
      admitted(await iceRequests.spend(userId));
      return iceServers(userId, now());
    },
  );

  operation(
    app,
    authenticator,
    {
      method: 'get',
      path: '/api/rtc/calls',
      summary: 'My calls, newest first, a page at a time',
      parameters: {
        cursor: { in: 'query', description: '`nextCursor` of the page before' },
        limit: { in: 'query', description: `calls of a page, 1 to ${LONGEST_PAGE}, ${PAGE} by default` },
      },
      data: 'calls',
      refusals: ['invalid_payload'],
    },
    async ({ c, identity }) => {
      const limit = pageOf(c.req.query('limit'));
      const cursor = c.req.query('cursor');
      const usable = cursor === undefined || cursor.length <= LONGEST_CURSOR;
      const page = usable ? await records.list(identity.userId, cursor, limit, languageOf(c)) : undefined;
      return orRefuse(page ?? 'invalid_payload', 'query.cursor must be the nextCursor of a page');
    },
  );

  operation(
    app,
    authenticator,
    {
      method: 'get',
      path: '/api/rtc/calls/:id',
      summary: 'One of my calls that are over',
      parameters: CALL_ID_PARAMETER,
      data: 'call',
      refusals: ['call_not_found'],
    },
    async ({ c, identity }) => {
      const call = await records.get(identity.userId, callIdOf(c), languageOf(c));
      return { call: orRefuse(call ?? 'call_not_found') };
    },
  );
}

function languageOf(c: Context) {
  return chooseLanguage(c.req.header('accept-language'));
}

/** @throws Refused 400 */
function pageOf(text: string | undefined): number {
  if (text === undefined) return PAGE;
  const limit = /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= LONGEST_PAGE) return limit;
  throw new Refused('invalid_payload', { expected: `query.limit must be a whole number from 1 to ${LONGEST_PAGE}` });
}
