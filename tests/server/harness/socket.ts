/** A client written from the contract alone: it queues what it is sent, so that a test misses nothing. */
import {
  type ClientMessageType,
  decodePlainServerMessage,
  decodeServerMessage,
  type ServerMessage,
  type ServerMessageOf,
  type ServerMessageType,
} from '@ringdown/protocol';
import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** How long a test waits for a frame before it says which one did not come, ms. */
const PATIENCE_MS = 4_000;

/** Request ids are used once: a device's are remembered over all its sockets (OF-4). */
let ids = 0;

/** A socket of a test. */
export class TestSocket {
  readonly raw: WebSocket;
  /** Frames nobody has asked for yet. */
  readonly inbox: ServerMessage[] = [];
  /** Every frame, as text, in order. */
  readonly history: string[] = [];
  /** Frames that a session of this kind must not get. */
  readonly faults: string[] = [];
  /** Whether it speaks the extended protocol; a plain one may get nothing that the contract does not have. */
  readonly extended: boolean;
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting: (() => void)[] = [];

  constructor(url: string, protocols: string[] = [], headers: Record<string, string> = {}) {
    this.extended = protocols.includes('ringdown.v1');
    this.raw = new WebSocket(url, protocols, { headers });
    this.raw.on('message', (data) => {
      const text = String(data);
      this.history.push(text);
      const decoded = this.extended ? decodeServerMessage(text) : decodePlainServerMessage(text);
      if (decoded.ok) this.inbox.push(decoded.value);
      else this.faults.push(`${decoded.message}: ${text}`);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.raw.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.raw.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    onTestFinished(() => {
      this.raw.terminate();
      expect(this.faults).toEqual([]);
    });
  }

  /** Resolves when the socket is open. */
  async opened(): Promise<this> {
    if (this.raw.readyState === WebSocket.OPEN) return this;
    await new Promise<void>((resolve, reject) => {
      this.raw.once('open', resolve);
      this.raw.once('error', reject);
    });
    return this;
  }

  /** The HTTP answer that refused the upgrade. */
  refusal(): Promise<{ status: number; body: { error: { reason: string } } }> {
    return new Promise((resolve, reject) => {
      this.raw.once('open', () => reject(new Error('the upgrade was not refused')));
      this.raw.once('unexpected-response', (_, response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }));
      });
    });
  }

  /** Sends a frame, without a request id. */
  send(type: ClientMessageType | (string & {}), data: unknown = {}, id?: string): void {
    this.raw.send(JSON.stringify({ type, data, ...(id !== undefined && { id }) }));
  }

  /** Sends a frame with a request id and waits for its acknowledgement or error. */
  async request(
    type: ClientMessageType,
    data: unknown = {},
    id = `r${++ids}`,
  ): Promise<ServerMessageOf<'ack'> | ServerMessageOf<'error'>> {
    this.send(type, data, id);
    return (await this.#take(
      (message) => (message.type === 'ack' || message.type === 'error') && message.id === id,
      `the answer to ${type}`,
    )) as ServerMessageOf<'ack'> | ServerMessageOf<'error'>;
  }

  /** Waits for the next frame of a type; others stay in the inbox. */
  next<T extends ServerMessageType>(type: T, patienceMs = PATIENCE_MS): Promise<ServerMessageOf<T>> {
    return this.#take((message) => message.type === type, type, patienceMs) as Promise<ServerMessageOf<T>>;
  }

  /** Waits until everything the service had for this socket has come, and returns what nobody has asked for. */
  async rest(): Promise<ServerMessage[]> {
    if (this.extended) {
      this.send('ping', {}, `p${++ids}`);
      await this.next('pong');
    } else await this.request('ping');
    return this.inbox.splice(0);
  }

  /** The positions of the frames that came, in order (extended sessions). */
  get seqs(): number[] {
    return this.history.map((text) => (JSON.parse(text) as { seq?: number }).seq ?? 0).filter((seq) => seq > 0);
  }

  /** Goes away without a goodbye, like a phone in a tunnel. */
  vanish(): void {
    this.raw.terminate();
  }

  async #take(
    wanted: (message: ServerMessage) => boolean,
    name: string,
    patienceMs = PATIENCE_MS,
  ): Promise<ServerMessage> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const index = this.inbox.findIndex(wanted);
      if (index >= 0) return this.inbox.splice(index, 1)[0] as ServerMessage;
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(`no ${name} came; the inbox has ${this.inbox.map((m) => m.type).join(', ') || 'nothing'}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}
