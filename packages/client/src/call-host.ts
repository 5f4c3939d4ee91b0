/** The port between a call and the client it belongs to: what a call is made of, and what it asks of its surroundings. */
import type { CallType } from '@ringdown/protocol';
import type { CallEnd, CallPeer } from './call.ts';
import type { PendingRequest, Request } from './connection.ts';
import type { RingdownError } from './errors.ts';
import type { Frame, FrameOf } from './frames.ts';
import type { CandidateOrEnd, OpenMediaSession } from './media-session.ts';
import type { RequestHandlers, RequestOptions } from './outbox.ts';
import type { Platform } from './platform.ts';

/** What an offer of the other side says. */
export type OfferData = FrameOf<'call:offer'>['data'];
/** A frame about one call that exists here. */
export type CallFrame = Exclude<Frame, { type: 'ack' | 'error' | 'hello' | 'pong' | 'presence' }>;

/** An offer that rings here, and the candidates that came with it. */
export interface RingingOffer {
  readonly data: OfferData;
  readonly candidates: readonly CandidateOrEnd[];
}

/** What a call needs of its surroundings. */
export interface CallHost {
  readonly platform: Platform;
  readonly openMediaSession: OpenMediaSession;
  send(request: Request, handlers: RequestHandlers, options: RequestOptions): PendingRequest;
  /** Whether the session of now, or the last one, is extended. */
  isExtended(): boolean;
  isOnline(): boolean;
  /** Never rejects: without ICE servers a call still has a chance. */
  rtcConfiguration(onProblem: (error: RingdownError) => void): Promise<RTCConfiguration>;
  /** Fresh ICE servers for a restart; undefined when there are none to be had. Never rejects. */
  freshConfiguration(): Promise<RTCConfiguration | undefined>;
  /** How the service says a call ended, if it did. Never rejects. */
  endOf(callId: string): Promise<CallEnd | undefined>;
  /** Ends a call whatever socket the service believes it to be on. Never rejects. */
  hangUpAnywhere(callId: string): Promise<void>;
  /** Hands over the offer of this person that rings here, which thereby stops ringing (GL-1). */
  takeRingingOffer(userId: string): RingingOffer | undefined;
  onListenerError(cause: unknown): void;
}

/** What is known about a call when it begins. */
export type CallBeginning =
  | { readonly direction: 'outgoing'; readonly peer: CallPeer; readonly callType: CallType }
  | { readonly direction: 'incoming'; readonly data: OfferData };

/** What goes with an offer beside the media. */
export interface DialOptions {
  readonly conversationId?: string | undefined;
  readonly takeover?: boolean | undefined;
}
