/**
 * One device of a person, over all its sockets: plain, from the contract alone, or extended, with hello, acknowledgements
 * and resume. It keeps everything it was sent, and what it is told that it may not be told.
 */
import {
  decodePlainServerMessage,
  decodeServerMessage,
  type ServerMessage,
  type ServerMessageOf,
  type ServerMessageType,
} from '@ringdown/protocol';
import { WebSocket } from 'ws';
import type { Person } from './person.ts';

/** How long a frame is waited for, ms. */
const PATIENCE_MS = 5_000;

/** A frame as it came. */
export interface Received {
  readonly message: ServerMessage;
  /** Number of the session it came in, from 1: sockets that were resumed are one session. */
  readonly session: number;
}

/** What is waited for cannot come any more: the socket is gone. */
export class SocketLost extends Error {
  override readonly name = 'SocketLost';
}

/** A request was answered by an error. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly reason: string | undefined;

  constructor(what: string, reason: string | undefined) {
    super(`${what} was refused: ${reason}`);
    this.reason = reason;
  }
}

/** A device. */
export class Device {
  readonly person: Person;
  readonly extended: boolean;
  /** Every frame of every socket, in order, but for what {@link forget} took out. */
  received: Received[] = [];
  /** What must not have happened: a frame of another protocol, or one that came twice or out of order. */
  readonly faults: string[] = [];
  /** The answers to its hellos. */
  readonly hellos: ServerMessageOf<'hello'>['data'][] = [];
  /** The position up to which it has everything. */
  lastSeq = 0;
  readonly #deviceId: string;
  #resumeToken: string | undefined;
  #raw: WebSocket | undefined;
  #session = 0;
  #read = 0;
  #requests = 0;
  #waiting = new Set<() => void>();

  constructor(person: Person, extended: boolean, deviceId = 'phone') {
    this.person = person;
    this.extended = extended;
    this.#deviceId = deviceId;
  }

  /** What a report calls it. */
  get name(): string {
    return `${this.person.username} (${this.extended ? 'extended' : 'plain'})`;
  }

  /** The number of its session, see {@link Received.session}. */
  get session(): number {
    return this.#session;
  }

  /** Whether its socket is open. */
  get online(): boolean {
    return this.#raw?.readyState === WebSocket.OPEN;
  }

  /**
   * Opens a socket and, if extended, says hello; it goes on where it was when the service lets it.
   * @param url where sockets are opened; its own service by default
   * @returns whether it was resumed; always false for a plain device
   */
  async connect(url = this.person.service.socketUrl): Promise<boolean> {
    this.#raw?.terminate();
    const raw = new WebSocket(url, [this.extended ? 'ringdown.v1' : 'ringdown.plain', `bearer.${this.person.token}`]);
    this.#raw = raw;
    if (!this.extended) this.#session += 1;
    raw.on('message', (data) => {
      if (raw === this.#raw) this.#onText(String(data));
    });
    raw.on('close', () => this.#wake());
    await new Promise<void>((opened, failed) => {
      raw.once('open', opened);
      raw.once('error', failed);
    });
    // What breaks it later shows in its end.
    raw.on('error', () => {});
    if (!this.extended) {
      await this.request('ping');
      return false;
    }
    const resume = this.#resumeToken === undefined ? undefined : { token: this.#resumeToken, lastSeq: this.lastSeq };
    this.send('hello', {
      version: 1,
      deviceId: this.#deviceId,
      caps: ['renegotiate', 'media_state'],
      ...(resume && { resume }),
    });
    const told = this.hellos.length;
    await this.#until(() => this.hellos.length > told, 'the answer to hello');
    return this.hellos.at(-1)?.resumed === true;
  }

  /** Stops reading: what is sent to it from now on fills the network's buffers and then the sender's. */
  stall(): void {
    this.#raw?.pause();
  }

  /** Reads again. */
  readOn(): void {
    this.#raw?.resume();
  }

  /** Resolves with the close code when its current socket is gone. */
  closed(): Promise<number> {
    const raw = this.#raw;
    return new Promise((resolve) => raw?.once('close', resolve));
  }

  /** Goes away without a goodbye. Resolves when this side knows. */
  async vanish(): Promise<void> {
    const raw = this.#raw;
    if (!raw || raw.readyState === WebSocket.CLOSED) return;
    const gone = new Promise((resolve) => raw.once('close', resolve));
    raw.terminate();
    await gone;
  }

  /** Sends a frame; into the void when there is no socket. */
  send(type: string, data: unknown = {}, id?: string): void {
    if (this.online) this.#raw?.send(JSON.stringify({ type, data, ...(id !== undefined && { id }) }));
  }

  /** A request id that this device has not used. */
  nextId(): string {
    this.#requests += 1;
    return `r${this.#requests}`;
  }

  /**
   * Sends a frame and waits for its acknowledgement.
   * @throws Refused, or SocketLost
   */
  async request(type: string, data: unknown = {}, id = this.nextId()): Promise<ServerMessageOf<'ack'>['data']> {
    const before = this.received.length;
    this.send(type, data, id);
    let found: ServerMessage | undefined;
    await this.#until(() => {
      found = this.received.slice(before).find(({ message }) => answers(message, id))?.message;
      return found !== undefined;
    }, `answer to ${type}`);
    if (found?.type === 'ack') return found.data;
    throw new Refused(`${this.name}: ${type}`, found?.type === 'error' ? found.data.reason : undefined);
  }

  /**
   * Waits for the next frame of a type that was not waited for yet; what came before it is passed over.
   * @throws SocketLost when there is no such frame and no socket
   */
  async next<T extends ServerMessageType>(type: T, callId?: string, patienceMs = PATIENCE_MS) {
    let found = -1;
    await this.#until(
      () => {
        found = this.received.findIndex(
          ({ message }, index) =>
            index >= this.#read && message.type === type && (callId === undefined || callOf(message) === callId),
        );
        return found >= 0;
      },
      type,
      patienceMs,
    );
    this.#read = found + 1;
    return this.received[found]?.message as ServerMessageOf<T>;
  }

  /** Waits until it has received such a frame, however long ago. @throws SocketLost */
  seen(isIt: (message: ServerMessage) => boolean, what: string): Promise<void> {
    return this.#until(() => this.received.some(({ message }) => isIt(message)), what);
  }

  /** Waits until everything the service had for it has come; only while it rings nobody. @throws SocketLost */
  async settle(): Promise<void> {
    // A hang-up of no call means nothing, and is answered after what the mailbox had before it.
    await this.request('call:hang_up');
  }

  /** Every frame of a call, of every socket. */
  of(callId: string): Received[] {
    return this.received.filter(({ message }) => callOf(message) === callId);
  }

  /** Takes out what was received so far. */
  forget(): void {
    this.received = [];
    this.#read = 0;
  }

  #onText(text: string): void {
    const decoded = this.extended ? decodeServerMessage(text) : decodePlainServerMessage(text);
    if (!decoded.ok) {
      this.faults.push(`${this.name} was sent ${text.slice(0, 200)}: ${decoded.message}`);
      return;
    }
    const message = decoded.value as ServerMessage;
    if (message.type === 'hello') this.#onHello(message.data);
    if (message.seq !== undefined) {
      if (message.seq <= this.lastSeq) {
        this.faults.push(`${this.name} was sent position ${message.seq} after ${this.lastSeq}: ${message.type}`);
      }
      this.lastSeq = message.seq;
    }
    this.received.push({ message, session: this.#session });
    if (message.seq !== undefined) this.send('ack', { seq: message.seq });
    this.#wake();
  }

  #onHello(data: ServerMessageOf<'hello'>['data']): void {
    this.hellos.push(data);
    this.#resumeToken = data.resumeToken;
    if (!data.resumed) this.#session += 1;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #until(holds: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
    const raw = this.#raw;
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const look = () => {
        if (holds()) {
          done();
          resolve();
        } else if (raw !== this.#raw || raw?.readyState === WebSocket.CLOSED) {
          done();
          reject(new SocketLost(`${this.name}: no ${what}: the socket was lost`));
        }
      };
      const timer = setTimeout(() => {
        done();
        const last = this.received.slice(-8).map(({ message }) => message.type);
        reject(new Error(`${this.name}: no ${what} came; the last frames were ${last.join(', ') || 'none'}`));
      }, patienceMs);
      this.#waiting.add(look);
      look();
    });
  }
}

/** The call a frame speaks of. */
export function callOf({ data }: ServerMessage): string | undefined {
  return 'callId' in data ? data.callId : undefined;
}

function answers(message: ServerMessage, id: string): boolean {
  return (message.type === 'ack' || message.type === 'error') && message.id === id;
}
