/** What this browser remembers about how calls should sound. */
import { storage } from '../base/storage.ts';
import { Store } from '../base/store.ts';

/** The ring tones to choose from. */
export const RING_TONES = ['chime', 'classic', 'drops', 'silent'] as const;
/** A ring tone. */
export type RingTone = (typeof RING_TONES)[number];

const KEY = 'ringdown.ring';

/** The chosen ring tone. */
export const ringTone = new Store<RingTone>(readRingTone());

function readRingTone(): RingTone {
  const stored = storage.getItem(KEY);
  return RING_TONES.find((tone) => tone === stored) ?? 'chime';
}

/** Changes the ring tone and remembers it. */
export function chooseRingTone(tone: RingTone): void {
  storage.setItem(KEY, tone);
  ringTone.set(tone);
}
