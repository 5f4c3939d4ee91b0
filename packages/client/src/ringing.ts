/** The door of what rings: a tone, in one of the tabs of a browser. Apart, since an application may ring in its own way. */
export type { RingTone, TonePlayer } from './ring-tone.ts';
export { type MissedCall, Ringer, type RingerEvents, type RingerOptions, type RingerPlatform } from './ringer.ts';
