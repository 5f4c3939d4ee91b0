/** What one call of the history is called. */
import type { CallSummary } from '@ringdown/protocol';
import { formatDuration } from '../i18n/duration.ts';
import { t } from '../i18n/language.ts';

/** How a call went, in a few words. */
export function outcomeText(call: CallSummary): string {
  if (call.missed) return t('history.missed');
  // A call that was lost or failed late has been talked in all the same.
  if (call.outcome === 'completed') return t('history.completed', { duration: formatDuration(call.talkMs) });
  return t(`history.${call.outcome}`);
}

/** Why a call did not work, in the service's words; undefined where how it went says enough. */
export function explanation(call: CallSummary): string | undefined {
  return call.outcome === 'failed' || call.outcome === 'connection_lost' ? call.diagnosis?.message : undefined;
}
