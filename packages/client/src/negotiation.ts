/**
 * The talk between the two browsers about one media connection: descriptions, candidates, and their order (IC-2).
 * It knows SDP and ICE; ringing and people it does not know.
 */
import type { IceCandidate } from '@ringdown/protocol';
import { CandidateGate } from './candidates.ts';
import type { AnswerDescription, OfferDescription, Peer, PeerEvents } from './peer.ts';

interface NegotiationOptions {
  readonly openPeer: (events: PeerEvents) => Peer;
  /** Candidates of the other side that came before; they are used once its description is there. */
  readonly remoteCandidates: CandidateGate;
  readonly onState: (state: 'connected' | 'disconnected' | 'failed') => void;
  readonly onTrack: () => void;
  /** A candidate of the other side that the browser cannot use; the call goes on with the others. */
  readonly onCandidateRefused: (cause: unknown) => void;
}

/** One media connection and how it comes about. */
export class Negotiation {
  readonly peer: Peer;
  readonly #local = new CandidateGate();
  readonly #remote: CandidateGate;
  readonly #onCandidateRefused: (cause: unknown) => void;
  #remoteDescribed = false;

  constructor(options: NegotiationOptions) {
    this.#remote = options.remoteCandidates;
    this.#onCandidateRefused = options.onCandidateRefused;
    this.peer = options.openPeer({
      candidate: (candidate) => this.#local.push(candidate),
      state: options.onState,
      track: options.onTrack,
    });
  }

  /** Describes a new connection. Candidates wait for {@link sendCandidates}. */
  offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription> {
    return this.peer.offer(local, video);
  }

  /** Applies an offer and describes the answer. Candidates wait for {@link sendCandidates}. */
  async answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    this.#remoteDescribed = true;
    const answer = await this.peer.answer(offer, local);
    this.#openRemote();
    return answer;
  }

  /** Applies the answer. A second one, as after a reconnection, is ignored. */
  async applyAnswer(answer: AnswerDescription): Promise<void> {
    if (this.#remoteDescribed) return;
    this.#remoteDescribed = true;
    await this.peer.applyAnswer(answer);
    this.#openRemote();
  }

  /** From now on our candidates go out: the service has, or is about to get, the description they belong to. */
  sendCandidates(send: (candidate: IceCandidate) => void): void {
    this.#local.open(send);
  }

  /** Ends it. Idempotent. */
  close(): void {
    this.peer.close();
  }

  #openRemote(): void {
    this.#remote.open((candidate) => {
      this.peer.addCandidate(candidate).catch(this.#onCandidateRefused);
    });
  }
}
