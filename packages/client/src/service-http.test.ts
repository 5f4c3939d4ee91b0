import { describe, expect, it } from 'vitest';
import { ServiceHttp } from './service-http.ts';

/** A REST door that answers each path with a status and a body, and remembers what it was asked. */
function setUp(answers: Record<string, { status?: number; body?: unknown; broken?: boolean }>) {
  const asked: { url: string; authorization: string | null }[] = [];
  const http = new ServiceHttp({
    httpBase: 'https://service.test',
    token: async () => 'secret',
    platform: {
      fetch: async (url, init) => {
        asked.push({ url, authorization: new Headers(init.headers).get('authorization') });
        const answer = answers[url.replace('https://service.test', '')];
        if (!answer || answer.broken) throw new TypeError('no network');
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

describe('admittance', () => {
  it.each([
    [{ status: 200 }, 'welcome'],
    [{ status: 401 }, 'refused'],
    [{ status: 403 }, 'refused'],
    [{ status: 429 }, 'unknown'],
    [{ status: 503 }, 'unknown'],
    [{ broken: true }, 'unknown'],
  ])('%j is %s', async (answer, admittance) => {
    const { http } = setUp({ [ICE]: answer });
    expect(await http.admittance('token')).toBe(admittance);
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
