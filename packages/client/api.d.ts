// The public API of @ringdown/client, as its declarations say it. Written by `npm run sdk`; do not edit.

// ------------------------------------ index.d.ts
/** The door of the browser SDK: calls. */
export type { CallType, ErrorReason, IceCandidate } from '@ringdown/protocol';
export { type PlayOptions, playRemote, type SoundPage, unlockAudio } from './autoplay.js';
export type { Call, CallEnd, CallEvents, CallPeer, CallPhase, EndReason, LostDevice, MediaChoice, PeerConnection, PeerMedia, } from './call.js';
export { type CallOptions, type ClientEvents, type ClientState, RingdownClient, type RingdownClientOptions, type SimulatedFault, } from './client.js';
export type { MediaDevice } from './devices.js';
export type { Unsubscribe } from './emitter.js';
export { type RefusalReason, RingdownError, type RingdownErrorCode, type RingdownErrorOptions } from './errors.js';
export type { DeviceChoice } from './media.js';
export type { QualitySample } from './media-session.js';
export type { OpenCall } from './open-calls.js';
export type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.js';
export type { Platform, SocketEvents, SocketPort } from './platform.js';
export type { Presence, PresenceChange, PresenceState } from './presence.js';
export type { DirectionFigures, MediaFigures, MediaPath } from './stats.js';
export type { Release, TabChannel, Tabs } from './tabs.js';
export type { Token, TokenProvider } from './token.js';
export { EMOJI, type SecuritySign } from './verification.js';

// ------------------------------------ ringing.d.ts
/** The door of what rings: a tone, in one of the tabs of a browser. Apart, since an application may ring in its own way. */
export type { RingTone, TonePlayer } from './ring-tone.js';
export { type MissedCall, Ringer, type RingerEvents, type RingerOptions, type RingerPlatform } from './ringer.js';

// ------------------------------------ testing.d.ts
/** Doubles for applications that test against the SDK without a browser, a network or a service. */
export { FakeMedia, FakeStream, FakeTrack } from './fake-media.js';
export { FakePeer, FakePeers } from './fake-peer.js';
export { FakeService } from './fake-service.js';
export { FakeBrowser, FakeTab } from './fake-tabs.js';
export { FakeTones } from './fake-tones.js';
export { type FakePair, type FakePerson, FakeWorld, reached } from './fake-world.js';

// ------------------------------------ autoplay.d.ts
/** Sound in spite of autoplay rules: browsers let a page be heard only after a gesture of the person. */
import { RingdownError } from './errors.js';
/** The page, as far as sound needs one. */
export interface SoundPage {
    /** Whether it is worth waiting for a gesture: false outside of a browser. */
    hasAudio(): boolean;
    /** Makes an audio context; undefined where there is none to have. */
    openAudio(): AudioContext | undefined;
    /** Calls the listener at every gesture, from within it; the returned function stops that. */
    onGesture(listener: () => void): () => void;
}
/** The page this runs in. Nothing of it is touched before it is used. */
export declare const browserSoundPage: SoundPage;
/** The one audio context of a page: browsers allow only a few. @returns undefined where there is none to have */
export declare function audioOf(page: SoundPage): AudioContext | undefined;
/**
 * Lets the page be heard from its first gesture on. Call it once when the page starts, so that a call that comes later
 * can ring; calling it again is harmless.
 * @param signal stops the waiting
 * @returns resolves with true when a tone would be heard; with false where there is no WebAudio, or when `signal` was
 *   aborted first. Never rejects
 */
export declare function unlockAudio(signal?: AbortSignal, page?: SoundPage): Promise<boolean>;
/** What the error `autoplay_blocked` says. */
export declare const NEEDS_GESTURE = "The browser plays no sound before a gesture.";
/** What {@link playRemote} tells. */
export interface PlayOptions {
    /**
     * Is told once when the browser refuses to play sound: `autoplay_blocked`. Show "tap to listen"; any gesture will do,
     * and until then a `<video>` shows its picture in silence.
     */
    readonly onBlocked?: (error: RingdownError) => void;
    /** Is told when it plays, with sound, after it was blocked. */
    readonly onUnblocked?: () => void;
    /** The page; a double in tests. */
    readonly page?: SoundPage;
}
/**
 * Plays the other side in a `<video>` or `<audio>` element, and where the browser refuses tries again at every gesture.
 * @param element the same one for the whole call; one given again is left as it is when it plays this stream already
 * @param stream {@link Call.remoteStream}
 * @returns stops playing, and takes the stream off the element. Idempotent
 */
export declare function playRemote(element: HTMLMediaElement, stream: MediaStream, options?: PlayOptions): () => void;

// ------------------------------------ call.d.ts
/** One call as an application sees it. */
import type { CallType } from '@ringdown/protocol';
import type { MediaStateOfSide } from './call-signal.js';
import type { Unsubscribe } from './emitter.js';
import type { RingdownError } from './errors.js';
import type { DeviceChoice } from './media.js';
import type { QualitySample } from './media-session.js';
import type { SecuritySign } from './verification.js';
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
export type EndReason = 'hung_up' | 'cancelled' | 'rejected' | 'busy' | 'not_available' | 'no_answer' | 'answered_elsewhere' | 'rejected_elsewhere' | 'taken_over' | 'connection_lost' | 'replaced' | 'media_error' | 'failed';
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
    useMicrophone(choice: {
        readonly deviceId: string;
    } | undefined): Promise<void>;
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

// ------------------------------------ client.d.ts
import type { Call, MediaChoice } from './call.js';
import { type ConnectionState } from './connection.js';
import { type MediaDevice } from './devices.js';
import { type Unsubscribe } from './emitter.js';
import { RingdownError } from './errors.js';
import { type OpenCall } from './open-calls.js';
import { type Platform } from './platform.js';
import { type Presence } from './presence.js';
import { type TokenProvider } from './token.js';
/** What a client needs to know. */
export interface RingdownClientOptions {
    /** The socket `ws(s)://host/ws`, or the base `http(s)://host` from which it is derived. Never holds a token. */
    readonly url: string | URL;
    /**
     * Gives the bearer token, alone or with its end; asked at every connect, about a minute before its end, when the service
     * wants a fresh one, and before each question over HTTP: keep it until it is about to end. When it fails, or takes
     * longer than 15 s, it is asked again later; an empty token, or an `unauthenticated` {@link RingdownError}, means that
     * nobody is signed in.
     */
    readonly token: TokenProvider;
    /**
     * Gives the STUN/TURN servers for one call; default: `GET <base>/api/rtc/ice-servers` with the token. After five seconds
     * a call goes on without.
     */
    readonly iceServers?: () => Promise<RTCIceServer[]>;
    /** The language of the service's texts, BCP 47 as `en` or `zh-CN`; default: what the browser asks for. */
    readonly lang?: string;
    /** Doubles for tests. */
    readonly platform?: Partial<Platform>;
}
/** How to call. */
export interface CallOptions extends MediaChoice {
    /**
     * `false` makes it an audio call; a call has a picture by default. With `takeover` the call stays what it is, and `false`
     * goes on without the camera.
     */
    readonly video?: boolean;
    /** The conversation it belongs to; passed on to the other side. */
    readonly conversationId?: string;
    /**
     * Goes on here with the call that this person has with that one on another device, or had here before the page was
     * reloaded (see {@link RingdownClient.openCalls}); without such a call it is a new one.
     */
    readonly takeover?: boolean;
}
/**
 * Whether the service can be reached.
 * - `offline` it is not wanted, or was refused for good
 * - `connecting` it has not been reached yet, and is being tried
 * - `online`
 * - `resuming` it was reached, and is being reached again: calls go on, and what is said waits
 */
export type ClientState = ConnectionState;
/** What {@link RingdownClient.simulate} can make believe. */
export type SimulatedFault = 'signal-loss' | 'ice-failure' | 'resume' | 'full-reconnect' | 'token-expiry';
/** The events of a client and what a listener is given. */
export interface ClientEvents {
    state: ClientState;
    /** Somebody rings here. */
    incoming: Call;
    /** Any new call, outgoing or incoming. */
    call: Call;
    /** {@link RingdownClient.openCalls} changed. */
    openCalls: readonly OpenCall[];
    /** A device was plugged in or out; {@link RingdownClient.devices} lists those of now. */
    devices: undefined;
    /**
     * What went wrong outside a call, and what listeners threw. Only what leaves `state` at `offline` needs an action:
     * `unauthenticated`, to sign in again, and `rejected_by_service`, to connect after a while.
     */
    error: RingdownError;
}
/** A signed-in person on this device. */
export declare class RingdownClient {
    #private;
    /** Which friends are online. */
    readonly presence: Presence;
    /** @throws {TypeError} when `url` is no ws, wss, http or https address */
    constructor(options: RingdownClientOptions);
    /** Whether the service can be reached. */
    get state(): ClientState;
    /** The calls that have not ended, oldest first. */
    get calls(): readonly Call[];
    /** The call this person is in or dials; else one that rings here. */
    get activeCall(): Call | undefined;
    /**
     * Calls of this person that go on without this page, as the service told when this client last connected without
     * resuming: on other devices, and with `here` the one that this page was in before it was reloaded. To go on with one,
     * {@link call} its peer with `takeover`; nobody is rung. One that is `here` is held for 30 seconds, and again for as many
     * from when that is asked; then it is hung up, and at once by {@link endOpenCall} or when somebody else is called. Empty
     * where the service does not tell.
     */
    get openCalls(): readonly OpenCall[];
    /** Ends one of {@link openCalls}, wherever it is. Nothing happens when it is none of them. */
    endOpenCall(callId: string): void;
    /**
     * The microphones, cameras and loudspeakers of this computer. Before this site was allowed to use one, browsers say
     * little or nothing of them. Never rejects.
     */
    devices(): Promise<readonly MediaDevice[]>;
    /**
     * Connects, and stays connected over lost networks until {@link disconnect}.
     * @returns resolves when online for the first time
     * @throws {RingdownError} `unauthenticated` or `rejected_by_service` when the service refuses for good; `not_online` at
     *   {@link disconnect}. While the service cannot be reached it stays pending
     */
    connect(): Promise<void>;
    /**
     * Goes offline. Hangs up nothing: media that flows goes on flowing, and the service ends the call when this person
     * does not connect again within its grace. Hang up first, if that is meant.
     */
    disconnect(): void;
    /**
     * Makes believe that something went wrong, so that an application can try what it does then. Without a socket, or
     * without a call for `ice-failure`, nothing happens.
     * - `signal-loss` nothing gets through to the service any more and nobody says so, as after a change of network: within
     *   15 s in a call, 30 s else, this is noticed and the session resumed
     * - `resume` the socket is lost at once; the session is resumed and nothing missed
     * - `full-reconnect` the socket is lost, and the session cannot be resumed: calls are held against what the service
     *   knows
     * - `token-expiry` the service closes the socket because the token has run out; a new one is asked for
     * - `ice-failure` the path between the browsers is lost; ICE is restarted. The path that is left was whole in truth: between
     *   Chromium, which called, and Firefox one direction may stay silent for seconds, and a second failure may
     *   end the call as `failed`, which a real loss does not cause
     */
    simulate(fault: SimulatedFault): void;
    /**
     * Calls somebody. If that person is ringing here already, their call is accepted and returned instead; if they dial
     * at the same moment, the two calls become this one. While `resuming` the offer waits up to 20 seconds.
     * @returns resolves when microphone and camera are granted, before it rings; `'call'` is emitted before that
     * @throws {RingdownError} `not_online`; `invalid_state` while another call is under way; as {@link Call.accept} when
     *   the media cannot be had
     */
    call(userId: string, options?: CallOptions): Promise<Call>;
    /** Adds a listener. @returns takes it away again */
    on<K extends keyof ClientEvents>(event: K, listener: (value: ClientEvents[K]) => void): Unsubscribe;
}

// ------------------------------------ devices.d.ts
/** The microphones, cameras and loudspeakers of this computer, for an application to choose from. */
import type { DeviceChoice } from './media.js';
import type { Platform } from './platform.js';
/** One device that a person may choose. */
export interface MediaDevice {
    readonly kind: 'microphone' | 'camera' | 'speaker';
    /** The browser's id for it, good for this site; give it as {@link DeviceChoice}. */
    readonly deviceId: string;
    /** What the system calls it; empty before this site was allowed to use a device of its kind. */
    readonly label: string;
}
/**
 * Lists the devices.
 * @returns those with an id, which are all once a permission was given; none where the page may not ask. Never rejects.
 */
export declare function listDevices(platform: Pick<Platform, 'enumerateDevices'>): Promise<readonly MediaDevice[]>;
/**
 * The camera that comes after the one in use: on a phone the other side's, else the next in the list. Pure.
 * @param settings of the camera in use; undefined when none is open
 * @returns undefined when there is no other
 */
export declare function nextCamera(settings: MediaTrackSettings | undefined, devices: readonly MediaDevice[]): DeviceChoice | undefined;

// ------------------------------------ emitter.d.ts
/** Typed events whose listeners cannot break the one who emits. */
/** Takes a listener away again; calling it twice is harmless. */
export type Unsubscribe = () => void;
/** Listeners by event name; `E` maps each name to the value a listener is given. */
export declare class Emitter<E extends object> {
    #private;
    /** @param onListenerError is told what a listener threw; the other listeners are still called */
    constructor(onListenerError: (cause: unknown, event: keyof E) => void);
    /** Adds a listener; the same function added twice is called once. */
    on<K extends keyof E>(event: K, listener: (value: E[K]) => void): Unsubscribe;
    /**
     * Calls every listener that is there and stays, in the order they were added. Never throws. What a listener
     * causes to be emitted comes after the event it is being told, so that all listeners see one order.
     */
    emit<K extends keyof E>(event: K, value: E[K]): void;
}

// ------------------------------------ errors.d.ts
/** The one error class of the SDK: a stable code to act on, the service's reason where there is one, and the cause. */
import type { ErrorReason } from '@ringdown/protocol';
/**
 * What went wrong, as a stable word.
 * - `permission_denied` the person or the browser's policy refused the microphone or the camera
 * - `device_not_found` there is no such device, or none that fits
 * - `device_busy` another application holds the device, or its driver failed
 * - `not_online` there is no connection to the service at this moment
 * - `unauthenticated` the service refuses the token, also a freshly asked one
 * - `rejected_by_service` the service refused a request; see `reason`
 * - `timeout` the service did not answer a request in time
 * - `invalid_state` the call or the client is not in a state in which this may be asked
 * - `call_ended` the call ended while this was under way
 * - `protocol` the service or the peer sent something this version cannot use; it was ignored
 * - `unsupported` this call or this browser cannot do that
 * - `ice_servers_unavailable` the list of STUN/TURN servers could not be fetched; the call goes on without
 * - `media_failed` the connection between the two browsers could not be made or was lost
 * - `autoplay_blocked` the browser plays no sound before a gesture; it is tried again at the next one
 * - `ring_tone_unavailable` the application's ring tone could not be loaded; the SDK's own plays
 * - `listener_failed` a listener of the application threw; see `cause`
 */
export type RingdownErrorCode = 'permission_denied' | 'device_not_found' | 'device_busy' | 'not_online' | 'unauthenticated' | 'rejected_by_service' | 'timeout' | 'invalid_state' | 'call_ended' | 'protocol' | 'unsupported' | 'ice_servers_unavailable' | 'media_failed' | 'autoplay_blocked' | 'ring_tone_unavailable' | 'listener_failed';
/** The service's own word for a refusal. A newer service may say one that this version does not know. */
export type RefusalReason = ErrorReason | (string & {});
/** What is known of an error beside its code, see {@link RingdownError}. */
export interface RingdownErrorOptions {
    readonly reason?: RefusalReason | undefined;
    readonly callId?: string | undefined;
    readonly retryAfterMs?: number | undefined;
    readonly cause?: unknown;
}
/** Every error that the SDK throws, rejects with or reports through `'error'`. */
export declare class RingdownError extends Error {
    readonly name = "RingdownError";
    /** What went wrong, see {@link RingdownErrorCode}. */
    readonly code: RingdownErrorCode;
    /** The service's own word for it, when the service refused something. */
    readonly reason: RefusalReason | undefined;
    /** The call that the service named with its refusal, as the one on another device (`already_in_call`). */
    readonly callId: string | undefined;
    /** How long to wait before trying again, ms, when the service said so. */
    readonly retryAfterMs: number | undefined;
    constructor(code: RingdownErrorCode, message: string, options?: RingdownErrorOptions);
}
/** `data` of an error frame of the service, as far as the SDK reads it. */
interface ServiceErrorData {
    readonly message: string;
    readonly code: number;
    readonly reason?: string | undefined;
    readonly callId?: string | undefined;
    readonly retryAfterMs?: number | undefined;
}
/**
 * Makes the error that stands for a refusal by the service.
 * @param data the `data` of the service's error frame
 */
export declare function serviceError(data: ServiceErrorData): RingdownError;
/** What fails because the call is over. */
export declare const callEnded: () => RingdownError;
/**
 * Wraps whatever was thrown, unless it is one of ours already.
 * @param cause anything that was thrown
 * @param code the code it stands for @param message one sentence, without any value of the cause
 */
export declare function asRingdownError(cause: unknown, code: RingdownErrorCode, message: string): RingdownError;
/** What stands for a failure of the media connection; see `cause`. */
export declare const mediaFailed: (cause: unknown) => RingdownError;
export {};

// ------------------------------------ media.d.ts
/** Microphone, camera and screen: how they are asked for, and what a refusal means. Touches these requests alone. */
import { RingdownError } from './errors.js';
type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;
/**
 * Which device of a kind: one by its id (from {@link MediaDevice}), or the camera that looks at the person (`front`) or
 * away (`back`), which only phones and tablets tell apart.
 */
export type DeviceChoice = {
    readonly deviceId: string;
} | {
    readonly facing: 'front' | 'back';
};
/** What was opened. */
export interface OpenedMedia {
    /** Undefined when nothing was wanted. */
    readonly stream: MediaStream | undefined;
    /** Why there is no camera although one was wanted. */
    readonly withoutCamera?: RingdownError;
}
/**
 * Opens the wanted devices. Somebody whose camera is missing or taken can still talk and see the other side, so a
 * camera that fails is left out and told in `withoutCamera`; a refusal by the person is never worked around.
 * @throws {RingdownError} `permission_denied`, `device_not_found`, `device_busy` or `unsupported`
 */
export declare function openMedia(getUserMedia: GetUserMedia, wanted: {
    readonly audio: boolean;
    readonly video: boolean;
}): Promise<OpenedMedia>;
/**
 * Opens one device of a call that is under way.
 * @param choice which one; the browser's own choice when undefined
 * @throws {RingdownError} as {@link openMedia}
 */
export declare function openTrack(getUserMedia: GetUserMedia, kind: 'audio' | 'video', choice: DeviceChoice | undefined): Promise<{
    track: MediaStreamTrack;
    stream: MediaStream;
}>;
/**
 * Asks which screen, window or tab to share. Only the picture: the sound of the call stays the microphone's.
 * @throws {RingdownError} `permission_denied` when the person chose none, or not within a gesture; `unsupported` where
 *   screens cannot be shared, as on phones; `device_busy` when the system did not give it
 */
export declare function openScreen(getDisplayMedia: (constraints: DisplayMediaStreamOptions) => Promise<MediaStream>): Promise<{
    track: MediaStreamTrack;
    stream: MediaStream;
}>;
export {};

// ------------------------------------ media-session.d.ts
/**
 * The port between the two halves of a call: its signalling (`live-call` and what it uses) and its media connection.
 * Each half sees the other only through these types, so that either can be tried alone.
 */
import type { CallType, IceCandidate, QualityMetrics } from '@ringdown/protocol';
import type { RingdownError } from './errors.js';
import type { AnswerDescription, OfferDescription } from './peer.js';
import type { Platform } from './platform.js';
import type { MediaFigures } from './stats.js';
import type { SecuritySign } from './verification.js';
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
    sendOffer(offer: OfferDescription, callType: CallType): Promise<{
        readonly negotiationId: number;
    }>;
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
export {};

// ------------------------------------ open-calls.d.ts
/**
 * The calls of this person that go on without this page: on another device, or here until the page was reloaded. Knows
 * how long the latter are held, and nothing of frames.
 */
import type { CallType, LiveCallSummary } from '@ringdown/protocol';
import type { CallPeer } from './call.js';
import type { Platform } from './platform.js';
/** A call of this person that goes on without this page. */
export interface OpenCall {
    readonly callId: string;
    readonly direction: 'outgoing' | 'incoming';
    readonly peer: CallPeer;
    readonly callType: CallType;
    /** It was on this very device, until its page was reloaded; otherwise it is on another one. */
    readonly here: boolean;
}
interface OpenCallsOptions {
    readonly platform: Pick<Platform, 'setTimer'>;
    /** @param reason `timeout` when nobody came back into it, `normal` when the person ended it */
    readonly hangUp: (call: OpenCall, reason: 'timeout' | 'normal') => void;
    readonly onChange: (all: readonly OpenCall[]) => void;
}
/** What is known of them, since the service last told. */
export declare class OpenCalls {
    #private;
    constructor(options: OpenCallsOptions);
    get all(): readonly OpenCall[];
    /** These are all there are. A hold that runs goes on. */
    set(all: readonly OpenCall[]): void;
    /** Those left behind here are held from now on: the person is coming back. */
    hold(): void;
    /** Holds nothing any more: the service waits for this device now, or for nobody. */
    pause(): void;
    /** Ends those left behind here: nobody comes back. */
    leave(): void;
    /** Ends one of them, wherever it is; nothing happens when it is none. */
    end(callId: string, reason?: 'timeout' | 'normal'): void;
    /** One is over, or goes on elsewhere now. @returns it, if it was one of them */
    remove(callId: string, becomes?: readonly OpenCall[]): OpenCall | undefined;
}
/** What the service says of a live call, as an application sees it. */
export declare function openCallOf({ callId, direction, peer, callType, here }: LiveCallSummary): OpenCall;
export {};

// ------------------------------------ peer.d.ts
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
    /** A local candidate was gathered; an empty one ends its generation. */
    candidate(candidate: IceCandidate): void;
    /** The connection between the browsers came, is interrupted, or was given up by the browser. */
    state(state: 'connected' | 'disconnected' | 'failed'): void;
    /** A track of the other side joined or left {@link Peer.remoteStream}. */
    track(): void;
    /** A STUN or TURN server failed. @param code of RFC 8489 §14.8, or 701 when it was not reached */
    iceError?(code: number): void;
}
/** One connection to the other browser. Nothing is sent or gathered before `offer` or `answer` is called. */
export interface Peer {
    /** The tracks of the other side, empty before they come. */
    readonly remoteStream: MediaStream;
    /** Where the connection is now, `RTCPeerConnectionState`. */
    readonly state: RTCPeerConnectionState;
    /** The descriptions that both sides agreed on last; undefined before. */
    readonly agreed: {
        readonly localSdp: string;
        readonly remoteSdp: string;
    } | undefined;
    /**
     * Describes a new connection and starts gathering.
     * @param local tracks to send @param video whether the call has a picture, also when no camera is on yet
     */
    offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription>;
    /** Describes the running connection anew. @param restartIce whether to look for a new path */
    offerAgain(restartIce: boolean): Promise<OfferDescription>;
    /** Takes back an offer of either side that was not answered. Harmless without one. */
    rollback(): Promise<void>;
    /** Applies an offer of the other side, the first or a later one, describes the answer, and gathers. */
    answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription>;
    /** Applies the other side's answer. */
    applyAnswer(answer: AnswerDescription): Promise<void>;
    /** Adds a candidate of the other side, or with an empty one the end; only after its description was applied. */
    addCandidate(candidate: IceCandidate): Promise<void>;
    /** Uses other ICE servers from the next restart on. @throws when the browser cannot */
    setConfiguration(configuration: RTCConfiguration): void;
    /** Whether a track of this kind can be sent without a new negotiation: there is a line, agreed on or first offered. */
    hasLine(kind: 'audio' | 'video'): boolean;
    /** Whether a line was prepared that the other side has not agreed on. */
    readonly hasUnagreedLine: boolean;
    /** Sends another track, or nothing, in place of the one of its kind; without a line nothing happens. */
    replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void>;
    /** Prepares a line for a kind that has none; the next offer asks for it. */
    addLine(track: MediaStreamTrack, stream: MediaStream | undefined): Promise<void>;
    /** Figures of the connection. */
    getStats(): Promise<RTCStatsReport>;
    /** Ends it for good. Idempotent; no event comes after it. */
    close(): void;
}
/** Makes a {@link Peer} of the browser's own RTCPeerConnection. */
export declare function openBrowserPeer(configuration: RTCConfiguration, events: PeerEvents): Peer;
/**
 * Offers the DTLS role that this side has already, as RFC 8842 §5.5 allows, instead of leaving the choice to the other
 * side: Firefox as the answerer of a later offer chooses anew, and Chromium then refuses its answer ("Failed to set SSL
 * role for the transport").
 */
export declare function withDtlsRole(offer: string, agreed: {
    readonly localSdp: string;
    readonly remoteSdp: string;
} | undefined): string;

// ------------------------------------ platform.d.ts
/** Everything of the browser that the SDK touches, behind one object, so that a test can give doubles. */
import { type Peer, type PeerEvents } from './peer.js';
import type { Tabs } from './tabs.js';
/** What a socket tells the connection. After `close` nothing comes. */
export interface SocketEvents {
    /** @param protocol the subprotocol that the service chose; empty or absent when it chose none */
    open(protocol?: string): void;
    message(text: string): void;
    close(code: number): void;
}
/** A WebSocket, as far as the connection needs one. */
export interface SocketPort {
    send(text: string): void;
    close(code: number): void;
}
/** The browser, as far as the SDK needs it. Every part can be replaced on its own. */
export interface Platform {
    /** Opens a WebSocket that offers the subprotocols. May throw when a subprotocol has letters it may not have. */
    openSocket(url: string, protocols: string[], events: SocketEvents): SocketPort;
    /** Makes a connection to another browser. Never called for an incoming call before it is accepted (T4). */
    openPeer(configuration: RTCConfiguration, events: PeerEvents): Peer;
    /** Asks for microphone and camera. Never called for an incoming call before it is accepted (T4). */
    getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
    /** Asks which screen, window or tab to share. Only called from a gesture of the person. */
    getDisplayMedia(constraints: DisplayMediaStreamOptions): Promise<MediaStream>;
    /** The devices of this computer; their labels are empty before a permission was given. */
    enumerateDevices(): Promise<MediaDeviceInfo[]>;
    /** Calls the listener when a device was plugged in or out; the returned function stops that. */
    onDeviceChange(listener: () => void): () => void;
    /** The browser's `fetch`, only used for the service's own address. */
    fetch(url: string, init: RequestInit): Promise<Response>;
    /** Runs something once after a delay in ms; the returned function cancels it. */
    setTimer(run: () => void, delayMs: number): () => void;
    /** Milliseconds since 1970. */
    now(): number;
    /** From 0 up to, but not including, 1; spreads reconnections. */
    random(): number;
    /** Calls the listener when the network is back or the page is seen again; the returned function stops that. */
    onWake(listener: () => void): () => void;
    /** Calls the listener when this computer may have another network; the returned function stops that. */
    onNetworkChange(listener: () => void): () => void;
    /** The SHA-256 of some bytes; fails where the page is neither https nor localhost. */
    sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
    /** What the tabs of one browser share; those of this browser when absent. */
    readonly tabs?: Tabs;
}
/** The browser itself. Nothing of it is touched before it is used, so that the SDK can be imported anywhere. */
export declare const browserPlatform: Platform;

// ------------------------------------ presence.d.ts
/** Which friends are online, as far as this client asked to know (PR-1). */
import type { PendingRequest, Request } from './connection.js';
import { type Unsubscribe } from './emitter.js';
import type { FrameOf } from './frames.js';
import type { RequestHandlers, RequestOptions } from './outbox.js';
/** Whether a friend can be rung. */
export type PresenceState = 'online' | 'offline';
/** What one change is: only those of whom something is new. */
export type PresenceChange = ReadonlyMap<string, PresenceState>;
/** Which friends are online. */
export interface Presence {
    /**
     * Asks to be told, from now on and over all reconnections, until every listener is taken away. The service tells of
     * every friend at once; a friend who may not be called is never told of. A service that does not know presence tells
     * nothing.
     * @param listener is given those of whom something is new, by user id
     * @returns takes it away again
     */
    subscribe(listener: (change: PresenceChange) => void): Unsubscribe;
    /** What was told last of somebody; undefined when nothing was, or nobody listens. */
    of(userId: string): PresenceState | undefined;
}
interface LivePresenceOptions {
    readonly send: (request: Request, handlers: RequestHandlers, options: RequestOptions) => PendingRequest;
    readonly isExtended: () => boolean;
    readonly onListenerError: (cause: unknown) => void;
}
/** See {@link Presence}. */
export declare class LivePresence implements Presence {
    #private;
    constructor(options: LivePresenceOptions);
    subscribe(listener: (change: PresenceChange) => void): Unsubscribe;
    of(userId: string): PresenceState | undefined;
    /** There is a new session; a subscription ends with its socket. */
    greeted(): void;
    /** What the service tells. */
    receive({ users }: FrameOf<'presence'>['data']): void;
}
export {};

// ------------------------------------ stats.d.ts
/**
 * The browser's statistics (webrtc-stats) in the few figures that a call needs. Pure. Counters of a browser count from
 * the beginning; every figure here is about the time between two samples.
 */
import type { QualityMetrics } from '@ringdown/protocol';
/** What goes in one direction. A figure is undefined when nothing was measured. */
export interface DirectionFigures {
    /** Lost of all that was sent, per cent. */
    readonly lossPercent: number | undefined;
    /** Variation of the delay, ms; the worse of sound and picture. */
    readonly jitterMs: number | undefined;
    /** Sound and picture without headers, kbit/s. */
    readonly bitrateKbps: number | undefined;
    /** Size of the picture, pixels. */
    readonly resolution: {
        readonly width: number;
        readonly height: number;
    } | undefined;
    /** Pictures a second. */
    readonly fps: number | undefined;
}
/**
 * The way that media take: `relay` when either side uses a TURN server, `srflx` when either is seen behind a NAT
 * (candidates of the kinds srflx and prflx), else `host`.
 */
export type MediaPath = 'host' | 'srflx' | 'relay';
/** What comes in, and beside it what goes out and how. */
export interface MediaFigures extends DirectionFigures {
    /** Round trip between the two browsers, ms. */
    readonly rttMs: number | undefined;
    readonly path: MediaPath | undefined;
    /** What this side sends; loss and jitter as the other side reports them. */
    readonly sending: DirectionFigures;
}
/** What one look at the statistics saw: enough to compare with the next one. */
export interface Sample {
    readonly atMs: number;
    readonly streams: ReadonlyMap<string, Stream>;
    readonly rttMs: number | undefined;
    readonly path: MediaPath | undefined;
    readonly jitterMs: Record<Direction, number | undefined>;
    /** Per cent of what this side sent lately, as the other side says. */
    readonly remoteLossPercent: number | undefined;
    /** Everything that came over the chosen way so far, bytes; undefined when the browser does not say. */
    readonly arrivedBytes: number | undefined;
    /** Sound and pictures that came so far, packets. */
    readonly arrivedPackets: number;
}
type Direction = 'incoming' | 'sending';
/** The counters of one stream of sound or pictures. */
interface Stream {
    readonly direction: Direction;
    /** Packets, those that were lost, bytes and frames. */
    readonly counts: readonly (number | undefined)[];
    readonly resolution: DirectionFigures['resolution'];
}
/** @param report the browser's report @param atMs when it was made, ms of any clock */
export declare function readSample(report: Iterable<readonly [string, unknown]>, atMs: number): Sample;
/** What happened between two samples. Counters that went back, as after a new connection, are left out. */
export declare function figuresBetween(before: Sample, after: Sample): MediaFigures;
/** What goes with the hang-up (QU-1): means over all samples, each second weighing the same. */
export declare class Averages {
    #private;
    add(sample: {
        score: number | undefined;
        lossPercent: number | undefined;
        rttMs: number | undefined;
    }): void;
    /** Undefined before there was anything; within the ranges that the service takes. */
    get metrics(): QualityMetrics | undefined;
}
export {};

// ------------------------------------ tabs.d.ts
/** What the tabs of one browser share: names that one holds at a time, messages, and what a tab remembers. Knows no calls. */
/** Lets go of what was held. Idempotent. */
export type Release = () => void;
/** A way to the other tabs of this origin. */
export interface TabChannel {
    /** Tells every other tab; not oneself. The message is plain JSON. Never throws. */
    post(message: unknown): void;
    close(): void;
}
/** What the tabs of one browser share, as far as the SDK needs it. */
export interface Tabs {
    /**
     * Whether `hold` keeps tabs apart. False where there are no Web Locks, as on a page that is neither https nor
     * localhost (and so has no microphone either): every tab then believes that it holds everything, and only messages
     * go from one to the other.
     */
    readonly sure: boolean;
    /** Whether the page was loaded again, as far as the browser says: another one of the same tab is going, or gone. */
    readonly reloaded: boolean;
    /**
     * Holds a name that one tab of this origin holds at a time; waits until it is free. It is free the moment its tab is
     * gone, however that went.
     * @param signal stops the waiting
     * @returns lets go; undefined when `signal` was aborted first. Never rejects
     */
    hold(name: string, signal?: AbortSignal): Promise<Release | undefined>;
    /** Opens a channel to the other tabs. What comes may be from another version of the page: check it. */
    openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
    /** Reads what this tab remembers over a reload. A duplicated tab begins with a copy of it. */
    recall(key: string): string | undefined;
    /** Remembers a text for this tab. Does nothing where that is not allowed. */
    remember(key: string, value: string): void;
}
/** The part of a browser that {@link tabsOf} is made of. What is missing is done without. */
export interface TabsBrowser {
    readonly locks?: Pick<LockManager, 'request'> | undefined;
    readonly BroadcastChannel?: typeof BroadcastChannel | undefined;
    /** May throw, as where the person allows a page no storage. */
    readonly sessionStorage?: () => Storage | undefined;
    readonly performance?: Pick<Performance, 'getEntriesByType'> | undefined;
}
/** Makes tabs from Web Locks, BroadcastChannel, sessionStorage and the page's own timing, each as far as there is one. */
export declare function tabsOf({ locks, BroadcastChannel: Channel, sessionStorage, performance }: TabsBrowser): Tabs;
/** The tabs of the browser this runs in. Nothing of it is touched before the first call. */
export declare function browserTabs(): Tabs;

// ------------------------------------ token.d.ts
/** The application's tokens: asked for, and how long each is good. Touches the application's provider and nothing else. */
/** What an application may give as token: the text alone, or with the end of its life. */
export type Token = string | {
    readonly token: string;
    /** When it ends: ms since 1970, or ISO 8601. Without it the `exp` of a JWT counts (RFC 7519 §4.1.4). */
    readonly expiresAt?: number | string | undefined;
};
/** Gives a token, see {@link RingdownClientOptions.token}. */
export type TokenProvider = () => Promise<Token> | Token;
/** A token, and when it ends, ms since 1970, as far as that can be told. */
export interface FreshToken {
    readonly token: string;
    readonly expiresAt: number | undefined;
}
/** Asks for a token. @throws what the application throws */
export declare function askToken(provider: TokenProvider): Promise<FreshToken>;
/**
 * How long to wait before a token is replaced.
 * @param now ms since 1970 by the clock that the end of the token is told by
 * @returns ms; undefined when the end is not known, or is over already: the service took the token, so one of the
 *   clocks is wrong, and its own word is waited for (AU-3)
 */
export declare function replaceAfterMs({ expiresAt }: FreshToken, now: number): number | undefined;

// ------------------------------------ verification.d.ts
/**
 * The security code: seven emoji that both people see alike exactly when nobody sits between their browsers. Touches
 * SHA-256 and nothing else.
 *
 * The media is encrypted end to end (DTLS-SRTP), and each side trusts the certificate whose fingerprint stands in the
 * other's description (`a=fingerprint`, RFC 8122). Whoever carries the descriptions, the service itself, could put its
 * own there (RFC 8827 §4.1); two people who read the code to each other would notice.
 *
 * How it is derived, so that another client can show the same:
 * 1. From the local and from the remote description take the values of all `a=fingerprint` lines: the name of the hash
 *    in lower case, one space, the pairs of hex digits in upper case. Of one description each value counts once; several
 *    are sorted and joined by commas.
 * 2. Sort the two texts by their UTF-16 code units and join them with a line feed behind the label:
 *    `ringdown security code 1` LF first LF second. UTF-8 of that goes into SHA-256.
 * 3. The first 42 bits of the digest, most significant first, are seven numbers of six bits: places in {@link EMOJI}.
 *
 * What it is worth: somebody in between has one chance in 2^42 with certificates chosen blindly. The code is no
 * commitment: who can compute 2^42 certificates while it rings may find one that fits. It is compared by voice or by
 * eye, within the call, and is good for that call only.
 */
/** One sign of a security code. */
export interface SecuritySign {
    readonly emoji: string;
    /** Its English name in one word, for screen readers and for reading aloud. */
    readonly name: string;
}
/** The table: 64 signs that are easy to tell apart and to name. Their order is part of the derivation. */
export declare const EMOJI: readonly SecuritySign[];
/**
 * Derives the code of a connection.
 * @param localSdp the description of this side @param remoteSdp that of the other side
 * @param sha256 the SHA-256 of some bytes
 * @returns seven signs; undefined when a description has no fingerprint
 * @throws what `sha256` throws
 */
export declare function securityCodeOf(localSdp: string, remoteSdp: string, sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>): Promise<readonly SecuritySign[] | undefined>;

// ------------------------------------ ring-tone.d.ts
/** What an incoming call sounds like: a tone made by WebAudio, or the application's own file. Touches sound alone. */
import { type SoundPage } from './autoplay.js';
import { RingdownError } from './errors.js';
/** What rings. */
export interface RingTone {
    /** A sound file, on this origin or with CORS; without one it is the tone of the SDK. */
    readonly url?: string | URL;
    /** From 0, silent, to 1; default 0.5. */
    readonly volume?: number;
}
/** Plays tones, as far as the ringer needs it. */
export interface TonePlayer {
    /** Has the first gesture of the person allow sound; to be called long before there is a call. */
    unlock(signal: AbortSignal): void;
    /** Resolves with true as soon as a tone would be heard, with false when `signal` was aborted first. Never rejects. */
    whenHeard(signal: AbortSignal): Promise<boolean>;
    /**
     * Plays a tone again and again.
     * @param onProblem is told when the file cannot be played; the SDK's own tone plays instead
     * @returns silences it at once. Idempotent
     */
    loop(tone: RingTone, onProblem: (error: RingdownError) => void): () => void;
}
/** Plays tones on a page. */
export declare function tonePlayerOf(page: SoundPage): TonePlayer;
/** Plays tones on the page this runs in. */
export declare const browserTones: TonePlayer;
/** One round of the own tone. Its end is silent, so that it can begin again without a click. Pure. */
export declare function ownSamples(sampleRate: number): Float32Array<ArrayBuffer>;

// ------------------------------------ ringer.d.ts
/**
 * Rings for incoming calls, in one tab of the browser. It follows calls and tells the other tabs what a person decided
 * here; it decides nothing about a call.
 *
 * Two names are held among the tabs. Who holds `ringing` is heard. Who answers a call holds `taken` of that call:
 * others are silent as long as it does, and ring again when it could not answer after all, or died over it.
 */
import type { CallType } from '@ringdown/protocol';
import type { Call, CallPeer } from './call.js';
import type { RingdownClient } from './client.js';
import { type Unsubscribe } from './emitter.js';
import { RingdownError } from './errors.js';
import { type Platform } from './platform.js';
import { type RingTone, type TonePlayer } from './ring-tone.js';
import { type Tabs } from './tabs.js';
/** A call that rang here and that this person neither took nor refused, on any device. */
export interface MissedCall {
    readonly callId: string;
    readonly peer: CallPeer;
    readonly callType: CallType;
    /** When it stopped ringing, ms since 1970. */
    readonly atMs: number;
}
/** The events of a ringer and what a listener is given. */
export interface RingerEvents {
    /** This tab is the one that is heard, for this call; undefined: it is silent again. */
    ringing: Call | undefined;
    /** A call was missed. Told in one tab of the browser. */
    missed: MissedCall;
    /**
     * `autoplay_blocked`: it rings, but no gesture has allowed this tab to be heard; it will be, from the first one on.
     * `ring_tone_unavailable`: the application's file cannot be played, the SDK's own tone plays.
     */
    error: RingdownError;
}
/** How to ring. */
export interface RingerOptions {
    /** What rings, or `'silent'`; default: the tone of the SDK. Can be changed later by {@link Ringer.tone}. */
    readonly tone?: RingTone | 'silent';
    /** Doubles for tests. */
    readonly platform?: Partial<RingerPlatform>;
}
/** What a ringer touches. */
export interface RingerPlatform extends Pick<Platform, 'setTimer' | 'now'> {
    readonly tabs: Tabs;
    readonly tones: TonePlayer;
}
/**
 * Rings for a client: one tab of the browser is heard, and all fall silent at once when the call is taken, refused or
 * over in any of them. Make one per client, when the page starts.
 */
export declare class Ringer {
    #private;
    /** What rings from the next call on, or `'silent'`. */
    tone: RingTone | 'silent';
    constructor(client: Pick<RingdownClient, 'on' | 'state'>, options?: RingerOptions);
    /** Adds a listener. @returns takes it away again */
    on<K extends keyof RingerEvents>(event: K, listener: (value: RingerEvents[K]) => void): Unsubscribe;
    /** Silences a call in every tab, as the volume keys of a phone do; it rings on without a sound. */
    silence(call: Call): void;
    /** Falls silent for good, as when somebody signs out. A call that was taken here stays taken to its end. Idempotent. */
    stop(): void;
}

// ------------------------------------ fake-media.d.ts
/** Doubles for microphone, camera and screen: streams and tracks that exist without a browser. */
/** A track that is only there. */
export declare class FakeTrack extends EventTarget {
    #private;
    readonly kind: 'audio' | 'video';
    enabled: boolean;
    readyState: 'live' | 'ended';
    contentHint: string;
    constructor(kind: 'audio' | 'video', settings?: MediaTrackSettings);
    getSettings(): MediaTrackSettings;
    stop(): void;
    /** Ends it as the browser does when the device is unplugged, or the person stops sharing. */
    unplug(): void;
}
/** A stream of such tracks; as far as the SDK and `<video>`-free tests use one, it is a MediaStream. */
export declare class FakeStream {
    #private;
    constructor(tracks?: FakeTrack[]);
    getTracks(): FakeTrack[];
    getAudioTracks(): FakeTrack[];
    getVideoTracks(): FakeTrack[];
    addTrack(track: FakeTrack): void;
    removeTrack(track: FakeTrack): void;
}
/** The devices of one fake browser. */
export declare class FakeMedia {
    #private;
    /** What was asked for, in order. */
    readonly requests: MediaStreamConstraints[];
    /** Every request to share a screen. */
    readonly screenRequests: DisplayMediaStreamOptions[];
    /** Every track that was handed out. */
    readonly tracks: FakeTrack[];
    /** What there is; the first of a kind is the browser's own choice. Change it with {@link plug}. */
    devices: Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[];
    /** Name of the DOMException that a request meets, `undefined` to grant it. */
    refusal: ((constraints: MediaStreamConstraints) => string | undefined) | undefined;
    /** The same for a request to share a screen. */
    screenRefusal: string | undefined;
    /** When set, a request waits for it, as for a person before a permission prompt. */
    prompt: Promise<void> | undefined;
    /** Give it as `platform.getUserMedia`. */
    readonly getUserMedia: (constraints: MediaStreamConstraints) => Promise<MediaStream>;
    /** Give it as `platform.getDisplayMedia`. */
    readonly getDisplayMedia: (constraints: DisplayMediaStreamOptions) => Promise<MediaStream>;
    /** Give it as `platform.enumerateDevices`. */
    readonly enumerateDevices: () => Promise<MediaDeviceInfo[]>;
    /** Give it as `platform.onDeviceChange`. */
    readonly onDeviceChange: (listener: () => void) => (() => void);
    /** Plugs devices in and out: these are there from now on. Tracks of others go on until {@link FakeTrack.unplug}. */
    plug(devices: FakeMedia['devices']): void;
}

// ------------------------------------ fake-peer.d.ts
/**
 * A double for connections between browsers: descriptions and candidates that only name their maker and its generation.
 * Two peers of one {@link FakePeers} connect as soon as each has the other's newest description and a candidate that
 * belongs to it, so a test sees whether signalling brought everything across. As strict as a browser: what comes in the
 * wrong state throws.
 */
import type { IceCandidate } from '@ringdown/protocol';
import type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.js';
/** The place where the fake connections of a test meet. Each side gives {@link open} as its `platform.openPeer`. */
export declare class FakePeers {
    #private;
    /** Every connection that was made, oldest first. */
    readonly made: FakePeer[];
    readonly open: (configuration: RTCConfiguration, events: PeerEvents) => FakePeer;
    /** While true no pair finds a way, whatever signalling brings across. */
    get blocked(): boolean;
    set blocked(blocked: boolean);
    /** Takes a pair to `connected` once both know all they need. */
    settle(): void;
}
/** One side of a fake connection. */
export declare class FakePeer implements Peer {
    #private;
    readonly number: number;
    /** What it was made with, or given last. */
    configuration: RTCConfiguration;
    readonly remoteStream: MediaStream;
    /** The candidates of the other side, in the order they were added. */
    readonly remoteCandidates: IceCandidate[];
    /** How often the other side said that its candidates end. */
    remoteEnds: number;
    /** The tracks on the line, by kind. */
    readonly sending: Map<string, MediaStreamTrack | null>;
    /** When set, what is asked of it waits for this. */
    busy: Promise<void> | undefined;
    /** What `getStats` gives. */
    stats: Map<string, unknown>;
    state: RTCPeerConnectionState;
    /** `have-local-offer`: an offer waits for its answer. */
    signaling: 'stable' | 'have-local-offer';
    /** How often new candidates were looked for after the first time. */
    restarts: number;
    constructor(peers: FakePeers, number: number, configuration: RTCConfiguration, events: PeerEvents);
    get remoteNumber(): number | undefined;
    get agreed(): {
        readonly localSdp: string;
        readonly remoteSdp: string;
    } | undefined;
    offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription>;
    offerAgain(restartIce: boolean): Promise<OfferDescription>;
    rollback(): Promise<void>;
    answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription>;
    applyAnswer(answer: AnswerDescription): Promise<void>;
    addCandidate(candidate: IceCandidate): Promise<void>;
    setConfiguration(configuration: RTCConfiguration): void;
    hasLine(kind: 'audio' | 'video'): boolean;
    get hasUnagreedLine(): boolean;
    replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void>;
    addLine(track: MediaStreamTrack): Promise<void>;
    getStats(): Promise<RTCStatsReport>;
    close(): void;
    /** Changes the state of the connection, as the browser does. A broken path comes back by a restart, or by this. */
    become(state: 'connected' | 'disconnected' | 'failed'): void;
    /** For {@link FakePeers.settle}: both descriptions belong together, and there is a candidate to try. */
    mayConnectTo(other: FakePeer): boolean;
    /** For {@link FakePeers.settle}. */
    connect(): void;
    /** Gathers one more candidate, as the browser may at any time after describing. */
    gather(): void;
    /** Has found all the candidates there are. */
    gatherEnd(): void;
    /** A server for candidates fails. */
    failServer(code: number): void;
}

// ------------------------------------ fake-service.d.ts
/**
 * A double of the service, in memory: enough of both protocols to ring, answer, refuse, meet in the middle, change a
 * running call, and come back after a lost socket. For tests of applications; what a service really does is decided
 * elsewhere. It holds no timers: nothing times out.
 */
import type { ClientMessage, ServerMessage } from '@ringdown/protocol';
import type { Platform } from './platform.js';
/** An in-memory service. A token is `user-<id>`; whoever comes with one is that user. */
export declare class FakeService {
    #private;
    /** Every frame of every client but `hello`, `ack` and `ping`, in the order they came. */
    readonly received: {
        readonly from: string;
        readonly message: ClientMessage;
    }[];
    /** Whether sockets can be opened and HTTP answers. */
    reachable: boolean;
    /** Whether it speaks the contract alone. */
    plainOnly: boolean;
    /** Tokens that are refused. */
    readonly refusedTokens: Set<string>;
    /** When set, sees every frame first; returning true keeps the service from acting on it. */
    intercept: ((from: string, message: ClientMessage) => boolean) | undefined;
    /** Give it as `platform.openSocket`. */
    readonly openSocket: Platform['openSocket'];
    /** Give it as `platform.fetch`. */
    readonly fetch: Platform['fetch'];
    /** Breaks every socket of a user, as a lost network does. @param code the close code its clients see */
    cut(userId: string, code?: number): void;
    /** Sends a frame, or any text, to a user: a frame by the mailboxes of its devices. */
    send(userId: string, frame: ServerMessage | string): void;
    /** Ends a call without telling anybody, as when its parties were away for too long. */
    forget(callId: string): void;
    /** Forgets every mailbox, as when devices were away for too long: nobody can resume (HE-2). */
    forgetMailboxes(): void;
}

// ------------------------------------ fake-tabs.d.ts
/** A double of a browser with several tabs: locks, channels and memory that exist without a browser. */
import type { Release, TabChannel, Tabs } from './tabs.js';
/** One fake browser; its tabs share locks and channels. */
export declare class FakeBrowser {
    #private;
    /** Who holds a name, by the name. */
    readonly holders: Map<string, FakeTab>;
    /** Opens a tab. @param original the tab that is duplicated: the new one begins with a copy of what it remembers */
    openTab(original?: FakeTab): FakeTab;
    /** @internal */
    hold(tab: FakeTab, name: string, signal: AbortSignal | undefined): Promise<Release | undefined>;
    /** @internal */
    listen(tab: FakeTab, name: string, onMessage: (message: unknown) => void): TabChannel;
    /** @internal */
    leave(tab: FakeTab): void;
}
/** One tab of it; give it as `platform.tabs`. */
export declare class FakeTab implements Tabs {
    #private;
    readonly sure: boolean;
    readonly reloaded: boolean;
    /** What it remembers over a reload. */
    readonly memory: Map<string, string>;
    /** Whether its page still runs. */
    alive: boolean;
    constructor(browser: FakeBrowser, memory?: ReadonlyMap<string, string>, reloaded?: boolean);
    /** Its page is gone from one moment to the next: what it held is free, what it would have said is not said. */
    die(): void;
    /** Loads the page again. @returns the tab with its new page; the old one is gone */
    reload(): FakeTab;
    hold(name: string, signal?: AbortSignal): Promise<Release | undefined>;
    openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
    recall(key: string): string | undefined;
    remember(key: string, value: string): void;
}

// ------------------------------------ fake-tones.d.ts
/** A double for the loudspeaker of one tab. */
import type { RingdownError } from './errors.js';
import type { RingTone, TonePlayer } from './ring-tone.js';
/** Tells what would be heard; give it as `platform.tones` of a ringer. */
export declare class FakeTones implements TonePlayer {
    #private;
    /** What sounds at this moment, in the order it began. */
    readonly playing: RingTone[];
    /** How often something began to sound. */
    started: number;
    /** @param allowed whether the page was touched before, so that it may be heard */
    constructor(allowed?: boolean);
    /** The person touches the page: from now on it may be heard. */
    gesture(): void;
    unlock(): void;
    whenHeard(signal: AbortSignal): Promise<boolean>;
    loop(tone: RingTone, _onProblem: (error: RingdownError) => void): () => void;
}

// ------------------------------------ fake-world.d.ts
/**
 * People for tests: each signed in on a fake browser of its own, all at one double of the service, their media
 * connections meeting in one place. Nothing of it needs a browser, a network or a service.
 */
import type { Call, CallPhase } from './call.js';
import { type CallOptions, RingdownClient, type RingdownClientOptions } from './client.js';
import type { RingdownError } from './errors.js';
import { FakeMedia } from './fake-media.js';
import { FakePeers } from './fake-peer.js';
import { FakeService } from './fake-service.js';
/** Somebody on one device. */
export interface FakePerson {
    readonly id: string;
    readonly client: RingdownClient;
    readonly media: FakeMedia;
    /** What the client told by `error`, oldest first. */
    readonly errors: RingdownError[];
    /** The calls that rang here, oldest first. */
    readonly incoming: Call[];
    /** How often a connection to another browser was made by this person's browser. */
    readonly openedPeers: () => number;
}
/** Two people and the two ends of their call. */
export interface FakePair {
    readonly caller: FakePerson;
    readonly callee: FakePerson;
    readonly outgoing: Call;
    readonly incoming: Call;
}
/** The service, and everybody at it. */
export declare class FakeWorld {
    #private;
    readonly service: FakeService;
    readonly peers: FakePeers;
    /** @param protocol what the service speaks: the extended protocol, or the contract alone */
    constructor(protocol?: 'extended' | 'plain');
    /** Somebody with a browser, who has not connected yet. Again for the same id: another device of that person. */
    person(id: string, options?: Partial<RingdownClientOptions>): FakePerson;
    /** Somebody who is online. */
    online(id: string, options?: Partial<RingdownClientOptions>): Promise<FakePerson>;
    /** Person 1 calls person 2, and it rings there. */
    ringing(options?: CallOptions): Promise<FakePair>;
    /** Person 1 has called person 2, and their media flows. */
    connected(options?: CallOptions): Promise<FakePair>;
    /** Hangs up and disconnects everybody. */
    close(): void;
}
/** Resolves when a call is in a state; rejects when it ends instead. */
export declare function reached(call: Call, state: CallPhase): Promise<void>;

// ------------------------------------ call-signal.d.ts
/**
 * What one side of one call says to the service: its frames, in the right order and with the right patience. It decides
 * nothing about the call, and knows neither media nor people.
 */
import type { CallType, QualityMetrics } from '@ringdown/protocol';
import type { PendingRequest, Request } from './connection.js';
import { RingdownError } from './errors.js';
import type { CandidateOrEnd, MediaReport, MediaSignal } from './media-session.js';
import type { Acknowledged, RequestHandlers, RequestOptions } from './outbox.js';
import type { AnswerDescription, OfferDescription } from './peer.js';
/** What one side sends. */
export interface MediaStateOfSide {
    readonly audio: 'on' | 'off';
    readonly video: 'on' | 'off' | 'screen';
}
interface CallSignalOptions {
    readonly send: (request: Request, handlers: RequestHandlers, options: RequestOptions) => PendingRequest;
    /** Whether the session is extended; a plain one may not say everything. */
    readonly extended: () => boolean;
    /** Who is at the other end. */
    readonly peerId: string;
    /** Unknown until the service acknowledged an outgoing call. */
    readonly callId?: string;
    /** The service does not know the call, or not any more. */
    readonly onUnwanted: () => void;
}
/** One side's words about one call. */
export declare class CallSignal implements MediaSignal {
    #private;
    constructor(options: CallSignalOptions);
    get callId(): string | undefined;
    /** Offers a new call, or goes on here with the one that another device of this person has (GL-2). */
    offerCall(offer: {
        readonly offer: OfferDescription;
        readonly callType: CallType;
    } & {
        readonly conversationId?: string | undefined;
        readonly takeover?: boolean | undefined;
    }, handlers: {
        ack(data: Acknowledged, repeated: boolean): void;
        error(error: RingdownError): void;
    }): void;
    /** Answers the call. Our candidates follow. */
    answerCall(answer: AnswerDescription, onError: (error: RingdownError, repeated: boolean) => void): void;
    /** The call is answered: from now on it can be changed. */
    answered(): void;
    canRenegotiate(): boolean;
    sendOffer(offer: OfferDescription, callType: CallType): Promise<{
        readonly negotiationId: number;
    }>;
    sendAnswer(answer: AnswerDescription, negotiationId: number): Promise<void>;
    sendCandidates(batch: readonly CandidateOrEnd[]): void;
    sendReport(report: MediaReport): void;
    /** The person tapped Answer, and devices and network are still being asked for (TI-2). */
    accepting(): void;
    /** Tells what this side sends (MS-1). @param onTooOften is given how long to wait, ms */
    mediaState(state: MediaStateOfSide, onTooOften: (waitMs: number) => void): void;
    /** How good the call was, of a side that did not hang up (QU-1). */
    quality(metrics: QualityMetrics): void;
    /**
     * Hangs up. Before the service has named the call that means the only outgoing one to this person (OF-3); an offer that
     * never left needs no hang-up.
     */
    hangUp(reason: string, metrics: QualityMetrics | undefined, onDone: (callId: string) => void): void;
    /** Refuses the call. */
    reject(reason: string): void;
    /** Refuses the call on this device. */
    busy(): void;
    /**
     * The call is over here: what waits fails, and nothing more is said but last words. An offer that the service may have
     * got is taken back. Idempotent. @param goesOn the call is agreed about anew: nothing is taken back
     */
    close(goesOn?: boolean): void;
}
export {};

// ------------------------------------ connection.d.ts
/**
 * The socket to the service: opens it, proves who is there, keeps it alive, opens it again, and goes on where the last one
 * broke off. It knows requests and positions in a mailbox; what a call is, it does not know.
 *
 * It speaks the extended protocol where the service does, and the contract alone where it does not (PROTOCOL, "Transport").
 */
import { type ClientMessage, type LiveCallSummary } from '@ringdown/protocol';
import { RingdownError } from './errors.js';
import { type Frame } from './frames.js';
import { type RequestHandlers, type RequestOptions } from './outbox.js';
import type { Platform } from './platform.js';
import { type TokenProvider } from './token.js';
/** Whether the service can be reached; `resuming` when it could and is being reached again. */
export type ConnectionState = 'offline' | 'connecting' | 'online' | 'resuming';
/** A frame that asks something of the service. */
export type Request = Exclude<ClientMessage, {
    type: 'auth' | 'ping' | 'hello' | 'ack';
}>;
/** A frame that is no answer to anything this room asked. */
export type Message = Exclude<Frame, {
    type: 'ack' | 'hello' | 'pong';
}>;
/** A request under way. */
export interface PendingRequest {
    /**
     * Forgets it; no handler is called.
     * @param late is given the acknowledgement of one that the service had got already
     * @returns whether the service may have got it
     */
    cancel(late?: RequestHandlers['ack']): boolean;
}
/** What kind of session a new socket has, and what the service knows. */
export type Greeting = {
    readonly extended: false;
} | {
    readonly extended: true;
    /** Whether everything that was missed follows (HE-2); otherwise `calls` is all there is. */
    readonly resumed: boolean;
    readonly calls: readonly LiveCallSummary[];
};
interface ConnectionOptions {
    readonly socketUrl: string;
    readonly token: TokenProvider;
    /** The own name of this device (HE-1). Must not reject. */
    readonly deviceId: () => Promise<string>;
    /** The language of the service's texts, BCP 47. */
    readonly lang?: string | undefined;
    /** Whether the service refuses the token. Must not reject. */
    readonly isRefused: (token: string) => Promise<boolean>;
    readonly platform: Platform;
    /** Every frame that is not an answer to a request. */
    readonly onMessage: (message: Message) => void;
    /** There is a session. Comes before what was missed, and before what waits here is sent. */
    readonly onGreeted: (greeting: Greeting) => void;
    readonly onState: (state: ConnectionState) => void;
    readonly onError: (error: RingdownError) => void;
    /**
     * There will be no further attempt, unless `connect` is called again. Comes before that state is told, and the error.
     * @param givenUp whether the service, or nobody being signed in, is the reason
     */
    readonly onStopped: (givenUp: boolean) => void;
}
/** The socket to the service, over all its reconnections. */
export declare class Connection {
    #private;
    constructor(options: ConnectionOptions);
    get state(): ConnectionState;
    /** Whether the session of now, or the last one, is extended. */
    get extended(): boolean;
    /** In a call a dead path is noticed sooner (HE-4). */
    set inCall(inCall: boolean);
    /**
     * Connects and stays connected.
     * @returns resolves when online for the first time; rejects when the service refuses for good or `disconnect` is
     *   called before
     */
    connect(): Promise<void>;
    /** Closes the socket and stays offline. What was not heard yet stays in the outbox. Idempotent. */
    disconnect(): void;
    /**
     * Sends a request now, or as soon as there is a session again.
     * @param request without an id; it gets one
     */
    send(request: Request, handlers: RequestHandlers, options: RequestOptions): PendingRequest;
    /**
     * Makes believe that something happened to the socket, for an application's own tests.
     * - `deaf` nothing gets through any more, and nobody says so, as after a change of network
     * - `lost` it is gone; the session is resumed
     * - `forgotten` it is gone, and so is the mailbox: the session begins anew
     * - `token` the service closes it because the token has run out
     */
    simulate(fault: 'deaf' | 'lost' | 'forgotten' | 'token'): void;
}
export {};

// ------------------------------------ frames.d.ts
/**
 * From text to a frame of the service. Checks exactly the fields that the SDK reads, so that a browser need not load
 * a schema library; the tests hold it against the protocol's own decoder. Never throws.
 */
import type { ServerMessage } from '@ringdown/protocol';
/**
 * A frame, or why there is none. A frame of an unknown type belongs to a newer service and is safe to ignore. `seq` is its
 * position in the mailbox, also where nothing else of it can be used: such a frame has been received all the same.
 */
export type DecodedFrame = {
    readonly ok: true;
    readonly message: Frame;
    readonly seq: number | undefined;
} | {
    readonly ok: false;
    readonly problem: 'unknown_type' | 'malformed';
    readonly seq: number | undefined;
};
/** A frame of the service. */
export type Frame = ServerMessage;
/** The frame of one type. */
export type FrameOf<T extends Frame['type']> = Extract<Frame, {
    type: T;
}>;
/**
 * Reads one frame.
 * @param frame the text as it came
 */
export declare function decodeFrame(frame: string): DecodedFrame;

// ------------------------------------ outbox.d.ts
import { RingdownError } from './errors.js';
/** What an acknowledgement says. */
export interface Acknowledged {
    readonly callId?: string | undefined;
    readonly negotiationId?: number | undefined;
}
/** What becomes of a request. Exactly one is called, at most once. */
export interface RequestHandlers {
    ack?(data: Acknowledged, repeated: boolean): void;
    /** @param repeated whether the service may have got the request more than once */
    error?(error: RingdownError, repeated: boolean): void;
}
/** How long a request is worth sending. */
export interface RequestOptions {
    /** Given up with `timeout` after this long, ms, sent or not. */
    readonly giveUpAfterMs: number;
    /**
     * Whether it is repeated by itself when the service could not take it at the moment; default: yes. What a service that
     * stops refused goes over the next socket in any case (DS-2).
     */
    readonly repeats?: boolean;
}
/** What the time brought. */
export interface Due {
    /** Texts to write again now. */
    readonly write: readonly string[];
    /** Whether the socket has been silent for too long. */
    readonly dead: boolean;
}
/** The requests under way, oldest first. */
export declare class Outbox {
    #private;
    /** Takes a request in. @returns whether to write it now */
    put(id: string, text: string, handlers: RequestHandlers, options: RequestOptions, now: number): boolean;
    /**
     * Forgets a request; no handler is called.
     * @param late is given the acknowledgement of one that the service had got already
     * @returns whether the service may have got it
     */
    cancel(id: string, late?: RequestHandlers['ack']): boolean;
    /** There is a socket that takes requests. @returns what to write on it, in order, and is still worth it */
    online(now: number): string[];
    /** The socket is gone. */
    offline(): void;
    /** The service said yes. An id that is not known, or no longer, means nothing. */
    acknowledged(id: string, data: Acknowledged): void;
    /**
     * The service said no.
     * @returns `token` when the request is kept, for a newer token (AU-3): it then waits for {@link again}
     */
    refused(id: string, error: RingdownError, now: number): 'token' | undefined;
    /** The service said no, and that is final. */
    fail(id: string, error: RingdownError): void;
    /** Takes up a request that waited for a newer token. @returns what to write, if anything */
    again(id: string, now: number): string | undefined;
    /** When {@link due} has to be asked again, ms; `Infinity` when nothing is under way. */
    get nextAt(): number;
    /** What the time brings. Requests that are not worth sending any more fail with `timeout`. */
    due(now: number): Due;
}
