/** Everything of the browser that the SDK touches, behind one object, so that a test can give doubles. */
import type { Peer, PeerEvents } from './peer.ts';

/** What a socket tells the connection. After `close` nothing comes. */
export interface SocketEvents {
  open(): void;
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
}
