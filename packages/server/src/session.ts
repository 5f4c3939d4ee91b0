/** Who is at the other end of a socket. */
import type { Endpoint } from '@ringdown/call';
import type { Language } from '@ringdown/protocol';
import type { Identity } from './auth/auth.ts';

/** An authenticated socket. */
export interface Session {
  /** Made by the service for each socket; fences what older ones of the endpoint still try (I15). */
  readonly sessionId: string;
  readonly endpoint: Endpoint;
  /** The language its texts are written in. */
  readonly language: Language;
  /** Whom its token names; replaced when the client sends a newer token (AU-3). */
  identity: Identity;
}
