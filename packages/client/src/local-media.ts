/** This side's microphone, camera and screen in one call: what is open, what is on, and what is let go. */
import { Device } from './device.ts';
import { RingdownError } from './errors.ts';
import { openMedia } from './media.ts';
import type { Platform } from './platform.ts';
import { ScreenShare } from './screen-share.ts';

interface LocalMediaOptions {
  readonly platform: Platform;
  readonly isOver: () => boolean;
  /** Puts a track on the line, or takes it off it. */
  readonly onLine: (kind: 'audio' | 'video', track: MediaStreamTrack | null, stream?: MediaStream) => Promise<void>;
  /** {@link LocalMedia.stream} or its tracks changed. */
  readonly onStream: () => void;
  /** What is on changed. */
  readonly onChange: () => void;
  /** A device is gone, as when it was unplugged. */
  readonly onLost: (device: 'microphone' | 'camera', wasOn: boolean) => void;
}

/** This side's devices in one call. */
export class LocalMedia {
  readonly microphone: Device;
  readonly camera: Device;
  readonly screen: ScreenShare;
  readonly #options: LocalMediaOptions;
  #stream: MediaStream | undefined;
  #opened = false;

  constructor(options: LocalMediaOptions) {
    this.#options = options;
    this.microphone = this.#device('audio');
    this.camera = this.#device('video');
    this.screen = new ScreenShare({
      platform: options.platform,
      isOver: options.isOver,
      onChange: options.onChange,
      onLine: (track, stream) => options.onLine('video', track, stream),
    });
  }

  /** The own picture and voice; undefined before they were granted and after the end. */
  get stream(): MediaStream | undefined {
    return this.#stream;
  }

  /** Whether the devices were asked for; before that there is nothing to turn on or off. */
  get opened(): boolean {
    return this.#opened;
  }

  /**
   * Asks for the devices.
   * @returns why there is no camera although one was wanted; `'over'` when the call ended meanwhile
   * @throws {RingdownError} as {@link openMedia}
   */
  async open(wanted: {
    readonly audio: boolean;
    readonly video: boolean;
  }): Promise<RingdownError | 'over' | undefined> {
    const { platform, isOver, onStream, onChange } = this.#options;
    const { stream, withoutCamera } = await openMedia((constraints) => platform.getUserMedia(constraints), wanted);
    if (isOver()) {
      stopTracks(stream);
      return 'over';
    }
    this.#stream = stream;
    this.#opened = true;
    this.microphone.watch();
    this.camera.watch();
    const [picture] = stream?.getVideoTracks() ?? [];
    if (picture) await this.screen.camera(picture, stream);
    onStream();
    onChange();
    return withoutCamera;
  }

  /** @throws {RingdownError} `invalid_state` when there is nothing to turn on or off now */
  need(): void {
    if (this.#opened && !this.#options.isOver()) return;
    throw new RingdownError('invalid_state', 'There is no microphone or camera to turn on or off now.');
  }

  /** Lets go of everything. Idempotent. */
  close(): void {
    this.microphone.stop();
    this.camera.stop();
    this.screen.close();
    stopTracks(this.#stream);
    if (!this.#stream) return;
    this.#stream = undefined;
    this.#options.onStream();
  }

  #device(kind: 'audio' | 'video'): Device {
    const { platform, isOver, onStream, onChange, onLost } = this.#options;
    const onLine = async (track: MediaStreamTrack | null, stream?: MediaStream) =>
      kind === 'video' ? await this.screen.camera(track, stream) : await this.#options.onLine(kind, track, stream);
    return new Device({
      kind,
      platform,
      stream: () => this.#stream,
      isOver,
      onChange,
      onLost: (wasOn) => onLost(kind === 'audio' ? 'microphone' : 'camera', wasOn),
      onTrack: async (track, stream) => {
        if (this.#stream) this.#stream.addTrack(track);
        else this.#stream = stream;
        await onLine(track, this.#stream);
        onStream();
      },
      onReleased: (track) => {
        this.#stream?.removeTrack(track);
        onLine(null).catch(() => undefined);
        onStream();
      },
    });
  }
}

function stopTracks(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
