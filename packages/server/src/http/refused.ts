/** What a REST handler throws to answer with a failure, and how that answer is written. */
import { chooseLanguage, ERRORS, type ErrorReason, errorText, type RestFailure } from '@ringdown/protocol';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

interface Details {
  /** What was expected, in English; never anything of the request. */
  readonly expected?: string;
  readonly retryAfterMs?: number;
  readonly correlationId?: string;
}

/** A failure the client is to be told. Thrown by handlers, caught once by the app. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly reason: ErrorReason;
  readonly details: Details;

  constructor(reason: ErrorReason, details: Details = {}) {
    super(reason);
    this.reason = reason;
    this.details = details;
  }
}

/**
 * Lets a service's answer through and refuses when it is a reason word instead.
 * @param answer an object, or why there is none
 * @param expected for `invalid_payload`: what would have been right
 * @throws Refused
 */
export function orRefuse<T extends object>(answer: T | ErrorReason, expected?: string): T {
  if (typeof answer !== 'string') return answer;
  throw new Refused(answer, answer === 'invalid_payload' && expected !== undefined ? { expected } : {});
}

/**
 * Writes a failure: the status is the error's code, the text is in the language the client asked for.
 * @param c the request's context
 */
export function failure(c: Context, reason: ErrorReason, details: Details = {}): Response {
  const { code } = ERRORS[reason];
  const { expected, retryAfterMs, correlationId } = details;
  const text = errorText(reason, chooseLanguage(c.req.header('accept-language')));
  const body: RestFailure = {
    success: false,
    error: {
      message: expected === undefined ? text : `${text} ${expected}`,
      code,
      reason,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(correlationId === undefined ? {} : { correlationId }),
    },
  };
  if (code === 401) c.header('WWW-Authenticate', 'Bearer');
  if (retryAfterMs !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
  c.header('Cache-Control', 'no-store');
  return c.json(body, code as ContentfulStatusCode);
}
