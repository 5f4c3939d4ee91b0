/** One microphone or camera within a call: on, off, and let go. Touches its tracks and the sender of its kind. */
import { openTrack } from './media.ts';
import type { Platform } from './platform.ts';

/** A camera that was turned off keeps sending black this long, ms, so that the other side is left with no still picture. */
const RELEASE_AFTER_MS = 1_000;

interface DeviceOptions {
  readonly kind: 'audio' | 'video';
  readonly platform: Pick<Platform, 'getUserMedia' | 'setTimer'>;
  /** The stream its track is in; undefined when there is none yet. */
  readonly stream: () => MediaStream | undefined;
  /** Puts a new track on the line and into the call's stream; `stream` holds it alone. */
  readonly onTrack: (track: MediaStreamTrack, stream: MediaStream) => Promise<void>;
  /** Takes the track off the line. */
  readonly onReleased: (track: MediaStreamTrack) => void;
  /** Whether the call is over; then a device that was asked for in vain is let go. */
  readonly isOver: () => boolean;
  readonly onChange: () => void;
}

/** One microphone or camera within a call. */
export class Device {
  readonly #options: DeviceOptions;
  #wanted = false;
  #opening: Promise<void> | undefined;
  #stopRelease: (() => void) | undefined;

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** Whether it is heard or seen at this moment. */
  get on(): boolean {
    const track = this.#track();
    return track?.enabled === true && track.readyState === 'live';
  }

  /**
   * Turns it on; opens it when it is not open.
   * @throws {RingdownError} when it cannot be had
   */
  async turnOn(): Promise<void> {
    this.#wanted = true;
    this.#stopRelease?.();
    const track = this.#track();
    if (track?.readyState === 'live') {
      track.enabled = true;
      this.#options.onChange();
      return;
    }
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  /** Turns it off at once. A camera is let go a moment later, a microphone stays open for a quick word. */
  turnOff(): void {
    this.#wanted = false;
    const track = this.#track();
    if (!track) return;
    track.enabled = false;
    if (this.#options.kind === 'video') {
      this.#stopRelease?.();
      this.#stopRelease = this.#options.platform.setTimer(() => this.#release(track), RELEASE_AFTER_MS);
    }
    this.#options.onChange();
  }

  /** Watches a track that the browser may end by itself, as when the device is unplugged. */
  watch(): void {
    this.#track()?.addEventListener('ended', () => this.#options.onChange());
  }

  /** Forgets what was going to be done. */
  stop(): void {
    this.#stopRelease?.();
  }

  /** Closes it at once. */
  release(): void {
    this.#stopRelease?.();
    const track = this.#track();
    if (track) this.#release(track);
  }

  async #open(): Promise<void> {
    const { track, stream } = await openTrack(
      (constraints) => this.#options.platform.getUserMedia(constraints),
      this.#options.kind,
    );
    if (this.#options.isOver()) {
      track.stop();
      return;
    }
    const former = this.#track();
    if (former) this.#release(former);
    track.enabled = this.#wanted;
    await this.#options.onTrack(track, stream);
    this.watch();
    this.#options.onChange();
  }

  #release(track: MediaStreamTrack): void {
    track.stop();
    this.#options.onReleased(track);
  }

  #track(): MediaStreamTrack | undefined {
    return this.#options
      .stream()
      ?.getTracks()
      .find((track) => track.kind === this.#options.kind);
  }
}
