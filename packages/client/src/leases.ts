/** Names held by leases in `localStorage`, for browsers without Web Locks. Knows no calls. */
import type { Release, TabsBrowser } from './tabs.ts';

/** A lease that was not renewed for this long is over, ms. Longer than the second to which hidden pages' timers are slowed. */
const LEASE_MS = 4_000;
/** How often a lease is renewed, ms. */
const RENEW_EVERY_MS = 1_000;
/** Two tabs may write at the same moment: who finds the own name after this long, ms, holds it. */
const SETTLE_MS = 60;

/**
 * Holds a name by a lease.
 * @param signal stops the waiting
 * @returns lets go; undefined when `signal` was aborted first. Where nothing can be written, it is held at once
 */
export async function leaseHold(
  storage: Storage,
  events: TabsBrowser['events'],
  name: string,
  signal?: AbortSignal,
): Promise<Release | undefined> {
  const key = `ringdown.lease.${name}`;
  const me = `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  const write = () => storage.setItem(key, JSON.stringify({ holder: me, untilMs: Date.now() + LEASE_MS }));
  const isMine = () => leaseOf(storage, key)?.holder === me;
  const letGo = () => {
    if (isMine()) storage.removeItem(key);
  };
  try {
    while (!signal?.aborted) {
      const restMs = (leaseOf(storage, key)?.untilMs ?? 0) - Date.now();
      // Longer than a lease can be: the clock was set back, and nobody knows when it ends.
      if (restMs > 0 && restMs <= LEASE_MS) {
        await change(events, key, restMs, signal);
        continue;
      }
      write();
      await change(undefined, key, SETTLE_MS, signal);
      if (!isMine() || signal?.aborted) continue;
      const timer = setInterval(() => (isMine() ? write() : clearInterval(timer)), RENEW_EVERY_MS);
      return () => {
        clearInterval(timer);
        letGo();
      };
    }
    letGo();
    return undefined;
  } catch {
    return () => undefined;
  }
}

/** Waits for a change of the key by another tab, or a time, or the signal. */
function change(events: TabsBrowser['events'], key: string, waitMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onStorage = (event: Event) => {
      if ((event as StorageEvent).key === key) done();
    };
    const done = () => {
      clearTimeout(timer);
      events?.removeEventListener('storage', onStorage);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    events?.addEventListener('storage', onStorage);
    signal?.addEventListener('abort', done);
  });
}

function leaseOf(storage: Storage, key: string): { holder: string; untilMs: number } | undefined {
  const text = storage.getItem(key);
  if (text === null) return undefined;
  try {
    const { holder, untilMs } = JSON.parse(text) as { holder?: unknown; untilMs?: unknown };
    return typeof holder === 'string' && typeof untilMs === 'number' ? { holder, untilMs } : undefined;
  } catch {
    return undefined;
  }
}
