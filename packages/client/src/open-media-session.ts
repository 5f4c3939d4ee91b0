/**
 * One call's media: the connection and its negotiations, the path and its restarts, figures, reports and the security
 * code, put together behind the port of `media-session.ts`. Each part decides for itself; here they only hear of each
 * other.
 */
import type { QualityMetrics } from '@ringdown/protocol';
import { mediaFailed, RingdownError } from './errors.ts';
import { beginPath, type PathEvent, type PathModel, stepPath } from './media-path.ts';
import type {
  CandidateOrEnd,
  MediaSession,
  MediaSessionOptions,
  OpenMediaSession,
  QualitySample,
  RemoteOffer,
} from './media-session.ts';
import { Negotiation } from './negotiation.ts';
import type { AnswerDescription, OfferDescription } from './peer.ts';
import { rate } from './quality.ts';
import { MediaReports } from './reports.ts';
import { Averages, figuresBetween, readSample, type Sample } from './stats.ts';
import { type SecuritySign, securityCodeOf } from './verification.ts';

/** How often the figures are looked at, ms. */
const LOOK_EVERY_MS = 1_000;
/** For how long after a restart of the other side its media are watched, ms. */
const WATCH_FLOW_MS = 15_000;
/** So many looks in a row without a packet mean that its media do not come through. */
const MOST_DRY_LOOKS = 4;

/** Makes a media session; nothing of the browser is touched yet. */
export const openMediaSession: OpenMediaSession = (options) => new CallMedia(options);

class CallMedia implements MediaSession {
  readonly #options: MediaSessionOptions;
  readonly #reports: MediaReports;
  readonly #averages = new Averages();
  /** What this side sends, by kind: another connection has to begin with it. */
  readonly #tracks = new Map<'audio' | 'video', MediaStreamTrack>();
  #configuration: RTCConfiguration;
  /** Who cannot be reached by the service. */
  readonly #away = new Set<'me' | 'peer'>();
  #stream: MediaStream | undefined;
  #negotiation: Negotiation | undefined;
  #path = beginPath();
  #stopPathTimer: (() => void) | undefined;
  #stopLooking: (() => void) | undefined;
  readonly #stopWatchingNetwork: () => void;
  #lastSample: Sample | undefined;
  /** Until when nothing arriving means that the other side's restart went wrong, ms; see {@link CallMedia.#watchFlow}. */
  #flowExpectedUntil = 0;
  /** Looks in a row that saw nothing arrive; nothing has, before the first. */
  #dryLooks = MOST_DRY_LOOKS;
  #hasRemoteTracks = false;
  #securityCode: readonly SecuritySign[] | undefined;
  #codedFor: string | undefined;
  #closed = false;

  constructor(options: MediaSessionOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    this.#reports = new MediaReports((report) => options.signal.sendReport(report));
    this.#stopWatchingNetwork = options.platform.onNetworkChange(() => this.#onPath({ type: 'network_changed' }));
  }

  get remoteStream(): MediaStream | undefined {
    return this.#hasRemoteTracks ? this.#negotiation?.peer.remoteStream : undefined;
  }
  get metrics(): QualityMetrics | undefined {
    return this.#averages.metrics;
  }
  get securityCode(): readonly SecuritySign[] | undefined {
    return this.#securityCode;
  }

  // ------------------------------------------------------------------------------------------------- the first round

  offer(local: MediaStream | undefined, video: boolean): Promise<OfferDescription> {
    this.#remember(local);
    return this.#open((negotiation) => negotiation.offer(local, video));
  }

  answer(offer: OfferDescription, local: MediaStream | undefined): Promise<AnswerDescription> {
    this.#remember(local);
    return this.#open((negotiation) => negotiation.answer(offer, local));
  }

  // --------------------------------------------------------------------------------------------------- the other side

  async receiveAnswer(answer: AnswerDescription, negotiationId: number | undefined): Promise<void> {
    const negotiation = this.#negotiation;
    try {
      await negotiation?.receiveAnswer(answer, negotiationId);
    } catch (cause) {
      if (this.#negotiation === negotiation) throw cause;
    }
  }

  receiveOffer(offer: RemoteOffer): void {
    if (this.#closed) return;
    if (offer.takeover) void this.#beginAnew(offer);
    else this.#tell((negotiation) => negotiation.receiveOffer(offer, this.#stream));
  }

  receiveCandidates(candidates: readonly CandidateOrEnd[]): void {
    this.#tell((negotiation) => negotiation.receiveCandidates(candidates));
  }

  #tell(word: (negotiation: Negotiation) => void): void {
    if (this.#early) this.#early.push(word);
    else if (this.#negotiation) word(this.#negotiation);
  }
  /** What came before there is the connection that it is meant for; who opens the session bounds it (IC-3). */
  #early: ((negotiation: Negotiation) => void)[] | undefined = [];
  /** The newest offer by which the other side came back on another browser. */
  #takeover: RemoteOffer | undefined;

  // ------------------------------------------------------------------------------------------------------- this side

  async replaceTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null, stream?: MediaStream): Promise<void> {
    if (track) this.#tracks.set(kind, track);
    else this.#tracks.delete(kind);
    if (stream) this.#stream = stream;
    const negotiation = this.#negotiation;
    if (!negotiation) return;
    if (!track || negotiation.peer.hasLine(kind)) {
      await negotiation.peer.replaceTrack(kind, track);
      return;
    }
    if (!this.#options.signal.canRenegotiate()) {
      this.#tracks.delete(kind);
      throw new RingdownError('unsupported', 'No picture can be added to this call.');
    }
    try {
      await negotiation.peer.addLine(track, stream);
      await negotiation.negotiate(false);
    } catch (cause) {
      // The next connection brings it.
      if (this.#negotiation !== negotiation && !this.#closed) return;
      if (this.#tracks.get(kind) === track) this.#tracks.delete(kind);
      if (!this.#closed) await negotiation.peer.replaceTrack(kind, null).catch(() => undefined);
      throw mediaFailed(cause);
    }
  }

  restart(): void {
    this.#onPath({ type: 'asked' });
  }

  signalling(up: boolean, of: 'me' | 'peer' = 'me'): void {
    if (up) this.#away.delete(of);
    else this.#away.add(of);
    if (of === 'me') this.#negotiation?.signalling(up);
    this.#onPath({ type: 'signalling', up: this.#away.size === 0 });
  }

  simulateFailure(): void {
    if (this.#negotiation) this.#onState('failed');
  }

  async getStats(): Promise<RTCStatsReport | undefined> {
    return await this.#negotiation?.peer.getStats();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopWatchingNetwork();
    this.#stopPathTimer?.();
    this.#stopLooking?.();
    this.#leave();
    this.#early = this.#stream = undefined;
    this.#tracks.clear();
  }

  // ---------------------------------------------------------------------------------------------------- the connection

  #open<T>(begin: (negotiation: Negotiation) => T): T {
    const { platform, signal, events } = this.#options;
    const negotiation: Negotiation = new Negotiation({
      openPeer: (peerEvents) => platform.openPeer(this.#configuration, peerEvents),
      platform,
      signal,
      events: {
        // A browser that was replaced has nothing to say any more; it is closed, but what it said may be on its way.
        state: (state) => this.#negotiation === negotiation && this.#onState(state),
        track: () => {
          if (this.#negotiation !== negotiation) return;
          this.#hasRemoteTracks = true;
          events.remoteStream();
        },
        iceError: (code) => this.#reports.iceError(code),
        gathered: (candidate) => this.#reports.gathered(candidate),
        agreed: () => this.#onAgreed(negotiation),
        restartUnderWay: () => this.#onPath({ type: 'offered' }),
        remoteRestart: () => {
          if (this.#dryLooks === 0) this.#flowExpectedUntil = platform.now() + WATCH_FLOW_MS;
          this.#onPath({ type: 'remote_restart' });
        },
        problem: (error) => events.error(error),
      },
    });
    this.#negotiation = negotiation;
    const first = begin(negotiation);
    for (const word of this.#early ?? []) word(negotiation);
    this.#early = undefined;
    return first;
  }

  #leave(): void {
    this.#negotiation?.close();
    this.#negotiation = undefined;
  }

  /** The other side is on another device now: nothing of what was agreed holds, but for what this side sends (GL-2). */
  async #beginAnew(takeover: RemoteOffer): Promise<void> {
    this.#takeover = takeover;
    this.#early = [];
    this.#leave();
    // What was wrong with the former path, and the restarts it took, mean nothing for the new one.
    this.#setPath(beginPath(this.#away.size === 0));
    this.#hasRemoteTracks = false;
    this.#lastSample = undefined;
    this.#options.events.remoteStream();
    const fresh = await this.#options.freshConfiguration();
    if (this.#closed || this.#takeover !== takeover) return;
    this.#configuration = { ...this.#configuration, ...fresh };
    try {
      const answer = await this.#open((negotiation) => negotiation.answer(takeover.offer, this.#stream));
      this.#negotiation?.sendAnswer(answer, takeover.negotiationId);
      // A screen that is shared is in no stream of this side; and who came back may not know of a picture that was added.
      for (const [kind, track] of this.#tracks) await this.replaceTrack(kind, track, this.#stream);
    } catch (cause) {
      if (!this.#closed && this.#takeover === takeover) this.#options.events.error(mediaFailed(cause));
    }
  }

  #onAgreed(negotiation: Negotiation): void {
    if (this.#negotiation !== negotiation) return;
    void this.#renewSecurityCode(negotiation);
    // A restart of a path that was whole after all brings no other state: the browser has been connected all the time.
    if (negotiation.peer.state === 'connected' && this.#path.phase !== 'whole') this.#onState('connected');
  }

  // ---------------------------------------------------------------------------------------------------------- the path

  #onState(state: 'connected' | 'disconnected' | 'failed'): void {
    const { platform, events } = this.#options;
    if (state === 'connected') void this.#onConnected();
    if (state === 'failed') this.#reports.failed(platform.now());
    events.state(state);
    this.#onPath({ type: 'transport', state });
  }

  #onPath(event: PathEvent): void {
    if (this.#closed) return;
    const { platform, signal, events } = this.#options;
    const facts = { now: platform.now(), canRestart: signal.canRenegotiate() };
    const { model, act } = stepPath(this.#path, event, facts);
    if (model.deadline !== this.#path.deadline || event.type === 'time') this.#setPath(model);
    else this.#path = model;
    if (act === 'restart') void this.#restart();
    if (act === 'give_up') events.state('given_up');
  }

  #setPath(path: PathModel): void {
    const { platform } = this.#options;
    this.#path = path;
    this.#stopPathTimer?.();
    if (path.deadline === undefined) return;
    const delayMs = Math.max(0, path.deadline - platform.now());
    this.#stopPathTimer = platform.setTimer(() => this.#onPath({ type: 'time' }), delayMs);
  }

  /** With fresh servers: a relay that was opened before outlives its credential, a new one after that is refused. */
  async #restart(): Promise<void> {
    const negotiation = this.#negotiation;
    const fresh = await this.#options.freshConfiguration();
    if (!negotiation || this.#negotiation !== negotiation) return;
    try {
      if (fresh) {
        // A call that began relayed stays so, even if the servers came from somebody who does not say it again.
        this.#configuration = { ...this.#configuration, ...fresh };
        negotiation.peer.setConfiguration(this.#configuration);
      }
      await negotiation.negotiate(true);
    } catch (cause) {
      if (this.#negotiation !== negotiation) return;
      this.#options.events.error(mediaFailed(cause));
      this.#onPath({ type: 'refused' });
    }
  }

  // ------------------------------------------------------------------------------------------------------- the figures

  async #onConnected(): Promise<void> {
    const sample = await this.#look();
    if (this.#closed) return;
    this.#reports.connected(sample?.path, this.#options.platform.now());
    if (!this.#stopLooking) this.#lookLater();
  }

  #lookLater(): void {
    this.#stopLooking = this.#options.platform.setTimer(async () => {
      const before = this.#lastSample;
      const sample = await this.#look();
      if (this.#closed) return;
      this.#lookLater();
      if (before && sample) this.#onSample(before, sample);
    }, LOOK_EVERY_MS);
  }

  #onSample(before: Sample, sample: Sample): void {
    const { platform, events } = this.#options;
    const figures = figuresBetween(before, sample);
    const interrupted = this.#negotiation?.peer.state !== 'connected';
    const hasFigures = figures.rttMs !== undefined || figures.lossPercent !== undefined;
    const { score, mos } = interrupted ? { score: 1, mos: 1 } : hasFigures ? rate(figures) : {};
    const quality: QualitySample = { ...figures, score, mos };
    this.#averages.add(quality);
    this.#watchFlow(before, sample);
    this.#reports.looked(sample.path, sample.arrivedBytes, platform.now());
    events.quality(quality);
  }

  /**
   * When Chromium restarts a path that is whole after all, Firefox may stay on the former path and hear nothing more, and
   * both say that they are connected. Chromium's new ports first check the candidates that it knows, Firefox's former
   * ones, with the former credentials. Firefox answers these checks, but drops the media that come from there. Chromium is
   * content: it never checks the new candidates, so that none is nominated, and Firefox waits for that. (Seen with Chromium
   * 156 and Firefox 153; a path that was really lost heals, since the former candidates do not answer.) A restart by the
   * side that hears nothing may put that right; one is tried.
   */
  #watchFlow(before: Sample, sample: Sample): void {
    const { platform } = this.#options;
    this.#dryLooks = sample.arrivedPackets === before.arrivedPackets ? this.#dryLooks + 1 : 0;
    if (this.#dryLooks < MOST_DRY_LOOKS || platform.now() > this.#flowExpectedUntil) return;
    this.#flowExpectedUntil = 0;
    this.restart();
  }

  /** Never rejects: a look that fails is made up for by the next one. */
  async #look(): Promise<Sample | undefined> {
    const negotiation = this.#negotiation;
    try {
      const report = await negotiation?.peer.getStats();
      if (!report || this.#negotiation !== negotiation) return undefined;
      const sample = readSample(report as unknown as Iterable<[string, unknown]>, this.#options.platform.now());
      this.#lastSample = sample;
      return sample;
    } catch {
      return undefined;
    }
  }

  async #renewSecurityCode(negotiation: Negotiation): Promise<void> {
    const { platform, events } = this.#options;
    const { agreed } = negotiation.peer;
    if (!agreed) return;
    let code: readonly SecuritySign[] | undefined;
    try {
      code = await securityCodeOf(agreed.localSdp, agreed.remoteSdp, (bytes) => platform.sha256(bytes));
    } catch {
      // Without a secure context there is no SHA-256, and no code to show.
    }
    const text = code?.map(({ name }) => name).join(' ');
    if (this.#negotiation !== negotiation || text === this.#codedFor) return;
    this.#codedFor = text;
    this.#securityCode = code;
    events.securityCode();
  }

  // ------------------------------------------------------------------------------------------------------ what is sent

  #remember(local: MediaStream | undefined): void {
    this.#stream = local ?? this.#stream;
    for (const track of local?.getTracks() ?? []) this.#tracks.set(track.kind as 'audio' | 'video', track);
  }
}
