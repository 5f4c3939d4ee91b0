/** Doubles for microphone, camera and screen: streams and tracks that exist without a browser. */

/** A track that is only there. */
export class FakeTrack extends EventTarget {
  readonly kind: 'audio' | 'video';
  enabled = true;
  readyState: 'live' | 'ended' = 'live';
  contentHint = '';
  readonly #settings: MediaTrackSettings;

  constructor(kind: 'audio' | 'video', settings: MediaTrackSettings = {}) {
    super();
    this.kind = kind;
    this.#settings = settings;
  }

  getSettings(): MediaTrackSettings {
    return this.#settings;
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** Ends it as the browser does when the device is unplugged, or the person stops sharing. */
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
  /** Every request to share a screen. */
  readonly screenRequests: DisplayMediaStreamOptions[] = [];
  /** Every track that was handed out. */
  readonly tracks: FakeTrack[] = [];
  /** What there is; the first of a kind is the browser's own choice. Change it with {@link plug}. */
  devices: Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[] = [
    { kind: 'audioinput', deviceId: 'mic-1', label: 'Fake microphone' },
    { kind: 'videoinput', deviceId: 'cam-1', label: 'Fake camera' },
    { kind: 'audiooutput', deviceId: 'out-1', label: 'Fake loudspeaker' },
  ];
  /** Name of the DOMException that a request meets, `undefined` to grant it. */
  refusal: ((constraints: MediaStreamConstraints) => string | undefined) | undefined;
  /** The same for a request to share a screen. */
  screenRefusal: string | undefined;
  /** When set, a request waits for it, as for a person before a permission prompt. */
  prompt: Promise<void> | undefined;
  readonly #listeners = new Set<() => void>();

  /** Give it as `platform.getUserMedia`. */
  readonly getUserMedia = async (constraints: MediaStreamConstraints): Promise<MediaStream> => {
    this.requests.push(constraints);
    await this.prompt;
    const name = this.refusal?.(constraints);
    if (name) throw new DOMException('refused by the test', name);
    const tracks: FakeTrack[] = [];
    if (constraints.audio) tracks.push(this.#track('audio', constraints.audio));
    if (constraints.video) tracks.push(this.#track('video', constraints.video));
    this.tracks.push(...tracks);
    return new FakeStream(tracks) as unknown as MediaStream;
  };

  /** Give it as `platform.getDisplayMedia`. */
  readonly getDisplayMedia = async (constraints: DisplayMediaStreamOptions): Promise<MediaStream> => {
    this.screenRequests.push(constraints);
    await this.prompt;
    if (this.screenRefusal) throw new DOMException('refused by the test', this.screenRefusal);
    const track = new FakeTrack('video', { displaySurface: 'monitor' });
    this.tracks.push(track);
    return new FakeStream([track]) as unknown as MediaStream;
  };

  /** Give it as `platform.enumerateDevices`. */
  readonly enumerateDevices = async (): Promise<MediaDeviceInfo[]> => this.devices as MediaDeviceInfo[];

  /** Give it as `platform.onDeviceChange`. */
  readonly onDeviceChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Plugs devices in and out: these are there from now on. Tracks of others go on until {@link FakeTrack.unplug}. */
  plug(devices: FakeMedia['devices']): void {
    this.devices = devices;
    for (const listener of [...this.#listeners]) listener();
  }

  #track(kind: 'audio' | 'video', wanted: boolean | MediaTrackConstraints): FakeTrack {
    const all = this.devices.filter((device) => device.kind === `${kind}input`);
    const exact = typeof wanted === 'object' ? (wanted.deviceId as { exact?: string } | undefined)?.exact : undefined;
    const device = exact === undefined ? all[0] : all.find(({ deviceId }) => deviceId === exact);
    if (!device)
      throw new DOMException('no such device', exact === undefined ? 'NotFoundError' : 'OverconstrainedError');
    return new FakeTrack(kind, { deviceId: device.deviceId });
  }
}
