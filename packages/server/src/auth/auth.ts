/** The authentication port: what the socket and the REST door need to know of tokens. */
import type { ErrorReason } from '@ringdown/protocol';

/** Whom a good access token names. */
export interface Identity {
  /** Canonical wire id. */
  readonly userId: string;
  /** The auth session (`sid` claim) the token belongs to. */
  readonly sessionId: string;
  /** When the token runs out, ms since the epoch. */
  readonly expiresAt: number;
}

/** A verdict on a token. */
export type Verdict =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: Extract<ErrorReason, 'unauthenticated' | 'token_expired'> };

/** Whose sockets must go: one auth session's, or all of a user's. */
export interface Revocation {
  readonly userId: string;
  /** Absent: every session of the user. */
  readonly sessionId?: string;
}

/** The authentication port. */
export interface Authenticator {
  /**
   * Judges an access token: signature, algorithm, `typ`, `iss`, `aud`, `exp`, `nbf`, and that its session still lives.
   * Never throws for a bad token. @throws when the database cannot be read
   */
  verify(token: string): Promise<Verdict>;
  /**
   * Calls back, at once, whenever tokens die before their time (logout, password change, deletion).
   * @returns stops calling back
   */
  onRevoked(listener: (revoked: Revocation) => void): () => void;
}
