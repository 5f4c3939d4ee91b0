/** What happened in a call, step by step, for the people in it and for whoever helps them (HI-2). Never SDP or addresses. */
import type { Millis } from './ids.ts';

/** What can happen. */
export type TimelineWord =
  | 'offered'
  | 'rang'
  | 'device_refused'
  | 'accepting'
  | 'answered'
  | 'connected'
  | 'media_failed'
  | 'socket_lost'
  | 'socket_back'
  | 'renegotiation'
  | 'taken_over'
  | 'ended';

/** One step. */
export interface TimelineEntry {
  readonly at: Millis;
  readonly who: 'caller' | 'callee' | 'service';
  readonly what: TimelineWord;
  readonly detail?: Readonly<Record<string, string | number>>;
  /** The only side that may see it; absent for both. */
  readonly only?: 'caller' | 'callee';
}

/** Most steps kept of one call; a socket that flaps for hours must not make the record grow without end. */
const MOST_STEPS = 100;

/** Adds a step to a state. Beyond the bound later steps are left out, but never the end. */
export function noted<S extends { readonly timeline: readonly TimelineEntry[] }>(state: S, entry: TimelineEntry): S {
  if (state.timeline.length >= MOST_STEPS && entry.what !== 'ended') return state;
  return { ...state, timeline: [...state.timeline, entry] };
}
