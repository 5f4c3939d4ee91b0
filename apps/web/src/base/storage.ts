/** What the app remembers in this browser; where the browser forbids that, only until the page is closed. */

/** The part of `Storage` the app uses. */
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * Takes the browser's storage if it can be used.
 * @param find gets it; browsers that block site data throw already here
 */
export function openStorage(find: () => Memory): Memory {
  try {
    const storage = find();
    storage.setItem('ringdown.probe', '');
    storage.removeItem('ringdown.probe');
    return storage;
  } catch {
    const items = new Map<string, string>();
    return {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    };
  }
}

/** The storage of this page. */
export const storage: Memory = openStorage(() => localStorage);
