/** Sound in spite of autoplay rules: browsers let a page be heard only after a gesture of the person. */
import { RingdownError } from './errors.ts';

/** The gestures after which browsers allow sound (HTML §6.4.2: a mouse goes down, a finger comes up, a key goes down). */
const GESTURES = ['pointerdown', 'pointerup', 'keydown'] as const;

/** The page, as far as sound needs one. */
export interface SoundPage {
  /** Whether it is worth waiting for a gesture: false outside of a browser. */
  hasAudio(): boolean;
  /** Makes an audio context; undefined where there is none to have. */
  openAudio(): AudioContext | undefined;
  /** Calls the listener at every gesture, from within it; the returned function stops that. */
  onGesture(listener: () => void): () => void;
}

/** The page this runs in. Nothing of it is touched before it is used. */
export const browserSoundPage: SoundPage = {
  hasAudio: () => typeof AudioContext !== 'undefined',
  openAudio() {
    try {
      return new AudioContext();
    } catch {
      return undefined;
    }
  },
  onGesture(listener) {
    const stop = new AbortController();
    for (const event of GESTURES) window.addEventListener(event, listener, { capture: true, signal: stop.signal });
    return () => stop.abort();
  },
};

const contexts = new WeakMap<SoundPage, AudioContext | undefined>();

/** The one audio context of a page: browsers allow only a few. @returns undefined where there is none to have */
export function audioOf(page: SoundPage): AudioContext | undefined {
  if (!contexts.has(page)) contexts.set(page, page.openAudio());
  return contexts.get(page);
}

/**
 * Lets the page be heard from its first gesture on. Call it once when the page starts, so that a call that comes later
 * can ring; calling it again is harmless.
 * @param signal stops the waiting
 * @returns resolves with true when a tone would be heard; with false where there is no WebAudio, or when `signal` was
 *   aborted first. Never rejects
 */
export function unlockAudio(signal?: AbortSignal, page: SoundPage = browserSoundPage): Promise<boolean> {
  if (signal?.aborted || !page.hasAudio()) return Promise.resolve(false);
  return new Promise((resolve) => {
    const wake = () => {
      const context = audioOf(page);
      if (!context) return done(false);
      // Refused, or pending, as long as the page may not be heard: the next gesture tries again.
      context.resume().then(
        () => done(true),
        () => undefined,
      );
    };
    const done = (heard: boolean) => {
      stopGestures();
      signal?.removeEventListener('abort', give);
      resolve(heard);
    };
    const give = () => done(false);
    const stopGestures = page.onGesture(wake);
    signal?.addEventListener('abort', give);
    // A context that is made before the first gesture is worth a warning to browsers: only when somebody needed one.
    if (contexts.has(page)) wake();
  });
}

/** What the error `autoplay_blocked` says. */
export const NEEDS_GESTURE = 'The browser plays no sound before a gesture.';

/** What {@link playRemote} tells. */
export interface PlayOptions {
  /**
   * Is told once when the browser refuses to play sound: `autoplay_blocked`. Show "tap to listen"; any gesture will do,
   * and until then a `<video>` shows its picture in silence.
   */
  readonly onBlocked?: (error: RingdownError) => void;
  /** Is told when it plays, with sound, after it was blocked. */
  readonly onUnblocked?: () => void;
  /** The page; a double in tests. */
  readonly page?: SoundPage;
}

/**
 * Plays the other side in a `<video>` or `<audio>` element, and where the browser refuses tries again at every gesture.
 * @param element the same one for the whole call; one given again is left as it is when it plays this stream already
 * @param stream {@link Call.remoteStream}
 * @returns stops playing, and takes the stream off the element. Idempotent
 */
export function playRemote(element: HTMLMediaElement, stream: MediaStream, options: PlayOptions = {}): () => void {
  const { onBlocked, onUnblocked, page = browserSoundPage } = options;
  let over = false;
  let stopGestures: (() => void) | undefined;
  if (element.srcObject !== stream) element.srcObject = stream;
  // Else an iPhone plays a call in full screen.
  if ('playsInline' in element) (element as HTMLVideoElement).playsInline = true;

  const play = async () => {
    try {
      if (stopGestures) element.muted = false;
      await element.play();
      if (over || !stopGestures) return;
      stopGestures();
      stopGestures = undefined;
      onUnblocked?.();
    } catch (cause) {
      // `AbortError`: the element was given another stream, or was taken out of the page. Only a refusal is ours to tell.
      if (over || (cause as Error | undefined)?.name !== 'NotAllowedError') return;
      const isFirst = stopGestures === undefined;
      stopGestures ??= page.onGesture(() => void play());
      element.muted = true;
      element.play().catch(() => undefined);
      if (isFirst) onBlocked?.(new RingdownError('autoplay_blocked', NEEDS_GESTURE, { cause }));
    }
  };
  void play();

  return () => {
    over = true;
    if (stopGestures) element.muted = false;
    stopGestures?.();
    stopGestures = undefined;
    if (element.srcObject === stream) element.srcObject = null;
  };
}
