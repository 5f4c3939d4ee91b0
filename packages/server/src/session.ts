/** Who is at the other end of a socket. */
import { type Endpoint, isPlain } from '@ringdown/call';
import type { Capability, Language } from '@ringdown/protocol';
import type { Identity } from './auth/auth.ts';

/** An authenticated socket that may take and make calls: a plain one at once, an extended one after its hello. */
export interface Session {
  /** Made by the service for each socket; fences what older ones of the endpoint still try (I15). */
  readonly sessionId: string;
  readonly endpoint: Endpoint;
  /** The language its texts are written in. */
  readonly language: Language;
  /** What its client can do; empty for a plain session. */
  readonly capabilities: readonly Capability[];
  /** Whom its token names; replaced when the client sends a newer token (AU-3). */
  identity: Identity;
}

/** Whether a session has said hello, and so understands more than the contract. */
export function isExtended(session: Session): boolean {
  return !isPlain(session.endpoint);
}
