/** One microphone or camera within a call: on, off, another one, and let go. Touches its tracks and nothing else. */
import { RingdownError } from './errors.ts';
import { type DeviceChoice, openTrack } from './media.ts';
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
  /** The device is gone: unplugged, or taken by the system. It was on or off as `wasOn` says, and is off now. */
  readonly onLost: (wasOn: boolean) => void;
}

/** One microphone or camera within a call. */
export class Device {
  readonly #options: DeviceOptions;
  #choice: DeviceChoice | undefined;
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

  /** What the browser says of the device that is open; undefined when none is. */
  get settings(): MediaTrackSettings | undefined {
    return this.#track()?.getSettings?.();
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
    // Whatever takes a track off the line stops this, so that it never meets a later one.
    if (this.#options.kind === 'video') {
      this.#stopRelease?.();
      this.#stopRelease = this.#options.platform.setTimer(() => this.#release(track), RELEASE_AFTER_MS);
    }
    this.#options.onChange();
  }

  /**
   * Uses another device of its kind from now on: at once when it is open, else when it is next turned on.
   * @param choice undefined for the browser's own choice
   * @throws {RingdownError} when it cannot be had; the former one is then still in use, unless only one at a time can be
   *   open and the former cannot be had again
   */
  async use(choice: DeviceChoice | undefined): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const former = this.#choice;
    this.#choice = choice;
    const track = this.#track();
    if (track?.readyState !== 'live' || this.#options.isOver()) return;
    if (this.#options.kind === 'video' && !track.enabled) {
      this.release();
      return;
    }
    this.#opening = this.#switch(track, former).finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  /** Watches a track that the browser may end by itself, as when the device is unplugged. */
  watch(): void {
    const track = this.#track();
    track?.addEventListener('ended', () => {
      if (this.#track() !== track || this.#options.isOver()) return;
      const wasOn = track.enabled;
      this.#release(track);
      // What was chosen is not there any more.
      this.#choice = undefined;
      this.#options.onChange();
      this.#options.onLost(wasOn);
    });
  }

  /** Forgets what was going to be done. */
  stop(): void {
    this.#stopRelease?.();
  }

  /** Closes it at once. */
  release(): void {
    const track = this.#track();
    if (track) this.#release(track);
  }

  async #switch(track: MediaStreamTrack, former: DeviceChoice | undefined): Promise<void> {
    this.#wanted = track.enabled;
    try {
      await this.#open();
      return;
    } catch (error) {
      if (!(error instanceof RingdownError) || error.code !== 'device_busy') {
        this.#choice = former;
        throw error;
      }
    }
    // Phones open one camera at a time.
    this.#release(track);
    try {
      await this.#open();
    } catch (error) {
      this.#choice = former;
      await this.#open().catch(() => this.#options.onChange());
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { platform, kind, isOver, onTrack, onChange } = this.#options;
    const { track, stream } = await openTrack((constraints) => platform.getUserMedia(constraints), kind, this.#choice);
    if (isOver()) {
      track.stop();
      return;
    }
    const former = this.#track();
    if (former) this.#release(former);
    track.enabled = this.#wanted;
    try {
      await onTrack(track, stream);
    } catch (cause) {
      // Nobody sees it: the call could not be given a picture.
      this.#release(track);
      onChange();
      throw cause;
    }
    this.watch();
    if (this.#wanted) onChange();
    // Turned off while it was asked for.
    else this.turnOff();
  }

  #release(track: MediaStreamTrack): void {
    this.#stopRelease?.();
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
