import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserTabs, type Tabs, tabsOf } from './tabs.ts';

/** The `localStorage` of one fake browser; what one tab writes the others are told. */
class SharedStorage {
  readonly #items = new Map<string, string>();
  readonly #tabs = new Set<EventTarget>();

  /** What a tab of this browser has. */
  tab(): { localStorage: () => Storage; events: EventTarget } {
    const events = new EventTarget();
    this.#tabs.add(events);
    const change = (key: string, newValue: string | null) => {
      for (const other of this.#tabs) {
        const event = Object.assign(new Event('storage'), { key, newValue });
        if (other !== events) queueMicrotask(() => other.dispatchEvent(event));
      }
    };
    const storage = {
      getItem: (key: string) => this.#items.get(key) ?? null,
      setItem: (key: string, value: string) => {
        // As in a browser, what changes nothing is no event.
        if (this.#items.get(key) === value) return;
        this.#items.set(key, value);
        change(key, value);
      },
      removeItem: (key: string) => {
        if (this.#items.delete(key)) change(key, null);
      },
    };
    return { localStorage: () => storage as unknown as Storage, events };
  }
}

/** Whether a promise is still open once everything happened that waits for nothing but its turn. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return (await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 20, open))])) === open;
}

const kinds: [string, () => [Tabs, Tabs]][] = [
  ['Web Locks and BroadcastChannel', () => [tabsOf(globalOnes()), tabsOf(globalOnes())]],
  [
    'leases and events of localStorage',
    () => {
      const storage = new SharedStorage();
      return [tabsOf(storage.tab()), tabsOf(storage.tab())];
    },
  ],
];

function globalOnes() {
  return { locks: navigator.locks, BroadcastChannel };
}

describe.each(kinds)('two tabs with %s', (_name, open) => {
  it('hold a name one after the other', async () => {
    const [first, second] = open();
    const release = await first.hold('name');
    const waiting = second.hold('name');
    expect(await isOpen(waiting)).toBe(true);
    release!();
    release!();
    (await waiting)!();
  });

  it('hold different names at the same time', async () => {
    const [first, second] = open();
    const releases = await Promise.all([first.hold('one'), second.hold('two')]);
    for (const release of releases) release!();
  });

  it('let one of two hold a name that ask at the same moment', async () => {
    const [first, second] = open();
    const both = [first.hold('rush'), second.hold('rush')];
    const winner = await Promise.race(both);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await Promise.all(both.map(isOpen))).toContain(true);
    winner!();
    for (const each of both) (await each)!();
  });

  it('stop waiting for a name when they are told to', async () => {
    const [first, second] = open();
    const release = await first.hold('name');
    const patience = new AbortController();
    const waiting = second.hold('name', patience.signal);
    patience.abort();
    expect(await waiting).toBeUndefined();
    expect(await second.hold('name', patience.signal)).toBeUndefined();
    release!();
    (await second.hold('name'))!();
  });

  it('tell each other what they post, but not themselves, and nothing after the channel was closed', async () => {
    const [first, second] = open();
    const heard: unknown[] = [];
    const [one, two] = [
      first.openChannel('name', (message) => heard.push(['first', message])),
      second.openChannel('name', (message) => heard.push(['second', message])),
    ];
    const other = second.openChannel('other', (message) => heard.push(['other', message]));
    one.post({ a: 1 });
    one.post({ a: 1 });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    two.close();
    one.post({ a: 2 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual([
      ['second', { a: 1 }],
      ['second', { a: 1 }],
    ]);
    one.close();
    other.close();
  });
});

describe('a name that is leased', () => {
  afterEach(() => vi.useRealTimers());

  it('is free some seconds after its tab died', async () => {
    vi.useFakeTimers();
    const storage = new SharedStorage();
    // A tab that died renews nothing: here it is frozen by never running its timer.
    const dead = storage.tab();
    const untilMs = Date.now() + 4_000;
    dead.localStorage().setItem('ringdown.lease.name', JSON.stringify({ holder: 'dead', untilMs }));
    const held = vi.fn();
    void tabsOf(storage.tab()).hold('name').then(held);
    await vi.advanceTimersByTimeAsync(3_900);
    expect(held).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(300);
    expect(held).toHaveBeenCalledOnce();
  });

  it('is not held by a tab that was overwritten at the same moment', async () => {
    vi.useFakeTimers();
    const storage = new SharedStorage();
    const [tab, other] = [storage.tab(), storage.tab()];
    const held = vi.fn();
    void tabsOf(tab).hold('name').then(held);
    const lease = { holder: 'other', untilMs: Date.now() + 3_000 };
    other.localStorage().setItem('ringdown.lease.name', JSON.stringify(lease));
    await vi.advanceTimersByTimeAsync(2_900);
    expect(held).not.toHaveBeenCalled();
    other.localStorage().removeItem('ringdown.lease.name');
    await vi.advanceTimersByTimeAsync(100);
    expect(held).toHaveBeenCalledOnce();
  });

  it('stays held as long as its tab lives', async () => {
    vi.useFakeTimers();
    const storage = new SharedStorage();
    const first = tabsOf(storage.tab()).hold('name');
    await vi.advanceTimersByTimeAsync(100);
    const held = vi.fn();
    void tabsOf(storage.tab()).hold('name').then(held);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(held).not.toHaveBeenCalled();
    (await first)!();
    await vi.advanceTimersByTimeAsync(100);
    expect(held).toHaveBeenCalledOnce();
  });

  it.each(['nonsense', '{"holder":1}', JSON.stringify({ holder: 'x', untilMs: Date.now() + 3_600_000_000 })])(
    'is free when what is written there makes no sense: %s',
    async (text) => {
      const { localStorage, events } = new SharedStorage().tab();
      localStorage().setItem('ringdown.lease.name', text);
      (await tabsOf({ localStorage, events }).hold('name'))!();
    },
  );
});

describe('a tab of a browser that has or allows nothing', () => {
  const forbidden = () => {
    throw new DOMException('not here', 'SecurityError');
  };
  const full = () => ({ getItem: () => null, setItem: forbidden, removeItem: forbidden }) as unknown as Storage;

  it.each([
    ['no storage', {}],
    ['a forbidden storage', { localStorage: forbidden, sessionStorage: forbidden, events: new EventTarget() }],
    ['a full storage', { localStorage: full, sessionStorage: full, events: new EventTarget() }],
  ])('believes itself alone: %s', async (_name, browser) => {
    const tabs = tabsOf(browser);
    expect(tabs.sure).toBe(false);
    expect(await tabs.hold('name')).toBeTypeOf('function');
    (await tabs.hold('name'))!();
    const channel = tabs.openChannel('name', () => undefined);
    channel.post({});
    channel.close();
    tabs.remember('key', 'value');
    expect(tabs.recall('key')).toBeUndefined();
    tabs.onPage(
      () => undefined,
      () => undefined,
    )();
  });

  it('believes itself alone where locks are refused, as in a sandboxed frame', async () => {
    const request = () => Promise.reject(new DOMException('not here', 'SecurityError'));
    const tabs = tabsOf({ locks: { request } as unknown as LockManager });
    expect(await tabs.hold('name')).toBeTypeOf('function');
  });
});

describe('what a tab remembers', () => {
  it('is in sessionStorage', () => {
    const items = new Map<string, string>();
    const sessionStorage = () =>
      ({
        getItem: (key: string) => items.get(key) ?? null,
        setItem: (key: string, value: string) => items.set(key, value),
        removeItem: (key: string) => items.delete(key),
      }) as unknown as Storage;
    const tabs = tabsOf({ sessionStorage });
    tabs.remember('key', 'value');
    expect([...items]).toEqual([['key', 'value']]);
    expect(tabs.recall('key')).toBe('value');
    tabs.remember('key', undefined);
    expect(tabs.recall('key')).toBeUndefined();
  });
});

it('the tabs of the browser this runs in are always the same', () => {
  expect(browserTabs()).toBe(browserTabs());
  expect(browserTabs().sure).toBe(true);
});

it('the page that goes and comes back is told until it is not asked for any more', () => {
  const events = new EventTarget();
  const told: string[] = [];
  const stop = tabsOf({ events }).onPage(
    () => told.push('hide'),
    () => told.push('show'),
  );
  for (const type of ['pagehide', 'pageshow']) events.dispatchEvent(new Event(type));
  stop();
  for (const type of ['pagehide', 'pageshow']) events.dispatchEvent(new Event(type));
  expect(told).toEqual(['hide', 'show']);
});
