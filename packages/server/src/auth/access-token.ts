/** Access tokens: signs and checks them (RFC 7519, RFC 9068, and RFC 8725 for what is refused). Knows no database. */
import { randomUUID } from 'node:crypto';
import { isUserId } from '@ringdown/protocol';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Identity, Verdict } from './auth.ts';

/** How long an access token is good, in ms. */
const LIFETIME_MS = 15 * 60_000;
/** How far clocks may differ. One machine signs and checks, so this only covers the rounding to seconds. */
const LEEWAY_SECONDS = 5;
/** Longest token that is looked at, in characters; ours have about 400. */
const LONGEST = 2_048;
const AUDIENCE = 'ringdown';
const TYPE = 'at+jwt';

/** Signs and checks the tokens of one service. */
export interface AccessTokens {
  /**
   * @param identity.userId canonical id @param identity.sessionId id of the auth session
   * @param now ms since the epoch
   */
  sign(identity: Omit<Identity, 'expiresAt'>, now: number): Promise<{ token: string; expiresAt: number }>;
  /** Judges everything about a token but whether its session still lives. Never throws. */
  check(token: string, now: number): Promise<Verdict>;
}

/**
 * @param secret HS256 key, at least 32 bytes
 * @param issuer the service's public URL
 */
export function accessTokens(secret: Uint8Array, issuer: string): AccessTokens {
  return {
    async sign({ userId, sessionId }, now) {
      const issuedAt = Math.floor(now / 1000);
      const expiry = issuedAt + LIFETIME_MS / 1000;
      const token = await new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(expiry)
        .setJti(randomUUID())
        .sign(secret);
      return { token, expiresAt: expiry * 1000 };
    },

    async check(token, now) {
      const refused: Verdict = { ok: false, reason: 'unauthenticated' };
      if (token.length > LONGEST || !isCanonical(token.slice(token.lastIndexOf('.') + 1))) return refused;
      try {
        const { payload, protectedHeader } = await jwtVerify(token, secret, {
          algorithms: ['HS256'],
          typ: TYPE,
          issuer,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'sid', 'exp', 'nbf', 'iat', 'jti'],
          clockTolerance: LEEWAY_SECONDS,
          currentDate: new Date(now),
        });
        // Nothing may point at another key (`jku`, `jwk`, `x5u`, `kid`), whatever a library makes of it.
        if (Object.keys(protectedHeader).some((key) => key !== 'alg' && key !== 'typ')) return refused;
        const { sub, sid, exp } = payload;
        // jose does not check the type of `sub`.
        if (typeof sub !== 'string' || !isUserId(sub) || typeof sid !== 'string' || exp === undefined) return refused;
        return { ok: true, identity: { userId: sub, sessionId: sid, expiresAt: exp * 1000 } };
      } catch (error) {
        return error instanceof errors.JWTExpired ? { ok: false, reason: 'token_expired' } : refused;
      }
    },
  };
}

/**
 * Whether a signature is written in the one way there is: a library may read over blanks and unused bits (RFC 4648 §3.5),
 * and then one token would have several spellings.
 */
function isCanonical(base64url: string): boolean {
  return Buffer.from(base64url, 'base64url').toString('base64url') === base64url;
}
