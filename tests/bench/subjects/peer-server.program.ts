/** PeerServer, as its README starts it. */
import { createRequire } from 'node:module';

const { PeerServer } = createRequire(import.meta.url)('peer') as {
  PeerServer: (options: object, listening: () => void) => void;
};

PeerServer({ port: Number(process.env['PORT']), host: '127.0.0.1', path: '/', concurrent_limit: 100_000 }, () =>
  console.log('ready'),
);
