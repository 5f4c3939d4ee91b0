/** One request to the REST door: JSON out, JSON in, every failure an {@link ApiError}. */
import type { RestFailure } from '@ringdown/protocol';
import { ApiError } from './api-error.ts';

/** A request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, from `/api` on. */
  readonly path: string;
  readonly body?: unknown;
  /** Access token. */
  readonly token?: string;
  /** `Accept-Language`. */
  readonly language: string;
}

/** A silent service counts as no service after this long. */
const PATIENCE_MS = 15_000;

/**
 * Sends a request.
 * @param fetchFunction the browser's `fetch`
 * @param request what to send
 * @returns the `data` of the answer
 * @throws {ApiError}
 */
export async function send(fetchFunction: typeof fetch, request: HttpRequest): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': request.language };
  if (request.token !== undefined) headers['authorization'] = `Bearer ${request.token}`;
  const init: RequestInit = { method: request.method, headers, signal: AbortSignal.timeout(PATIENCE_MS) };
  if (request.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(request.body);
  }
  let response: Response;
  try {
    response = await fetchFunction(request.path, init);
  } catch (cause) {
    throw new ApiError('offline', 0, '', undefined, cause);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (isSuccess(answer)) return answer.data;
  if (isFailure(answer)) {
    const { reason, message, retryAfterMs } = answer.error;
    throw new ApiError(reason as ApiError['reason'], response.status, message, retryAfterMs);
  }
  throw new ApiError('unexpected', response.status, '');
}

function isSuccess(answer: unknown): answer is { success: true; data: unknown } {
  return typeof answer === 'object' && answer !== null && 'success' in answer && answer.success === true;
}

function isFailure(answer: unknown): answer is RestFailure {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'reason' in error && typeof error.reason === 'string';
}
