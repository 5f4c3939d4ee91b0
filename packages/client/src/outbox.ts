/**
 * What was asked of the service and is not answered yet. Pure: the time comes in as an argument, the next deadline goes
 * out; it knows neither sockets nor timers.
 *
 * Every request carries an id and stays here until the service answered it. What a lost socket may have swallowed is
 * written again over the next one, in the same order and under the same id: the service treats repetition as harmless
 * (OF-4, HU-2).
 */
import { mayRepeat } from '@ringdown/protocol';
import { RingdownError } from './errors.ts';

/** How long the service may take to answer a request before its socket counts as dead, ms. */
const ANSWER_WITHIN_MS = 10_000;
/** A deadline seen this much too late, ms, was slept through. */
const OVERSLEPT_MS = 2_000;
/** How often a request is repeated that the service could not take at the moment. */
const MOST_REPETITIONS = 3;
/** How long to wait before that, ms, when the service does not say. */
const REPEAT_AFTER_MS = 1_000;
/** For how long what was given up may still be acknowledged, ms. */
const LATE_MS = 100_000;

/** What an acknowledgement says. */
export interface Acknowledged {
  readonly callId?: string | undefined;
  readonly negotiationId?: number | undefined;
}

/** What becomes of a request. Exactly one is called, at most once. */
export interface RequestHandlers {
  ack?(data: Acknowledged, repeated: boolean): void;
  /** @param repeated whether the service may have got the request more than once */
  error?(error: RingdownError, repeated: boolean): void;
}

/** How long a request is worth sending. */
export interface RequestOptions {
  /** Given up with `timeout` after this long, ms, sent or not. */
  readonly giveUpAfterMs: number;
  /**
   * Whether it is repeated by itself when the service could not take it at the moment; default: yes. What a service that
   * stops refused goes over the next socket in any case (DS-2).
   */
  readonly repeats?: boolean;
}

interface Entry {
  readonly text: string;
  readonly handlers: RequestHandlers;
  readonly repeats: boolean;
  readonly giveUpAt: number;
  writes: number;
  repetitions: number;
  /** Cancelled when it was on its way: never written again, only an acknowledgement still counts. */
  readonly isOver: boolean;
  /** Written on this socket and not answered: when that becomes suspicious, ms. */
  answerBy: number | undefined;
  /** Whether that was slept through since it was written: once the answer may be unread, not again and again. */
  overslept: boolean;
  /** Refused for the moment: when to write it again, ms. */
  againAt: number | undefined;
}

/** What the time brought. */
export interface Due {
  /** Texts to write again now. */
  readonly write: readonly string[];
  /** Whether the socket has been silent for too long. */
  readonly dead: boolean;
}

/** The requests under way, oldest first. */
export class Outbox {
  readonly #entries = new Map<string, Entry>();
  #online = false;

  /** Takes a request in. @returns whether to write it now */
  put(id: string, text: string, handlers: RequestHandlers, options: RequestOptions, now: number): boolean {
    const entry: Entry = {
      text,
      handlers,
      repeats: options.repeats !== false,
      giveUpAt: now + options.giveUpAfterMs,
      writes: 0,
      repetitions: 0,
      isOver: false,
      answerBy: undefined,
      overslept: false,
      againAt: undefined,
    };
    this.#entries.set(id, entry);
    if (this.#online) written(entry, now);
    return this.#online;
  }

  /**
   * Forgets a request; no handler is called.
   * @param late is given the acknowledgement of one that the service had got already
   * @returns whether the service may have got it
   */
  cancel(id: string, late?: RequestHandlers['ack']): boolean {
    const entry = this.#take(id);
    if (!entry?.writes) return false;
    if (late) this.#entries.set(id, { ...entry, handlers: { ack: late }, isOver: true });
    return true;
  }

  /** There is a socket that takes requests. @returns what to write on it, in order, and is still worth it */
  online(now: number): string[] {
    this.#online = true;
    const entries = [...this.#entries.values()].filter(({ isOver, giveUpAt }) => !isOver && now < giveUpAt);
    for (const entry of entries) written(entry, now);
    return entries.map(({ text }) => text);
  }

  /** The socket is gone. */
  offline(): void {
    this.#online = false;
    for (const entry of this.#entries.values()) {
      entry.answerBy = undefined;
      entry.againAt = undefined;
    }
  }

  /** The service said yes. An id that is not known, or no longer, means nothing. */
  acknowledged(id: string, data: Acknowledged): void {
    const entry = this.#take(id);
    entry?.handlers.ack?.(data, entry.writes > 1);
  }

  /**
   * The service said no.
   * @returns `token` when the request is kept, for a newer token (AU-3): it then waits for {@link again}
   */
  refused(id: string, error: RingdownError, now: number): 'token' | undefined {
    const entry = this.#entries.get(id);
    if (entry?.isOver) this.#take(id);
    if (!entry || entry.isOver) return undefined;
    if (error.code === 'unauthenticated' && entry.repetitions === 0) {
      entry.repetitions += 1;
      entry.answerBy = undefined;
      return 'token';
    }
    // The service stops, and the next socket is to another one.
    if (error.reason === 'draining') {
      entry.answerBy = undefined;
      return undefined;
    }
    if (entry.repeats && mayRepeat(error.reason) && entry.repetitions < MOST_REPETITIONS) {
      entry.repetitions += 1;
      entry.answerBy = undefined;
      entry.againAt = now + (error.retryAfterMs ?? REPEAT_AFTER_MS);
      return undefined;
    }
    this.fail(id, error);
    return undefined;
  }

  /** The service said no, and that is final. */
  fail(id: string, error: RingdownError): void {
    const entry = this.#take(id);
    entry?.handlers.error?.(error, entry.writes > 1);
  }

  /** Takes up a request that waited for a newer token. @returns what to write, if anything */
  again(id: string, now: number): string | undefined {
    const entry = this.#entries.get(id);
    if (!entry || !this.#online) return undefined;
    written(entry, now);
    return entry.text;
  }

  /** When {@link due} has to be asked again, ms; `Infinity` when nothing is under way. */
  get nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { giveUpAt, answerBy, againAt } of this.#entries.values()) {
      next = Math.min(next, giveUpAt, answerBy ?? next, againAt ?? next);
    }
    return next;
  }

  /** What the time brings. Requests that are not worth sending any more fail with `timeout`. */
  due(now: number): Due {
    const write: string[] = [];
    const givenUp: [string, Entry][] = [];
    let dead = false;
    for (const [id, entry] of this.#entries) {
      if (entry.answerBy !== undefined && now >= entry.answerBy) {
        // Seen much too late, as by a page that was frozen: the answer may have come and be still unread.
        if (entry.overslept || now - entry.answerBy < OVERSLEPT_MS) dead = true;
        else entry.answerBy = now + ANSWER_WITHIN_MS;
        entry.overslept = true;
      }
      if (now >= entry.giveUpAt) {
        this.#entries.delete(id);
        givenUp.push([id, entry]);
      } else if (now >= (entry.againAt ?? now + 1)) {
        written(entry, now);
        write.push(entry.text);
      }
    }
    for (const [id, entry] of givenUp) {
      const { handlers, writes, isOver } = entry;
      // It can still be cancelled: an acknowledgement may count for who hears of this now.
      if (writes && !isOver)
        this.#entries.set(id, { ...entry, handlers: {}, isOver: true, giveUpAt: now + LATE_MS, againAt: undefined });
      handlers.error?.(new RingdownError('timeout', 'The service did not answer in time.'), writes > 1);
    }
    return { write, dead };
  }

  #take(id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry;
  }
}

function written(entry: Entry, now: number): void {
  entry.writes += 1;
  entry.answerBy = now + ANSWER_WITHIN_MS;
  entry.overslept = false;
  entry.againAt = undefined;
}
