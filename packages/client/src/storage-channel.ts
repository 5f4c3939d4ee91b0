/** Messages between tabs by events of `localStorage`, for browsers without BroadcastChannel. Knows no calls. */
import type { TabChannel, TabsBrowser } from './tabs.ts';

/**
 * Opens a channel: what one tab writes the others are told by the browser.
 * @param onMessage is given whatever JSON came
 */
export function storageChannel(
  storage: Storage,
  events: NonNullable<TabsBrowser['events']>,
  name: string,
  onMessage: (message: unknown) => void,
): TabChannel {
  const key = `ringdown.channel.${name}`;
  const onStorage = (event: Event) => {
    const { key: changed, newValue } = event as StorageEvent;
    if (changed !== key || newValue === null) return;
    try {
      onMessage(JSON.parse(newValue));
    } catch {
      // Somebody else's text.
    }
  };
  events.addEventListener('storage', onStorage);
  return {
    post(message) {
      try {
        storage.setItem(key, JSON.stringify(message));
        // The same text written twice would be no event.
        storage.removeItem(key);
      } catch {
        // A full or forbidden storage: the service tells the other tabs a little later.
      }
    },
    close: () => events.removeEventListener('storage', onStorage),
  };
}
