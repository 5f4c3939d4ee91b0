/** Everything of the browser that the SDK touches, behind one object, so that a test can give doubles. */
import { openBrowserPeer, type Peer, type PeerEvents } from './peer.ts';
import type { Tabs } from './tabs.ts';

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

/** `navigator.connection` (Network Information): Chromium alone has it, and DOM's types do not. */
type NavigatorWithConnection = Navigator & { readonly connection?: EventTarget };

/** The browser itself. Nothing of it is touched before it is used, so that the SDK can be imported anywhere. */
export const browserPlatform: Platform = {
  openSocket(url, protocols, events) {
    const socket = new WebSocket(url, protocols);
    socket.onopen = () => events.open(socket.protocol);
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') events.message(data);
    };
    socket.onclose = ({ code }) => events.close(code);
    return {
      send: (text) => {
        // While a socket closes `send` would be swallowed or throw; the outbox keeps what matters.
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: (code) => socket.close(code),
    };
  },
  openPeer: openBrowserPeer,
  async getUserMedia(constraints) {
    // Pages that are neither https nor localhost have no mediaDevices.
    return await navigator.mediaDevices.getUserMedia(constraints);
  },
  async getDisplayMedia(constraints) {
    return await navigator.mediaDevices.getDisplayMedia(constraints);
  },
  async enumerateDevices() {
    return await navigator.mediaDevices.enumerateDevices();
  },
  onDeviceChange(listener) {
    const devices = typeof navigator === 'undefined' ? undefined : navigator.mediaDevices;
    devices?.addEventListener('devicechange', listener);
    return () => devices?.removeEventListener('devicechange', listener);
  },
  fetch: (url, init) => fetch(url, init),
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  now: () => Date.now(),
  random: () => Math.random(),
  onWake(listener) {
    if (typeof window === 'undefined') return () => undefined;
    const onVisible = () => {
      if (document.visibilityState === 'visible') listener();
    };
    window.addEventListener('online', listener);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      window.removeEventListener('online', listener);
      document.removeEventListener('visibilitychange', onVisible);
    };
  },
  onNetworkChange(listener) {
    if (typeof window === 'undefined') return () => undefined;
    const { connection } = navigator as NavigatorWithConnection;
    window.addEventListener('online', listener);
    connection?.addEventListener('change', listener);
    return () => {
      window.removeEventListener('online', listener);
      connection?.removeEventListener('change', listener);
    };
  },
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)),
};
