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
  if (!track) throw mediaError({ name: 'NotFoundError' });
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
  // There is always one (Screen Capture §5.1).
  const [track] = stream.getVideoTracks() as [MediaStreamTrack];
  return { track, stream };
}

/** A computer's camera says nothing about where it looks: it is taken for the front one, but never for the back one. */
function constraintsOf(choice: DeviceChoice): MediaTrackConstraints {
  if ('deviceId' in choice) return { deviceId: { exact: choice.deviceId } };
  return choice.facing === 'front' ? { facingMode: 'user' } : { facingMode: { exact: 'environment' } };
}

type MediaCode = 'permission_denied' | 'device_not_found' | 'device_busy' | 'unsupported';

/** What a refusal means. The names are those of Media Capture and Streams §10.4.3. */
const CODES: Partial<Record<string, MediaCode>> = {
  NotAllowedError: 'permission_denied',
  SecurityError: 'permission_denied',
  NotFoundError: 'device_not_found',
  OverconstrainedError: 'device_not_found',
  NotReadableError: 'device_busy',
  AbortError: 'device_busy',
};

const DEVICE_MESSAGES: Record<MediaCode, string> = {
  permission_denied: 'Allow the microphone and the camera in the settings of this site.',
  device_not_found: 'There is no such microphone or camera: plug one in or choose another.',
  device_busy: 'The microphone or the camera is in use or does not work: close other applications.',
  unsupported: 'There is no microphone or camera here: the page needs https.',
};
const NO_SCREEN = 'No screen was given: ask again from a click, and choose another.';

const mediaError = (cause: unknown): RingdownError => {
  const code = codeOf(cause);
  return new RingdownError(code, DEVICE_MESSAGES[code], { cause });
};

/** Outside of a gesture a screen is refused as an InvalidStateError (Screen Capture §5.1). */
const screenError = (cause: unknown): RingdownError => {
  const code = nameOf(cause) === 'InvalidStateError' ? 'permission_denied' : codeOf(cause);
  return new RingdownError(code, NO_SCREEN, { cause });
};

const codeOf = (cause: unknown): MediaCode => CODES[nameOf(cause)] ?? 'unsupported';
const nameOf = (cause: unknown): string => String((cause as { name?: unknown } | null | undefined)?.name);
