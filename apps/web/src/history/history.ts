/** The call history, page by page, and which of its missed calls have not been looked at yet. */
import type { CallSummary } from '@ringdown/protocol';
import { Resource } from '../base/resource.ts';
import { storage } from '../base/storage.ts';
import { Store } from '../base/store.ts';
import type { Api } from '../session/api.ts';

/** What is known of the history. */
export interface HistoryPages {
  /** Newest first. */
  readonly calls: readonly CallSummary[];
  /** Where the next page begins; null at the end. */
  readonly nextCursor: string | null;
}

const SEEN_KEY = 'ringdown.history.seen.';

/** The history of the person signed in. */
export class History {
  /** The pages read so far. */
  readonly pages: Resource<HistoryPages>;
  /** Why the last further page could not be read, and whether one is under way. */
  readonly more = new Store<{ loading: boolean; error: unknown }>({ loading: false, error: undefined });
  readonly #api: Api;
  readonly #ownId: () => string | undefined;

  /**
   * @param api the REST door
   * @param ownId the id of the person signed in
   */
  constructor(api: Api, ownId: () => string | undefined) {
    this.#api = api;
    this.#ownId = ownId;
    this.pages = new Resource(async () => mergePages(await api.calls(undefined), this.pages.value.data));
  }

  /** Reads the newest page again. */
  refresh(): Promise<void> {
    return this.pages.refresh();
  }

  /** Reads the next page. Never throws: a failure stands in `more`. */
  async loadMore(): Promise<void> {
    const before = this.pages.value.data;
    if (!before?.nextCursor || this.more.value.loading) return;
    this.more.set({ loading: true, error: undefined });
    try {
      const page = await this.#api.calls(before.nextCursor);
      const known = this.pages.value.data ?? before;
      const ids = new Set(known.calls.map((call) => call.callId));
      const fresh = page.calls.filter((call) => !ids.has(call.callId));
      this.pages.put({ calls: [...known.calls, ...fresh], nextCursor: page.nextCursor });
      this.more.set({ loading: false, error: undefined });
    } catch (error) {
      this.more.set({ loading: false, error });
    }
  }

  /** Forgets everything, when somebody signs out. */
  clear(): void {
    this.pages.clear();
    this.more.set({ loading: false, error: undefined });
  }

  /** How many missed calls are newer than the last look at the history. */
  get unseenMissed(): number {
    const seen = this.#seen;
    return (this.pages.value.data?.calls ?? []).filter((call) => call.missed && call.endedAt > seen).length;
  }

  /** Notes that the history was looked at. */
  markSeen(): void {
    const newest = this.pages.value.data?.calls.reduce(
      (latest, call) => (call.endedAt > latest ? call.endedAt : latest),
      '',
    );
    if (!newest || newest <= this.#seen) return;
    storage.setItem(SEEN_KEY + this.#ownId(), newest);
    // The badge is computed from the pages; whoever watches them has to look again.
    this.pages.set({ ...this.pages.value });
  }

  /** The end of the newest call that was there at the last look. */
  get #seen(): string {
    return storage.getItem(SEEN_KEY + this.#ownId()) ?? '';
  }
}

/**
 * Puts a fresh first page before the pages read earlier, as long as both meet; else the fresh page stands alone.
 * @param fresh the newest page
 * @param earlier what was known before
 */
export function mergePages(fresh: HistoryPages, earlier: HistoryPages | undefined): HistoryPages {
  const last = fresh.calls.at(-1);
  const meeting = last && earlier ? earlier.calls.findIndex((call) => call.callId === last.callId) : -1;
  if (!earlier || meeting < 0) return { calls: fresh.calls, nextCursor: fresh.nextCursor };
  return { calls: [...fresh.calls, ...earlier.calls.slice(meeting + 1)], nextCursor: earlier.nextCursor };
}
