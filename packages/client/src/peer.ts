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

/** Makes a {@link Peer} of the browser's own RTCPeerConnection. */
export function openBrowserPeer(configuration: RTCConfiguration, events: PeerEvents): Peer {
  return new BrowserPeer(new RTCPeerConnection(configuration), events);
}

class BrowserPeer implements Peer {
  readonly remoteStream = new MediaStream();
  readonly #connection: RTCPeerConnection;
  readonly #senders = new Map<string, RTCRtpSender>();
  #closed = false;

  constructor(connection: RTCPeerConnection, events: PeerEvents) {
    this.#connection = connection;
    connection.onicecandidate = ({ candidate }) => {
      // An empty candidate ends a generation (RFC 8838 §13); like null it says nothing a plain session could use.
      if (!this.#closed && candidate?.candidate) events.candidate(candidate.toJSON() as IceCandidate);
    };
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (!this.#closed && (state === 'connected' || state === 'disconnected' || state === 'failed')) {
        events.state(state);
      }
    };
    connection.ontrack = ({ track }) => {
      if (this.#closed) return;
      // One stream of our own: what the other side calls its streams, or whether it names any, does not matter.
      this.remoteStream.addTrack(track);
      events.track();
    };
  }

  async offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription> {
    for (const kind of video ? ['audio', 'video'] : ['audio']) {
      // Both directions from the start, so that a device can be turned on later without a new negotiation.
      const { sender } = this.#connection.addTransceiver(trackOf(local, kind) ?? kind, {
        direction: 'sendrecv',
        ...(local && { streams: [local] }),
      });
      this.#senders.set(kind, sender);
    }
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return { type: 'offer', sdp: this.#localSdp() };
  }

  async answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    await this.#connection.setRemoteDescription(offer);
    for (const transceiver of this.#connection.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      if (this.#senders.has(kind)) continue;
      this.#senders.set(kind, transceiver.sender);
      transceiver.direction = 'sendrecv';
      if (local) transceiver.sender.setStreams?.(local);
      await transceiver.sender.replaceTrack(trackOf(local, kind) ?? null);
    }
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    return { type: 'answer', sdp: this.#localSdp() };
  }

  async applyAnswer(answer: AnswerDescription): Promise<void> {
    await this.#connection.setRemoteDescription(answer);
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    await this.#connection.addIceCandidate(candidate as RTCIceCandidateInit);
  }

  async replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void> {
    await this.#senders.get(kind)?.replaceTrack(track);
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #localSdp(): string {
    const sdp = this.#connection.localDescription?.sdp;
    if (!sdp) throw new Error('the browser described no connection');
    return sdp;
  }
}

function trackOf(stream: MediaStream | undefined, kind: string): MediaStreamTrack | undefined {
  return stream?.getTracks().find((track) => track.kind === kind);
}
