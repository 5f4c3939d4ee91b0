import { describe, expect, it, vi } from 'vitest';
import { ServiceHttp } from './service-http.ts';

/** A REST door that answers each path with a status and a body, and remembers what it was asked. */
function setUp(
  answers: Record<string, { status?: number; body?: unknown; page?: string; broken?: boolean }>,
  token = async () => 'secret',
) {
  const asked: { url: string; authorization: string | null }[] = [];
  const http = new ServiceHttp({
    httpBase: 'https://service.test',
    token,
    platform: {
      fetch: async (url, init) => {
        asked.push({ url, authorization: new Headers(init.headers).get('authorization') });
        const answer = answers[url.replace('https://service.test', '')];
        if (!answer || answer.broken) throw new TypeError('no network');
        if (answer.page) return new Response(answer.page, { headers: { 'content-type': 'text/html' } });
        return Response.json(answer.body ?? {}, { status: answer.status ?? 200 });
      },
    },
  });
  return { http, asked };
}

const ICE = '/api/rtc/ice-servers';
const servers = [{ urls: 'turn:turn.test', username: 'u', credential: 'c' }];

describe('ICE servers', () => {
  it('are fetched with the token, and how long they are good', async () => {
    const { http, asked } = setUp({ [ICE]: { body: { data: { iceServers: servers, ttl: 3600 } } } });
    expect(await http.iceServers()).toEqual({ iceServers: servers, ttlSeconds: 3600 });
    expect(asked).toEqual([{ url: `https://service.test${ICE}`, authorization: 'Bearer secret' }]);
  });

  it('of the bare contract have no time to live', async () => {
    const { http } = setUp({ [ICE]: { body: { success: true, data: { iceServers: servers } } } });
    expect(await http.iceServers()).toEqual({ iceServers: servers });
  });

  it.each([
    ['an error', { status: 503 }],
    ['something else', { body: { data: { iceServers: 'none' } } }],
    ['nothing', { broken: true }],
  ])('that come as %s are an error of their own', async (_, answer) => {
    const { http } = setUp({ [ICE]: answer });
    await expect(http.iceServers()).rejects.toMatchObject({ code: 'ice_servers_unavailable' });
  });
});

describe('whether a token is refused', () => {
  const ACTIVE = '/api/rtc/calls/active';

  it.each([
    [{ status: 200 }, false],
    [{ status: 401 }, true],
    [{ status: 403 }, true],
    [{ status: 429 }, false],
    [{ status: 503 }, false],
  ])('is told by the live calls, which are not rationed: %j is %s', async (answer, refused) => {
    const { http, asked } = setUp({ [ACTIVE]: answer });
    expect(await http.refuses('token')).toBe(refused);
    expect(asked).toEqual([{ url: `https://service.test${ACTIVE}`, authorization: 'Bearer token' }]);
  });

  it.each([{ status: 404 }, { page: '<!doctype html>' }, { broken: true }])(
    'is told by the ICE servers of a service of the contract alone, which knows no live calls (%j)',
    async (active) => {
      expect(await setUp({ [ACTIVE]: active, [ICE]: { status: 401 } }).http.refuses('token')).toBe(true);
      expect(await setUp({ [ACTIVE]: active, [ICE]: {} }).http.refuses('token')).toBe(false);
    },
  );

  it('cannot be told without an answer', async () => {
    expect(await setUp({}).http.refuses('token')).toBe(false);
  });
});

describe('a question whose token never comes', () => {
  it('fails when an answer would be late', async () => {
    const patience = new AbortController();
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.any([patience.signal]));
    const { http, asked } = setUp({}, () => new Promise(() => {}));
    const failed = expect(http.iceServers()).rejects.toMatchObject({ code: 'ice_servers_unavailable' });
    const unknown = http.endOf('c');
    patience.abort();
    await failed;
    expect(await unknown).toBeUndefined();
    expect(timeout).toHaveBeenCalledWith(5_000);
    expect(asked).toEqual([]);
  });
});

describe('the end of a call', () => {
  const answered = (call: object) => ({ '/api/rtc/calls/c%2F1': { body: { data: { call } } } });
  const endedAt = '2026-01-01T00:00:00.000Z';

  it.each([
    [
      { endedAt, outcome: 'completed', endedBy: 'peer' },
      { reason: 'hung_up', by: 'peer' },
    ],
    [
      { endedAt, outcome: 'unavailable', endedBy: 'service' },
      { reason: 'not_available', by: 'service' },
    ],
    [
      { endedAt, outcome: 'rejected', endedBy: 'me' },
      { reason: 'rejected', by: 'me' },
    ],
    [
      { endedAt, outcome: 'of a newer service' },
      { reason: 'connection_lost', by: 'service' },
    ],
    [{ outcome: 'completed', endedBy: 'peer' }, undefined],
  ])('%j means %j', async (call, end) => {
    expect(await setUp(answered(call)).http.endOf('c/1')).toEqual(end);
  });

  it('that the history does not know has not come', async () => {
    expect(await setUp({ '/api/rtc/calls/c': { status: 404 } }).http.endOf('c')).toBeUndefined();
    expect(await setUp({}).http.endOf('c')).toBeUndefined();
  });
});
