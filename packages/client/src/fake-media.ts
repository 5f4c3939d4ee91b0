/** Doubles for microphone and camera: streams and tracks that exist without a browser. */

/** A track that is only there. */
export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  enabled = true;
  readyState: 'live' | 'ended' = 'live';

  constructor(kind: 'audio' | 'video') {
    super();
    this.kind = kind;
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** Ends it as the browser does when the device is unplugged. */
  unplug(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

/** A stream of such tracks; as far as the SDK and `<video>`-free tests use one, it is a MediaStream. */
export class FakeStream {
  readonly #tracks: FakeTrack[];

  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = [...tracks];
  }

  getTracks(): FakeTrack[] {
    return [...this.#tracks];
  }
  getAudioTracks(): FakeTrack[] {
    return this.#tracks.filter((track) => track.kind === 'audio');
  }
  getVideoTracks(): FakeTrack[] {
    return this.#tracks.filter((track) => track.kind === 'video');
  }
  addTrack(track: FakeTrack): void {
    if (!this.#tracks.includes(track)) this.#tracks.push(track);
  }
  removeTrack(track: FakeTrack): void {
    const index = this.#tracks.indexOf(track);
    if (index >= 0) this.#tracks.splice(index, 1);
  }
}

/** The devices of one fake browser. */
export class FakeMedia {
  /** What was asked for, in order. */
  readonly requests: MediaStreamConstraints[] = [];
  /** Every track that was handed out. */
  readonly tracks: FakeTrack[] = [];
  /** Name of the DOMException that a request meets, `undefined` to grant it. */
  refusal: ((constraints: MediaStreamConstraints) => string | undefined) | undefined;
  /** When set, a request waits for it, as for a person before a permission prompt. */
  prompt: Promise<void> | undefined;

  /** Give it as `platform.getUserMedia`. */
  readonly getUserMedia = async (constraints: MediaStreamConstraints): Promise<MediaStream> => {
    this.requests.push(constraints);
    await this.prompt;
    const name = this.refusal?.(constraints);
    if (name) throw new DOMException('refused by the test', name);
    const tracks: FakeTrack[] = [];
    if (constraints.audio) tracks.push(new FakeTrack('audio'));
    if (constraints.video) tracks.push(new FakeTrack('video'));
    this.tracks.push(...tracks);
    return new FakeStream(tracks) as unknown as MediaStream;
  };
}
