/**
 * A look inside for end-to-end tests: `window.__ringdown.client` is the SDK client of the person signed in. It is there
 * only when the address has `?debug`, or localStorage has a value under `ringdown.debug`.
 */
import type { RingdownClient } from '@ringdown/client';
import type { App } from './app.ts';
import { storage } from './base/storage.ts';

declare global {
  interface Window {
    /** The look inside; see `debug.ts`. */
    __ringdown?: { readonly client: RingdownClient | undefined };
  }
}

/** Opens the look inside, when it was asked for. */
export function exposeForTests(app: App): void {
  if (!new URLSearchParams(location.search).has('debug') && storage.getItem('ringdown.debug') === null) return;
  window.__ringdown = {
    get client() {
      return app.desk.client;
    },
  };
}
