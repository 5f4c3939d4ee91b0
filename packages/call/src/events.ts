/** What can happen to one call, and what it makes happen. Both are data; the shell brings the first and runs the second. */
import type {
  CallType,
  CandidateKind,
  Capability,
  ErrorReason,
  Language,
  QualityMetrics,
  ServerMessage,
  SessionDescription,
} from '@ringdown/protocol';
import type { CallId, Endpoint, Millis, UserId } from './ids.ts';
import type { CallRecord } from './record.ts';
import type { MediaState } from './state.ts';

/** What every event that a client sent carries. */
interface FromClient {
  /** The authenticated endpoint it came from. */
  readonly from: Endpoint;
  /** The language of that endpoint. */
  readonly language: Language;
  /** What its client can do; empty for a plain session. */
  readonly capabilities: readonly Capability[];
  /** Whom the client believes to be the peer (RT-1). */
  readonly receiverId?: UserId;
}

/** An event of a client. */
export type ClientEvent =
  | (FromClient & {
      readonly type: 'answer';
      readonly answer: SessionDescription;
      /** Whether the two may still call each other, looked up again at the answer (AN-2, I14). */
      readonly allowed: boolean;
      /** Set when it answers an offer inside the call (RN-1). */
      readonly negotiationId?: number;
    })
  | (FromClient & {
      readonly type: 'reject';
      readonly reason?: string;
      /** A person said it away from any device, so it speaks for all of them whatever the reason (RJ-1, over REST). */
      readonly byPerson?: true;
    })
  | (FromClient & { readonly type: 'busy' })
  | (FromClient & {
      readonly type: 'hangUp';
      readonly reason?: string;
      readonly metrics?: QualityMetrics;
      /** Ends the call whatever session of the party it comes from (HU-1, over REST). */
      readonly anywhere?: true;
    })
  /** A person tapped Answer while the app still wakes up (TI-2). */
  | (FromClient & { readonly type: 'accepting' })
  /** An offer inside an answered call (RN-1). */
  | (FromClient & { readonly type: 'renegotiate'; readonly offer: SessionDescription; readonly callType?: CallType })
  /** The same, from another device of a party that goes on from there (GL-2). */
  | (FromClient & { readonly type: 'takeover'; readonly offer: SessionDescription; readonly callType?: CallType })
  | (FromClient & { readonly type: 'mediaState'; readonly media: MediaState })
  | (FromClient & {
      readonly type: 'report';
      readonly report: {
        readonly state: 'connected' | 'flowing' | 'failed';
        readonly path?: CandidateKind;
        readonly gathered?: readonly CandidateKind[];
        readonly iceErrors?: readonly number[];
      };
    })
  | (FromClient & { readonly type: 'quality'; readonly metrics: QualityMetrics })
  /** An unbound plain socket spoke of this call: it takes the place of a lost one, if there is one (DS-3). */
  | (FromClient & { readonly type: 'claim' });

/** An event of the service itself. */
export type ServiceEvent =
  /** An endpoint came online. */
  | {
      readonly type: 'attached';
      readonly endpoint: Endpoint;
      readonly language: Language;
      readonly capabilities: readonly Capability[];
      /** It came back with its mailbox, so it has missed nothing (HE-2). */
      readonly resumed: boolean;
      /** The phase of the call when it came. What was sent to it since is in its mailbox already. */
      readonly cameWhile?: 'ringing' | 'active';
    }
  /** An endpoint lost its socket; `leaving`: since its page went away, by being closed or loaded again (DS-1). */
  | { readonly type: 'detached'; readonly endpoint: Endpoint; readonly leaving?: true }
  /** A device of the callee has the offer (RI-1). */
  | { readonly type: 'rang'; readonly endpoint: Endpoint }
  /** The endpoint that held the call began another (GL-2). */
  | { readonly type: 'replaced'; readonly by: UserId }
  /** The person being rung dialled somebody else (BU-1). */
  | { readonly type: 'dialledAway' }
  /** The person in the call answered another one (BU-1, policy `waiting`). */
  | { readonly type: 'answeredAnother'; readonly by: UserId }
  /** Time passed. */
  | { readonly type: 'tick' };

/** Anything that can happen to a call after its offer. */
export type CallEvent = ClientEvent | ServiceEvent;

/** Something for the shell to do, in order, in the same commit as the state. */
export type Effect =
  | {
      readonly type: 'send';
      readonly to: Endpoint;
      readonly message: ServerMessage;
      /** For an offer: until when it rings, so that `ttlMs` can be written with the frame (OF-4). */
      readonly ringUntil?: Millis;
    }
  /** Send `to` every candidate that `from` has sent in this call, in order; they follow what was sent before (IC-1, IC-2). */
  | { readonly type: 'sendCandidates'; readonly callId: CallId; readonly from: Endpoint; readonly to: Endpoint }
  /** The candidates of one endpoint belong to another from now on: a plain socket took its place (DS-3). */
  | { readonly type: 'moveCandidates'; readonly callId: CallId; readonly from: Endpoint; readonly to: Endpoint }
  /** What an endpoint has sent belongs to a negotiation that is over. */
  | { readonly type: 'dropCandidates'; readonly callId: CallId; readonly from: Endpoint }
  | { readonly type: 'record'; readonly record: CallRecord }
  /** How it was for one side, said after the record was made (QU-1). */
  | {
      readonly type: 'quality';
      readonly callId: CallId;
      readonly side: 'caller' | 'callee';
      readonly metrics: QualityMetrics;
    };

/** What who sent the event is told. */
export type Reply =
  | { readonly ok: true; readonly negotiationId?: number }
  | { readonly ok: false; readonly reason: ErrorReason };
