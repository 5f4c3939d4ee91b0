/** A client by the byte: a TCP connection that says exactly what it is told to, and remembers what it hears. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { OPCODES, type Received, readFrames } from './bytes.ts';

/** How long an answer or an end is waited for, ms. */
const PATIENCE_MS = 8_000;

/** How a connection ended, as far as the client could see. */
export interface Ending {
  /** Status of the last HTTP answer; absent when there was none. */
  readonly status?: number;
  /** Code of the close frame; absent when there was none, 1005 when it had none. */
  readonly code?: number;
  /** Whether the service had not ended it when the client was done waiting. */
  readonly open?: boolean;
}

/** One connection. */
export class RawClient {
  readonly socket: Socket;
  /** Text frames that came. */
  readonly texts: string[] = [];
  /** What came that must not come. */
  readonly faults: string[] = [];
  /** The heads of the HTTP answers that came. */
  readonly heads: string[] = [];
  pongs = 0;
  #code: number | undefined;
  #upgraded = false;
  #left: Buffer = Buffer.alloc(0);
  #ended = false;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', end);
    socket.on('close', end);
  }

  /** Connects. @param port on this machine */
  static async to(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Connects and becomes a WebSocket. @param protocols of the subprotocol header @param headers lines beside the usual */
  static async upgraded(port: number, protocols: string, headers: readonly string[] = []): Promise<RawClient> {
    const client = await RawClient.to(port);
    client.write(upgradeRequest(protocols, headers));
    await client.until(() => client.heads.length > 0 || client.#ended, 'the answer to the upgrade');
    if (!client.#upgraded) throw new Error(`the upgrade was refused: ${client.heads[0]?.split('\r\n')[0]}`);
    return client;
  }

  /** Whether the service has ended it. */
  get ended(): boolean {
    return this.#ended;
  }

  write(bytes: string | Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Writes a byte at a time, each in a packet of its own as far as that can be had. */
  async dribble(bytes: Buffer, pauseMs = 0): Promise<void> {
    for (const byte of bytes) {
      if (this.#ended || !this.socket.writable) return;
      this.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => (pauseMs > 0 ? setTimeout(resolve, pauseMs) : setImmediate(resolve)));
    }
  }

  /** Says that nothing more will come, and goes on reading. */
  halfClose(): void {
    this.socket.end();
  }

  /** Goes without a goodbye: the other side sees a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Waits until something holds. @throws with what was waited for */
  async until(holds: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!holds()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(`${what} did not come; heard: ${this.heads.join()} ${this.texts.slice(-3).join()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Waits for the end. @returns how it was; `open` when it did not come */
  async ending(patienceMs = PATIENCE_MS): Promise<Ending> {
    const waited = this.until(() => this.#ended, 'the end', patienceMs);
    const open = await waited.then(
      () => false,
      () => true,
    );
    this.socket.destroy();
    const status = /^HTTP\/1\.1 (\d{3})/.exec(this.heads.at(-1) ?? '')?.[1];
    return {
      ...(status !== undefined && { status: Number(status) }),
      ...(this.#code !== undefined && { code: this.#code }),
      ...(open && { open }),
    };
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #read(chunk: Buffer): void {
    this.#left = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
    while (!this.#upgraded) {
      const end = this.#left.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.#left.subarray(0, end).toString('latin1');
      const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (this.#left.length < end + 4 + length) return;
      // The rest of a chunked body may end like a head.
      if (head.startsWith('HTTP/1.1 ')) this.heads.push(head);
      this.#left = this.#left.subarray(end + 4 + length);
      this.#upgraded = head.startsWith('HTTP/1.1 101');
    }
    try {
      this.#left = readFrames(this.#left, (received) => this.#onFrame(received));
    } catch (error) {
      this.faults.push((error as Error).message);
      this.#left = Buffer.alloc(0);
    }
  }

  #onFrame({ opcode, payload }: Received): void {
    if (opcode === OPCODES.text) this.texts.push(payload.toString('utf8'));
    else if (opcode === OPCODES.pong) this.pongs += 1;
    else if (opcode === OPCODES.close) this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    else if (opcode !== OPCODES.ping) this.faults.push(`a frame with opcode ${opcode}`);
  }
}

/** The request of a well-behaved client. @param protocols empty for none */
export function upgradeRequest(protocols: string, headers: readonly string[] = [], path = '/ws'): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocols === '' ? [] : [`Sec-WebSocket-Protocol: ${protocols}`]),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
