/** Where in the app the person is: the tab and what is open in it, kept in the address so that Back works. */
import { Store } from './store.ts';

/** The tabs. */
export const TABS = ['people', 'history', 'settings'] as const;
/** A tab. */
export type Tab = (typeof TABS)[number];

/** A place. */
export interface Place {
  readonly tab: Tab;
  /** What is open beside the list. */
  readonly open: { readonly kind: 'user' | 'group'; readonly id: string } | undefined;
}

/**
 * Reads a place from the address's fragment: `#/people`, `#/people/user/42`, `#/people/group/g_x`, `#/history/user/42`.
 * @param hash as `location.hash`; nonsense means the people
 */
export function parsePlace(hash: string): Place {
  const [, tabName, kind, id] = hash.replace(/^#/, '').split('/');
  const tab = TABS.find((name) => name === tabName) ?? 'people';
  const isOpen =
    (kind === 'user' || kind === 'group') && id !== undefined && /^[\w-]{1,64}$/.test(id) && tab !== 'settings';
  return { tab, open: isOpen ? { kind, id } : undefined };
}

/** Writes a place as the address's fragment. */
export function formatPlace({ tab, open }: Place): string {
  return open ? `#/${tab}/${open.kind}/${open.id}` : `#/${tab}`;
}

/** The place now; follows the address. */
export const place = new Store<Place>(parsePlace(''));

/** Follows the address from now on. */
export function startRoute(): void {
  const follow = () => {
    const next = parsePlace(location.hash);
    if (formatPlace(next) !== formatPlace(place.value)) place.set(next);
  };
  addEventListener('hashchange', follow);
  follow();
}

/** Goes to a place, with a way back. */
export function go(next: Place): void {
  location.hash = formatPlace(next);
  place.set(next);
}
