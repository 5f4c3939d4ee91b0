/** The few questions the SDK asks the service's REST door. Touches `fetch` and nothing else. */
import type { CallOutcome } from '@ringdown/protocol';
import type { CallEnd, EndReason } from './call.ts';
import { RingdownError } from './errors.ts';
import { type FetchedIceServers, readIceServers } from './ice-servers.ts';
import type { Platform } from './platform.ts';

/** Longer than this nobody waits for an answer, nor for the token it is asked with, ms. */
const PATIENCE_MS = 5_000;

const END_REASONS: Record<CallOutcome, EndReason> = {
  completed: 'hung_up',
  cancelled: 'cancelled',
  no_answer: 'no_answer',
  rejected: 'rejected',
  busy: 'busy',
  unavailable: 'not_available',
  failed: 'failed',
  connection_lost: 'connection_lost',
  replaced: 'replaced',
};

interface ServiceHttpOptions {
  readonly httpBase: string;
  readonly token: () => Promise<string>;
  readonly platform: Pick<Platform, 'fetch'>;
}

/** The service's REST door. */
export class ServiceHttp {
  readonly #options: ServiceHttpOptions;

  constructor(options: ServiceHttpOptions) {
    this.#options = options;
  }

  /**
   * The STUN and TURN servers.
   * @throws {RingdownError} `ice_servers_unavailable`
   */
  async iceServers(): Promise<FetchedIceServers> {
    try {
      const response = await this.#fetch('/api/rtc/ice-servers');
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const fetched = readIceServers(((await response.json()) as { data?: unknown }).data);
      if (!fetched) throw new Error('expected data.iceServers to be a list');
      return fetched;
    } catch (cause) {
      throw new RingdownError('ice_servers_unavailable', 'The list of STUN and TURN servers could not be fetched.', {
        cause,
      });
    }
  }

  /**
   * Whether the service refuses a token: a browser does not tell that from a lost network when a socket does not open,
   * HTTP does. Asks what costs nothing; a service of the contract alone has only its ICE servers to tell, which are
   * rationed.
   * @returns false too when there was no answer, or none about the token. Never throws.
   */
  async refuses(token: string): Promise<boolean> {
    for (const path of ['calls/active', 'ice-servers']) {
      try {
        const { status, headers } = await this.#fetch(`/api/rtc/${path}`, 'GET', token);
        if (status === 401 || status === 403) return true;
        // Whoever does not know the path may answer with a page.
        if (status !== 404 && headers.get('content-type')?.includes('json')) break;
      } catch {
        // No answer says nothing.
      }
    }
    return false;
  }

  /**
   * How a call ended, from the history.
   * @returns undefined while it has not, or when that cannot be told. Never throws.
   */
  async endOf(callId: string): Promise<CallEnd | undefined> {
    try {
      const response = await this.#fetch(`/api/rtc/calls/${encodeURIComponent(callId)}`);
      if (!response.ok) return undefined;
      const body = (await response.json()) as {
        data?: { call?: { endedAt?: unknown; outcome?: unknown; endedBy?: unknown } };
      };
      const call = body.data?.call;
      if (typeof call?.endedAt !== 'string') return undefined;
      const { outcome, endedBy } = call;
      return {
        reason: typeof outcome === 'string' && isOutcome(outcome) ? END_REASONS[outcome] : 'connection_lost',
        by: endedBy === 'me' || endedBy === 'peer' ? endedBy : 'service',
      };
    } catch {
      return undefined;
    }
  }

  /**
   * Ends a call from anywhere, whatever socket the service believes it to be on (HU-1). Of one that is over: nothing.
   * Never throws: without the service, the media's own end has to do.
   */
  async hangUp(callId: string): Promise<void> {
    try {
      await this.#fetch(`/api/rtc/calls/${encodeURIComponent(callId)}/hang-up`, 'POST');
    } catch {
      // Nothing more can be done from here.
    }
  }

  /** @param token instead of one that the application is asked for */
  async #fetch(path: string, method = 'GET', token?: string): Promise<Response> {
    const { httpBase, platform } = this.#options;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const late = new Promise<never>((_, reject) => {
      signal.onabort = () => reject(signal.reason);
    });
    const bearer = await Promise.race([token ?? this.#options.token(), late]);
    return await platform.fetch(`${httpBase}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}` },
      cache: 'no-store',
      signal,
    });
  }
}

function isOutcome(word: string): word is CallOutcome {
  return Object.hasOwn(END_REASONS, word);
}
