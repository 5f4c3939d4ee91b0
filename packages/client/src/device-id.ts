/** The name under which this tab is a device of its user (HE-1). Touches what the tab remembers, and one lock. */
import { browserTabs, type Release, type Tabs } from './tabs.ts';

/** Where the tab remembers it. */
const KEY = 'ringdown.deviceId';
/** How long the lock of the page that was reloaded may take to be free, ms: longer the busier the computer is. */
const RELOAD_PATIENCE_MS = 5_000;
/** The same where the browser knows of no reload, ms: a duplicated tab waits in vain. */
const PATIENCE_MS = 250;
/** What the service takes: letters, digits, `_` and `-`, at most 64 (HE-1). */
const DEVICE_ID = /^[\w-]{1,64}$/;

/** A device id that no other page of this browser uses as long as it is claimed. */
export interface DeviceClaim {
  /** 32 hex digits: 128 bits of chance. */
  readonly deviceId: string;
  /** Lets another client, or the same page later, claim it. Idempotent. */
  release(): void;
}

/**
 * Claims the device id of this tab: the one it had before a reload, else a new one. A duplicated tab copies what its
 * original remembers; it finds the id taken and becomes a device of its own, since two sockets of one device would
 * take the session from each other (HE-3).
 *
 * @returns never rejects: without storage, or without Web Locks, every page load is a new device
 */
export async function claimDeviceId(platform: { readonly tabs?: Tabs }): Promise<DeviceClaim> {
  const tabs = platform.tabs ?? browserTabs();
  const remembered = tabs.recall(KEY);
  const former = remembered !== undefined && DEVICE_ID.test(remembered) ? remembered : undefined;
  if (former !== undefined && tabs.sure) {
    const release = await tabs.hold(
      lockOf(former),
      AbortSignal.timeout(tabs.reloaded ? RELOAD_PATIENCE_MS : PATIENCE_MS),
    );
    if (release) return { deviceId: former, release };
  }
  const deviceId = newDeviceId();
  tabs.remember(KEY, deviceId);
  // Nobody else can know the name, and nothing stops the waiting.
  const release = (await tabs.hold(lockOf(deviceId))) as Release;
  return { deviceId, release };
}

function lockOf(deviceId: string): string {
  return `${KEY}.${deviceId}`;
}

function newDeviceId(): string {
  // Not `randomUUID`, which a page that is neither https nor localhost does not have.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
