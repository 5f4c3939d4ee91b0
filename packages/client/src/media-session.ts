/**
 * The port between the two halves of a call: its signalling (`live-call` and what it uses) and its media connection.
 * Each half sees the other only through these types, so that either can be tried alone.
 */
import type { CallType, IceCandidate, QualityMetrics } from '@ringdown/protocol';
import type { RingdownError } from './errors.ts';
import type { AnswerDescription, OfferDescription } from './peer.ts';
import type { Platform } from './platform.ts';
import type { MediaFigures } from './stats.ts';
import type { SecuritySign } from './verification.ts';

/** A candidate, or `null` for the end of them (IC-3). */
export type CandidateOrEnd = IceCandidate | null;

/** An offer inside a call that runs already (RN-1). */
export interface RemoteOffer {
  readonly offer: OfferDescription;
  readonly negotiationId: number;
  /** Whether this side yields when two offers cross; the service says so, and it is always the callee. */
  readonly polite: boolean;
  readonly callType: CallType;
  /** The other side goes on from another device: what was agreed with the former browser means nothing (GL-2). */
  readonly takeover: boolean;
}

/** How media goes, in kinds and codes, never addresses (ST-1). */
export interface MediaReport {
  readonly state: 'connected' | 'flowing' | 'failed';
  readonly path?: 'host' | 'srflx' | 'prflx' | 'relay';
  readonly gathered?: ('host' | 'srflx' | 'prflx' | 'relay')[];
  readonly iceErrors?: number[];
}

/**
 * What the media side asks of the signalling side. All of it may be called at any time: what cannot be sent yet waits,
 * in order, and is sent once; what comes after the end of the call is dropped.
 */
export interface MediaSignal {
  /**
   * Whether an offer inside this call may be tried: the session is extended, the call is answered, and the peer has not
   * said `peer_unsupported`. While the service cannot be reached it is still true: the offer waits.
   */
  canRenegotiate(): boolean;
  /**
   * Sends an offer inside the running call. It goes out again, under the same id, when a socket is lost meanwhile.
   * @returns the number that the answer will bear
   * @throws {RingdownError} `rejected_by_service` with `reason` `negotiation_collision` (another is open),
   *   `peer_unsupported`, `invalid_state`, `not_participant`…; `timeout`; `call_ended`
   */
  sendOffer(offer: OfferDescription, callType: CallType): Promise<{ readonly negotiationId: number }>;
  /**
   * Answers an offer inside the running call.
   * @throws {RingdownError} `rejected_by_service` with `reason` `stale_negotiation`; `timeout`; `call_ended`
   */
  sendAnswer(answer: AnswerDescription, negotiationId: number): Promise<void>;
  /**
   * Local candidates, at most 20 at a time. Those of the first description wait until the service knows the call; a plain
   * session gets them one by one and without an end. After {@link sendOffer} or {@link sendAnswer} was called they
   * follow it.
   */
  sendCandidates(batch: readonly CandidateOrEnd[]): void;
  /** A report about the media (ST-1); from a plain session it is not sent. */
  sendReport(report: MediaReport): void;
}

/** Figures of the last second, and what they amount to. */
export interface QualitySample extends MediaFigures {
  /** 1 bad to 5 good (see `quality.ts`); 1 while media is interrupted; undefined as long as there are no figures. */
  readonly score: number | undefined;
  /** The mean opinion score behind it, 1 to 4.5; undefined as the score is. */
  readonly mos: number | undefined;
}

/**
 * What the media side tells the signalling side.
 * - `connected`, `disconnected`, `failed`: the browser's connection state; `failed` may still be healed by a restart
 * - `given_up`: the media side has tried what it can (three restarts), or may not restart and waited long enough
 */
type MediaState = 'connected' | 'disconnected' | 'failed' | 'given_up';

/** Events of a media session. After {@link MediaSession.close} none comes. */
interface MediaEvents {
  state(state: MediaState): void;
  /** A track joined {@link MediaSession.remoteStream} or left it, or the stream is another one (takeover). */
  remoteStream(): void;
  /** Once a second from when media first flowed. */
  quality(sample: QualitySample): void;
  /** {@link MediaSession.securityCode} is there, or another one. */
  securityCode(): void;
  /** Something went wrong that does not end the call. */
  error(error: RingdownError): void;
}

/** What a media session is made of. */
export interface MediaSessionOptions {
  readonly platform: Platform;
  /** The part of this side in the call, final even after glare: the callee is polite (RN-1). */
  readonly role: 'caller' | 'callee';
  /** ICE servers and transport policy to begin with. */
  readonly configuration: RTCConfiguration;
  /**
   * Fresh ones, for a restart or at half of the time of the former. Never rejects: without any the former stay in use
   * (it then resolves to undefined).
   */
  readonly freshConfiguration: () => Promise<RTCConfiguration | undefined>;
  readonly signal: MediaSignal;
  readonly events: MediaEvents;
}

/**
 * One media connection between two people, over all its negotiations, restarts and (takeover) browsers. No peer
 * connection is made before {@link offer} or {@link answer} is called; live-call calls neither, for an incoming call,
 * before the person accepted (T3, T4).
 */
export interface MediaSession {
  /** The tracks of the other side; undefined before the first came. */
  readonly remoteStream: MediaStream | undefined;
  /** What goes with the hang-up (QU-1); undefined before there were figures. */
  readonly metrics: QualityMetrics | undefined;
  /** Seven emoji that both people see alike, once both fingerprints are known. */
  readonly securityCode: readonly SecuritySign[] | undefined;

  /**
   * Describes the connection that begins the call, and gathers.
   * @param local tracks to send @param video whether the call has a picture, also when no camera is on yet
   * @throws when the browser cannot
   */
  offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription>;
  /**
   * Applies the offer that began the call, describes the answer, and gathers.
   * @throws when the browser cannot
   */
  answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription>;
  /**
   * Applies the answer to {@link offer} (no `negotiationId`), or to an offer inside the call. Another one, or one to
   * what is over, is ignored.
   * @throws when the browser cannot use the first answer
   */
  receiveAnswer(answer: AnswerDescription, negotiationId: number | undefined): Promise<void>;
  /** An offer of the other side inside the call; answers by {@link MediaSignal.sendAnswer}. Never throws. */
  receiveOffer(offer: RemoteOffer): void;
  /** Candidates of the other side; those that come before their description wait for it (IC-2). */
  receiveCandidates(candidates: readonly CandidateOrEnd[]): void;

  /**
   * Sends another track, or nothing, in place of the one of its kind. A kind that the connection has no line for yet
   * (the picture of an audio call) gets one, by a renegotiation.
   * @throws {RingdownError} `unsupported` when that takes a renegotiation which this call cannot have
   */
  replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null, stream?: MediaStream): Promise<void>;

  /** Restarts ICE now, as after a change of network; nothing happens while one is under way or none is possible. */
  restart(): void;
  /** Whether the service can be reached, by this side or by the other, whenever that changes; it could at the beginning. */
  signalling(up: boolean, of?: 'me' | 'peer'): void;
  /** Makes believe that the path is lost, for an application's own tests: the browser's next state is `failed`. */
  simulateFailure(): void;

  /** The browser's figures; undefined before there is a connection. */
  getStats(): Promise<RTCStatsReport | undefined>;
  /** Ends it for good and lets go of the connection, not of the local tracks. Idempotent. */
  close(): void;
}

/** Makes a media session; nothing of the browser is touched yet. */
export type OpenMediaSession = (options: MediaSessionOptions) => MediaSession;
