/** A way for datagrams whose ports can be blocked: a UDP proxy on loopback between browsers and a TURN server. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A way for datagrams. */
export interface DatagramCable {
  /** What browsers send to, on 127.0.0.1. */
  readonly port: number;
  /** From now on nothing passes from or to the ports that have used it so far; the silence tells nobody. */
  block(): void;
  close(): void;
}

/** Lays a cable to a port of 127.0.0.1. */
export async function layDatagramCable(targetPort: number): Promise<DatagramCable> {
  /** The far end of every near one; undefined once that is blocked. */
  const ends = new Map<string, Socket | undefined>();
  const door = createSocket('udp4');
  const farEnd = ({ address, port }: RemoteInfo) =>
    createSocket('udp4')
      .on('message', (datagram) => door.send(datagram, port, address))
      // The server may be gone; so are its datagrams then.
      .on('error', () => undefined);
  door.on('message', (datagram, near) => {
    const name = `${near.address} ${near.port}`;
    if (!ends.has(name)) ends.set(name, farEnd(near));
    ends.get(name)?.send(datagram, targetPort, '127.0.0.1');
  });
  door.bind(0, '127.0.0.1');
  await once(door, 'listening');
  const block = () => {
    for (const [name, end] of ends) {
      end?.close();
      ends.set(name, undefined);
    }
  };
  return {
    port: door.address().port,
    block,
    close: () => {
      block();
      door.close();
    },
  };
}
