/** What can go wrong with a request, as one error with a stable word. */
import type { ErrorReason } from '@ringdown/protocol';

/** A request that did not succeed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The service's stable word; `offline` when no answer came, `unexpected` when it was not understood. */
  readonly reason: ErrorReason | 'offline' | 'unexpected';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** How long to wait before the next attempt, in ms, when the service said so. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param reason the stable word
   * @param status HTTP status, 0 for none
   * @param message the service's own sentence, in the language asked for
   * @param retryAfterMs wait before the next attempt, ms
   * @param cause what led to it
   */
  constructor(reason: ApiError['reason'], status: number, message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
