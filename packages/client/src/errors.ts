/** The one error class of the SDK: a stable code to act on, the service's reason where there is one, and the cause. */
import type { ErrorReason } from '@ringdown/protocol';

/**
 * What went wrong, as a stable word.
 * - `permission_denied` the person or the browser's policy refused the microphone or the camera
 * - `device_not_found` there is no such device, or none that fits
 * - `device_busy` another application holds the device, or its driver failed
 * - `not_online` there is no connection to the service at this moment
 * - `unauthenticated` the service refuses the token, also a freshly asked one
 * - `rejected_by_service` the service refused a request; see `reason`
 * - `timeout` the service did not answer a request in time
 * - `invalid_state` the call or the client is not in a state in which this may be asked
 * - `call_ended` the call ended while this was under way
 * - `protocol` the service or the peer sent something this version cannot use; it was ignored
 * - `unsupported` this call or this browser cannot do that
 * - `ice_servers_unavailable` the list of STUN/TURN servers could not be fetched; the call goes on without
 * - `media_failed` the connection between the two browsers could not be made or was lost
 * - `autoplay_blocked` the browser plays no sound before a gesture; it is tried again at the next one
 * - `ring_tone_unavailable` the application's ring tone could not be loaded; the SDK's own plays
 * - `listener_failed` a listener of the application threw; see `cause`
 */
export type RingdownErrorCode =
  | 'permission_denied'
  | 'device_not_found'
  | 'device_busy'
  | 'not_online'
  | 'unauthenticated'
  | 'rejected_by_service'
  | 'timeout'
  | 'invalid_state'
  | 'call_ended'
  | 'protocol'
  | 'unsupported'
  | 'ice_servers_unavailable'
  | 'media_failed'
  | 'autoplay_blocked'
  | 'ring_tone_unavailable'
  | 'listener_failed';

/** The service's own word for a refusal. A newer service may say one that this version does not know. */
export type RefusalReason = ErrorReason | (string & {});

/** What is known of an error beside its code, see {@link RingdownError}. */
export interface RingdownErrorOptions {
  readonly reason?: RefusalReason | undefined;
  readonly callId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Every error that the SDK throws, rejects with or reports through `'error'`. */
export class RingdownError extends Error {
  override readonly name = 'RingdownError';
  /** What went wrong, see {@link RingdownErrorCode}. */
  readonly code: RingdownErrorCode;
  /** The service's own word for it, when the service refused something. */
  readonly reason: RefusalReason | undefined;
  /** The call that the service named with its refusal, as the one on another device (`already_in_call`). */
  readonly callId: string | undefined;
  /** How long to wait before trying again, ms, when the service said so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: RingdownErrorCode, message: string, options: RingdownErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.callId = options.callId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** `data` of an error frame of the service, as far as the SDK reads it. */
interface ServiceErrorData {
  readonly message: string;
  readonly code: number;
  readonly reason?: string | undefined;
  readonly callId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Makes the error that stands for a refusal by the service.
 * @param data the `data` of the service's error frame
 */
export function serviceError(data: ServiceErrorData): RingdownError {
  const code = data.code === 401 ? 'unauthenticated' : 'rejected_by_service';
  return new RingdownError(code, data.message, {
    reason: data.reason,
    callId: data.callId,
    retryAfterMs: data.retryAfterMs,
  });
}

/** What fails because the call is over. */
export const callEnded = (): RingdownError => new RingdownError('call_ended', 'The call ended meanwhile.');

/**
 * Wraps whatever was thrown, unless it is one of ours already.
 * @param cause anything that was thrown
 * @param code the code it stands for @param message one sentence, without any value of the cause
 */
export function asRingdownError(cause: unknown, code: RingdownErrorCode, message: string): RingdownError {
  return cause instanceof RingdownError ? cause : new RingdownError(code, message, { cause });
}

/** What stands for a failure of the media connection; see `cause`. */
export const mediaFailed = (cause: unknown): RingdownError =>
  asRingdownError(cause, 'media_failed', 'The browsers could not agree on a connection.');
