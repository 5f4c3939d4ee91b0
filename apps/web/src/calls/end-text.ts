/** Why a call is over, in plain words. */
import type { CallEnd } from '@ringdown/client';
import { t } from '../i18n/language.ts';

/** What the words depend on. */
export interface EndFacts {
  readonly direction: 'outgoing' | 'incoming';
  /** Whether this device had taken part in it: dialled or accepted it. */
  readonly tookPart: boolean;
  readonly peerName: string;
  readonly end: CallEnd;
}

/**
 * Says why a call is over.
 * @param facts what is known
 */
export function endText({ direction, tookPart, peerName, end }: EndFacts): string {
  const name = peerName;
  if (direction === 'incoming' && !tookPart && isMissed(end)) return t('end.missed', { name });
  if (end.reason === 'hung_up' && end.by === 'peer') return t('end.hung_up.peer', { name });
  if (end.reason === 'rejected' && end.by === 'me') return t('end.rejected.me');
  return t(`end.${end.reason}`, { name });
}

/**
 * Whether an incoming call that was not taken here counts as missed: nobody on this person's side has dealt with it.
 * @param end how it ended
 */
export function isMissed(end: CallEnd): boolean {
  if (end.by === 'me') return false;
  return (
    end.reason === 'cancelled' ||
    end.reason === 'no_answer' ||
    end.reason === 'hung_up' ||
    end.reason === 'connection_lost'
  );
}
