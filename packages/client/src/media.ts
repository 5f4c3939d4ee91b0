/** Microphone and camera: how they are asked for, and what a refusal means. Touches getUserMedia and nothing else. */
import { RingdownError } from './errors.ts';

type GetUserMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

/** A picture that suits a call: the browser comes as near as the camera allows. */
const CAMERA: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: 'user' };

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
    return { stream: await getUserMedia({ audio: wanted.audio, video: wanted.video && CAMERA }) };
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
 * @throws {RingdownError} as {@link openMedia}
 */
export async function openTrack(
  getUserMedia: GetUserMedia,
  kind: 'audio' | 'video',
): Promise<{ track: MediaStreamTrack; stream: MediaStream }> {
  let stream: MediaStream;
  try {
    stream = await getUserMedia(kind === 'audio' ? { audio: true, video: false } : { audio: false, video: CAMERA });
  } catch (cause) {
    throw mediaError(cause);
  }
  const track = stream.getTracks().find((each) => each.kind === kind);
  if (!track) throw new RingdownError('device_not_found', `The browser gave no ${kind} track.`);
  return { track, stream };
}

/** The names are those of Media Capture and Streams §10.4.3, and older ones that browsers still use. */
function mediaError(cause: unknown): RingdownError {
  switch ((cause as { name?: unknown } | null | undefined)?.name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
    case 'SecurityError':
      return new RingdownError('permission_denied', 'The microphone or the camera may not be used.', { cause });
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return new RingdownError('device_not_found', 'There is no microphone or camera that fits.', { cause });
    case 'NotReadableError':
    case 'TrackStartError':
    case 'AbortError':
      return new RingdownError('device_busy', 'The microphone or the camera is in use or does not work.', { cause });
    default:
      return new RingdownError('unsupported', 'This page cannot use a microphone or a camera; it needs https.', {
        cause,
      });
  }
}
