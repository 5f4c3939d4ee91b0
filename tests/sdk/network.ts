/** The wires between browsers and the service: nothing moves on them until it is moved by hand, and they may be cut. */
import type { SocketEvents, SocketPort } from '@ringdown/client';
import type { Service } from './service.ts';

type ToClient =
  | { readonly open: string }
  | { readonly text: string }
  | { readonly close: number }
  | { readonly ping: true };
type ToServer = { readonly text: string } | { readonly close: number } | { readonly pong: true };

/** One connection, seen from above. */
export class Wire {
  readonly toClient: ToClient[] = [];
  readonly toServer: ToServer[] = [];
  /** Whose end of it is the client's. */
  readonly device: string;
  readonly #network: Network;
  readonly #events: SocketEvents;
  readonly #socket: ReturnType<Service['accept']>;
  /** Nothing gets through any more, and neither side knows. */
  #dead = false;
  #clientGone = false;
  #serverGone = false;

  constructor(network: Network, device: string, userId: string, extended: boolean, events: SocketEvents) {
    this.#network = network;
    this.device = device;
    this.#events = events;
    this.toClient.push({ open: extended ? 'ringdown.v1' : 'ringdown.plain' });
    this.#socket = network.service.accept(
      {
        send: (texts, sent) => {
          if (!this.#dead) this.toClient.push(...texts.map((text) => ({ text })));
          queueMicrotask(sent);
        },
        unsent: () => 0,
        ping: () => {
          if (!this.#dead) this.toClient.push({ ping: true });
        },
        close: (code) => {
          if (!this.#dead) this.toClient.push({ close: code });
          this.#serverLeft();
        },
        pause: () => {},
        resume: () => {},
      },
      userId,
      extended,
    );
  }

  /** The client's end of it. */
  readonly port: SocketPort = {
    send: (text) => {
      if (!this.#dead && !this.#clientGone) this.toServer.push({ text });
    },
    close: (code) => {
      if (!this.#dead && !this.#clientGone) this.toServer.push({ close: code });
      this.#clientGone = true;
    },
  };

  get isCut(): boolean {
    return this.#dead;
  }

  /** Loses everything on it, and whatever is put on it later. Neither side knows yet. */
  cut(): void {
    this.#dead = true;
    this.toClient.length = 0;
    this.toServer.length = 0;
  }

  /** The client notices that it is dead. */
  clientNotices(): void {
    if (this.#clientGone) return;
    this.#clientGone = true;
    this.#events.close(1006);
  }

  /** The service notices that it is dead. */
  serverNotices(): void {
    this.#serverLeft();
  }

  /** Moves what has waited longest in one direction. */
  move(direction: 'toClient' | 'toServer'): void {
    if (direction === 'toServer') {
      const item = this.toServer.shift();
      if (!item || this.#serverGone) return;
      if ('text' in item) this.#socket.onText(item.text);
      else if ('pong' in item) this.#socket.onPong();
      else this.#serverLeft();
      return;
    }
    const item = this.toClient.shift();
    if (!item || this.#clientGone) return;
    if ('open' in item) this.#events.open(item.open);
    else if ('text' in item) this.#events.message(item.text);
    else if ('ping' in item) this.toServer.push({ pong: true });
    else {
      this.#clientGone = true;
      this.#events.close(item.close);
    }
  }

  /** Whether it is over on both sides. */
  get isOver(): boolean {
    return this.#serverGone && this.#clientGone;
  }

  #serverLeft(): void {
    if (this.#serverGone) return;
    this.#serverGone = true;
    this.toServer.length = 0;
    this.#network.service.connections.gone(this.#socket);
  }
}

/** All the wires of one run. */
export class Network {
  readonly service: Service;
  /** Devices that cannot reach the service at all. */
  readonly unreachable = new Set<string>();
  #wires: Wire[] = [];

  constructor(service: Service) {
    this.service = service;
  }

  /** The wires that are not over. */
  get wires(): readonly Wire[] {
    this.#wires = this.#wires.filter((wire) => !wire.isOver);
    return this.#wires;
  }

  /** Opens a wire for the browser of a device. */
  open(device: string, userId: string, extended: boolean, events: SocketEvents): SocketPort {
    if (this.unreachable.has(device)) {
      queueMicrotask(() => events.close(1006));
      return { send: () => {}, close: () => {} };
    }
    const wire = new Wire(this, device, userId, extended, events);
    this.#wires.push(wire);
    return wire.port;
  }

  /** Every queue with something in it. */
  get waiting(): { readonly wire: Wire; readonly direction: 'toClient' | 'toServer' }[] {
    return this.wires.flatMap((wire) =>
      (['toClient', 'toServer'] as const)
        .filter((direction) => wire[direction].length > 0)
        .map((direction) => ({ wire, direction })),
    );
  }
}
