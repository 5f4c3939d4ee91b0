/** The door of the SDK: one signed-in person on one device, who can call and be called. */
import type { Call, MediaChoice } from './call.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { RingdownError } from './errors.ts';
import type { Platform } from './platform.ts';

/** What a client needs to know. */
export interface RingdownClientOptions {
  /** The socket `ws(s)://host/ws`, or the base `http(s)://host` from which it is derived. Never holds a token. */
  readonly url: string | URL;
  /** Gives the bearer token; asked at every connect and whenever the service wants a fresh one. */
  readonly token: () => Promise<string> | string;
  /** Gives the STUN/TURN servers; default: `GET <base>/api/rtc/ice-servers` with the token. */
  readonly iceServers?: () => Promise<RTCIceServer[]>;
  /** Doubles for tests. */
  readonly platform?: Partial<Platform>;
}

/** How to call. */
export interface CallOptions extends MediaChoice {
  /** `false` makes it an audio call; a call has a picture by default. */
  readonly video?: boolean;
  /** Passed on to the other side. */
  readonly conversationId?: string;
}

/** Whether the service can be reached. */
export type ClientState = 'offline' | 'connecting' | 'online';

/** The events of a client and what a listener is given. */
export interface ClientEvents {
  state: ClientState;
  /** Somebody rings here. */
  incoming: Call;
  /** Any new call, outgoing or incoming. */
  call: Call;
  error: RingdownError;
}

/** A signed-in person on this device. */
export class RingdownClient {
  readonly #emitter = new Emitter<ClientEvents>(() => undefined);
  readonly state: ClientState = 'offline';
  readonly activeCall: Call | undefined = undefined;
  readonly calls: readonly Call[] = [];

  constructor(readonlyOptions: RingdownClientOptions) {
    void readonlyOptions;
  }

  connect(): Promise<void> {
    return Promise.reject(new RingdownError('unsupported', 'not yet'));
  }

  disconnect(): void {}

  call(userId: string, options: CallOptions = {}): Promise<Call> {
    return Promise.reject(new RingdownError('unsupported', `not yet: ${userId} ${options.video}`));
  }

  on<K extends keyof ClientEvents>(event: K, listener: (value: ClientEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(event, listener);
  }
}
