import { describe, expect, it, vi } from 'vitest';
import { browserTabs, tabsOf } from './tabs.ts';

/** Two tabs with the locks and channels of this process. */
function twoTabs() {
  return [
    tabsOf({ locks: navigator.locks, BroadcastChannel }),
    tabsOf({ locks: navigator.locks, BroadcastChannel }),
  ] as const;
}

/** Whether a promise is still open a moment later. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return (await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 20, open))])) === open;
}

describe('two tabs', () => {
  it('hold a name one after the other', async () => {
    const [first, second] = twoTabs();
    const release = await first.hold('name');
    const waiting = second.hold('name');
    expect(await isOpen(waiting)).toBe(true);
    release!();
    release!();
    (await waiting)!();
  });

  it('hold different names at the same time', async () => {
    const [first, second] = twoTabs();
    const releases = await Promise.all([first.hold('one'), second.hold('two')]);
    for (const release of releases) release!();
  });

  it('stop waiting for a name when they are told to', async () => {
    const [first, second] = twoTabs();
    const release = await first.hold('name');
    const patience = new AbortController();
    const waiting = second.hold('name', patience.signal);
    patience.abort();
    expect(await waiting).toBeUndefined();
    expect(await second.hold('name', patience.signal)).toBeUndefined();
    release!();
    (await second.hold('name'))!();
  });

  it('do not hold a name that they got when they wanted it no more', async () => {
    const patience = new AbortController();
    const request = async (_name: string, _options: object, held: () => Promise<void>) => {
      patience.abort();
      await held();
    };
    const tabs = tabsOf({ locks: { request } as unknown as LockManager });
    expect(await tabs.hold('name', patience.signal)).toBeUndefined();
  });

  it('tell each other what they post, but not themselves, and nothing after the channel was closed', async () => {
    const [first, second] = twoTabs();
    const heard: unknown[] = [];
    const [one, two] = [
      first.openChannel('name', (message) => heard.push(['first', message])),
      second.openChannel('name', (message) => heard.push(['second', message])),
    ];
    const other = second.openChannel('other', (message) => heard.push(['other', message]));
    one.post({ a: 1 });
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    two.close();
    one.post({ a: 2 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual([['second', { a: 1 }]]);
    two.post({ a: 3 });
    one.close();
    other.close();
  });
});

describe('a tab of a browser that has or allows nothing', () => {
  const forbidden = () => {
    throw new DOMException('not here', 'SecurityError');
  };
  const full = () => ({ getItem: () => null, setItem: forbidden }) as unknown as Storage;

  it.each([
    ['no storage', {}],
    ['a forbidden storage', { sessionStorage: forbidden }],
    ['a full storage', { sessionStorage: full }],
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
  });

  it('believes itself alone where locks are refused, as in a sandboxed frame', async () => {
    const request = () => Promise.reject(new DOMException('not here', 'SecurityError'));
    const tabs = tabsOf({ locks: { request } as unknown as LockManager });
    expect(await tabs.hold('name')).toBeTypeOf('function');
  });
});

it('what a tab remembers is in sessionStorage', () => {
  const items = new Map<string, string>();
  const sessionStorage = () =>
    ({
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value),
    }) as unknown as Storage;
  const tabs = tabsOf({ sessionStorage });
  tabs.remember('key', 'value');
  expect([...items]).toEqual([['key', 'value']]);
  expect(tabs.recall('key')).toBe('value');
});

it('the tabs of the browser this runs in are always the same', () => {
  expect(browserTabs()).toBe(browserTabs());
  expect(browserTabs().sure).toBe(true);
});

it.each([
  ['reload', true],
  ['navigate', false],
  ['back_forward', false],
])('a page that came by %s was reloaded: %s', (type, reloaded) => {
  const performance = { getEntriesByType: (asked: string) => (asked === 'navigation' ? [{ type }] : []) };
  expect(tabsOf({ performance: performance as unknown as Performance }).reloaded).toBe(reloaded);
  expect(tabsOf({}).reloaded).toBe(false);
});
