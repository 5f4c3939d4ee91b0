/**
 * Every error and close code of the protocol: the number, the stable word, and what a client should do about it.
 * The service writes from these tables, and clients go by the rules beside them, which say the same; nothing else in the project spells a code. What each
 * means stands in `meanings.ts`, so that no browser loads prose.
 */

interface ErrorRow {
  /** HTTP-like number, sent as `code`. */
  readonly code: number;
  /** Whether the same request may succeed later without any change to it. */
  readonly retry: boolean;
}

// Marked pure, so that a bundler leaves the table out where nothing reads it.
/** Errors, by their stable `reason` word. */
export const ERRORS = /* @__PURE__ */ Object.freeze({
  invalid_json: { code: 400, retry: false },
  invalid_payload: { code: 400, retry: false },
  unsupported_version: { code: 400, retry: false },
  unauthenticated: { code: 401, retry: false },
  token_expired: { code: 401, retry: false },
  not_allowed: { code: 403, retry: false },
  not_participant: { code: 403, retry: false },
  receiver_mismatch: { code: 403, retry: false },
  not_owner: { code: 403, retry: false },
  wrong_password: { code: 403, retry: false },
  self_call: { code: 403, retry: false },
  receiver_not_found: { code: 404, retry: false },
  call_not_found: { code: 404, retry: false },
  not_found: { code: 404, retry: false },
  glare: { code: 409, retry: false },
  already_in_call: { code: 409, retry: false },
  answered_elsewhere: { code: 409, retry: false },
  invalid_state: { code: 409, retry: false },
  negotiation_collision: { code: 409, retry: true },
  stale_negotiation: { code: 409, retry: false },
  peer_unsupported: { code: 409, retry: false },
  duplicate_id: { code: 409, retry: false },
  username_taken: { code: 409, retry: false },
  call_ended: { code: 410, retry: false },
  too_large: { code: 413, retry: false },
  rate_limited: { code: 429, retry: true },
  internal: { code: 500, retry: true },
  draining: { code: 503, retry: true },
  overloaded: { code: 503, retry: true },
  relay_unavailable: { code: 503, retry: false },
} satisfies Record<string, ErrorRow>);

/** The stable word of an error. */
export type ErrorReason = keyof typeof ERRORS;

/** The rows of {@link ERRORS} with `retry`, for clients: a browser then need not load the table. */
const PASSING: readonly (string | undefined)[] = [
  'negotiation_collision',
  'rate_limited',
  'internal',
  'draining',
  'overloaded',
] satisfies ErrorReason[];

/**
 * Whether the same request may succeed later without any change to it, as {@link ERRORS} says.
 * @param reason of an error frame; one that this version does not know may not
 */
export function mayRepeat(reason: string | undefined): boolean {
  return PASSING.includes(reason);
}

/** The close code for who breaks the protocol; a hello that came too late is closed with it too. */
export const CLOSED_FOR_PROTOCOL = 4500;
/** The close code for a socket whose device said hello on another one (HE-3). */
export const CLOSED_AS_REPLACED = 4509;

interface CloseRow {
  /** WebSocket close code. */
  readonly code: number;
  /** Whether a client should connect again: at once with back-off, only with a new token, or not at all. */
  readonly reconnect: 'yes' | 'new-token' | 'no';
}

// Marked pure as above: clients go by the rules below.
/** Close codes, by their reason word. 4000–4499 come back, 4501 comes back with a new token, other 4500–4999 do not. */
export const CLOSES = /* @__PURE__ */ Object.freeze({
  binary: { code: 1003, reconnect: 'no' },
  too_large: { code: 1009, reconnect: 'no' },
  internal: { code: 1011, reconnect: 'yes' },
  draining: { code: 4100, reconnect: 'yes' },
  slow_consumer: { code: 4108, reconnect: 'yes' },
  no_pong: { code: 4112, reconnect: 'yes' },
  slow_down: { code: 4129, reconnect: 'yes' },
  protocol: { code: CLOSED_FOR_PROTOCOL, reconnect: 'no' },
  token_expired: { code: 4501, reconnect: 'new-token' },
  replaced: { code: CLOSED_AS_REPLACED, reconnect: 'no' },
  abuse: { code: 4529, reconnect: 'no' },
} satisfies Record<string, CloseRow>);

/** The word of a close. */
export type CloseReason = keyof typeof CLOSES;

/**
 * What a client should do after a socket was closed with a code, by the rule that the rows of {@link CLOSES} follow: a
 * browser then need not load them.
 * @param code any WebSocket close code
 */
export function reconnectAdvice(code: number): 'yes' | 'new-token' | 'no' {
  if (code === 4501) return 'new-token';
  return code === 1003 || code === 1009 || (code >= 4500 && code < 5000) ? 'no' : 'yes';
}
