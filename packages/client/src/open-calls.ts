/**
 * The calls of this person that go on without this page: on another device, or here until the page was reloaded. Knows
 * how long the latter are held, and nothing of frames.
 */
import type { CallType, LiveCallSummary } from '@ringdown/protocol';
import type { CallPeer } from './call.ts';
import type { Platform } from './platform.ts';

/** How long a call that a reloaded page left behind is held for the person to come back, ms. */
const HOLD_MS = 30_000;

/** A call of this person that goes on without this page. */
export interface OpenCall {
  readonly callId: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly peer: CallPeer;
  readonly callType: CallType;
  /** It was on this very device, until its page was reloaded; otherwise it is on another one. */
  readonly here: boolean;
}

interface OpenCallsOptions {
  readonly platform: Pick<Platform, 'setTimer'>;
  /** @param reason `timeout` when nobody came back into it, `normal` when the person ended it */
  readonly hangUp: (call: OpenCall, reason: 'timeout' | 'normal') => void;
  readonly onChange: (all: readonly OpenCall[]) => void;
}

/** What is known of them, since the service last told. */
export class OpenCalls {
  readonly #options: OpenCallsOptions;
  #all: readonly OpenCall[] = [];
  #stop: (() => void) | undefined;

  constructor(options: OpenCallsOptions) {
    this.#options = options;
  }

  get all(): readonly OpenCall[] {
    return this.#all;
  }

  /** These are all there are. A hold that runs goes on. */
  set(all: readonly OpenCall[]): void {
    const isNews = all.length + this.#all.length > 0;
    this.#all = all;
    if (!all.some(({ here }) => here)) this.pause();
    else if (!this.#stop) this.hold();
    if (isNews) this.#options.onChange(all);
  }

  /** Those left behind here are held from now on: the person is coming back. */
  hold(): void {
    this.pause();
    this.#stop = this.#options.platform.setTimer(() => this.leave(), HOLD_MS);
  }

  /** Holds nothing any more: the service waits for this device now, or for nobody. */
  pause(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Ends those left behind here: nobody comes back. */
  leave(): void {
    for (const { here, callId } of this.#all) if (here) this.end(callId, 'timeout');
  }

  /** Ends one of them, wherever it is; nothing happens when it is none. */
  end(callId: string, reason: 'timeout' | 'normal' = 'normal'): void {
    const call = this.remove(callId);
    if (call) this.#options.hangUp(call, reason);
  }

  /** One is over, or goes on elsewhere now. @returns it, if it was one of them */
  remove(callId: string, becomes: readonly OpenCall[] = []): OpenCall | undefined {
    const call = this.#all.find((each) => each.callId === callId);
    if (call) this.set([...this.#all.filter((each) => each !== call), ...becomes]);
    return call;
  }
}

/** What the service says of a live call, as an application sees it. */
export function openCallOf({ callId, direction, peer, callType, here }: LiveCallSummary): OpenCall {
  const { id, username, avatar } = peer;
  return { callId, direction, peer: { id: String(id), username, avatar }, callType, here };
}
