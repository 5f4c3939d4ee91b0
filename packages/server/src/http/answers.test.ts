import { explainMismatch, RestFailure } from '@ringdown/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TooManyHashes } from '../auth/password.ts';
import { type TestApp, testApp } from './app-for-tests.ts';

let it: TestApp;
beforeAll(async () => {
  it = await testApp();
});
afterAll(() => it.close());

describe('every answer', () => {
  test('that fails has the one shape, with its code as the status', async () => {
    for (const [method, path] of [
      ['GET', '/api/nothing'],
      ['GET', '/nothing'],
      ['PUT', '/api/auth/login'],
      ['DELETE', '/api/users/me'],
      ['POST', '/livez'],
      ['GET', '/api/users/me'],
      ['POST', '/api/auth/login'],
    ] as const) {
      const { status, json } = await it.ask(method, path, method === 'POST' ? { body: {} } : {});
      expect(explainMismatch(RestFailure, json)).toBeUndefined();
      expect(json.error['code']).toBe(status);
    }
  });

  test('speaks the language that was asked for', async () => {
    const say = async (language: string) =>
      (await it.ask('GET', '/api/users/me', { headers: { 'accept-language': language } })).json.error['message'];
    expect(await say('zh-TW,zh;q=0.9,en;q=0.5')).toBe('请先登录。');
    expect(await say('de,en;q=0.5')).toBe('Please sign in.');
    expect(await say('')).toBe('Please sign in.');
  });

  test('to a fault of the service tells nothing of it but an id to look for in the log', async () => {
    const broken = await testApp(
      {},
      { friendships: { ...it.people.friendships, list: () => Promise.reject(new Error('canary')) } },
    );
    const { token } = await broken.people.authenticator.begin((await broken.signUp('alice')).id);
    broken.logged.length = 0;
    const { status, json } = await broken.ask('GET', '/api/friends', { token });
    expect(status).toBe(500);
    expect(json.error).toEqual({
      message: 'Something went wrong on our side.',
      code: 500,
      reason: 'internal',
      correlationId: expect.any(String),
    });
    expect(broken.logged.map((line) => JSON.parse(line))).toMatchObject([
      { correlationId: json.error['correlationId'], method: 'GET', route: '/api/friends', err: { message: 'canary' } },
    ]);
    await broken.close();
  });

  test('to a body that breaks off says so, and is no fault of the service', async () => {
    const cut = new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"username":'));
        stream.error(new Error('aborted'));
      },
    });
    const logged = it.logged.length;
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: cut, duplex: 'half' };
    const request = new Request('http://localhost/api/auth/login', init);
    const response = await it.app.request(request);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { reason: 'invalid_payload' } });
    expect(it.logged.length).toBe(logged);
  });

  test('to more passwords than can be hashed in time asks to come back', async () => {
    const busy = await testApp(
      {},
      { accounts: { ...it.people.accounts, login: () => Promise.reject(new TooManyHashes()) } },
    );
    const { status, headers } = await busy.ask('POST', '/api/auth/login', {
      body: { username: 'alice', password: 'x' },
    });
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    await busy.close();
  });

  test('[T30] protects pages: nothing foreign is loaded, nobody frames them, camera and microphone are theirs', async () => {
    const { headers } = await it.ask('GET', '/livez');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers.get('permissions-policy')).toContain('camera=(self), microphone=(self)');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
    const secure = await testApp({ publicUrl: 'https://calls.example.com' });
    expect((await secure.ask('GET', '/livez')).headers.get('strict-transport-security')).toBe('max-age=31536000');
    await secure.close();
  });

  test.each([
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://localhost:8081', null],
    ['https://localhost:8080', null],
    ['http://localhost:8080.evil.example', null],
    ['http://LOCALHOST:8080', null],
    ['null', null],
  ])('[T16] may be read by a page of an allowed origin alone: %s', async (origin, allowed) => {
    const preflight = await it.ask('OPTIONS', '/api/users/me', {
      headers: { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed);
    const { headers } = await it.ask('GET', '/api/users/me', { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(allowed);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the health of the service', () => {
  test('lives and is ready, until it stops taking new work', async () => {
    expect((await it.ask('GET', '/livez')).status).toBe(200);
    expect((await it.ask('GET', '/readyz')).status).toBe(200);
    it.ready = false;
    expect((await it.ask('GET', '/livez')).status).toBe(200);
    expect((await it.ask('GET', '/readyz')).json.error).toMatchObject({ code: 503, reason: 'draining' });
    it.ready = true;
  });
});
