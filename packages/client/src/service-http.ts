/** The few questions the SDK asks the service's REST door. Touches `fetch` and nothing else. */
import type { CallOutcome } from '@ringdown/protocol';
import type { CallEnd, EndReason } from './call.ts';
import { RingdownError } from './errors.ts';
import { type FetchedIceServers, readIceServers } from './ice-servers.ts';
import type { Platform } from './platform.ts';

/** Longer than this no call waits for the list of ICE servers, ms. */
const PATIENCE_MS = 5_000;

/** How the service answered, as far as it matters to somebody who wants to connect. */
export type Admittance = 'welcome' | 'refused' | 'unknown';

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
      const response = await this.#get('/api/rtc/ice-servers', await this.#options.token());
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
   * Why a socket could not be opened: a browser does not tell a refused token from a lost network, HTTP does.
   * @returns `unknown` when there was no answer, or none about the token. Never throws.
   */
  async admittance(token: string): Promise<Admittance> {
    try {
      const { status, ok } = await this.#get('/api/rtc/ice-servers', token);
      if (status === 401 || status === 403) return 'refused';
      return ok ? 'welcome' : 'unknown';
    } catch {
      return 'unknown';
    }
  }

  /**
   * How a call ended, from the history.
   * @returns undefined while it has not, or when that cannot be told. Never throws.
   */
  async endOf(callId: string): Promise<CallEnd | undefined> {
    try {
      const path = `/api/rtc/calls/${encodeURIComponent(callId)}`;
      const response = await this.#get(path, await this.#options.token());
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
      const path = `/api/rtc/calls/${encodeURIComponent(callId)}/hang-up`;
      await this.#fetch('POST', path, await this.#options.token());
    } catch {
      // Nothing more can be done from here.
    }
  }

  #get(path: string, token: string): Promise<Response> {
    return this.#fetch('GET', path, token);
  }

  #fetch(method: 'GET' | 'POST', path: string, token: string): Promise<Response> {
    return this.#options.platform.fetch(`${this.#options.httpBase}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }
}

function isOutcome(word: string): word is CallOutcome {
  return Object.hasOwn(END_REASONS, word);
}
