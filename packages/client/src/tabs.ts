/** What the tabs of one browser share: names that one holds at a time, messages, and what a tab remembers. Knows no calls. */
import { leaseHold } from './leases.ts';
import { storageChannel } from './storage-channel.ts';

/** Lets go of what was held. Idempotent. */
export type Release = () => void;

/** A way to the other tabs of this origin. */
export interface TabChannel {
  /** Tells every other tab; not oneself. The message is plain JSON. Never throws. */
  post(message: unknown): void;
  close(): void;
}

/** What the tabs of one browser share, as far as the SDK needs it. */
export interface Tabs {
  /**
   * Whether a name that is held is free the moment its tab is gone (Web Locks). Where it is not, a name is leased and
   * free some seconds later, or, without any storage, everybody holds everything.
   */
  readonly sure: boolean;
  /**
   * Holds a name that one tab of this origin holds at a time; waits until it is free.
   * @param signal stops the waiting
   * @returns lets go; undefined when `signal` was aborted first. Never rejects
   */
  hold(name: string, signal?: AbortSignal): Promise<Release | undefined>;
  /** Opens a channel to the other tabs. What comes may be from another version of the page: check it. */
  openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
  /** Reads what this tab remembers over a reload. A duplicated tab begins with a copy of it. */
  recall(key: string): string | undefined;
  /** Remembers a text for this tab, or forgets it. Does nothing where that is not allowed. */
  remember(key: string, value: string | undefined): void;
  /** Calls `onHide` when the page goes away, and `onShow` when it comes back unchanged; the returned function stops both. */
  onPage(onHide: () => void, onShow: () => void): () => void;
}

/** The part of a browser that {@link tabsOf} is made of. What is missing is done without. */
export interface TabsBrowser {
  readonly locks?: Pick<LockManager, 'request'> | undefined;
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined;
  /** May throw, as where the person allows a page no storage. */
  readonly localStorage?: () => Storage | undefined;
  /** As `localStorage`. */
  readonly sessionStorage?: () => Storage | undefined;
  readonly events?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined;
}

/**
 * Makes tabs from what a browser has: Web Locks and BroadcastChannel, else leases and events of `localStorage`, else
 * nothing, and every tab believes itself alone.
 */
export function tabsOf(browser: TabsBrowser): Tabs {
  const local = () => attempt(browser.localStorage);
  const tab = () => attempt(browser.sessionStorage);
  const { locks, events, BroadcastChannel: Channel } = browser;
  return {
    sure: locks !== undefined,
    hold: locks
      ? (name, signal) => lockHold(locks, name, signal)
      : async (name, signal) => {
          const storage = local();
          return storage ? await leaseHold(storage, events, name, signal) : nothing;
        },
    openChannel(name, onMessage) {
      if (!Channel) {
        const storage = local();
        return storage && events ? storageChannel(storage, events, name, onMessage) : SILENT;
      }
      const channel = new Channel(name);
      channel.onmessage = ({ data }) => onMessage(data);
      // In Node a channel would keep the process from ending.
      (channel as { unref?: () => void }).unref?.();
      return { post: (message) => channel.postMessage(message), close: () => channel.close() };
    },
    recall: (key) => attempt(() => tab()?.getItem(key) ?? undefined),
    remember: (key, value) =>
      attempt(() => (value === undefined ? tab()?.removeItem(key) : tab()?.setItem(key, value))),
    onPage(onHide, onShow) {
      events?.addEventListener('pagehide', onHide);
      events?.addEventListener('pageshow', onShow);
      return () => {
        events?.removeEventListener('pagehide', onHide);
        events?.removeEventListener('pageshow', onShow);
      };
    },
  };
}

let own: Tabs | undefined;

/** The tabs of the browser this runs in. Nothing of it is touched before the first call. */
export function browserTabs(): Tabs {
  own ??= tabsOf({
    locks: globalThis.navigator?.locks,
    BroadcastChannel: globalThis.BroadcastChannel,
    localStorage: () => globalThis.localStorage,
    sessionStorage: () => globalThis.sessionStorage,
    events: typeof window === 'undefined' ? undefined : window,
  });
  return own;
}

const SILENT: TabChannel = { post: nothing, close: nothing };

/** A lock lasts as long as the promise its callback gave. */
function lockHold(
  locks: Pick<LockManager, 'request'>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Release | undefined> {
  return new Promise((resolve) => {
    const held = () =>
      new Promise<void>((release) => {
        if (signal?.aborted) {
          release();
          resolve(undefined);
        } else {
          resolve(() => release());
        }
      });
    locks.request(name, signal ? { signal } : {}, held).catch((cause: unknown) => {
      // Without locks after all, as in a sandboxed frame: alone, then.
      resolve(signal?.aborted || (cause as Error | undefined)?.name === 'AbortError' ? undefined : nothing);
    });
  });
}

function attempt<T>(run: (() => T) | undefined): T | undefined {
  try {
    return run?.();
  } catch {
    return undefined;
  }
}

function nothing(): void {}
