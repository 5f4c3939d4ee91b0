/** Why a call is over, in words. */
import type { CallEnd, EndReason } from '@ringdown/client';
import { afterEach, expect, test } from 'vitest';
import { language } from '../i18n/language.ts';
import { endText } from './end-text.ts';

const REASONS = Object.keys({
  hung_up: 1,
  cancelled: 1,
  rejected: 1,
  busy: 1,
  not_available: 1,
  no_answer: 1,
  answered_elsewhere: 1,
  rejected_elsewhere: 1,
  taken_over: 1,
  connection_lost: 1,
  replaced: 1,
  media_error: 1,
  failed: 1,
} satisfies Record<EndReason, 1>) as EndReason[];

afterEach(() => language.set('en'));

test.each([
  ['outgoing', true, 'rejected', 'peer', 'Ben declined the call'],
  ['outgoing', true, 'busy', 'peer', 'Ben is on another call'],
  ['outgoing', true, 'no_answer', 'service', 'Ben did not answer'],
  ['outgoing', true, 'not_available', 'service', 'Ben is not available right now'],
  ['outgoing', true, 'cancelled', 'me', 'Call cancelled'],
  ['outgoing', true, 'hung_up', 'peer', 'Ben hung up'],
  ['outgoing', true, 'hung_up', 'me', 'Call ended'],
  ['incoming', false, 'cancelled', 'peer', 'Missed call from Ben'],
  ['incoming', false, 'no_answer', 'service', 'Missed call from Ben'],
  ['incoming', false, 'rejected', 'me', 'You declined the call'],
  ['incoming', false, 'answered_elsewhere', 'service', 'Answered on another device or in another tab'],
  ['incoming', true, 'connection_lost', 'service', 'The connection was lost'],
] as const)('%s, taken part %s, %s by %s: %s', (direction, tookPart, reason, by, text) => {
  expect(endText({ direction, tookPart, peerName: 'Ben', end: { reason, by } })).toBe(text);
});

test('every end has words in both languages, with nothing left to fill in', () => {
  for (const chosen of ['en', 'zh-CN'] as const) {
    language.set(chosen);
    for (const reason of REASONS) {
      for (const by of ['me', 'peer', 'service'] as const) {
        const end: CallEnd = { reason, by };
        for (const direction of ['outgoing', 'incoming'] as const) {
          expect(endText({ direction, tookPart: false, peerName: 'Ben', end })).toMatch(/^[^{}]+$/);
        }
      }
    }
  }
});
