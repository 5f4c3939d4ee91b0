/** The door of the browser SDK. */
export type { Call, CallEnd, CallEvents, CallPeer, CallPhase, EndReason, MediaChoice } from './call.ts';
export {
  type CallOptions,
  type ClientEvents,
  type ClientState,
  RingdownClient,
  type RingdownClientOptions,
} from './client.ts';
export type { Unsubscribe } from './emitter.ts';
export { RingdownError, type RingdownErrorCode } from './errors.ts';
export type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.ts';
export type { Platform, SocketEvents, SocketPort } from './platform.ts';
