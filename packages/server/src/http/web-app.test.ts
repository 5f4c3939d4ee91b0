import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../log.ts';
import type { People } from '../people.ts';
import { testConfig, testFolder, testPeople } from '../people-for-tests.ts';
import { createHttpApp } from './app.ts';
import { NO_CALLS } from './app-for-tests.ts';
import type { App } from './operation.ts';

const PAGE = '<!doctype html><title>Ringdown</title>';
const SCRIPT = `console.log('${'ring '.repeat(1000)}')`;
let folder: ReturnType<typeof testFolder>;
let people: People;
let app: App;

beforeAll(async () => {
  folder = testFolder();
  const webRoot = join(folder.path, 'dist');
  mkdirSync(join(webRoot, 'assets'), { recursive: true });
  writeFileSync(join(folder.path, 'secret.txt'), 'secret');
  writeFileSync(join(webRoot, 'index.html'), PAGE);
  writeFileSync(join(webRoot, 'sw.js'), '1');
  writeFileSync(join(webRoot, 'app.webmanifest'), '{}');
  writeFileSync(join(webRoot, 'assets', 'index-Bx3_9-aZ.js'), SCRIPT);
  people = await testPeople();
  app = createHttpApp({
    config: testConfig(),
    log: createLogger({ level: 'silent' }),
    people,
    liveCalls: NO_CALLS,
    ready: () => true,
    webRoot,
  });
});
afterAll(async () => {
  await people.close();
  folder.remove();
});

describe('the web app', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/index.html', 'text/html; charset=utf-8', 'no-cache'],
    ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/app.webmanifest', 'application/manifest+json; charset=utf-8', 'no-cache'],
    ['/assets/index-Bx3_9-aZ.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ])('is served: %s', async (path, type, cacheControl) => {
    const response = await app.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('cache-control')).toBe(cacheControl);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('opens a page of its own at any address a browser navigates to', async () => {
    for (const path of ['/history', '/groups/g_1', '/call/with.dots']) {
      const response = await app.request(path, { headers: { accept: 'text/html,application/xhtml+xml' } });
      expect([response.status, await response.text()]).toEqual([200, PAGE]);
    }
  });

  test.each([
    ['/history', undefined, 'GET'],
    ['/assets/missing-Bx3_9-aZ.js', '*/*', 'GET'],
    ['/api/missing', 'text/html', 'GET'],
    ['/', 'text/html', 'POST'],
    ['/../secret.txt', '*/*', 'GET'],
    ['/%2e%2e/secret.txt', '*/*', 'GET'],
    ['/..%2fsecret.txt', '*/*', 'GET'],
    ['/assets/../../secret.txt', '*/*', 'GET'],
  ])('answers what it does not have as every other failure: %s (%s)', async (path, accept, method) => {
    const response = await app.request(path, { method, ...(accept === undefined ? {} : { headers: { accept } }) });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ success: false, error: { code: 404, reason: 'not_found' } });
  });

  test('is not sent again while it has not changed', async () => {
    const first = await app.request('/');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [etag, `"other", W/${etag}`]) {
      const again = await app.request('/', { headers: { 'if-none-match': known } });
      expect([again.status, await again.text()]).toEqual([304, '']);
    }
    expect((await app.request('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('is packed for who takes it so', async () => {
    const path = '/assets/index-Bx3_9-aZ.js';
    const packed = await app.request(path, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.headers.get('vary')).toContain('Accept-Encoding');
    expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(SCRIPT);
    const plain = await app.request(path);
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(await plain.text()).toBe(SCRIPT);
  });

  test('answers HEAD as GET without the body', async () => {
    const response = await app.request('/', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('an avatar', () => {
  test('[T30] follows from its name, for ever, and is a picture that loads nothing and runs nothing', async () => {
    const response = await app.request('/avatars/ae6d1a1da55a7604.svg');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/svg+xml');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const svg = await response.text();
    expect(svg).toBe(await (await app.request('/avatars/ae6d1a1da55a7604.svg')).text());
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>$/);
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/script|href|http|on\w+=|NaN|undefined/);
    expect(svg).not.toBe(await (await app.request('/avatars/another.svg')).text());
  });

  test.each([
    '/avatars/A.svg',
    '/avatars/a.png',
    '/avatars/.svg',
    `/avatars/${'a'.repeat(33)}.svg`,
    '/avatars/a b.svg',
  ])('has no other kind of name: %s', async (path) => {
    expect((await app.request(path)).status).toBe(404);
  });
});
