/** One socket to the server under test. It queues what it is sent, so that a scenario misses nothing. */
import { WebSocket } from 'ws';
import { type Frame, readFrame } from './frame.ts';
import type { Pace } from './pace.ts';
import { RateLimited, told, Unmet } from './unmet.ts';

/** How a socket ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** How a socket is opened. */
export interface LineOptions {
  /** Who it is, in reports: `the callee`. */
  readonly name: string;
  readonly url: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly pace: Pace;
  /** Calls whose frames are not listened to any more. */
  readonly past?: ReadonlySet<string>;
}

/** Something a socket said or heard. */
export interface Moment {
  /** By the monotonic clock of this process. */
  readonly atMs: number;
  readonly text: string;
}

/** What the request ids of the kit's own pings begin with; they are no part of the play. */
const PING = 'kit-ping-';
/** How long a closing handshake may take before the socket is cut, ms. */
const CLOSE_MS = 500;

let requests = 0;

/** A socket, open or not. */
export class Line {
  readonly name: string;
  readonly raw: WebSocket;
  /** Every frame that came, in order. */
  readonly heard: Frame[] = [];
  /** Texts that came and are not frames. */
  readonly noise: string[] = [];
  /** What it said and heard, in order: types and ids, never descriptions. */
  readonly trace: Moment[] = [];
  /** Calls it knows of: id, and the id of the other person. */
  readonly calls = new Map<string, string>();
  /** Settles when the socket is gone; with an HTTP status as code when it never opened. */
  readonly closed: Promise<Closed>;
  /** The HTTP status that refused the upgrade, and its headers and body. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  readonly #pace: Pace;
  readonly #past: ReadonlySet<string>;
  readonly #inbox: Frame[] = [];
  /** Offers it sent under an id: whom they were for. */
  readonly #offers = new Map<string, string>();
  /** Whom it dialled. */
  readonly dialled = new Set<string>();
  #ended: Closed | undefined;
  #waiting: (() => void)[] = [];

  constructor({ name, url, protocols = [], headers = {}, pace, past = new Set() }: LineOptions) {
    this.name = name;
    this.#pace = pace;
    this.#past = past;
    pace.onLimit(() => this.#wake());
    this.raw = new WebSocket(url, [...protocols], {
      headers,
      handshakeTimeout: pace.patienceMs,
      perMessageDeflate: false,
    });
    this.raw.on('message', (data, isBinary) => this.#take(isBinary ? '(binary)' : String(data)));
    this.raw.on('open', () => this.#wake());
    this.raw.on('error', () => {});
    this.raw.on('unexpected-response', (request, response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk).slice(0, 10_000);
      });
      response.on('error', () => {});
      response.on('end', () => {
        this.refusal = { status: response.statusCode ?? 0, body };
        request.destroy();
        this.raw.terminate();
      });
    });
    this.closed = new Promise((resolve) => {
      this.raw.on('close', (code, reason) => {
        this.#end({ code: this.refusal?.status ?? code, reason: String(reason) });
        resolve(this.#ended as Closed);
      });
    });
  }

  /** Whether it is open. */
  get isOpen(): boolean {
    return this.raw.readyState === WebSocket.OPEN;
  }

  /** Waits until the socket is open. @throws Unmet when it is refused */
  async opened(): Promise<this> {
    await this.#until(() => this.isOpen || this.#ended !== undefined, `${this.name} to be let in`);
    if (!this.isOpen) throw new Unmet(`${this.name} to be let in`, this.#lastWords());
    return this;
  }

  /** Waits until the socket was refused or closed. @throws Unmet when it stays open */
  async ends(expected = `the socket of ${this.name} to be closed`, withinMs?: number): Promise<Closed> {
    await this.#until(() => this.#ended !== undefined, expected, withinMs);
    return this.#ended as Closed;
  }

  /** Sends a frame. */
  send(type: string, data: object = {}, id?: string): void {
    if (type === 'call:offer') this.#remember(data, id);
    this.sendText(JSON.stringify({ type, data, ...(id !== undefined && { id }) }), `${type}${callOf(data)}`);
  }

  /** Sends a text, whatever it is. @param shown what a trace says of it */
  sendText(text: string, shown = `${text.length} characters`): void {
    this.#note(`${this.name} says ${shown}`);
    if (this.isOpen) this.raw.send(text);
  }

  /** Sends a frame with a request id and waits for its acknowledgement or error. */
  async request(type: string, data: object = {}, id = `c${++requests}`): Promise<Frame> {
    this.send(type, data, id);
    const isAnswer = (frame: Frame) => frame.id === id && ['ack', 'error', 'pong', 'hello'].includes(frame.type);
    return this.#wait(isAnswer, `${this.name} to get an answer to its ${type} with an id`);
  }

  /** Sends a frame with a request id that the server must acknowledge. */
  async done(type: string, data: object = {}, id?: string): Promise<Frame> {
    const answer = await this.request(type, data, id);
    if (answer.type === 'error') throw new Unmet(`${type} of ${this.name} to be acknowledged`, told(answer));
    return answer;
  }

  /**
   * Waits for the next frame of a type; others stay in the inbox.
   * @param why what it means, as the end of "expected …"
   */
  async next(type: string, why = `${this.name} to receive ${type}`, withinMs?: number): Promise<Frame> {
    return this.#wait((each) => each.type === type, why, withinMs);
  }

  /** Waits until the server has dealt with what this socket said, and what it had for it has come. */
  async settled(): Promise<void> {
    if (!this.#pace.answersPing) return this.#pace.quiet();
    if (this.isOpen) {
      const id = `${PING}${++requests}`;
      this.raw.send(JSON.stringify({ type: 'ping', id, data: {} }));
      let answered = false;
      await this.#until(() => {
        const index = this.#inbox.findIndex((frame) => frame.id === id);
        if (index >= 0) this.#inbox.splice(index, 1);
        answered ||= index >= 0;
        return answered || this.#ended !== undefined;
      }, `${this.name} to get an answer to its ping with an id`);
    }
  }

  /**
   * Listens for what is left to come: what others said may be on its way from another node or process.
   * @returns what nobody has asked for, in order
   */
  async rest(): Promise<Frame[]> {
    await this.settled();
    await this.#pace.quiet();
    return this.#inbox.splice(0);
  }

  /** Goes away without a goodbye, like a phone in a tunnel. */
  vanish(): void {
    this.#note(`${this.name} loses its socket`);
    this.raw.terminate();
  }

  /** Says goodbye and waits until the socket is gone. */
  async leave(): Promise<void> {
    if (this.raw.readyState === WebSocket.CLOSED) return;
    const timer = setTimeout(() => this.raw.terminate(), CLOSE_MS);
    this.raw.close();
    await this.closed;
    clearTimeout(timer);
  }

  /** The positions of the frames that came, in order. */
  get seqs(): number[] {
    return this.heard.flatMap(({ seq }) => (typeof seq === 'number' ? [seq] : []));
  }

  #take(text: string): void {
    const frame = readFrame(text);
    if (!frame) {
      this.noise.push(text);
      this.#note(`${this.name} hears something that is not a frame`);
      return;
    }
    const { callId, senderId } = frame.data;
    if (frame.type.startsWith('call:') && this.#past.has(String(callId))) return;
    if (!String(frame.id).startsWith(PING)) this.#note(`${this.name} hears ${told(frame)}`);
    this.heard.push(frame);
    this.#inbox.push(frame);
    if (typeof callId === 'string') {
      const dialled = typeof frame.id === 'string' ? this.#offers.get(frame.id) : undefined;
      if (frame.type === 'call:offer') this.calls.set(callId, String(senderId));
      else if (dialled !== undefined) this.calls.set(callId, dialled);
    }
    if (this.#isAboutRate(frame)) this.#pace.limit(new RateLimited(Number(frame.data['retryAfterMs'] ?? 1_000)));
    this.#wake();
  }

  /** An offer met a rate limit: that is about how much is tested here, not about what is tested. */
  #isAboutRate({ type, data, id }: Frame): boolean {
    if (type !== 'error' || data['code'] !== 429) return false;
    return typeof id === 'string' ? this.#offers.has(id) : this.dialled.size > 0;
  }

  #remember(data: object, id: string | undefined): void {
    const { receiverId } = data as { receiverId?: unknown };
    this.dialled.add(String(receiverId));
    if (id !== undefined) this.#offers.set(id, String(receiverId));
  }

  #note(text: string): void {
    this.trace.push({ atMs: performance.now(), text });
  }

  #end(closed: Closed): void {
    if (this.#ended) return;
    this.#ended = closed;
    this.#note(`${this.name} is closed (${closed.code})`);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #lastWords(): string {
    if (this.refusal) return `HTTP ${this.refusal.status}`;
    if (this.#ended) return `the socket closed with ${this.#ended.code}`;
    return this.#inbox.length > 0 ? this.#inbox.slice(-5).map(told).join(', ') : 'nothing';
  }

  async #wait(wanted: (frame: Frame) => boolean, expected: string, withinMs?: number): Promise<Frame> {
    let found: Frame | undefined;
    await this.#until(
      () => {
        const index = this.#inbox.findIndex(wanted);
        if (index >= 0) found = this.#inbox.splice(index, 1)[0];
        return found !== undefined || this.#ended !== undefined;
      },
      expected,
      withinMs,
    );
    if (!found) throw new Unmet(expected, this.#lastWords());
    return found;
  }

  async #until(holds: () => boolean, expected: string, withinMs = this.#pace.patienceMs): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      if (this.#pace.limited) throw this.#pace.limited;
      if (holds()) return;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Unmet(`${expected} within ${withinMs} ms`, this.#lastWords());
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

function callOf(data: object): string {
  const { callId } = data as { callId?: unknown };
  return typeof callId === 'string' ? ` (callId ${callId})` : '';
}
