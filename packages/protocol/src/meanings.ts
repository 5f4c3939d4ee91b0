/** When each error and close code of the protocol is used, in one sentence: for documents, not for programs. */
import type { CloseReason, ErrorReason } from './codes.ts';

/** When an error is used, by its stable word. */
export const ERROR_MEANINGS: Readonly<Record<ErrorReason, string>> = Object.freeze({
  invalid_json: 'The frame or body is not JSON, or nests deeper than allowed.',
  invalid_payload: 'The JSON does not have the shape that its type asks for.',
  unsupported_version: 'The `hello` names a protocol version the service lacks.',
  unauthenticated: 'No token, or one that does not verify or was revoked.',
  token_expired: 'The token was good and has run out; come with a new one.',
  not_allowed: 'The two people are neither friends nor in one group.',
  not_participant: 'The call is yours to see, but this is not for this device or this side to say.',
  receiver_mismatch: '`receiverId` names somebody else than the peer of the call.',
  not_owner: 'REST only: this is for the owner of the group.',
  wrong_password: 'REST only: the current password is not the one given.',
  self_call: 'The receiver is the sender.',
  receiver_not_found: 'No such user.',
  call_not_found: 'No such call, somebody else’s, or one long over.',
  not_found: 'REST only: no such resource.',
  glare: 'The receiver is calling you at this moment: accept that call.',
  already_in_call: 'Another device of yours is in a call.',
  answered_elsewhere: 'Another device of yours has answered this call.',
  invalid_state: 'The call is not in a state in which this may be said.',
  negotiation_collision: 'A negotiation of this call is already open.',
  stale_negotiation: 'The answer belongs to a negotiation that is over.',
  peer_unsupported: 'The other side cannot do this.',
  duplicate_id: 'The request id was used with other content.',
  username_taken: 'REST only: the user name belongs to somebody.',
  call_ended: 'The call ended less than two minutes ago.',
  too_large: 'The frame or body is larger than allowed.',
  rate_limited: 'Too many; `retryAfterMs` says how long to wait.',
  internal: 'A fault of the service; the message carries a correlation id.',
  draining: 'The service is stopping; connect again and repeat.',
  overloaded: 'The service could not commit in time; repeat.',
  relay_unavailable: 'The pair may only use a relay and none is configured.',
});

/** When a close is used, by its word. */
export const CLOSE_MEANINGS: Readonly<Record<CloseReason, string>> = Object.freeze({
  binary: 'A binary frame; the protocol is text only.',
  too_large: 'A frame above the size limit.',
  internal: 'A fault of the service.',
  draining: 'The service stops or moves its sessions.',
  slow_consumer: 'The client does not read what it is sent.',
  no_pong: 'No pong in time; the path is dead.',
  slow_down: 'Too many messages or sockets; come back later.',
  protocol: 'Repeated nonsense, or a first frame that was not expected.',
  token_expired: 'The token ran out or was revoked.',
  replaced: 'Another socket of the same device took the session.',
  abuse: 'The service does not want this client back.',
});
