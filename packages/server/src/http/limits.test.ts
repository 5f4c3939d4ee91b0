import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../config.ts';
import { PASSWORD, type TestApp, testApp } from './app-for-tests.ts';

// A password hash takes 0.2 s, on a busy machine several times that.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let it: TestApp;
beforeAll(async () => {
  const limits = {
    ...DEFAULT_LIMITS,
    failedLoginsPer30Minutes: 2,
    registrationsPerHour: 2,
    iceServersPer10Minutes: 2,
  };
  it = await testApp({ limits, trustedProxies: ['10.0.0.1'] });
});
afterAll(() => it.close());

const register = (username: string, remoteAddress: string, headers = {}) =>
  it.ask('POST', '/api/auth/register', { body: { username, password: PASSWORD }, remoteAddress, headers });
const login = (password: string, remoteAddress: string) =>
  it.ask('POST', '/api/auth/login', { body: { username: 'limited', password }, remoteAddress });

describe('a limit', () => {
  test('on sign-ups counts an address, says how long to wait, and counts taken names too', async () => {
    expect((await register('limited', '198.51.100.1')).status).toBe(200);
    expect((await register('limited', '198.51.100.1')).status).toBe(409);
    const refused = await register('other', '198.51.100.1');
    expect(refused.json.error).toMatchObject({ code: 429, reason: 'rate_limited', retryAfterMs: expect.any(Number) });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
    expect((await register('limited', '198.51.100.2')).status).toBe(409);
  });

  test('[T42] counts the client behind a trusted proxy, and nobody can pretend to be behind one', async () => {
    const behind = (client: string) => ({ 'x-forwarded-for': `192.0.2.${Math.random()}, ${client}` });
    for (const status of [409, 409, 429]) {
      expect((await register('limited', '10.0.0.1', behind('198.51.100.9'))).status).toBe(status);
    }
    expect((await register('limited', '10.0.0.1', behind('198.51.100.10'))).status).toBe(409);
    expect((await register('limited', '198.51.100.1', behind('198.51.100.11'))).status).toBe(429);
  });

  test('on failed logins counts a name and address, and holds for the right password too', async () => {
    expect((await login('wrong horse', '198.51.100.1')).status).toBe(401);
    expect((await login(PASSWORD, '198.51.100.1')).status).toBe(200);
    for (let failures = 0; failures < 2; failures += 1) {
      expect((await login('wrong horse', '198.51.100.1')).status).toBe(401);
    }
    expect((await login(PASSWORD, '198.51.100.1')).json.error).toMatchObject({ code: 429, reason: 'rate_limited' });
    expect((await login(PASSWORD, '198.51.100.2')).status).toBe(200);
  });

  test('on failed logins is the same for guesses by who holds a token', async () => {
    const { token } = (await login(PASSWORD, '198.51.100.7')).json.data as { token: string };
    const guess = async () => {
      const body = { currentPassword: 'wrong horse', newPassword: 'battery staple' };
      return (await it.ask('PUT', '/api/users/me/password', { token, body })).status;
    };
    expect([await guess(), await guess(), await guess()]).toEqual([403, 403, 429]);
  });

  test('[T50] on ICE servers counts a user, wherever they are', async () => {
    const { token } = (await login(PASSWORD, '198.51.100.3')).json.data as { token: string };
    const fetchFrom = (remoteAddress: string) => it.ask('GET', '/api/rtc/ice-servers', { token, remoteAddress });
    expect((await fetchFrom('198.51.100.4')).status).toBe(200);
    expect((await fetchFrom('198.51.100.5')).status).toBe(200);
    const refused = await fetchFrom('198.51.100.6');
    expect(refused.json.error).toMatchObject({ code: 429, retryAfterMs: expect.any(Number) });
  });
});
