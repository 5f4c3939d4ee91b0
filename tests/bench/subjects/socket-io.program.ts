/** A relay on Socket.IO, as its guide builds a private message: one handler, `socket.to(id).emit`. WebSocket only. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

interface IoSocket {
  readonly handshake: { readonly query: Record<string, string | undefined> };
  join(room: string): void;
  to(room: string): { emit(event: string, data: unknown): void };
  on(event: string, listener: (data: { to: string }) => void): void;
}
interface Io {
  on(event: 'connection', listener: (socket: IoSocket) => void): void;
}

const { Server } = createRequire(import.meta.url)('socket.io') as {
  Server: new (http: object, options: object) => Io;
};

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => {
  const id = socket.handshake.query['id'] ?? '';
  socket.join(id);
  socket.on('signal', (message) => socket.to(message.to).emit('signal', { ...message, from: id }));
});
http.listen(Number(process.env['PORT']), '127.0.0.1', () => console.log('ready'));
