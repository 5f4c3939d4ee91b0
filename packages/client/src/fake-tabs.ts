/** A double of a browser with several tabs: locks, channels and memory that exist without a browser. */
import type { Release, TabChannel, Tabs } from './tabs.ts';

interface Waiting {
  readonly tab: FakeTab;
  grant(release: Release): void;
}

/** One fake browser; its tabs share locks and channels. */
export class FakeBrowser {
  /** Who holds a name, by the name. */
  readonly holders = new Map<string, FakeTab>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #listeners = new Set<{ tab: FakeTab; name: string; onMessage: (message: unknown) => void }>();

  /** Opens a tab. @param original the tab that is duplicated: the new one begins with a copy of what it remembers */
  openTab(original?: FakeTab): FakeTab {
    return new FakeTab(this, original?.memory);
  }

  /** @internal */
  hold(tab: FakeTab, name: string, signal: AbortSignal | undefined): Promise<Release | undefined> {
    return new Promise((resolve) => {
      const waiting: Waiting = { tab, grant: resolve };
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), waiting]);
      signal?.addEventListener('abort', () => {
        this.#waiting.set(name, this.#waiting.get(name)?.filter((each) => each !== waiting) ?? []);
        resolve(undefined);
      });
      queueMicrotask(() => this.#grant(name, signal?.aborted ? waiting : undefined));
    });
  }

  /** @internal */
  listen(tab: FakeTab, name: string, onMessage: (message: unknown) => void): TabChannel {
    const own = { tab, name, onMessage };
    this.#listeners.add(own);
    return {
      post: (message) => {
        // As a BroadcastChannel does: the SDK is not to rely on a tab that forgives it.
        if (!this.#listeners.has(own)) throw new DOMException('The channel is closed.', 'InvalidStateError');
        const text = JSON.stringify(message);
        for (const other of this.#listeners) {
          if (other === own || other.name !== name || !tab.alive) continue;
          queueMicrotask(() => {
            if (other.tab.alive && this.#listeners.has(other)) other.onMessage(JSON.parse(text));
          });
        }
      },
      close: () => void this.#listeners.delete(own),
    };
  }

  /** @internal */
  leave(tab: FakeTab): void {
    for (const [name, waiting] of this.#waiting) {
      this.#waiting.set(
        name,
        waiting.filter((each) => each.tab !== tab),
      );
    }
    for (const [name, holder] of [...this.holders]) {
      if (holder !== tab) continue;
      this.holders.delete(name);
      this.#grant(name);
    }
  }

  #grant(name: string, except?: Waiting): void {
    if (this.holders.has(name)) return;
    const next = this.#waiting.get(name)?.find((each) => each !== except);
    if (!next) return;
    this.#waiting.set(name, this.#waiting.get(name)?.filter((each) => each !== next) ?? []);
    this.holders.set(name, next.tab);
    let released = false;
    next.grant(() => {
      if (released || this.holders.get(name) !== next.tab) return;
      released = true;
      this.holders.delete(name);
      queueMicrotask(() => this.#grant(name));
    });
  }
}

/** One tab of it; give it as `platform.tabs`. */
export class FakeTab implements Tabs {
  readonly sure: boolean = true;
  readonly reloaded: boolean;
  /** What it remembers over a reload. */
  readonly memory: Map<string, string>;
  /** Whether its page still runs. */
  alive = true;
  readonly #browser: FakeBrowser;

  constructor(browser: FakeBrowser, memory?: ReadonlyMap<string, string>, reloaded = false) {
    this.#browser = browser;
    this.reloaded = reloaded;
    this.memory = new Map(memory);
  }

  /** Its page is gone from one moment to the next: what it held is free, what it would have said is not said. */
  die(): void {
    this.alive = false;
    this.#browser.leave(this);
  }

  /** Loads the page again. @returns the tab with its new page; the old one is gone */
  reload(): FakeTab {
    this.die();
    return new FakeTab(this.#browser, this.memory, true);
  }

  hold(name: string, signal?: AbortSignal): Promise<Release | undefined> {
    return this.alive && !signal?.aborted ? this.#browser.hold(this, name, signal) : Promise.resolve(undefined);
  }

  openChannel(name: string, onMessage: (message: unknown) => void): TabChannel {
    return this.#browser.listen(this, name, onMessage);
  }

  recall(key: string): string | undefined {
    return this.memory.get(key);
  }

  remember(key: string, value: string): void {
    this.memory.set(key, value);
  }
}
