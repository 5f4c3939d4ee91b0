/** The microphones, cameras and loudspeakers of this computer, for an application to choose from. */
import type { DeviceChoice } from './media.ts';
import type { Platform } from './platform.ts';

/** One device that a person may choose. */
export interface MediaDevice {
  readonly kind: 'microphone' | 'camera' | 'speaker';
  /** The browser's id for it, good for this site; give it as {@link DeviceChoice}. */
  readonly deviceId: string;
  /** What the system calls it; empty before this site was allowed to use a device of its kind. */
  readonly label: string;
}

const KINDS: Record<MediaDeviceKind, MediaDevice['kind']> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};

/**
 * Lists the devices.
 * @returns those with an id, which are all once a permission was given; none where the page may not ask. Never rejects.
 */
export async function listDevices(platform: Pick<Platform, 'enumerateDevices'>): Promise<readonly MediaDevice[]> {
  try {
    const devices = await platform.enumerateDevices();
    return devices
      .filter(({ deviceId }) => deviceId !== '')
      .map(({ kind, deviceId, label }) => ({ kind: KINDS[kind], deviceId, label }));
  } catch {
    return [];
  }
}

/**
 * The camera that comes after the one in use: on a phone the other side's, else the next in the list. Pure.
 * @param settings of the camera in use; undefined when none is open
 * @returns undefined when there is no other
 */
export function nextCamera(
  settings: MediaTrackSettings | undefined,
  devices: readonly MediaDevice[],
): DeviceChoice | undefined {
  if (settings?.facingMode === 'user') return { facing: 'back' };
  if (settings?.facingMode === 'environment') return { facing: 'front' };
  const cameras = devices.filter(({ kind }) => kind === 'camera');
  const at = cameras.findIndex(({ deviceId }) => deviceId === settings?.deviceId);
  const next = cameras[(at + 1) % cameras.length];
  return next && next.deviceId !== settings?.deviceId ? { deviceId: next.deviceId } : undefined;
}
