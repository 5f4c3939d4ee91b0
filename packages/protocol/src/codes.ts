/**
 * Every error and close code of the protocol: the number, the stable word, and what a client should do about it.
 * The service writes from these tables and the SDK reads them; nothing else in the project spells a code.
 */

interface ErrorRow {
  /** HTTP-like number, sent as `code`. */
  readonly code: number;
  /** Whether the same request may succeed later without any change to it. */
  readonly retry: boolean;
  /** When it is used. */
  readonly when: string;
}

/** Errors, by their stable `reason` word. */
export const ERRORS = Object.freeze({
  invalid_json: { code: 400, retry: false, when: 'The frame or body is not JSON, or nests deeper than allowed.' },
  invalid_payload: { code: 400, retry: false, when: 'The JSON does not have the shape that its type asks for.' },
  unsupported_version: { code: 400, retry: false, when: 'The `hello` names a protocol version the service lacks.' },
  unauthenticated: { code: 401, retry: false, when: 'No token, or one that does not verify or was revoked.' },
  token_expired: { code: 401, retry: false, when: 'The token was good and has run out; come with a new one.' },
  not_allowed: { code: 403, retry: false, when: 'The two people are neither friends nor in one group.' },
  not_participant: {
    code: 403,
    retry: false,
    when: 'The call is yours to see, but this is not for this device or this side to say.',
  },
  receiver_mismatch: { code: 403, retry: false, when: '`receiverId` names somebody else than the peer of the call.' },
  not_owner: { code: 403, retry: false, when: 'REST only: this is for the owner of the group.' },
  wrong_password: { code: 403, retry: false, when: 'REST only: the current password is not the one given.' },
  self_call: { code: 403, retry: false, when: 'The receiver is the sender.' },
  receiver_not_found: { code: 404, retry: false, when: 'No such user.' },
  call_not_found: { code: 404, retry: false, when: 'No such call, somebody else’s, or one long over.' },
  not_found: { code: 404, retry: false, when: 'REST only: no such resource.' },
  glare: { code: 409, retry: false, when: 'The receiver is calling you at this moment: accept that call.' },
  already_in_call: { code: 409, retry: false, when: 'Another device of yours is in a call.' },
  answered_elsewhere: { code: 409, retry: false, when: 'Another device of yours has answered this call.' },
  invalid_state: { code: 409, retry: false, when: 'The call is not in a state in which this may be said.' },
  negotiation_collision: { code: 409, retry: true, when: 'A negotiation of this call is already open.' },
  stale_negotiation: { code: 409, retry: false, when: 'The answer belongs to a negotiation that is over.' },
  peer_unsupported: { code: 409, retry: false, when: 'The other side cannot do this.' },
  duplicate_id: { code: 409, retry: false, when: 'The request id was used with other content.' },
  username_taken: { code: 409, retry: false, when: 'REST only: the user name belongs to somebody.' },
  call_ended: { code: 410, retry: false, when: 'The call ended less than two minutes ago.' },
  too_large: { code: 413, retry: false, when: 'The frame or body is larger than allowed.' },
  rate_limited: { code: 429, retry: true, when: 'Too many; `retryAfterMs` says how long to wait.' },
  internal: { code: 500, retry: true, when: 'A fault of the service; the message carries a correlation id.' },
  draining: { code: 503, retry: true, when: 'The service is stopping; connect again and repeat.' },
  overloaded: { code: 503, retry: true, when: 'The service could not commit in time; repeat.' },
  relay_unavailable: { code: 503, retry: false, when: 'The pair may only use a relay and none is configured.' },
} satisfies Record<string, ErrorRow>);

/** The stable word of an error. */
export type ErrorReason = keyof typeof ERRORS;

interface CloseRow {
  /** WebSocket close code. */
  readonly code: number;
  /** Whether a client should connect again: at once with back-off, only with a new token, or not at all. */
  readonly reconnect: 'yes' | 'new-token' | 'no';
  /** When it is used. */
  readonly when: string;
}

/** Close codes, by their reason word. 4000–4499 come back, 4501 comes back with a new token, other 4500–4999 do not. */
export const CLOSES = Object.freeze({
  binary: { code: 1003, reconnect: 'no', when: 'A binary frame; the protocol is text only.' },
  too_large: { code: 1009, reconnect: 'no', when: 'A frame above the size limit.' },
  internal: { code: 1011, reconnect: 'yes', when: 'A fault of the service.' },
  draining: { code: 4100, reconnect: 'yes', when: 'The service stops or moves its sessions.' },
  slow_consumer: { code: 4108, reconnect: 'yes', when: 'The client does not read what it is sent.' },
  no_pong: { code: 4112, reconnect: 'yes', when: 'No pong in time; the path is dead.' },
  slow_down: { code: 4129, reconnect: 'yes', when: 'Too many messages or sockets; come back later.' },
  protocol: { code: 4500, reconnect: 'no', when: 'Repeated nonsense, or a first frame that was not expected.' },
  token_expired: { code: 4501, reconnect: 'new-token', when: 'The token ran out or was revoked.' },
  replaced: { code: 4509, reconnect: 'no', when: 'Another socket of the same device took the session.' },
  abuse: { code: 4529, reconnect: 'no', when: 'The service does not want this client back.' },
} satisfies Record<string, CloseRow>);

/** The word of a close. */
export type CloseReason = keyof typeof CLOSES;

/**
 * What a client should do after a socket was closed with a code.
 * @param code any WebSocket close code
 * @returns the row's advice; for codes outside the table, the rule of its range
 */
export function reconnectAdvice(code: number): 'yes' | 'new-token' | 'no' {
  for (const row of Object.values(CLOSES)) if (row.code === code) return row.reconnect;
  return code >= 4500 && code < 5000 ? 'no' : 'yes';
}
