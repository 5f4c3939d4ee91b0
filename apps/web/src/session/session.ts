/**
 * Who is signed in here. The tokens live in localStorage, so all tabs of one browser are one session: they see each
 * other sign in and out, and only one of them at a time renews the token, because a refresh token is good only once.
 */
import type { RestData } from '@ringdown/protocol';
import type { Memory } from '../base/storage.ts';
import { Store } from '../base/store.ts';
import { ApiError } from './api-error.ts';

/** The tokens and the person they belong to. */
export type Tokens = RestData<'session'>;

/** What a session needs from the browser. */
export interface SessionPlatform {
  readonly storage: Memory;
  /** Absent on plain http away from localhost; then each tab renews for itself. */
  readonly locks: Pick<LockManager, 'request'> | undefined;
  /** The wall clock, ms since 1970. */
  readonly now: () => number;
  /** Trades a refresh token for new tokens. Rejects with an {@link ApiError}. */
  readonly refresh: (refreshToken: string) => Promise<Tokens>;
}

const KEY = 'ringdown.session';
const LOCK = 'ringdown.session';
/** A token this close to its end is renewed before it is used. */
const MARGIN_MS = 30_000;

/** The tokens of this browser. */
export class Session {
  /** The tokens, or undefined when nobody is signed in. */
  readonly tokens: Store<Tokens | undefined>;
  readonly #platform: SessionPlatform;
  #renewal: Promise<string> | undefined;

  /** @param platform the browser, or doubles of its parts */
  constructor(platform: SessionPlatform) {
    this.#platform = platform;
    this.tokens = new Store(this.#read());
  }

  /** Takes the tokens of a sign-up, a sign-in or a renewal and shows them to the other tabs. */
  adopt(tokens: Tokens): void {
    this.#platform.storage.setItem(KEY, JSON.stringify(tokens));
    this.tokens.set(tokens);
  }

  /** Forgets the tokens, in every tab. */
  clear(): void {
    this.#platform.storage.removeItem(KEY);
    this.tokens.set(undefined);
  }

  /** Looks again at what another tab wrote. Call it on a `storage` event. */
  reread(): void {
    const stored = this.#read();
    if (stored?.token !== this.tokens.value?.token) this.tokens.set(stored);
  }

  /**
   * A token that is good for at least half a minute, by this machine's clock.
   * @throws {ApiError} `unauthenticated` when nobody is signed in, or the reason why it could not be renewed
   */
  async accessToken(): Promise<string> {
    const tokens = this.tokens.value;
    if (!tokens) throw new ApiError('unauthenticated', 401, '');
    if (Date.parse(tokens.expiresAt) - this.#platform.now() > MARGIN_MS) return tokens.token;
    return this.renew(tokens.token);
  }

  /**
   * Gets a token in place of one that does not work any more. Many callers share one renewal.
   * @param spent the token that was refused
   * @throws {ApiError} `unauthenticated` when the session is over (it is then forgotten), else why it failed
   */
  renew(spent: string): Promise<string> {
    this.#renewal ??= this.#withLock(() => this.#renewNow(spent)).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewNow(spent: string): Promise<string> {
    // Another tab may have renewed while this one waited for the lock.
    this.reread();
    const tokens = this.tokens.value;
    if (!tokens) throw new ApiError('unauthenticated', 401, '');
    if (tokens.token !== spent) return tokens.token;
    try {
      const renewed = await this.#platform.refresh(tokens.refreshToken);
      this.adopt(renewed);
      return renewed.token;
    } catch (error) {
      const refused = error instanceof ApiError && error.status === 401;
      // Somebody may have signed in anew meanwhile: only forget what was refused.
      if (refused && this.#read()?.refreshToken === tokens.refreshToken) this.clear();
      throw error;
    }
  }

  #withLock(work: () => Promise<string>): Promise<string> {
    const { locks } = this.#platform;
    return locks ? locks.request(LOCK, work) : work();
  }

  #read(): Tokens | undefined {
    try {
      const stored: unknown = JSON.parse(this.#platform.storage.getItem(KEY) ?? 'null');
      return isTokens(stored) ? stored : undefined;
    } catch {
      return undefined;
    }
  }
}

function isTokens(value: unknown): value is Tokens {
  if (typeof value !== 'object' || value === null) return false;
  const { token, refreshToken, expiresAt, user } = value as Partial<Record<keyof Tokens, unknown>>;
  return (
    typeof token === 'string' &&
    typeof refreshToken === 'string' &&
    typeof expiresAt === 'string' &&
    typeof user === 'object' &&
    user !== null
  );
}
