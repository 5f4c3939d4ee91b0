/** Where the double of the service sends to: one plain socket, or a device with its mailbox over all its sockets. */
import type { ServerMessage } from '@ringdown/protocol';
import type { SocketEvents } from './platform.ts';

/** One socket of the double. */
export interface FakeSocket {
  readonly userId: string;
  readonly events: SocketEvents;
  readonly extended: boolean;
  open: boolean;
  /** Known at once for a plain socket, after its hello for an extended one. */
  endpoint?: FakeEndpoint;
}

/** One endpoint of the double. */
export class FakeEndpoint {
  readonly userId: string;
  /** Undefined for a plain socket. */
  readonly deviceId: string | undefined;
  socket: FakeSocket | undefined;
  capabilities: readonly string[] = [];
  resumeToken = '';
  /** Whether it wants to know who is online. */
  follows = false;
  #lastSeq = 0;
  #mailbox: { readonly seq: number; readonly message: ServerMessage }[] = [];

  constructor(userId: string, deviceId?: string) {
    this.userId = userId;
    this.deviceId = deviceId;
  }

  get extended(): boolean {
    return this.deviceId !== undefined;
  }
  get attached(): boolean {
    return this.socket?.open === true;
  }

  /** Sends a frame; to a device by its mailbox, so that one without a socket gets it when it resumes. @returns its seq */
  deliver(message: ServerMessage): number {
    if (!this.extended) {
      this.write(message);
      return 0;
    }
    this.#lastSeq += 1;
    const positioned = { ...message, seq: this.#lastSeq };
    this.#mailbox.push({ seq: this.#lastSeq, message: positioned });
    this.write(positioned);
    return this.#lastSeq;
  }

  /** Writes a frame, or any text, past the mailbox. */
  write(frame: ServerMessage | string): void {
    const { socket } = this;
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    queueMicrotask(() => {
      if (socket?.open) socket.events.message(text);
    });
  }

  /** Forgets what has been acknowledged. */
  acknowledged(seq: number): void {
    this.#mailbox = this.#mailbox.filter((each) => each.seq > seq);
  }

  /** Writes everything after a position again. */
  replay(after: number): void {
    for (const { seq, message } of this.#mailbox) if (seq > after) this.write(message);
  }

  /** Begins the mailbox anew. */
  clear(): void {
    this.#mailbox = [];
    this.#lastSeq = 0;
  }
}
