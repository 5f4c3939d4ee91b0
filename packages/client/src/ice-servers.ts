/**
 * The ICE servers of this person, kept fresh: their credentials run out, and a relay that was opened before goes on, but
 * a new one after that is refused. Touches nothing but what it is given.
 */
import { within } from './within.ts';

/** ICE servers as the service gave them. */
export interface FetchedIceServers {
  readonly iceServers: RTCIceServer[];
  /** How long the credentials are good, seconds; without it they are asked for again every time. */
  readonly ttlSeconds?: number | undefined;
  /** `relay` hides the address of this computer from the other side; nothing else may be used then. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy | undefined;
}

interface IceServersOptions {
  /** Asks the service. May fail, or never settle. */
  readonly fetch: () => Promise<FetchedIceServers>;
  readonly now: () => number;
  readonly setTimer: (run: () => void, delayMs: number) => () => void;
}

/** Longer than this nobody waits for them, ms. */
const PATIENCE_MS = 5_000;
/** However short their life, they are not fetched more often than this, ms. */
const SHORTEST_PAUSE_MS = 10_000;
/** How long after a fetch that failed the next one is tried by {@link IceServers.keepFresh}, ms. */
const RETRY_MS = 30_000;
/** The longest a timer of a browser can be set to, ms; beyond it would run at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The ICE servers of this person. */
export class IceServers {
  readonly #options: IceServersOptions;
  /** `halfMs` is half of the time they are good; 0 for servers that came without one. */
  #known:
    | { readonly configuration: RTCConfiguration; readonly freshUntil: number; readonly halfMs: number }
    | undefined;
  #fetching: Promise<RTCConfiguration> | undefined;

  constructor(options: IceServersOptions) {
    this.#options = options;
  }

  /**
   * The configuration for a connection: the kept one for half of its time, else a new one; when there is none, the kept
   * one to the end of its time. Who asks while it is fetched gets the same.
   * @throws what `fetch` throws, or an error of its own when that takes longer than 5 seconds
   */
  async configuration(): Promise<RTCConfiguration> {
    try {
      return await this.#fresh();
    } catch (cause) {
      const known = this.#known;
      if (known && this.#options.now() < known.freshUntil + known.halfMs) return known.configuration;
      throw cause;
    }
  }

  /** A configuration without servers, for when there are none: a relay that is the only way stays the only way (IC-4). */
  get without(): RTCConfiguration {
    return { ...this.#known?.configuration, iceServers: [] };
  }

  /**
   * During a call: fetches again whenever half of the time is over, so that a restart has good servers at hand even if
   * the service is slow just then. Failures are tried again and not told: the former servers may still do.
   * @returns stops it
   */
  keepFresh(): () => void {
    let stopped = false;
    let stopTimer: (() => void) | undefined;
    const sleep = (delayMs: number) => {
      stopTimer = this.#options.setTimer(() => void renew(), Math.min(delayMs, LONGEST_TIMER_MS));
    };
    const renew = async () => {
      let delayMs = RETRY_MS;
      try {
        // Before somebody needed them, and when they have no end, there is nothing to renew.
        if (this.#known?.halfMs) await this.#fresh();
        delayMs = this.#untilStale();
      } catch {
        // The former ones stay in use; a call that cannot do without says so itself.
      }
      if (!stopped) sleep(delayMs);
    };
    sleep(this.#untilStale());
    return () => {
      stopped = true;
      stopTimer?.();
    };
  }

  #untilStale(): number {
    const known = this.#known;
    return known?.halfMs ? Math.max(SHORTEST_PAUSE_MS, known.freshUntil - this.#options.now()) : RETRY_MS;
  }

  async #fresh(): Promise<RTCConfiguration> {
    const known = this.#known;
    if (known && this.#options.now() < known.freshUntil) return known.configuration;
    // What comes later is kept for the next one.
    this.#fetching ??= within(this.#fetch(), PATIENCE_MS, this.#options).finally(() => {
      this.#fetching = undefined;
    });
    return await this.#fetching;
  }

  async #fetch(): Promise<RTCConfiguration> {
    const { iceServers, ttlSeconds = 0, iceTransportPolicy } = await this.#options.fetch();
    const configuration = { iceServers, ...(iceTransportPolicy !== undefined && { iceTransportPolicy }) };
    const halfMs = ttlSeconds * 500;
    this.#known = { configuration, freshUntil: this.#options.now() + halfMs, halfMs };
    return configuration;
  }
}

/**
 * Reads `data` of `GET /api/rtc/ice-servers`.
 * @returns undefined when it is not of that shape; entries without `urls` are left out
 */
export function readIceServers(data: unknown): FetchedIceServers | undefined {
  const { iceServers, ttl, iceTransportPolicy } = (data ?? {}) as Record<string, unknown>;
  if (!Array.isArray(iceServers)) return undefined;
  return {
    iceServers: iceServers.filter((server) => [server?.urls].flat().every((url) => typeof url === 'string')),
    ...(typeof ttl === 'number' && { ttlSeconds: ttl }),
    ...((iceTransportPolicy === 'relay' || iceTransportPolicy === 'all') && { iceTransportPolicy }),
  };
}
