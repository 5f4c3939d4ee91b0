/** A network cable that can be pulled: a TCP proxy on loopback between one browser and the service. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A cable between a browser and the service. */
export interface Cable {
  /** What the browser opens instead of the service's own address. */
  readonly url: string;
  /** Leads to this service from now on. @param url as the service printed it */
  plugInto(url: string): void;
  /** Breaks every connection, and every new one, until {@link mend}. */
  pull(): void;
  /** Lets new connections through again. */
  mend(): void;
  /** Breaks everything for good. */
  close(): Promise<void>;
}

/** Lays a cable that leads nowhere yet: its address has to be known before the service is started. */
export async function layCable(): Promise<Cable> {
  const open = new Set<Socket>();
  let target: URL | undefined;
  let pulled = false;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
  };
  const server = createServer((near) => {
    keep(near);
    if (pulled || target === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: target.hostname, port: Number(target.port) });
    keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plugInto: (url) => {
      target = new URL(url);
    },
    pull: () => {
      pulled = true;
      breakAll();
    },
    mend: () => {
      pulled = false;
    },
    close: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
