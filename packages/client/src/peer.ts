/** The port over RTCPeerConnection: the few things a call needs of it, and the browser's implementation. */
import type { IceCandidate } from '@ringdown/protocol';

/** `{type, sdp}` of an offer. */
export interface OfferDescription {
  readonly type: 'offer';
  readonly sdp: string;
}
/** `{type, sdp}` of an answer. */
export interface AnswerDescription {
  readonly type: 'answer';
  readonly sdp: string;
}

/** What a peer tells its call. */
export interface PeerEvents {
  /** A local candidate was gathered. The end of gathering is not told: plain sessions have no use for it. */
  candidate(candidate: IceCandidate): void;
  /** The connection between the browsers came, is interrupted, or was given up by the browser. */
  state(state: 'connected' | 'disconnected' | 'failed'): void;
  /** A track of the other side joined {@link Peer.remoteStream}. */
  track(): void;
}

/** One connection to the other browser. Nothing is sent or gathered before `offer` or `answer` is called. */
export interface Peer {
  /** The tracks of the other side, empty before they come. */
  readonly remoteStream: MediaStream;
  /**
   * Describes a new connection and starts gathering.
   * @param local tracks to send @param video whether the call has a picture, also when no camera is on yet
   */
  offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription>;
  /** Applies the other side's offer, describes the answer and starts gathering. */
  answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription>;
  /** Applies the other side's answer. */
  applyAnswer(answer: AnswerDescription): Promise<void>;
  /** Adds a candidate of the other side; only after its description was applied. */
  addCandidate(candidate: IceCandidate): Promise<void>;
  /** Sends another track, or nothing, in place of the one of its kind, without a new negotiation. */
  replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void>;
  /** Figures of the connection. */
  getStats(): Promise<RTCStatsReport>;
  /** Ends it for good. Idempotent; no event comes after it. */
  close(): void;
}
