/** The door of the browser SDK: calls. */
export type { CallType, ErrorReason, IceCandidate } from '@ringdown/protocol';
export { type PlayOptions, playRemote, type SoundPage, unlockAudio } from './autoplay.ts';
export type {
  Call,
  CallEnd,
  CallEvents,
  CallPeer,
  CallPhase,
  EndReason,
  LostDevice,
  MediaChoice,
  PeerConnection,
  PeerMedia,
} from './call.ts';
export {
  type CallOptions,
  type ClientEvents,
  type ClientState,
  RingdownClient,
  type RingdownClientOptions,
  type SimulatedFault,
} from './client.ts';
export type { MediaDevice } from './devices.ts';
export type { Unsubscribe } from './emitter.ts';
export { type RefusalReason, RingdownError, type RingdownErrorCode, type RingdownErrorOptions } from './errors.ts';
export type { DeviceChoice } from './media.ts';
export type { QualitySample } from './media-session.ts';
export type { OpenCall } from './open-calls.ts';
export type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.ts';
export type { Platform, SocketEvents, SocketPort } from './platform.ts';
export type { Presence, PresenceChange, PresenceState } from './presence.ts';
export type { DirectionFigures, MediaFigures, MediaPath } from './stats.ts';
export type { Release, TabChannel, Tabs } from './tabs.ts';
export type { Token, TokenProvider } from './token.ts';
export { EMOJI, type SecuritySign } from './verification.ts';
