/** Microphone, camera and screen: how they are asked for, and what a refusal means. Touches these requests alone. */
import { RingdownError } from './errors.ts';

type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

/** Text stays readable, and films still move. */
const SCREEN: MediaTrackConstraints = { frameRate: { ideal: 15, max: 30 } };

/** A picture that suits a call: the browser comes as near as the camera allows. */
const CAMERA: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 } };

/**
 * Which device of a kind: one by its id (from {@link MediaDevice}), or the camera that looks at the person (`front`) or
 * away (`back`), which only phones and tablets tell apart.
 */
export type DeviceChoice = { readonly deviceId: string } | { readonly facing: 'front' | 'back' };

/** What was opened. */
export interface OpenedMedia {
  /** Undefined when nothing was wanted. */
  readonly stream: MediaStream | undefined;
  /** Why there is no camera although one was wanted. */
  readonly withoutCamera?: RingdownError;
}

/**
 * Opens the wanted devices. Somebody whose camera is missing or taken can still talk and see the other side, so a
 * camera that fails is left out and told in `withoutCamera`; a refusal by the person is never worked around.
 * @throws {RingdownError} `permission_denied`, `device_not_found`, `device_busy` or `unsupported`
 */
export async function openMedia(
  getUserMedia: GetUserMedia,
  wanted: { readonly audio: boolean; readonly video: boolean },
): Promise<OpenedMedia> {
  if (!wanted.audio && !wanted.video) return { stream: undefined };
  try {
    return {
      stream: await getUserMedia({ audio: wanted.audio, video: wanted.video && { ...CAMERA, facingMode: 'user' } }),
    };
  } catch (cause) {
    const error = mediaError(cause);
    if (!wanted.video || (error.code !== 'device_not_found' && error.code !== 'device_busy')) throw error;
    if (!wanted.audio) return { stream: undefined, withoutCamera: error };
    try {
      return { stream: await getUserMedia({ audio: true, video: false }), withoutCamera: error };
    } catch (second) {
      throw mediaError(second);
    }
  }
}

/**
 * Opens one device of a call that is under way.
 * @param choice which one; the browser's own choice when undefined
 * @throws {RingdownError} as {@link openMedia}
 */
export async function openTrack(
  getUserMedia: GetUserMedia,
  kind: 'audio' | 'video',
  choice: DeviceChoice | undefined,
): Promise<{ track: MediaStreamTrack; stream: MediaStream }> {
  let stream: MediaStream;
  try {
    stream = await getUserMedia(
      kind === 'audio'
        ? { audio: choice ? constraintsOf(choice) : true, video: false }
        : { audio: false, video: { ...CAMERA, ...constraintsOf(choice ?? { facing: 'front' }) } },
    );
  } catch (cause) {
    throw mediaError(cause);
  }
  const track = stream.getTracks().find((each) => each.kind === kind);
  if (!track) throw new RingdownError('device_not_found', `The browser gave no ${kind} track.`);
  return { track, stream };
}

/**
 * Asks which screen, window or tab to share. Only the picture: the sound of the call stays the microphone's.
 * @throws {RingdownError} `permission_denied` when the person chose none, or not within a gesture; `unsupported` where
 *   screens cannot be shared, as on phones; `device_busy` when the system did not give it
 */
export async function openScreen(
  getDisplayMedia: (constraints: DisplayMediaStreamOptions) => Promise<MediaStream>,
): Promise<{ track: MediaStreamTrack; stream: MediaStream }> {
  let stream: MediaStream;
  try {
    stream = await getDisplayMedia({ video: SCREEN, audio: false });
  } catch (cause) {
    throw screenError(cause);
  }
  const track = stream.getTracks().find((each) => each.kind === 'video');
  if (!track) throw new RingdownError('device_not_found', 'The browser gave no picture of a screen.');
  return { track, stream };
}

/** A computer's camera says nothing about where it looks: it is taken for the front one, but never for the back one. */
function constraintsOf(choice: DeviceChoice): MediaTrackConstraints {
  if ('deviceId' in choice) return { deviceId: { exact: choice.deviceId } };
  return choice.facing === 'front' ? { facingMode: 'user' } : { facingMode: { exact: 'environment' } };
}

/** The names are those of Media Capture and Streams §10.4.3, and older ones that browsers still use. */
function mediaError(cause: unknown): RingdownError {
  switch (nameOf(cause)) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return new RingdownError(
        'permission_denied',
        'The microphone or the camera may not be used. Allow it in the settings of this site, and try again.',
        { cause },
      );
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return new RingdownError(
        'device_not_found',
        'There is no microphone or camera that fits. Plug one in or choose another one.',
        { cause },
      );
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return new RingdownError(
        'device_busy',
        'The microphone or the camera is in use or does not work. Close other applications that use it.',
        { cause },
      );
    default:
      return new RingdownError('unsupported', 'This page cannot use a microphone or a camera; it needs https.', {
        cause,
      });
  }
}

/** As Screen Capture §5.1 names them. */
function screenError(cause: unknown): RingdownError {
  switch (nameOf(cause)) {
    case 'NotAllowedError':
    case 'InvalidStateError':
      return new RingdownError(
        'permission_denied',
        'No screen was chosen. Ask again from a click, and allow the browser to record the screen in the system settings.',
        { cause },
      );
    case 'NotFoundError':
    case 'NotReadableError':
    case 'AbortError':
      return new RingdownError('device_busy', 'The system did not give the screen. Choose another window.', { cause });
    default:
      return new RingdownError('unsupported', 'Screens cannot be shared from this browser.', { cause });
  }
}

function nameOf(cause: unknown): unknown {
  return (cause as { name?: unknown } | null | undefined)?.name;
}
