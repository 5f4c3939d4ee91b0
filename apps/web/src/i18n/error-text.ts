/** What a failure is called in front of the person it happened to. */
import { RingdownError } from '@ringdown/client';
import { ApiError } from '../session/api-error.ts';
import { t } from './language.ts';

/** A failed request, or anything else that was thrown, as one sentence. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unexpected');
  if (error.reason === 'offline') return t('error.offline');
  if (error.reason === 'rate_limited' && error.retryAfterMs !== undefined) {
    return t('error.wait', { seconds: Math.ceil(error.retryAfterMs / 1000) });
  }
  // The service's own sentence is already in the language asked for.
  return error.message || t('error.unexpected');
}

/**
 * A call that could not be started or answered, or a device that could not be switched, as one sentence.
 * @param error what was thrown
 * @param otherwise what to say when nothing is known
 */
export function callErrorText(error: unknown, otherwise: 'error.call' | 'error.camera' = 'error.call'): string {
  if (!(error instanceof RingdownError)) return t(otherwise);
  if (error.retryAfterMs !== undefined) return t('error.wait', { seconds: Math.ceil(error.retryAfterMs / 1000) });
  switch (error.code) {
    case 'permission_denied':
    case 'device_not_found':
    case 'device_busy':
    case 'not_online':
    case 'unsupported':
      return t(`error.${error.code}`);
    case 'rejected_by_service':
      return error.reason === 'not_allowed' ? t('error.not_allowed') : error.message || t(otherwise);
    default:
      return t(otherwise);
  }
}
