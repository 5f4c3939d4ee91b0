/** The application's tokens: asked for, and how long each is good. Touches the application's provider and nothing else. */

/** What an application may give as token: the text alone, or with the end of its life. */
export type Token =
  | string
  | {
      readonly token: string;
      /** When it ends: ms since 1970, or ISO 8601. Without it the `exp` of a JWT counts (RFC 7519 §4.1.4). */
      readonly expiresAt?: number | string | undefined;
    };

/** Gives a token, see {@link RingdownClientOptions.token}. */
export type TokenProvider = () => Promise<Token> | Token;

/** A token, and when it ends, ms since 1970, as far as that can be told. */
export interface FreshToken {
  readonly token: string;
  readonly expiresAt: number | undefined;
}

/** A token is replaced this long before its end, ms, or after three quarters of its life if that is shorter. */
const EARLY_MS = 60_000;
/** Sooner than this, ms, no token is asked for again: whoever says otherwise has another clock than ours. */
const SOONEST_MS = 10_000;

/** Asks for a token. @throws what the application throws */
export async function askToken(provider: TokenProvider): Promise<FreshToken> {
  const given = await provider();
  if (typeof given === 'string') return { token: given, expiresAt: expiryOf(given) };
  const { token, expiresAt } = given;
  const end = typeof expiresAt === 'string' ? Date.parse(expiresAt) : expiresAt;
  return { token, expiresAt: end !== undefined && Number.isFinite(end) ? end : expiryOf(token) };
}

/**
 * How long to wait before a token is replaced.
 * @param now ms since 1970 by the clock that the end of the token is told by
 * @returns ms; undefined when the end is not known, or is over already: the service took the token, so one of the
 *   clocks is wrong, and its own word is waited for (AU-3)
 */
export function replaceAfterMs({ expiresAt }: FreshToken, now: number): number | undefined {
  if (expiresAt === undefined || expiresAt <= now) return undefined;
  const lifeMs = expiresAt - now;
  return Math.max(SOONEST_MS, lifeMs - Math.min(EARLY_MS, lifeMs / 4));
}

/** The `exp` of a JWT, ms since 1970. Nothing is verified here: that is the service's business. */
function expiryOf(token: string): number | undefined {
  try {
    const payload = token.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/');
    if (!payload) return undefined;
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
