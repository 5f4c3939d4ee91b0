/** What is left of a call that has just ended: enough to say why, and to call again. */
import type { Call, CallEnd } from '@ringdown/client';
import type { CallType, PublicUser } from '@ringdown/protocol';
import { isMissed } from './end-text.ts';

/** A call that has just ended. */
export interface Parting {
  readonly direction: 'outgoing' | 'incoming';
  /** Whether this device had dialled or accepted it. */
  readonly tookPart: boolean;
  readonly peer: PublicUser;
  readonly callType: CallType;
  readonly end: CallEnd;
  /** From the first media to the end, ms; 0 when there was none. */
  readonly talkMs: number;
  /** A further sentence, such as what was wrong with the camera. */
  readonly detail: string | undefined;
}

/** What is left of an ended call. */
export function partingOf(call: Call, end: CallEnd, peer: PublicUser, tookPart: boolean, nowMs: number): Parting {
  const { direction, callType, connectedAt } = call;
  const talkMs = connectedAt === undefined ? 0 : Math.max(0, nowMs - connectedAt);
  return { direction, tookPart, peer, callType, end, talkMs, detail: undefined };
}

/** How long the notice of an ended call stays before it goes by itself, ms; undefined: until it is closed. */
export function noticeMs({ end, direction, tookPart }: Parting): number | undefined {
  // What the person has done themselves needs no reading; what happened to them does.
  if (end.by === 'me' && end.reason !== 'media_error') return 5_000;
  if (end.reason === 'hung_up' || end.reason === 'answered_elsewhere' || end.reason === 'rejected_elsewhere')
    return 12_000;
  return direction === 'incoming' && !tookPart && !isMissed(end) ? 12_000 : undefined;
}
