/**
 * The least a relay can do: read the JSON, look up whom it is for, write the JSON. It checks nothing, remembers nothing
 * and loses everything. The yardstick of the benchmark.
 */
import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

const http = createServer();
const sockets = new Map<string, WebSocket>();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket, request) => {
  const id = new URL(request.url ?? '/', 'http://relay').searchParams.get('id') ?? '';
  sockets.set(id, socket);
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString());
    sockets.get(message.to)?.send(JSON.stringify({ ...message, from: id }));
  });
  socket.on('close', () => sockets.delete(id));
});
http.listen(Number(process.env['PORT']), '127.0.0.1', () => console.log('ready'));
