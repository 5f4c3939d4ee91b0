/**
 * A double for connections between browsers: descriptions and candidates that only name their maker and its generation.
 * Two peers of one {@link FakePeers} connect as soon as each has the other's newest description and a candidate that
 * belongs to it, so a test sees whether signalling brought everything across. As strict as a browser: what comes in the
 * wrong state throws.
 */
import type { IceCandidate } from '@ringdown/protocol';
import { FakeStream, FakeTrack } from './fake-media.ts';
import type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.ts';

type Kind = 'audio' | 'video';

/** The place where the fake connections of a test meet. Each side gives {@link open} as its `platform.openPeer`. */
export class FakePeers {
  /** Every connection that was made, oldest first. */
  readonly made: FakePeer[] = [];
  #blocked = false;

  readonly open = (configuration: RTCConfiguration, events: PeerEvents): FakePeer => {
    const peer = new FakePeer(this, this.made.length + 1, configuration, events);
    this.made.push(peer);
    return peer;
  };

  /** While true no pair finds a way, whatever signalling brings across. */
  get blocked(): boolean {
    return this.#blocked;
  }
  set blocked(blocked: boolean) {
    this.#blocked = blocked;
    this.settle();
  }

  /** Takes a pair to `connected` once both know all they need. */
  settle(): void {
    if (this.#blocked) return;
    for (const peer of this.made) {
      const other = this.made.find((each) => each.number === peer.remoteNumber && each.remoteNumber === peer.number);
      if (other && peer.mayConnectTo(other) && other.mayConnectTo(peer)) peer.connect();
    }
  }
}

/** What a description says. */
interface Described {
  readonly number: number;
  readonly kinds: Kind[];
  /** Which generation of candidates belongs to it. */
  readonly fragment: string;
  readonly sdp: string;
}

/** One side of a fake connection. */
export class FakePeer implements Peer {
  readonly number: number;
  /** What it was made with, or given last. */
  configuration: RTCConfiguration;
  readonly remoteStream = new FakeStream() as unknown as MediaStream;
  /** The candidates of the other side, in the order they were added. */
  readonly remoteCandidates: IceCandidate[] = [];
  /** How often the other side said that its candidates end. */
  remoteEnds = 0;
  /** The tracks on the line, by kind. */
  readonly sending = new Map<string, MediaStreamTrack | null>();
  /** When set, what is asked of it waits for this. */
  busy: Promise<void> | undefined;
  /** What `getStats` gives. */
  stats: Map<string, unknown> = new Map();
  state: RTCPeerConnectionState = 'new';
  /** `have-local-offer`: an offer waits for its answer. */
  signaling: 'stable' | 'have-local-offer' = 'stable';
  /** How often new candidates were looked for after the first time. */
  restarts = 0;
  readonly #peers: FakePeers;
  readonly #events: PeerEvents;
  #local: Described | undefined;
  #pending: Described | undefined;
  #remote: Described | undefined;
  #gathered = 0;
  /** The generations with which the path broke; with others it may be found again. */
  #broken: string | undefined;

  constructor(peers: FakePeers, number: number, configuration: RTCConfiguration, events: PeerEvents) {
    this.#peers = peers;
    this.number = number;
    this.configuration = configuration;
    this.#events = events;
  }

  get remoteNumber(): number | undefined {
    return this.#remote?.number;
  }

  get agreed(): { readonly localSdp: string; readonly remoteSdp: string } | undefined {
    return this.#local && this.#remote && { localSdp: this.#local.sdp, remoteSdp: this.#remote.sdp };
  }

  async offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription> {
    this.#send(video ? ['audio', 'video'] : ['audio'], local);
    return this.#done(this.#offer(true));
  }

  async offerAgain(restartIce: boolean): Promise<OfferDescription> {
    if (!this.#local) throw new Error('there is no connection yet that could be offered again');
    return this.#done(this.#offer(restartIce));
  }

  async rollback(): Promise<void> {
    this.signaling = 'stable';
    this.#pending = undefined;
  }

  async answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    this.#need('stable');
    const former = this.#remote;
    this.#remote = read(offer.sdp);
    this.#send(
      this.#remote.kinds.filter((kind) => !this.sending.has(kind)),
      local,
    );
    const anew = !this.#local || former?.fragment !== this.#remote.fragment;
    this.#local = this.#describe(this.#remote.kinds, anew);
    if (anew) this.#gatherSome();
    this.#onAgreed();
    return this.#done({ type: 'answer', sdp: this.#local.sdp });
  }

  async applyAnswer(answer: AnswerDescription): Promise<void> {
    this.#need('have-local-offer');
    this.#remote = read(answer.sdp);
    this.#local = this.#pending;
    this.#pending = undefined;
    this.signaling = 'stable';
    this.#onAgreed();
    await this.#done(undefined);
  }

  async addCandidate(candidate: IceCandidate): Promise<void> {
    if (!this.#remote) throw new Error('a candidate came before the description it belongs to');
    const { usernameFragment } = candidate;
    if (usernameFragment && this.#remote.fragment && usernameFragment !== this.#remote.fragment) {
      throw new Error('a candidate belongs to another description than the one in use');
    }
    if (candidate.candidate === '') this.remoteEnds += 1;
    else this.remoteCandidates.push(candidate);
    this.#peers.settle();
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  hasLine(kind: 'audio' | 'video'): boolean {
    return this.sending.has(kind) && (this.agreed === undefined || this.#local?.kinds.includes(kind) === true);
  }

  get hasUnagreedLine(): boolean {
    return [...this.sending.keys()].some((kind) => !this.#local?.kinds.includes(kind as Kind));
  }

  async replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): Promise<void> {
    if (this.sending.has(kind)) this.sending.set(kind, track);
  }

  async addLine(track: MediaStreamTrack): Promise<void> {
    this.sending.set(track.kind, track);
  }

  async getStats(): Promise<RTCStatsReport> {
    return this.stats as unknown as RTCStatsReport;
  }

  close(): void {
    this.state = 'closed';
  }

  /** Changes the state of the connection, as the browser does. A broken path comes back by a restart, or by this. */
  become(state: 'connected' | 'disconnected' | 'failed'): void {
    if (this.state === 'closed') return;
    this.state = state;
    this.#broken = state === 'connected' ? undefined : this.#generations();
    this.#events.state(state);
  }

  /** For {@link FakePeers.settle}: both descriptions belong together, and there is a candidate to try. */
  mayConnectTo(other: FakePeer): boolean {
    return (
      this.state !== 'closed' &&
      this.#remote !== undefined &&
      (this.#remote.fragment === '' || this.#remote.fragment === other.#local?.fragment) &&
      this.remoteCandidates.some((each) => !each.usernameFragment || each.usernameFragment === this.#remote?.fragment)
    );
  }

  /** For {@link FakePeers.settle}. */
  connect(): void {
    if (this.state === 'connected' || this.state === 'closed') return;
    if (this.state !== 'new' && this.#broken === this.#generations()) return;
    this.become('connected');
  }

  /** Gathers one more candidate, as the browser may at any time after describing. */
  gather(): void {
    const candidate = `candidate:${this.number} ${this.#gathered}`;
    this.#gathered += 1;
    this.#events.candidate({ candidate, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: this.#fragment() });
  }

  /** Has found all the candidates there are. */
  gatherEnd(): void {
    this.#events.candidate({ candidate: '', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: this.#fragment() });
  }

  /** A server for candidates fails. */
  failServer(code: number): void {
    this.#events.iceError?.(code);
  }

  /** A browser leaves what waits for a connection unsettled that is closed meanwhile. */
  async #done<T>(value: T): Promise<T> {
    await this.busy;
    return this.state === 'closed' ? new Promise(() => undefined) : value;
  }

  #offer(anew: boolean): OfferDescription {
    this.#need('stable');
    this.#pending = this.#describe([...this.sending.keys()] as Kind[], anew);
    this.signaling = 'have-local-offer';
    if (anew) this.#gatherSome();
    return { type: 'offer', sdp: this.#pending.sdp };
  }

  #describe(kinds: Kind[], anew: boolean): Described {
    if (anew && this.#local) this.restarts += 1;
    const fragment = anew || !this.#local ? `p${this.number}g${this.restarts}` : this.#local.fragment;
    const certificate = this.number.toString(16).padStart(2, '0').toUpperCase();
    const lines = [
      `fake ${this.number} ${kinds.join(' ')}`,
      ...kinds.map((kind) => `m=${kind}`),
      `a=ice-ufrag:${fragment}`,
      `a=fingerprint:sha-256 ${Array(32).fill(certificate).join(':')}`,
    ];
    return { number: this.number, kinds, fragment, sdp: lines.join('\r\n') };
  }

  #send(kinds: readonly Kind[], local: MediaStream | undefined): void {
    for (const kind of kinds) this.sending.set(kind, local?.getTracks().find((track) => track.kind === kind) ?? null);
  }

  /** As in a browser, candidates come while the description is on its way. */
  #gatherSome(): void {
    this.gather();
    this.gather();
  }

  #onAgreed(): void {
    let joined = false;
    for (const kind of this.#remote?.kinds ?? []) {
      if (this.remoteStream.getTracks().some((track) => track.kind === kind)) continue;
      this.remoteStream.addTrack(new FakeTrack(kind) as unknown as MediaStreamTrack);
      joined = true;
    }
    // In a browser the event comes after the description was applied, in a task of its own.
    if (joined) queueMicrotask(() => this.state !== 'closed' && this.#events.track());
    this.#peers.settle();
  }

  #need(signaling: FakePeer['signaling']): void {
    if (this.state === 'closed') throw new Error('the connection is closed');
    if (this.signaling !== signaling) throw new Error(`expected ${signaling}, but it is ${this.signaling}`);
  }

  #fragment(): string {
    return (this.#pending ?? this.#local)?.fragment ?? `p${this.number}g0`;
  }

  #generations(): string {
    return `${this.#local?.fragment} ${this.#remote?.fragment}`;
  }
}

function read(sdp: string): Described {
  const [, number, ...kinds] = sdp.split(/\r?\n/)[0]?.split(' ') ?? [];
  if (!sdp.startsWith('fake ') || !Number.isInteger(Number(number))) {
    throw new Error('expected a description of a fake peer');
  }
  return {
    number: Number(number),
    kinds: (kinds.length > 0 ? kinds : ['audio']) as Kind[],
    fragment: /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? '',
    sdp,
  };
}
