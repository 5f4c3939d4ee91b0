/** What the tabs of one browser share: names that one holds at a time, messages, and what a tab remembers. Knows no calls. */

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
   * Whether `hold` keeps tabs apart. False where there are no Web Locks, as on a page that is neither https nor
   * localhost (and so has no microphone either): every tab then believes that it holds everything, and only messages
   * go from one to the other.
   */
  readonly sure: boolean;
  /** Whether the page was loaded again, as far as the browser says: another one of the same tab is going, or gone. */
  readonly reloaded: boolean;
  /**
   * Holds a name that one tab of this origin holds at a time; waits until it is free. It is free the moment its tab is
   * gone, however that went.
   * @param signal stops the waiting
   * @returns lets go; undefined when `signal` was aborted first. Never rejects
   */
  hold(name: string, signal?: AbortSignal): Promise<Release | undefined>;
  /** Opens a channel to the other tabs. What comes may be from another version of the page: check it. */
  openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
  /** Reads what this tab remembers over a reload. A duplicated tab begins with a copy of it. */
  recall(key: string): string | undefined;
  /** Remembers a text for this tab. Does nothing where that is not allowed. */
  remember(key: string, value: string): void;
}

/** The part of a browser that {@link tabsOf} is made of. What is missing is done without. */
export interface TabsBrowser {
  readonly locks?: Pick<LockManager, 'request'> | undefined;
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined;
  /** May throw, as where the person allows a page no storage. */
  readonly sessionStorage?: () => Storage | undefined;
  readonly performance?: Pick<Performance, 'getEntriesByType'> | undefined;
}

/** Makes tabs from Web Locks, BroadcastChannel, sessionStorage and the page's own timing, each as far as there is one. */
export function tabsOf({ locks, BroadcastChannel: Channel, sessionStorage, performance }: TabsBrowser): Tabs {
  const [navigation] = (performance?.getEntriesByType('navigation') ?? []) as Partial<PerformanceNavigationTiming>[];
  return {
    sure: locks !== undefined,
    reloaded: navigation?.type === 'reload',
    hold: async (name, signal) => (locks ? await lockHold(locks, name, signal) : nothing),
    openChannel(name, onMessage) {
      if (!Channel) return { post: nothing, close: nothing };
      const channel = new Channel(name);
      channel.onmessage = ({ data }) => onMessage(data);
      // In Node a channel would keep the process from ending.
      (channel as { unref?: () => void }).unref?.();
      return { post: (message) => attempt(() => channel.postMessage(message)), close: () => channel.close() };
    },
    recall: (key) => attempt(() => sessionStorage?.()?.getItem(key) ?? undefined),
    remember: (key, value) => attempt(() => sessionStorage?.()?.setItem(key, value)),
  };
}

let own: Tabs | undefined;

/** The tabs of the browser this runs in. Nothing of it is touched before the first call. */
export function browserTabs(): Tabs {
  own ??= tabsOf({
    locks: globalThis.navigator?.locks,
    BroadcastChannel: globalThis.BroadcastChannel,
    sessionStorage: () => globalThis.sessionStorage,
    performance: globalThis.performance,
  });
  return own;
}

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
          resolve(release);
        }
      });
    // Refused, as in a sandboxed frame: alone, then.
    locks.request(name, { signal } as LockOptions, held).catch(() => resolve(signal?.aborted ? undefined : nothing));
  });
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function nothing(): void {}
