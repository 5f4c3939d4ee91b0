/**
 * The picture that this side sends: the screen while one is shared, else the camera, by turns on the same line, so that
 * sharing needs no new negotiation. Touches the request for a screen and its track.
 */
import { callEnded } from './errors.ts';
import { openScreen } from './media.ts';
import type { Platform } from './platform.ts';

interface ScreenShareOptions {
  readonly platform: Pick<Platform, 'getDisplayMedia'>;
  /** Puts a picture on the line, or takes it off it. */
  readonly onLine: (track: MediaStreamTrack | null, stream?: MediaStream) => Promise<void>;
  /** Whether the call is over; then a screen that was asked for in vain is let go. */
  readonly isOver: () => boolean;
  readonly onChange: () => void;
}

/** One side's picture. */
export class ScreenShare {
  readonly #options: ScreenShareOptions;
  #camera: { readonly track: MediaStreamTrack; readonly stream: MediaStream | undefined } | undefined;
  #screen: { readonly track: MediaStreamTrack; readonly stream: MediaStream } | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: ScreenShareOptions) {
    this.#options = options;
  }

  /** The screen that is shared now; undefined while none is. */
  get stream(): MediaStream | undefined {
    return this.#screen?.stream;
  }

  /** The camera gives another picture, or none. It is sent as soon as no screen is shared. */
  async camera(track: MediaStreamTrack | null, stream?: MediaStream): Promise<void> {
    this.#camera = track ? { track, stream } : undefined;
    if (!this.#screen) await this.#options.onLine(track, stream);
  }

  /**
   * Shares a screen, window or tab in place of the camera. While one is shared, or chosen, nothing happens.
   * @throws {RingdownError} as {@link openScreen}; `call_ended`; `unsupported` when the call has no picture and can get none
   */
  async start(): Promise<void> {
    if (this.#screen) return;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** Goes back to the camera, or to no picture. Idempotent. */
  stop(): void {
    const screen = this.#screen;
    if (!screen) return;
    this.#screen = undefined;
    screen.track.stop();
    // The line may be gone with the call; there is nobody left to see it.
    this.#options.onLine(this.#camera?.track ?? null, this.#camera?.stream).catch(() => undefined);
    this.#options.onChange();
  }

  /** Lets go of the screen, at the end of the call. Idempotent. */
  close(): void {
    this.#screen?.track.stop();
    this.#screen = undefined;
    this.#camera = undefined;
  }

  async #start(): Promise<void> {
    const { platform, onLine, isOver, onChange } = this.#options;
    const screen = await openScreen((constraints) => platform.getDisplayMedia(constraints));
    if (isOver()) {
      screen.track.stop();
      throw callEnded();
    }
    // Letters matter more than smooth movement; a browser that does not know the word ignores it.
    screen.track.contentHint = 'detail';
    this.#screen = screen;
    // "Stop sharing" of the browser's own bar, or the window was closed.
    screen.track.addEventListener('ended', () => this.#screen === screen && this.stop());
    try {
      await onLine(screen.track, screen.stream);
    } catch (cause) {
      if (this.#screen === screen) this.stop();
      throw cause;
    }
    if (this.#screen === screen) onChange();
  }
}
