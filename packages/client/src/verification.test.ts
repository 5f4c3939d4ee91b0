import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOJI, securityCodeOf } from './verification.ts';

const sha256 = async (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const fingerprint = (byte: string) => Array(32).fill(byte).join(':');
const sdp = (...values: string[]) =>
  ['v=0', 's=-', ...values.map((value) => `a=fingerprint:sha-256 ${value}`), 'a=setup:actpass', ''].join('\r\n');
const codeOf = async (local: string, remote: string) =>
  (await securityCodeOf(local, remote, sha256))?.map((sign) => sign.name).join(' ');

const ANNA = sdp(fingerprint('AA'));
const BEN = sdp(fingerprint('0B'));
const MALLORY = sdp(fingerprint('3C'));

describe('verification', () => {
  it('the table has 64 signs, each with a name of its own in one word', () => {
    expect(EMOJI).toHaveLength(64);
    expect(new Set(EMOJI.map(({ emoji }) => emoji)).size).toBe(64);
    expect(new Set(EMOJI.map(({ name }) => name)).size).toBe(64);
    for (const { name } of EMOJI) expect(name).toMatch(/^[a-z]+$/);
  });

  it('the derivation is the documented one: it may not change for the same label', async () => {
    const first = `sha-256 ${fingerprint('0B')}`;
    const second = `sha-256 ${fingerprint('AA')}`;
    const digest = createHash('sha256').update(`ringdown security code 1\n${first}\n${second}`).digest();
    let number = BigInt(`0x${digest.toString('hex')}`) >> (256n - 42n);
    const places: number[] = [];
    for (let place = 0; place < 7; place += 1) {
      places.unshift(Number(number & 63n));
      number >>= 6n;
    }
    expect(await codeOf(ANNA, BEN)).toBe(places.map((place) => EMOJI[place]?.name).join(' '));
    expect(await codeOf(ANNA, BEN)).toBe('pineapple hedgehog sunflower giraffe trumpet tent palm');
  });

  it('both sides see the same seven signs', async () => {
    const code = await codeOf(ANNA, BEN);
    expect(code?.split(' ')).toHaveLength(7);
    expect(await codeOf(BEN, ANNA)).toBe(code);
  });

  it('somebody in between is seen: with a swapped fingerprint the two codes differ', async () => {
    const atAnna = await codeOf(ANNA, MALLORY);
    const atBen = await codeOf(BEN, MALLORY);
    expect(atAnna).not.toBe(atBen);
    expect(atAnna).not.toBe(await codeOf(ANNA, BEN));
  });

  it('a fingerprint that was slipped in beside the right one is seen', async () => {
    expect(await codeOf(ANNA, sdp(fingerprint('0B'), fingerprint('3C')))).not.toBe(await codeOf(ANNA, BEN));
  });

  it('how a fingerprint is spelled, repeated or placed makes no difference', async () => {
    const spelled = `v=0\na=fingerprint:SHA-256 ${fingerprint('0b')}\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=fingerprint:sha-256 ${fingerprint('0B')}\n`;
    expect(await codeOf(ANNA, spelled)).toBe(await codeOf(ANNA, BEN));
    const two = sdp(fingerprint('0B'), fingerprint('1D'));
    const swapped = sdp(fingerprint('1D'), fingerprint('0B'));
    expect(await codeOf(ANNA, two)).toBe(await codeOf(ANNA, swapped));
  });

  it('without a fingerprint there is no code', async () => {
    expect(await codeOf(ANNA, 'v=0\r\n')).toBeUndefined();
    expect(await codeOf('', BEN)).toBeUndefined();
  });

  it('any two certificates give both sides one code, any third another one', async () => {
    const value = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { minLength: 3, maxLength: 3 }), async ([a = '', b = '', c = '']) => {
        expect(await codeOf(sdp(a), sdp(b))).toBe(await codeOf(sdp(b), sdp(a)));
        expect(await codeOf(sdp(a), sdp(c))).not.toBe(await codeOf(sdp(a), sdp(b)));
      }),
    );
  });
});
