import { explainMismatch, REST_DATA } from '@ringdown/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Revocation } from '../auth/auth.ts';
import { PASSWORD, type Someone, type TestApp, testApp } from './app-for-tests.ts';

// A password hash takes 0.2 s, on a busy machine several times that.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let alice: Someone;
let it: TestApp;
beforeAll(async () => {
  it = await testApp();
  alice = await it.signUp('alice');
});
afterAll(() => it.close());

describe('signing up and in', () => {
  test('gives tokens that open what is behind them', async () => {
    const { status, json } = await it.ask('POST', '/api/auth/login', {
      body: { username: alice.username, password: PASSWORD },
    });
    expect(status).toBe(200);
    expect(explainMismatch(REST_DATA.session, json.data)).toBeUndefined();
    const { token } = json.data as { token: string };
    const me = await it.ask('GET', '/api/users/me', { token });
    expect(me.json.data).toMatchObject({ user: { id: alice.id, username: alice.username } });
  });

  test('[T25] answers a wrong password and a name nobody has with the same bytes', async () => {
    const wrong = await it.ask('POST', '/api/auth/login', {
      body: { username: alice.username, password: 'wrong horse' },
    });
    const unknown = await it.ask('POST', '/api/auth/login', { body: { username: 'nobody', password: 'wrong horse' } });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(401);
    expect(unknown.text).toBe(wrong.text);
    expect([...unknown.headers]).toEqual([...wrong.headers]);
  });

  test('does not give a name twice, whatever its case', async () => {
    const { json } = await it.ask('POST', '/api/auth/register', {
      body: { username: alice.username.toUpperCase(), password: PASSWORD },
    });
    expect(json.error).toMatchObject({ code: 409, reason: 'username_taken' });
  });

  test('ignores what a client may not choose', async () => {
    const { json } = await it.ask('POST', '/api/auth/register', {
      body: `{"username":"mallory","password":"${PASSWORD}","id":"1","external_id":"x","__proto__":{"admin":true},"constructor":1}`,
    });
    const { user } = json.data as { user: { id: string } };
    expect(user.id).not.toBe('1');
    expect(Object.keys(user).sort()).toEqual(['avatar', 'id', 'username']);
    expect(({} as { admin?: true }).admin).toBeUndefined();
  });

  test('goes on by the refresh token, which changes', async () => {
    const dave = await it.signUp('dave');
    const { json } = await it.ask('POST', '/api/auth/refresh', { body: { refreshToken: dave.refreshToken } });
    expect(explainMismatch(REST_DATA.session, json.data)).toBeUndefined();
    const next = json.data as { refreshToken: string; token: string };
    expect(next.refreshToken).not.toBe(dave.refreshToken);
    expect((await it.ask('GET', '/api/users/me', { token: next.token })).status).toBe(200);
    const bad = await it.ask('POST', '/api/auth/refresh', { body: { refreshToken: 'made up' } });
    expect(bad.json.error).toMatchObject({ code: 401, reason: 'unauthenticated' });
  });

  test('ends by logging out: here alone, or everywhere', async () => {
    const heard: Revocation[] = [];
    const stop = it.people.authenticator.onRevoked((revoked) => heard.push(revoked));
    const dave = await it.signUp('dave');
    const other = await it.people.authenticator.begin(dave.id);
    const status = async (token: string) => (await it.ask('GET', '/api/users/me', { token })).status;

    expect((await it.ask('POST', '/api/auth/logout', { token: dave.token })).status).toBe(200);
    expect([await status(dave.token), await status(other.token)]).toEqual([401, 200]);
    expect(heard).toEqual([{ userId: dave.id, sessionId: expect.any(String) }]);

    const third = await it.people.authenticator.begin(dave.id);
    expect((await it.ask('POST', '/api/auth/logout', { token: other.token, body: { everywhere: true } })).status).toBe(
      200,
    );
    expect([await status(other.token), await status(third.token)]).toEqual([401, 401]);
    expect(heard[1]).toEqual({ userId: dave.id });
    stop();
  });

  test('keeps only the device that changed the password signed in', async () => {
    const dave = await it.signUp('dave');
    const other = await it.people.authenticator.begin(dave.id);
    const change = (currentPassword: string) =>
      it.ask('PUT', '/api/users/me/password', {
        token: dave.token,
        body: { currentPassword, newPassword: 'battery staple' },
      });
    expect((await change('wrong horse')).json.error).toMatchObject({ code: 403, reason: 'wrong_password' });
    const { token } = (await change(PASSWORD)).json.data as { token: string };
    for (const [each, expected] of [
      [dave.token, 401],
      [other.token, 401],
      [token, 200],
    ] as const) {
      expect((await it.ask('GET', '/api/users/me', { token: each })).status).toBe(expected);
    }
  });
});
