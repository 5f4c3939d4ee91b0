/** Access tokens: whatever comes, only what the service itself could have signed, for now and for itself, is good (T18). */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { accessTokens } from '../../../packages/server/src/auth/access-token.ts';
import { hostile } from '../inputs/hostile.ts';
import { CANARY } from '../inputs/words.ts';
import { expect, type Target } from '../target.ts';

const SECRET = new TextEncoder().encode('a secret for tests that is long enough');
const OTHER_SECRET = new TextEncoder().encode('another secret that is long enough too');
const ISSUER = 'https://calls.example.com';
const NOW_MS = 1_800_000_000_000;
const NOW_S = NOW_MS / 1000;
/** How far clocks may differ. */
const LEEWAY_S = 5;
const LONGEST = 2_048;

const HEADER = { alg: 'HS256', typ: 'at+jwt' };
const CLAIMS = {
  iss: ISSUER,
  aud: 'ringdown',
  sub: '7',
  sid: CANARY,
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 900,
  jti: 'one',
};
/** How the two parts of an input become a token; the first line of it. */
const WAYS = ['signed', 'HS384', 'HS512', 'otherKey', 'unsigned', 'noSignature', 'raw'] as const;

const encoded = (text: string) => Buffer.from(text, 'utf8').toString('base64url');

/** Opens it. An input is a line with the way, a line with the header, and the claims. */
export function open(): Target {
  const tokens = accessTokens(SECRET, ISSUER);
  const words = [
    ...Object.keys(CLAIMS),
    ...Object.keys(HEADER),
    ...WAYS,
    'none',
    'crit',
    'b64',
    'kid',
    'jwk',
    'jku',
    'x5u',
    'cty',
    'zip',
  ];
  const claims = fc.record(
    Object.fromEntries(
      Object.entries(CLAIMS).map(([name, right]) => [
        name,
        fc.oneof(
          { weight: 6, arbitrary: fc.constant(right as unknown) },
          { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
        ),
      ]),
    ),
    { requiredKeys: ['iss', 'aud', 'sub', 'sid', 'exp'], noNullPrototype: true },
  );
  const header = fc.oneof(
    { weight: 6, arbitrary: fc.constant(HEADER as object) },
    { weight: 1, arbitrary: fc.object({ maxDepth: 2 }) },
  );
  const parts = fc.tuple(
    fc.oneof({ weight: 6, arbitrary: fc.constant('signed') }, { weight: 1, arbitrary: fc.constantFrom(...WAYS) }),
    hostile(
      header.map((each) => JSON.stringify(each)),
      words,
    ),
    hostile(
      claims.map((each) => JSON.stringify(each)),
      words,
    ),
  );
  return {
    inputs: fc.oneof(
      { weight: 9, arbitrary: parts.map((each) => each.join('\n')) },
      {
        weight: 1,
        arbitrary: hostile(fc.constant(`raw\n${tokenOf(['signed', JSON.stringify(HEADER), JSON.stringify(CLAIMS)])}`)),
      },
    ),
    words,
    about: ['packages/server/src/auth/access-token.ts'],
    async run(input) {
      const [way = '', head = '', ...rest] = input.split('\n');
      const token = tokenOf([way, head, rest.join('\n')]);
      const verdict = await tokens.check(token, NOW_MS);
      const rightful = judged(token);
      if (!verdict.ok) {
        expect(['unauthenticated', 'token_expired'].includes(verdict.reason), 'a refusal has no reason of the table');
        expect(Object.keys(verdict).length === 2, 'a refusal says more than its reason');
        expect(rightful === undefined, 'a rightful token is refused');
        return `${(WAYS as readonly string[]).includes(way) ? way : '?'} ${verdict.reason} ${Math.min(4, token.split('.').length)}`;
      }
      expect(rightful !== undefined, 'a token that the service could not have signed is good');
      const { identity } = verdict;
      expect(identity.userId === rightful.sub && identity.sessionId === rightful.sid, 'a token names somebody else');
      expect(identity.expiresAt === rightful.exp * 1000, 'a token runs out at another time than it says');
      return `good ${Object.keys(rightful).length}`;
    },
  };
}

function tokenOf([way = '', head = '', claims = '']: readonly string[]): string {
  if (way === 'raw') return head + claims;
  const signed = `${encoded(head)}.${encoded(claims)}`;
  const by = (hash: string, key: Uint8Array) => `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
  switch (way) {
    case 'signed':
      return by('sha256', SECRET);
    case 'HS384':
      return by('sha384', SECRET);
    case 'HS512':
      return by('sha512', SECRET);
    case 'otherKey':
      return by('sha256', OTHER_SECRET);
    case 'unsigned':
      return signed;
    default:
      return `${signed}.`;
  }
}

/** Judges a token by hand, from RFC 7515 and 7519 alone. @returns its claims; undefined when it is not good */
function judged(token: string): { sub: string; sid: string; exp: number } | undefined {
  if (token.length > LONGEST) return undefined;
  const [head, claims, signature, ...more] = token.split('.');
  if (head === undefined || claims === undefined || signature === undefined || more.length > 0) return undefined;
  if (createHmac('sha256', SECRET).update(`${head}.${claims}`).digest('base64url') !== signature) return undefined;
  const header = decoded(head);
  const payload = decoded(claims);
  if (!header || !payload) return undefined;
  if (Object.keys(header).some((key) => key !== 'alg' && key !== 'typ')) return undefined;
  const { alg, typ } = header;
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  if (alg !== 'HS256' || type !== 'at+jwt') return undefined;
  const { iss, aud, sub, sid, exp, nbf, iat, jti } = payload;
  if (iss !== ISSUER || !(aud === 'ringdown' || (Array.isArray(aud) && aud.includes('ringdown')))) return undefined;
  const times = [exp, nbf, iat].every((time) => typeof time === 'number');
  if (!times || jti === undefined || typeof sub !== 'string' || typeof sid !== 'string') return undefined;
  if (!/^[1-9]\d{0,15}$/.test(sub) || Number(sub) > Number.MAX_SAFE_INTEGER) return undefined;
  if ((exp as number) <= NOW_S - LEEWAY_S || (nbf as number) > NOW_S + LEEWAY_S) return undefined;
  return { sub, sid, exp: exp as number };
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8').decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
