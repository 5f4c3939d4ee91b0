import { describe, expect, it } from 'vitest';
import { askToken, replaceAfterMs } from './token.ts';

const jwt = (payload: object) => `e30.${btoa(JSON.stringify(payload)).replaceAll('=', '')}.c2ln`;

describe('a token', () => {
  it.each([
    ['a text', 'opaque', undefined],
    ['a JWT', jwt({ exp: 1_800_000_000 }), 1_800_000_000_000],
    ['a JWT without an end', jwt({ sub: '1' }), undefined],
    ['a JWT of nonsense', 'a.!.c', undefined],
    ['a JWT that says nothing', `e30.${btoa('null')}.c2ln`, undefined],
    ['with its end in ms', { token: 'x', expiresAt: 1_700_000_000_000 }, 1_700_000_000_000],
    ['with its end as ISO 8601', { token: 'x', expiresAt: '2023-11-14T22:13:20.000Z' }, 1_700_000_000_000],
    ['with an end that is none', { token: jwt({ exp: 7 }), expiresAt: 'soon' }, 7_000],
    ['in an object without an end', { token: jwt({ exp: 7 }) }, 7_000],
  ])('%s tells when it ends, if it does', async (_, given, expiresAt) => {
    expect((await askToken(() => given)).expiresAt).toBe(expiresAt);
  });

  it('is replaced a minute before its end, a short one after three quarters of its life', () => {
    const fresh = (expiresAt: number | undefined) => ({ token: '', expiresAt });
    expect(replaceAfterMs(fresh(3_600_000), 0)).toBe(3_540_000);
    expect(replaceAfterMs(fresh(40_000), 0)).toBe(30_000);
    expect(replaceAfterMs(fresh(4_000), 0)).toBe(10_000);
    expect(replaceAfterMs(fresh(undefined), 0)).toBeUndefined();
    expect(replaceAfterMs(fresh(5_000), 5_000)).toBeUndefined();
  });
});
