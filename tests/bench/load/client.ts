/** One client socket of the load: as little work as possible, so that the server is what is measured. */
import { WebSocket } from 'ws';

/** A client. */
export class Client {
  readonly #socket: WebSocket;
  /** Called with every text frame. */
  onText: (text: string) => void = () => {};
  /** Called when the socket is gone; by default that ends the measurement. */
  onGone: () => void = () => {
    throw new Error('a server closed a connection of the load');
  };

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.onText(String(data)));
    socket.on('error', () => {});
    socket.on('close', () => this.onGone());
  }

  /** Opens a socket. @param onText already called for what comes with the opening @throws when it is refused */
  static open(url: string, protocols: string[] = [], onText: (text: string) => void = () => {}): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
      const client = new Client(socket);
      client.onText = onText;
      client.onGone = () => reject(new Error(`${url.split('?')[0]} did not open`));
      socket.once('error', reject);
      socket.once('open', () => {
        client.onGone = Client.prototype.onGone;
        resolve(client);
      });
    });
  }

  /** Sends text frames in one write, as a browser does with what one task of a page sends. */
  send(...texts: string[]): void {
    // The socket below, so that frames leave together.
    const { _socket: stream } = this.#socket as unknown as { _socket: { cork(): void; uncork(): void } };
    stream.cork();
    for (const text of texts) this.#socket.send(text);
    stream.uncork();
  }

  /** Waits for the next frame that holds a word; others are passed over. */
  next(word: string): Promise<string> {
    return new Promise((resolve) => {
      const before = this.onText;
      this.onText = (text) => {
        if (!text.includes(word)) return before(text);
        this.onText = before;
        resolve(text);
      };
    });
  }

  /** Goes away without a goodbye. */
  vanish(): void {
    this.onGone = () => {};
    this.#socket.terminate();
  }
}
