/**
 * A double for connections between browsers: descriptions and candidates that only name their maker. Two peers of one
 * {@link FakePeers} connect as soon as each has the other's description and a candidate of it, so a test sees whether
 * signalling brought everything across.
 */
import type { IceCandidate } from '@ringdown/protocol';
import { FakeStream, FakeTrack } from './fake-media.ts';
import type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.ts';

/** The place where the fake connections of a test meet. Each side gives {@link open} as its `platform.openPeer`. */
export class FakePeers {
  /** Every connection that was made, oldest first. */
  readonly made: FakePeer[] = [];

  readonly open = (configuration: RTCConfiguration, events: PeerEvents): FakePeer => {
    const peer = new FakePeer(this, this.made.length + 1, configuration, events);
    this.made.push(peer);
    return peer;
  };

  /** Takes a pair to `connected` once both know all they need. */
  settle(): void {
    for (const peer of this.made) {
      const other = this.made.find((each) => each.number === peer.remoteNumber && each.remoteNumber === peer.number);
      if (other?.isReady && peer.isReady && peer.state === 'new') peer.become('connected');
    }
  }
}

/** One side of a fake connection. */
export class FakePeer implements Peer {
  readonly number: number;
  readonly configuration: RTCConfiguration;
  readonly remoteStream = new FakeStream() as unknown as MediaStream;
  /** The candidates of the other side, in the order they were added. */
  readonly remoteCandidates: IceCandidate[] = [];
  /** The tracks on the line, by kind. */
  readonly sending = new Map<string, MediaStreamTrack | null>();
  /** What `getStats` gives. */
  stats: Map<string, unknown> = new Map();
  state: 'new' | 'connected' | 'disconnected' | 'failed' | 'closed' = 'new';
  remoteNumber: number | undefined;
  readonly #peers: FakePeers;
  readonly #events: PeerEvents;

  constructor(peers: FakePeers, number: number, configuration: RTCConfiguration, events: PeerEvents) {
    this.#peers = peers;
    this.number = number;
    this.configuration = configuration;
    this.#events = events;
  }

  /** Whether it has the other side's description and a candidate of it. */
  get isReady(): boolean {
    return this.state !== 'closed' && this.remoteNumber !== undefined && this.remoteCandidates.length > 0;
  }

  async offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription> {
    this.#describe(local, video);
    return { type: 'offer', sdp: this.#sdp(video) };
  }

  async answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    this.#meet(offer.sdp);
    this.#describe(local, offer.sdp.includes('video'));
    return { type: 'answer', sdp: this.#sdp(offer.sdp.includes('video')) };
  }

  async applyAnswer(answer: AnswerDescription): Promise<void> {
    if (this.remoteNumber !== undefined) throw new Error('an answer was applied before');
    this.#meet(answer.sdp);
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    if (this.remoteNumber === undefined) throw new Error('a candidate came before the description it belongs to');
    this.remoteCandidates.push(candidate);
    this.#peers.settle();
  }

  async replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void> {
    this.sending.set(kind, track);
  }

  async getStats(): Promise<RTCStatsReport> {
    return this.stats as unknown as RTCStatsReport;
  }

  close(): void {
    this.state = 'closed';
  }

  /** Changes the state of the connection, as the browser does. */
  become(state: 'connected' | 'disconnected' | 'failed'): void {
    if (this.state === 'closed') return;
    this.state = state;
    if (state === 'connected' && this.remoteStream.getTracks().length === 0) {
      this.remoteStream.addTrack(new FakeTrack('audio') as unknown as MediaStreamTrack);
      this.#events.track();
    }
    this.#events.state(state);
  }

  /** Gathers one more candidate, as the browser may at any time after describing. */
  gather(): void {
    const count = this.#gathered;
    this.#gathered += 1;
    this.#events.candidate({ candidate: `candidate:${this.number} ${count}`, sdpMid: '0', sdpMLineIndex: 0 });
  }
  #gathered = 0;

  #sdp(video: boolean): string {
    return `fake ${this.number} ${video ? 'audio video' : 'audio'}`;
  }

  #describe(local: MediaStream | undefined, video: boolean): void {
    for (const kind of video ? ['audio', 'video'] : ['audio']) {
      this.sending.set(kind, local?.getTracks().find((track) => track.kind === kind) ?? null);
    }
    // As in a browser, candidates come while the description is on its way.
    this.gather();
    this.gather();
  }

  #meet(sdp: string): void {
    const number = Number(sdp.split(' ')[1]);
    if (!Number.isInteger(number)) throw new Error('expected a description of a fake peer');
    this.remoteNumber = number;
    this.#peers.settle();
  }
}
