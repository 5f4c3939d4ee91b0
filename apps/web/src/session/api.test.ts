/** Requests carry the token and the language, renew the one when it is refused, and fail in one way. */
import { describe, expect, test } from 'vitest';
import { Api } from './api.ts';
import { ApiError } from './api-error.ts';
import { send } from './http.ts';
import { Session, type Tokens } from './session.ts';

interface Seen {
  method: string;
  path: string;
  token: string | null;
  language: string | null;
  body: unknown;
}

/** A service that knows one good token, and hands out the next one. */
function service(answer: (seen: Seen) => { status: number; body: unknown }) {
  const seen: Seen[] = [];
  let number = 1;
  const fetchDouble = (async (input: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    const request: Seen = {
      method: init.method ?? 'GET',
      path: input,
      token: headers.get('authorization'),
      language: headers.get('accept-language'),
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
    };
    seen.push(request);
    const { status, body } = answer(request);
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  }) as typeof fetch;
  const tokens = (): Tokens => ({
    user: { id: '1', username: 'anna', avatar: '' },
    token: `token-${number}`,
    expiresAt: '2999-01-01T00:00:00.000Z',
    refreshToken: `refresh-${number}`,
    refreshExpiresAt: '2999-01-01T00:00:00.000Z',
  });
  let stored: string | null = JSON.stringify(tokens());
  const session = new Session({
    storage: {
      getItem: () => stored,
      setItem: (_key, value) => {
        stored = value;
      },
      removeItem: () => {
        stored = null;
      },
    },
    locks: undefined,
    now: () => Date.now(),
    refresh: async (refreshToken) => {
      const request = { method: 'POST', path: '/api/auth/refresh', body: { refreshToken }, language: 'en' } as const;
      await send(fetchDouble, request);
      number++;
      return tokens();
    },
  });
  return { api: new Api(session, () => 'zh-CN', fetchDouble), session, seen };
}

const good = (data: unknown) => ({ status: 200, body: { success: true, data } });
const bad = (code: number, reason: string, more: object = {}) => ({
  status: code,
  body: { success: false, error: { message: `because ${reason}`, code, reason, ...more } },
});

test('a request carries the token, the language and its body', async () => {
  const { api, seen } = service(() => good({ user: {}, status: 'requested' }));
  await api.befriend('42');
  expect(seen).toEqual([
    { method: 'POST', path: '/api/friends', token: 'Bearer token-1', language: 'zh-CN', body: { userId: '42' } },
  ]);
});

test('requests whose token has run out share one renewal and are sent once more each', async () => {
  const { api, seen } = service(({ path, token }) =>
    path === '/api/auth/refresh' || token === 'Bearer token-2' ? good({ blocked: [] }) : bad(401, 'token_expired'),
  );
  await Promise.all([api.blocked(), api.blocked(), api.blocked()]);
  expect(seen.filter(({ path }) => path === '/api/auth/refresh')).toHaveLength(1);
  expect(seen.filter(({ token }) => token === 'Bearer token-2')).toHaveLength(3);
});

test('a request that is refused with a new token too is not sent a third time', async () => {
  const { api, seen } = service(({ path }) => (path === '/api/auth/refresh' ? good({}) : bad(401, 'unauthenticated')));
  await expect(api.me()).rejects.toMatchObject({ reason: 'unauthenticated' });
  expect(seen.filter(({ path }) => path === '/api/users/me')).toHaveLength(2);
});

describe('a failure', () => {
  test('keeps the service’s word, sentence and waiting time', async () => {
    const { api } = service(() => bad(429, 'rate_limited', { retryAfterMs: 1500 }));
    await expect(api.friends()).rejects.toEqual(
      expect.objectContaining({
        reason: 'rate_limited',
        status: 429,
        message: 'because rate_limited',
        retryAfterMs: 1500,
      }),
    );
  });

  test('without any answer is called offline', async () => {
    const dead = (() => Promise.reject(new TypeError('Failed to fetch'))) as typeof fetch;
    await expect(send(dead, { method: 'GET', path: '/api/friends', language: 'en' })).rejects.toMatchObject({
      reason: 'offline',
      status: 0,
    });
  });

  test.each(['<html>Bad gateway</html>', '[]', '{"success":false}', '{"error":"no"}', 'null'])(
    'with an answer that is none is called unexpected: %s',
    async (body) => {
      const { api } = service(() => ({ status: 502, body }));
      await expect(api.friends()).rejects.toMatchObject({ reason: 'unexpected', status: 502 });
    },
  );
});

describe('looking somebody up', () => {
  test('finds them by their exact name', async () => {
    const user = { id: '7', username: '李 & co', avatar: '' };
    const { api, seen } = service(() => good({ user }));
    await expect(api.findByName('李 & co')).resolves.toEqual(user);
    expect(seen[0]?.path).toBe('/api/users?username=%E6%9D%8E%20%26%20co');
  });

  test.each([404, 400])('finds nobody when the service says %i', async (status) => {
    const { api } = service(() => bad(status, 'not_found'));
    await expect(api.findByName('x')).resolves.toBeUndefined();
  });
});

describe('signing out', () => {
  test('forgets the tokens here even when the service cannot be told', async () => {
    const { api, session } = service(() => bad(503, 'draining'));
    await api.logout(false);
    expect(session.tokens.value).toBeUndefined();
  });

  test('everywhere fails when the service cannot be told, because the other devices would stay signed in', async () => {
    const { api, session } = service(() => bad(503, 'draining'));
    await expect(api.logout(true)).rejects.toBeInstanceOf(ApiError);
    expect(session.tokens.value).toBeDefined();
  });
});
