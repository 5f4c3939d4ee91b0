import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { accessTokens } from './access-token.ts';

const SECRET = new TextEncoder().encode('a secret for tests that is long enough');
const ISSUER = 'https://calls.example.com';
const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1000;
const tokens = accessTokens(SECRET, ISSUER);

const HEADER = { alg: 'HS256', typ: 'at+jwt' };
const CLAIMS = {
  iss: ISSUER,
  aud: 'ringdown',
  sub: '7',
  sid: 'session',
  iat: SECONDS,
  nbf: SECONDS,
  exp: SECONDS + 900,
  jti: 'one',
};

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Makes any token whatever, rightly signed for its algorithm unless told otherwise. */
function forge(claims: unknown, header: unknown = HEADER, key: Uint8Array = SECRET, hash = 'sha256'): string {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}
/** The last letter of 32 bytes in base64url has two bits that mean nothing. */
function respelled(token: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + letters[letters.indexOf(token.slice(-1)) ^ 1];
}
const without = (name: keyof typeof CLAIMS) =>
  Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name));

describe('an access token', () => {
  test('names the user and the session, and is good for 15 minutes', async () => {
    const { token, expiresAt } = await tokens.sign({ userId: '7', sessionId: 's' }, NOW);
    expect(expiresAt).toBe(NOW + 15 * 60_000);
    expect(await tokens.check(token, NOW)).toEqual({
      ok: true,
      identity: { userId: '7', sessionId: 's', expiresAt },
    });
    const [header = '', claims = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual(HEADER);
    expect(Object.keys(JSON.parse(Buffer.from(claims, 'base64url').toString())).sort()).toEqual(
      Object.keys(CLAIMS).sort(),
    );
  });

  test('is never the same twice', async () => {
    const identity = { userId: '7', sessionId: 's' };
    expect((await tokens.sign(identity, NOW)).token).not.toBe((await tokens.sign(identity, NOW)).token);
  });

  test('that this test makes by hand is good, so that each change below is what spoils it', async () => {
    expect(await tokens.check(forge(CLAIMS), NOW)).toMatchObject({ ok: true, identity: { userId: '7' } });
  });

  test.each([
    ['at its last second', 899_000, true],
    ['within the 5 s that clocks may differ', 904_000, true],
    ['after them', 906_000, false],
  ])('runs out: %s', async (_name, afterMs, good) => {
    const verdict = await tokens.check(forge(CLAIMS), NOW + afterMs);
    expect(verdict).toMatchObject(good ? { ok: true } : { ok: false, reason: 'token_expired' });
  });

  const bad: [string, string][] = [
    ['nothing', ''],
    ['no token at all', 'hello'],
    ['two parts', forge(CLAIMS).split('.').slice(0, 2).join('.')],
    ['four parts', `${forge(CLAIMS)}.x`],
    ['an empty signature', `${forge(CLAIMS).split('.').slice(0, 2).join('.')}.`],
    ['a blank in its signature', `${forge(CLAIMS).slice(0, -9)} ${forge(CLAIMS).slice(-9)}`],
    ['its signature in another spelling', respelled(forge(CLAIMS))],
    ['a changed claim', forge(CLAIMS).replace(part(CLAIMS), part({ ...CLAIMS, sub: '8' }))],
    ['another key', forge(CLAIMS, HEADER, new TextEncoder().encode('another secret that is long enough too'))],
    ['an empty key', forge(CLAIMS, HEADER, new Uint8Array(1))],
    ['alg none', `${part({ ...HEADER, alg: 'none' })}.${part(CLAIMS)}.`],
    ['alg None', `${part({ ...HEADER, alg: 'None' })}.${part(CLAIMS)}.`],
    ['alg none with our signature', forge(CLAIMS, { ...HEADER, alg: 'none' })],
    ['alg HS512', forge(CLAIMS, { ...HEADER, alg: 'HS512' }, SECRET, 'sha512')],
    ['alg HS384', forge(CLAIMS, { ...HEADER, alg: 'HS384' }, SECRET, 'sha384')],
    ['alg RS256 signed as HMAC', forge(CLAIMS, { ...HEADER, alg: 'RS256' })],
    ['alg missing', forge(CLAIMS, { typ: 'at+jwt' })],
    ['typ JWT', forge(CLAIMS, { ...HEADER, typ: 'JWT' })],
    ['typ missing', forge(CLAIMS, { alg: 'HS256' })],
    ['a key id', forge(CLAIMS, { ...HEADER, kid: '../../dev/null' })],
    ['an embedded key', forge(CLAIMS, { ...HEADER, jwk: { kty: 'oct', k: part('x') } })],
    ['a key set address', forge(CLAIMS, { ...HEADER, jku: 'https://evil.example/keys' })],
    ['a certificate address', forge(CLAIMS, { ...HEADER, x5u: 'https://evil.example/cert' })],
    ['a critical extension', forge(CLAIMS, { ...HEADER, crit: ['b64'], b64: false })],
    ['a header that is no object', forge(CLAIMS, 'null')],
    ['claims that are no object', forge('[]')],
    ['claims that are no JSON', forge('{')],
    ['another issuer', forge({ ...CLAIMS, iss: 'https://calls.example.org' })],
    ['no issuer', forge(without('iss'))],
    ['another audience', forge({ ...CLAIMS, aud: 'other' })],
    ['no audience', forge(without('aud'))],
    ['no subject', forge(without('sub'))],
    ['no session', forge(without('sid'))],
    ['no expiry', forge(without('exp'))],
    ['no beginning', forge(without('nbf'))],
    ['no issue time', forge(without('iat'))],
    ['no token id', forge(without('jti'))],
    ['a beginning in the future', forge({ ...CLAIMS, nbf: SECONDS + 60 })],
    ['an expiry that is a text', forge({ ...CLAIMS, exp: String(SECONDS + 900) })],
    ['a subject that is a number', forge({ ...CLAIMS, sub: 7 })],
    ['a subject that is not canonical', forge({ ...CLAIMS, sub: '07' })],
    ['a subject above 2^53', forge({ ...CLAIMS, sub: '9007199254740993' })],
    ['a session that is an object', forge({ ...CLAIMS, sid: {} })],
    ['more text than any token of ours', forge({ ...CLAIMS, jti: 'x'.repeat(4000) })],
  ];
  test.each(bad)('[T18] is refused with %s', async (_name, token) => {
    expect(await tokens.check(token, NOW)).toEqual({ ok: false, reason: 'unauthenticated' });
  });
});
