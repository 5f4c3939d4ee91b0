/**
 * Rings for incoming calls, in one tab of the browser. It follows calls and tells the other tabs what a person decided
 * here; it decides nothing about a call.
 *
 * Two names are held among the tabs. Who holds `ringing` is heard. Who answers a call holds `taken` of that call:
 * others are silent as long as it does, and ring again when it could not answer after all, or died over it.
 */
import type { CallType } from '@ringdown/protocol';
import { NEEDS_GESTURE } from './autoplay.ts';
import type { Call, CallEnd, CallPeer, EndReason } from './call.ts';
import type { RingdownClient } from './client.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { RingdownError } from './errors.ts';
import { browserPlatform, type Platform } from './platform.ts';
import { browserTones, type RingTone, type TonePlayer } from './ring-tone.ts';
import { browserTabs, type Release, type TabChannel, type Tabs } from './tabs.ts';

const CHANNEL = 'ringdown.calls';
const RINGING = 'ringdown.ringing';
/** How long it may stay silent here before the person is asked for a gesture, ms. */
const HEARD_WITHIN_MS = 500;
/** How long nobody else may be heard after the tab that rang fell silent, ms: time for its word why to reach the others. */
const HANDOVER_MS = 300;
/** How long the tab that rang has to tell of a missed call before the others try, ms. */
const MISSED_PATIENCE_MS = 1_500;
/** How long somebody who finds a missed call told already waits for that, ms. */
const MISSED_TRY_MS = 100;
/** How long nobody else may tell of the same missed call, ms. */
const MISSED_HELD_MS = 120_000;
/** How many calls are remembered that fell silent before they came here. */
const MOST_REMEMBERED = 50;
/** Ends that speak for this tab alone: elsewhere it rings on (RJ-2). */
const HERE_ONLY: readonly EndReason[] = ['busy', 'media_error', 'failed', 'connection_lost'];

/** A call that rang here and that this person neither took nor refused, on any device. */
export interface MissedCall {
  readonly callId: string;
  readonly peer: CallPeer;
  readonly callType: CallType;
  /** When it stopped ringing, ms since 1970. */
  readonly atMs: number;
}

/** The events of a ringer and what a listener is given. */
export interface RingerEvents {
  /** This tab is the one that is heard, for this call; undefined: it is silent again. */
  ringing: Call | undefined;
  /** A call was missed. Told in one tab of the browser. */
  missed: MissedCall;
  /**
   * `autoplay_blocked`: it rings, but no gesture has allowed this tab to be heard; it will be, from the first one on.
   * `ring_tone_unavailable`: the application's file cannot be played, the SDK's own tone plays.
   */
  error: RingdownError;
}

/** How to ring. */
export interface RingerOptions {
  /** What rings, or `'silent'`; default: the tone of the SDK. Can be changed later by {@link Ringer.tone}. */
  readonly tone?: RingTone | 'silent';
  /** Doubles for tests. */
  readonly platform?: Partial<RingerPlatform>;
}

/** What a ringer touches. */
export interface RingerPlatform extends Pick<Platform, 'setTimer' | 'now'> {
  readonly tabs: Tabs;
  readonly tones: TonePlayer;
}

/** A call that rings here. */
interface Ring {
  readonly call: Call;
  readonly callId: string;
  /** Aborted when it falls silent here; another one when it may be heard again. */
  silent: AbortController;
  /** Whether this tab was the one that was heard. */
  led: boolean;
  /** Follows the call no more. */
  readonly stop: Unsubscribe;
}

type Message = { readonly type: 'taken' | 'silent' | 'missed'; readonly callId: string };

/**
 * Rings for a client: one tab of the browser is heard, and all fall silent at once when the call is taken, refused or
 * over in any of them. Make one per client, when the page starts.
 */
export class Ringer {
  /** What rings from the next call on, or `'silent'`. */
  tone: RingTone | 'silent';
  readonly #client: Pick<RingdownClient, 'on' | 'state'>;
  readonly #platform: RingerPlatform;
  readonly #emitter = new Emitter<RingerEvents>((cause, event) => this.#onListenerError(cause, event));
  readonly #channel: TabChannel;
  readonly #rings = new Map<string, Ring>();
  /** Which calls are to be silent and which missed ones were told, as this tab or another one said. */
  readonly #said = new Set<string>();
  readonly #end = new AbortController();
  readonly #stopListening: Unsubscribe;

  constructor(client: Pick<RingdownClient, 'on' | 'state'>, options: RingerOptions = {}) {
    this.tone = options.tone ?? {};
    this.#client = client;
    const { setTimer, now } = browserPlatform;
    this.#platform = { tabs: browserTabs(), tones: browserTones, setTimer, now, ...options.platform };
    const { tabs, tones } = this.#platform;
    this.#channel = tabs.openChannel(CHANNEL, (message) => this.#onMessage(message));
    this.#stopListening = client.on('incoming', (call) => this.#onIncoming(call));
    // So that the first gesture, long before a call, allows it to be heard.
    tones.unlock(this.#end.signal);
  }

  /** Adds a listener. @returns takes it away again */
  on<K extends keyof RingerEvents>(event: K, listener: (value: RingerEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(event, listener);
  }

  /** Silences a call in every tab, as the volume keys of a phone do; it rings on without a sound. */
  silence(call: Call): void {
    const ring = this.#rings.get(call.callId ?? '');
    if (!ring) return;
    ring.silent.abort();
    this.#remember(`silent ${ring.callId}`);
    this.#post('silent', ring.callId);
  }

  /** Falls silent for good, as when somebody signs out. A call that was taken here stays taken to its end. Idempotent. */
  stop(): void {
    this.#stopListening();
    this.#end.abort();
    for (const { stop, silent } of this.#rings.values()) {
      stop();
      silent.abort();
    }
    this.#rings.clear();
    this.#channel.close();
  }

  // ----------------------------------------------------------------------------------------------------------- calls

  #onIncoming(call: Call): void {
    const { callId } = call;
    if (callId === undefined || this.#rings.has(callId)) return;
    const stop = call.on('state', () => this.#onDecided(ring));
    const ring: Ring = { call, callId, silent: new AbortController(), led: false, stop };
    this.#rings.set(callId, ring);
    if (call.state === 'incoming') void this.#sound(ring);
    else this.#onDecided(ring);
  }

  /** It rings here no more: the person took or refused it here, or it is over. */
  #onDecided(ring: Ring): void {
    const { call, callId, silent, stop } = ring;
    stop();
    this.#rings.delete(callId);
    silent.abort();
    const { end } = call;
    if (!end) {
      void this.#take(ring);
      return;
    }
    this.#onEnd(callId, end);
    // A client that may not come back ends its calls itself, and another tab may still take them.
    if (end.by !== 'me' && this.#client.state !== 'offline') {
      this.#platform.setTimer(() => void this.#tellMissed(call, callId), ring.led ? 0 : MISSED_PATIENCE_MS);
    }
  }

  /** Keeps the others silent while this tab answers, and to the end of the call. */
  async #take(ring: Ring): Promise<void> {
    const { call, callId } = ring;
    const ended = new AbortController();
    const stop = call.on('ended', (end) => {
      stop();
      ended.abort();
      this.#onEnd(callId, end);
    });
    const release = await this.#platform.tabs.hold(takenName(callId), ended.signal);
    if (!release) return;
    if (ended.signal.aborted) return release();
    ended.signal.addEventListener('abort', release);
    this.#post('taken', callId);
  }

  #onEnd(callId: string, end: CallEnd): void {
    if (!HERE_ONLY.includes(end.reason)) this.#post('silent', callId);
  }

  // ----------------------------------------------------------------------------------------------------------- sound

  /** Waits until this tab may be heard and no other is, and rings until it is silenced. */
  async #sound(ring: Ring): Promise<void> {
    const { call, callId } = ring;
    const { signal } = ring.silent;
    if (this.tone === 'silent' || this.#said.has(`silent ${callId}`)) return;
    // Somebody may be answering it at this moment, in another tab.
    (await this.#platform.tabs.hold(takenName(callId), signal))?.();
    if (signal.aborted) return;
    const stopAsking = this.#platform.setTimer(() => this.#askForGesture(), HEARD_WITHIN_MS);
    const isHeard = await this.#platform.tones.whenHeard(signal);
    stopAsking();
    // A tab that may not be heard must not keep another one silent.
    const release = isHeard ? await this.#platform.tabs.hold(RINGING, signal) : undefined;
    if (!release) return;
    if (signal.aborted) return release();
    this.#lead(ring, release);
    this.#emitter.emit('ringing', call);
  }

  #lead(ring: Ring, release: Release): void {
    const tone = this.tone === 'silent' ? undefined : this.tone;
    const stopTone = tone && this.#platform.tones.loop(tone, (error) => this.#emitter.emit('error', error));
    ring.led = true;
    ring.silent.signal.addEventListener('abort', () => {
      stopTone?.();
      this.#platform.setTimer(release, HANDOVER_MS);
      this.#emitter.emit('ringing', undefined);
    });
  }

  #askForGesture(): void {
    this.#emitter.emit('error', new RingdownError('autoplay_blocked', NEEDS_GESTURE));
  }

  // ---------------------------------------------------------------------------------------------------------- missed

  async #tellMissed(call: Call, callId: string): Promise<void> {
    if (this.#said.has(`missed ${callId}`) || this.#end.signal.aborted) return;
    const patience = AbortSignal.timeout(MISSED_TRY_MS);
    const release = await this.#platform.tabs.hold(`ringdown.missed.${callId}`, patience);
    if (!release) return;
    this.#platform.setTimer(release, MISSED_HELD_MS);
    this.#post('missed', callId);
    this.#emitter.emit('missed', { callId, peer: call.peer, callType: call.callType, atMs: this.#platform.now() });
  }

  // ------------------------------------------------------------------------------------------------------ other tabs

  #post(type: Message['type'], callId: string): void {
    if (!this.#end.signal.aborted) this.#channel.post({ type, callId } satisfies Message);
  }

  #onMessage(message: unknown): void {
    const { type, callId } = (message ?? {}) as Partial<Record<string, unknown>>;
    if (typeof callId !== 'string') return;
    const ring = this.#rings.get(callId);
    switch (type) {
      case 'taken':
        if (!ring) return;
        ring.silent.abort();
        ring.silent = new AbortController();
        ring.led = false;
        // Without locks nobody would tell when it may be heard again.
        if (this.#platform.tabs.sure) void this.#sound(ring);
        return;
      case 'silent':
      case 'missed':
        this.#remember(`${type} ${callId}`);
        ring?.silent.abort();
    }
  }

  #remember(what: string): void {
    this.#said.add(what);
    for (const oldest of this.#said) {
      if (this.#said.size <= MOST_REMEMBERED) break;
      this.#said.delete(oldest);
    }
  }

  #onListenerError(cause: unknown, event: keyof RingerEvents): void {
    if (event === 'error') {
      globalThis.reportError?.(cause);
      return;
    }
    const error = new RingdownError('listener_failed', 'A listener of the application threw.', { cause });
    this.#emitter.emit('error', error);
  }
}

function takenName(callId: string): string {
  return `ringdown.taken.${callId}`;
}
