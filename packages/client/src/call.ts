/** One call as an application sees it. */
import type { CallType } from '@ringdown/protocol';
import type { MediaStateOfSide } from './call-signal.ts';
import type { Unsubscribe } from './emitter.ts';
import type { RingdownError } from './errors.ts';
import type { DeviceChoice } from './media.ts';
import type { QualitySample } from './media-session.ts';
import type { SecuritySign } from './verification.ts';

/**
 * Where a call is.
 * `dialling`: media and offer on the way · `ringing`: the service has taken the call and looks for the other side, who may
 * still be `busy` or `not_available`; begin a ringback tone at `devicesRinging` · `incoming`: it rings here ·
 * `connecting`: accepted, media not flowing yet · `connected` · `reconnecting`: media interrupted, the browsers try
 * to recover · `ended`: for good, see {@link Call.end}
 */
export type CallPhase = 'dialling' | 'ringing' | 'incoming' | 'connecting' | 'connected' | 'reconnecting' | 'ended';

/**
 * Why a call ended.
 * - `hung_up` one of the two hung up an answered call; also when the other side answered somebody else instead
 * - `cancelled` the caller hung up before the answer
 * - `rejected` the callee refused · `busy` is in another call, or refused as such
 * - `not_available` nobody could be rung · `no_answer` nobody answered in time
 * - `answered_elsewhere`, `rejected_elsewhere` another device of this person answered or refused
 * - `taken_over` the call goes on, on another device of this person
 * - `connection_lost` one side was gone for too long, or the browsers lost each other for good
 * - `replaced` one of the two began another call from the same device
 * - `media_error` microphone, camera or browser of one side could not take the call
 * - `failed` the service refused it, or the browsers never reached each other
 */
export type EndReason =
  | 'hung_up'
  | 'cancelled'
  | 'rejected'
  | 'busy'
  | 'not_available'
  | 'no_answer'
  | 'answered_elsewhere'
  | 'rejected_elsewhere'
  | 'taken_over'
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

/** Whether the other side can be reached by the service: its media may flow all the same (DS-1). */
export type PeerConnection = 'connected' | 'reconnecting';

/** What the other side says it sends (MS-1). */
export type PeerMedia = MediaStateOfSide;

/** Which devices to use. In a call that has no picture, `video` is ignored. */
export interface MediaChoice {
  /** `false`: start without the microphone; it can be turned on later. */
  readonly audio?: boolean;
  /** `false`: start without the camera; it can be turned on later. */
  readonly video?: boolean;
}

/** A device that went away by itself. */
export type LostDevice = 'microphone' | 'camera';

/** The events of a call and what a listener is given. */
export interface CallEvents {
  state: CallPhase;
  /** `localStream` or `remoteStream` changed, or a track joined or left one of them. */
  streams: undefined;
  /** `microphoneOn`, `cameraOn`, `screenStream` or `callType` changed. */
  media: undefined;
  /**
   * A device was unplugged or taken by the system. A microphone that was on is replaced by the browser's next choice; when
   * there is none, `error` says so. A camera stays off.
   */
  deviceLost: LostDevice;
  /** On how many devices it rings at the other end (RI-1); only where the service says so. */
  devicesRinging: number;
  /** Another device of this person is answering; it rings there for so many ms more, and may be answered here too. */
  acceptingElsewhere: number;
  /** The service lost or found the other side, see {@link Call.peerConnection}. */
  peerConnection: PeerConnection;
  /** The other side turned something on or off, see {@link Call.peerMedia}. */
  peerMedia: PeerMedia;
  /** Once a second from when media first flowed. */
  quality: QualitySample;
  /** {@link Call.securityCode} is known, or another one. */
  securityCode: readonly SecuritySign[] | undefined;
  /** It is over; comes once, last, after `state`. */
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
  /** The screen that is shared in place of the camera; undefined while none is. */
  readonly screenStream: MediaStream | undefined;
  /** Whether the service can reach the other side; `reconnecting` only where it says so. */
  readonly peerConnection: PeerConnection;
  /** What the other side says it sends; undefined as long as it said nothing. */
  readonly peerMedia: PeerMedia | undefined;
  /** Seven signs that both people see alike when nobody is between them; undefined as long as that is not known. */
  readonly securityCode: readonly SecuritySign[] | undefined;
  /**
   * Answers an incoming call. Only now are microphone, camera and network touched.
   * @throws {RingdownError} `invalid_state` when it is not ringing here; `permission_denied`, `device_not_found`,
   *   `device_busy` or `unsupported` when the media cannot be had: the call then ends on this device alone as
   *   `media_error`, and the caller is told when it rings nowhere else; `media_failed` when the browser cannot take the
   *   call, which ends as `failed`; `call_ended` when it ended meanwhile
   */
  accept(choice?: MediaChoice): Promise<void>;
  /** Refuses an incoming call, on all devices (`rejected`) or only on this one (`busy`). Else like {@link hangUp}. */
  reject(reason?: 'rejected' | 'busy'): void;
  /**
   * Ends the call here and now, and tells the service as soon as it can be reached. Idempotent. An incoming call that was
   * not accepted is declined on all devices, as by {@link reject}.
   */
  hangUp(): void;
  /**
   * Mutes or opens the microphone. Failure to get a microphone is told by `'error'`.
   * @throws {RingdownError} `invalid_state`, at once, before media are granted and after the end
   */
  setMicrophone(on: boolean): void;
  /**
   * Turns the camera on or off; off also frees the device a second later. In an audio call the picture is added to the
   * running call.
   * @throws {RingdownError} `unsupported` in an audio call before its answer, or that cannot be changed while it runs;
   *   `invalid_state` when the call is over or not accepted yet; as {@link accept} when the camera cannot be had;
   *   `media_failed`, `timeout`, `rejected_by_service` or `call_ended` when the picture could not be added
   */
  setCamera(on: boolean): Promise<void>;
  /**
   * Uses another microphone: at once, or when it is next opened.
   * @param choice from {@link RingdownClient.devices}; undefined for the browser's own choice
   * @throws {RingdownError} `invalid_state` as {@link setCamera}; `device_not_found`, `device_busy` or
   *   `permission_denied`, and the former one is still in use
   */
  useMicrophone(choice: { readonly deviceId: string } | undefined): Promise<void>;
  /**
   * Uses another camera: at once, or when it is next turned on.
   * @param choice a device, or the side of a phone; without one the other side, or the next camera there is
   * @throws {RingdownError} as {@link useMicrophone}; `device_not_found` when there is no other
   */
  switchCamera(choice?: DeviceChoice): Promise<void>;
  /**
   * Shares a screen, window or tab in place of the camera, until {@link stopSharingScreen} or until the person ends it
   * in the browser. Call it from a click. In an audio call a picture is added to the running call.
   * @throws {RingdownError} `permission_denied` when none was chosen, `unsupported` where screens cannot be shared or
   *   no picture can be added, `invalid_state` before the answer, and else as {@link setCamera}
   */
  shareScreen(): Promise<void>;
  /** Goes back to the camera. Idempotent. */
  stopSharingScreen(): void;
  /** The browser's figures, undefined while there is no connection. */
  getStats(): Promise<RTCStatsReport | undefined>;
  /** Adds a listener. @returns takes it away again */
  on<K extends keyof CallEvents>(event: K, listener: (value: CallEvents[K]) => void): Unsubscribe;
}
