/**
 * Why a call did not work, worked out from what the two sides reported, for each side as far as it may know (HI-2).
 * Codes only; the texts are the protocol's.
 */
import type { CallOutcome } from '@ringdown/protocol';
import type { Ended, PathReport } from './state.ts';

/** Every cause that can be named. `my_` and `peer_` are seen from the side the diagnosis is for. */
export const DIAGNOSES = [
  'peer_not_online',
  'no_device_rang',
  'rang_unanswered',
  'peer_no_media_device',
  'my_no_media_device',
  'peer_device_unsupported',
  'my_device_unsupported',
  'my_socket_lost',
  'peer_socket_lost',
  'my_relay_unreachable',
  'peer_relay_unreachable',
  'my_no_relay',
  'peer_no_relay',
  'no_path',
] as const;
/** A cause that can be named. */
export type Diagnosis = (typeof DIAGNOSES)[number];

/** STUN and TURN servers could not be reached at all (W3C webrtc-pc §4.8.1.3). */
const UNREACHABLE = 701;

type Reports = { readonly caller: PathReport; readonly callee: PathReport };

/**
 * The likeliest cause of an unwanted end.
 * @param side whom it is for @param outcome as that side was told it
 * @returns undefined when nothing needs explaining, or nothing is known
 */
export function diagnose(
  state: Ended,
  side: 'caller' | 'callee',
  outcome: CallOutcome,
  reports: Reports | undefined,
): Diagnosis | undefined {
  switch (outcome) {
    case 'unavailable':
      return side === 'caller' ? 'peer_not_online' : undefined;
    case 'no_answer':
      return state.ringingAt === undefined ? 'no_device_rang' : 'rang_unanswered';
    case 'connection_lost':
      return lostBy(state) === side ? 'my_socket_lost' : 'peer_socket_lost';
    case 'failed':
      if (state.reason === 'media_error') return side === 'caller' ? 'peer_no_media_device' : 'my_no_media_device';
      if (state.reason === 'unsupported')
        return side === 'caller' ? 'peer_device_unsupported' : 'my_device_unsupported';
      return reports ? noMedia(side, reports) : undefined;
    default:
      return undefined;
  }
}

/** The side whose socket was lost last and not back: whose time ran out. */
function lostBy(state: Ended): 'caller' | 'callee' | undefined {
  const gone = { caller: Number.POSITIVE_INFINITY, callee: Number.POSITIVE_INFINITY };
  for (const { who, what, at } of state.timeline) {
    if (who === 'service') continue;
    if (what === 'socket_lost') gone[who] = Math.min(gone[who], at);
    if (what === 'socket_back') gone[who] = Number.POSITIVE_INFINITY;
  }
  if (gone.caller === gone.callee) return undefined;
  return gone.caller < gone.callee ? 'caller' : 'callee';
}

/** Answered, and no media: which side had no way through. */
function noMedia(side: 'caller' | 'callee', reports: Reports): Diagnosis {
  const other = side === 'caller' ? 'callee' : 'caller';
  const [mine, theirs] = [reports[side], reports[other]];
  if (mine.iceErrors?.includes(UNREACHABLE) && !offered(mine, 'relay')) return 'my_relay_unreachable';
  if (theirs.iceErrors?.includes(UNREACHABLE) && !offered(theirs, 'relay')) return 'peer_relay_unreachable';
  if (mine.gathered && !offered(mine, 'relay')) return 'my_no_relay';
  if (theirs.gathered && !offered(theirs, 'relay')) return 'peer_no_relay';
  return 'no_path';
}

function offered(report: PathReport, kind: 'relay'): boolean {
  return report.gathered?.includes(kind) === true;
}
