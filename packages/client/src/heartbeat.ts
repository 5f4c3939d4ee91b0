/**
 * When to look whether a socket lives, and when it does not. Pure: the time comes in as an argument, the next deadline
 * goes out; it knows neither sockets nor timers. A browser cannot see the pings of a WebSocket, and after a change of
 * network a dead one still says that it is open (HE-4).
 */

/** How long nothing may come before the service is asked for a sign of life, ms. */
const ASK_AFTER_MS = { idle: 25_000, inCall: 10_000 };
/** How long any frame may take after that, ms. */
const ANSWER_WITHIN_MS = 5_000;
/** A deadline seen this much too late, ms, was slept through, as by a frozen page: what came meanwhile is still unread. */
const OVERSLEPT_MS = 2_000;
/** Something that came this recently, ms, is a sign of life that nobody needs to ask for. */
const FRESH_MS = 250;

/** The heartbeat of one socket. */
export class Heartbeat {
  #heardAt: number;
  #askedAt: number | undefined;
  /** Whether a deadline was slept through since then: once the answer may be unread, not again and again. */
  #overslept = false;
  #inCall: boolean;
  /** A plain session's ping may go unanswered; once one was answered, silence means that the path is dead. */
  #answers: boolean;

  /** @param answers whether the service answers pings for sure, as it does in an extended session */
  constructor(now: number, options: { readonly inCall: boolean; readonly answers: boolean }) {
    this.#heardAt = now;
    this.#inCall = options.inCall;
    this.#answers = options.answers;
  }

  /** Something came from the service, whatever it is. @param pong whether it answered a ping */
  heard(now: number, pong: boolean): void {
    this.#heardAt = now;
    this.#askedAt = undefined;
    this.#overslept = false;
    if (pong) this.#answers = true;
  }

  /** In a call a dead path is noticed sooner. */
  set inCall(inCall: boolean) {
    this.#inCall = inCall;
  }

  /** There is a reason for doubt, as a change of network. @returns whether to send a ping now */
  doubt(now: number): boolean {
    if (this.#askedAt !== undefined || now - this.#heardAt < FRESH_MS) return false;
    this.#askedAt = now;
    return true;
  }

  /** When {@link due} has to be asked again, ms. */
  get nextAt(): number {
    if (this.#askedAt !== undefined) return this.#askedAt + ANSWER_WITHIN_MS;
    return this.#heardAt + (this.#inCall ? ASK_AFTER_MS.inCall : ASK_AFTER_MS.idle);
  }

  /** What the time brings: send a ping, take the socket for dead, or nothing. */
  due(now: number): 'ping' | 'dead' | undefined {
    if (now < this.nextAt) return undefined;
    if (this.#askedAt !== undefined && (this.#overslept || now - this.nextAt < OVERSLEPT_MS)) {
      if (this.#answers) return 'dead';
      // Whoever never answers pings is still pinged, so that nothing on the way forgets the connection.
      this.heard(now, false);
      return undefined;
    }
    this.#overslept = this.#askedAt !== undefined;
    this.#askedAt = now;
    return 'ping';
  }
}
