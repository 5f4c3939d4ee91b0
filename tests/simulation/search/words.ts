/** What a client can say of a call, and of which call. */
import type { CallId, CallState, ClientEvent } from '@ringdown/call';
import type { Scene } from './scene.ts';

const ANSWER = { type: 'answer', sdp: 'v=0' } as const;
const AGAIN = { type: 'offer', sdp: 'v=0 again' } as const;

/** Which call is meant: a live one by age, or the last that is over. */
export type Which = 0 | 1 | 'over';

/** The call that is meant; undefined when there is none. */
export function callOf(scene: Scene, which: Which): CallId | undefined {
  if (which !== 'over') return scene.witness.liveCall(which)?.callId;
  for (let n = scene.calls.length - 1; n >= 0; n -= 1) {
    const callId = scene.calls[n] as CallId;
    if (scene.witness.stateOf(callId)?.phase === 'ended') return callId;
  }
  return undefined;
}

/** What a client can say about a call. */
export interface Word {
  readonly text: string;
  readonly extendedOnly?: true;
  /** Said to calls that are over as well. */
  readonly late?: true;
  /** Said to live calls too, unless this is false. */
  readonly live?: false;
  readonly isPossible?: (state: CallState, side: 'caller' | 'callee' | undefined) => boolean;
  event(common: Common, state: CallState): ClientEvent;
  /** After it the client has left the call by its own doing. */
  readonly leaves?: true;
}
/** What every word carries of who says it. */
export type Common = Pick<ClientEvent, 'from' | 'language' | 'capabilities'>;

const negotiationOf = (state: CallState): number => (state.phase === 'active' ? Math.max(1, state.negotiations) : 1);

/** Everything a client can say of a call. */
export const WORDS = {
  answer: { text: 'answers', late: true, event: (by) => ({ type: 'answer', ...by, answer: ANSWER, allowed: true }) },
  answerForbidden: {
    text: 'answers, and is not allowed to any more,',
    event: (by) => ({ type: 'answer', ...by, answer: ANSWER, allowed: false }),
  },
  reject: { text: 'rejects', leaves: true, event: (by) => ({ type: 'reject', ...by, reason: 'rejected' }) },
  refuse: { text: 'cannot take', leaves: true, event: (by) => ({ type: 'reject', ...by, reason: 'media_error' }) },
  busy: { text: 'is too busy for', leaves: true, event: (by) => ({ type: 'busy', ...by }) },
  hangUp: {
    text: 'hangs up',
    late: true,
    leaves: true,
    event: (by) => ({ type: 'hangUp', ...by, reason: 'normal' }),
  },
  claim: { text: 'speaks up in', event: (by) => ({ type: 'claim', ...by }) },
  accepting: {
    text: 'wakes up to answer',
    extendedOnly: true,
    late: true,
    event: (by) => ({ type: 'accepting', ...by }),
  },
  renegotiate: {
    text: 'renegotiates',
    extendedOnly: true,
    late: true,
    isPossible: (state) => state.phase !== 'active' || state.negotiations < 3,
    event: (by) => ({ type: 'renegotiate', ...by, offer: AGAIN }),
  },
  answerNegotiation: {
    text: 'answers the last negotiation of',
    extendedOnly: true,
    event: (by, state) => ({
      type: 'answer',
      ...by,
      answer: ANSWER,
      allowed: true,
      negotiationId: negotiationOf(state),
    }),
  },
  report: {
    text: 'reports media in',
    extendedOnly: true,
    event: (by) => ({ type: 'report', ...by, report: { state: 'flowing' } }),
  },
  mediaState: {
    text: 'turns its camera off in',
    extendedOnly: true,
    isPossible: (state, side) => state.phase !== 'active' || side === undefined || state.media[side] === undefined,
    event: (by) => ({ type: 'mediaState', ...by, media: { audio: 'on', video: 'off' } }),
  },
  quality: {
    text: 'tells how it was in',
    extendedOnly: true,
    late: true,
    live: false,
    event: (by) => ({ type: 'quality', ...by, metrics: { quality: 4 } }),
  },
} as const satisfies Record<string, Word>;
/** The name of a word. */
export type WordName = keyof typeof WORDS;
