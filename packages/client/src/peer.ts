/** The port over RTCPeerConnection: the few things a call needs of it, and the browser's implementation. */
import type { IceCandidate } from '@ringdown/protocol';
import { END, generationsIn } from './candidates.ts';

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
  readonly agreed: { readonly localSdp: string; readonly remoteSdp: string } | undefined;
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
      if (!this.#closed && candidate?.candidate) events.candidate(candidate.toJSON() as IceCandidate);
    };
    connection.onicegatheringstatechange = () => {
      // Browsers differ in how they mark the end of a generation (an empty candidate, null or nothing): this all have.
      if (this.#closed || connection.iceGatheringState !== 'complete') return;
      const [usernameFragment = null] = generationsIn(connection.localDescription?.sdp ?? '');
      events.candidate({ ...END, usernameFragment });
    };
    connection.onicecandidateerror = ({ errorCode }) => {
      if (!this.#closed) events.iceError?.(errorCode);
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

  get state(): RTCPeerConnectionState {
    return this.#connection.connectionState;
  }

  get agreed(): { readonly localSdp: string; readonly remoteSdp: string } | undefined {
    const { currentLocalDescription, currentRemoteDescription } = this.#connection;
    if (!currentLocalDescription || !currentRemoteDescription) return undefined;
    return { localSdp: currentLocalDescription.sdp, remoteSdp: currentRemoteDescription.sdp };
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
    return await this.#describeOffer();
  }

  async offerAgain(restartIce: boolean): Promise<OfferDescription> {
    if (restartIce) this.#connection.restartIce();
    const { type, sdp } = await this.#describeOffer();
    return { type, sdp: withDtlsRole(sdp, this.agreed) };
  }

  async rollback(): Promise<void> {
    const { signalingState } = this.#connection;
    if (signalingState === 'have-local-offer') await this.#connection.setLocalDescription({ type: 'rollback' });
    if (signalingState === 'have-remote-offer') await this.#connection.setRemoteDescription({ type: 'rollback' });
  }

  async answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    await this.#connection.setRemoteDescription(offer);
    for (const transceiver of this.#connection.getTransceivers()) {
      const { kind } = transceiver.receiver.track;
      if (transceiver.mid === null || this.#senders.has(kind)) continue;
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

  setConfiguration(configuration: RTCConfiguration): void {
    this.#connection.setConfiguration(configuration);
  }

  hasLine(kind: 'audio' | 'video'): boolean {
    const sender = this.#senders.get(kind);
    if (!sender || !this.agreed) return sender !== undefined;
    return this.#isAgreed(sender);
  }

  get hasUnagreedLine(): boolean {
    return [...this.#senders.values()].some((sender) => !this.#isAgreed(sender));
  }

  async replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void> {
    await this.#senders.get(kind)?.replaceTrack(track);
  }

  async addLine(track: MediaStreamTrack, stream: MediaStream | undefined): Promise<void> {
    const prepared = this.#senders.get(track.kind);
    if (prepared) {
      await prepared.replaceTrack(track);
      return;
    }
    // Not addTransceiver: when both sides add a picture at once, the offer that wins has to find this very line.
    this.#senders.set(track.kind, this.#connection.addTrack(track, ...(stream ? [stream] : [])));
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #isAgreed(sender: RTCRtpSender): boolean {
    return this.#connection.getTransceivers().some((each) => each.sender === sender && each.currentDirection !== null);
  }

  async #describeOffer(): Promise<OfferDescription> {
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return { type: 'offer', sdp: this.#localSdp() };
  }

  #localSdp(): string {
    const sdp = this.#connection.localDescription?.sdp;
    if (!sdp) throw new Error('the browser described no connection');
    return sdp;
  }
}

/**
 * Offers the DTLS role that this side has already, as RFC 8842 §5.5 allows, instead of leaving the choice to the other
 * side: Firefox as the answerer of a later offer chooses anew, and Chromium then refuses its answer ("Failed to set SSL
 * role for the transport").
 */
export function withDtlsRole(
  offer: string,
  agreed: { readonly localSdp: string; readonly remoteSdp: string } | undefined,
): string {
  if (!agreed) return offer;
  const { localSdp, remoteSdp } = agreed;
  // Only an answer takes a role; an offer leaves it open.
  const isActive = takes('active', localSdp) || takes('passive', remoteSdp);
  const isPassive = takes('passive', localSdp) || takes('active', remoteSdp);
  return isActive || isPassive
    ? offer.replaceAll(`${SETUP}actpass`, `${SETUP}${isActive ? 'active' : 'passive'}`)
    : offer;
}

const SETUP = 'a=setup:';
const takes = (role: string, sdp: string): boolean => sdp.includes(SETUP + role);

function trackOf(stream: MediaStream | undefined, kind: string): MediaStreamTrack | undefined {
  return stream?.getTracks().find((track) => track.kind === kind);
}
