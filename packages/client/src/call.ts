/** One call as an application sees it. */
import type { CallType } from '@ringdown/protocol';
import type { Unsubscribe } from './emitter.ts';
import type { RingdownError } from './errors.ts';

/**
 * Where a call is.
 * `dialling`: media and offer on the way · `ringing`: the service rings the other side · `incoming`: it rings here ·
 * `connecting`: accepted, media not flowing yet · `connected` · `reconnecting`: media interrupted, the browsers try
 * to recover · `ended`: for good, see {@link Call.end}
 */
export type CallPhase = 'dialling' | 'ringing' | 'incoming' | 'connecting' | 'connected' | 'reconnecting' | 'ended';

/** Why a call ended. */
export type EndReason =
  | 'hung_up'
  | 'cancelled'
  | 'rejected'
  | 'busy'
  | 'not_available'
  | 'no_answer'
  | 'answered_elsewhere'
  | 'rejected_elsewhere'
  | 'connection_lost'
  | 'replaced'
  | 'media_error'
  | 'failed';

/** How a call ended, and by whom. `message` is the service's own text, in the language it chose. */
export interface CallEnd {
  readonly reason: EndReason;
  readonly by: 'me' | 'peer' | 'service';
  readonly message?: string;
}

/** The person at the other end; for an outgoing call the name is known once they answered. */
export interface CallPeer {
  readonly id: string;
  readonly username?: string;
  readonly avatar?: string;
}

/** Which devices to use. In a call that has no picture, `video` is ignored. */
export interface MediaChoice {
  /** `false`: start without the microphone; it can be turned on later. */
  readonly audio?: boolean;
  /** `false`: start without the camera; it can be turned on later. */
  readonly video?: boolean;
}

/** The events of a call and what a listener is given. */
export interface CallEvents {
  state: CallPhase;
  /** `localStream` or `remoteStream` changed, or a track joined or left one of them. */
  streams: undefined;
  /** `microphoneOn` or `cameraOn` changed. */
  media: undefined;
  ended: CallEnd;
  error: RingdownError;
}

/** One call. Made by {@link RingdownClient.call} or handed over by its `'incoming'` event. */
export interface Call {
  /** Who began it, from this person's point of view. */
  readonly direction: 'outgoing' | 'incoming';
  readonly peer: CallPeer;
  /** Whether the call has a picture. */
  readonly callType: CallType;
  /** The service's id of the call; unknown until the service acknowledged an outgoing one. */
  readonly callId: string | undefined;
  readonly state: CallPhase;
  /** Set once `state` is `ended`. */
  readonly end: CallEnd | undefined;
  /** When media first flowed, ms since 1970. */
  readonly connectedAt: number | undefined;
  /** Until when an incoming call rings, ms since 1970, as far as the service said. */
  readonly ringsUntil: number | undefined;
  /** The own picture and voice; undefined before they were granted and after the end. */
  readonly localStream: MediaStream | undefined;
  /** The other side's picture and voice; undefined before the connection is made. */
  readonly remoteStream: MediaStream | undefined;
  readonly microphoneOn: boolean;
  readonly cameraOn: boolean;
  /**
   * Answers an incoming call. Only now are microphone, camera and network touched.
   * @throws {RingdownError} `invalid_state` when it is not ringing here; `permission_denied`, `device_not_found` or
   *   `device_busy` when the media cannot be had: the call then ends on this device as `media_error`, and the caller
   *   is told; `call_ended` when it ended meanwhile
   */
  accept(choice?: MediaChoice): Promise<void>;
  /** Refuses an incoming call, on all devices (`rejected`) or only on this one (`busy`). Else like {@link hangUp}. */
  reject(reason?: 'rejected' | 'busy'): void;
  /** Ends the call here and now, and tells the service as soon as it can be reached. Idempotent. */
  hangUp(): void;
  /** Mutes or opens the microphone. Failure to get a microphone is told by `'error'`. */
  setMicrophone(on: boolean): void;
  /**
   * Turns the camera on or off; off also frees the device a second later.
   * @throws {RingdownError} `unsupported` in an audio call, `invalid_state` when the call is over or not accepted yet,
   *   and as {@link accept} when the camera cannot be had
   */
  setCamera(on: boolean): Promise<void>;
  /** The browser's figures, undefined while there is no connection. */
  getStats(): Promise<RTCStatsReport | undefined>;
  on<K extends keyof CallEvents>(event: K, listener: (value: CallEvents[K]) => void): Unsubscribe;
}
