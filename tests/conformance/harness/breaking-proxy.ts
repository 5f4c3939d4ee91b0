/**
 * A man in the middle that makes a good server a broken one: it passes sockets and REST on, and lets a fault change what
 * it passes.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { type Frame, readFrame } from '../frame.ts';
import type { Target } from '../person.ts';

/** One socket that is passed through. */
export interface Through {
  /** The user id in its token; undefined for who has none. */
  readonly user: string | undefined;
  /** Whether it speaks the extended protocol. */
  readonly extended: boolean;
  /** Says something to the client that the server never said. */
  toClient(frame: object): void;
  /** Says something to the server that the client never said. */
  toServer(frame: object): void;
}

/** What the faults of one proxy know of the calls that pass. */
export interface World {
  /** Who dialled a call, once it rings. */
  readonly callers: Map<string, Through>;
  /** Who was rung by a call. */
  readonly callees: Map<string, string>;
  /** Calls that were answered. */
  readonly answered: Set<string>;
  /** Free notes of a fault. */
  readonly notes: Map<string, unknown>;
}

/** A frame as it goes on, or nothing. */
type Passed = object | undefined;

/** How a server is broken. What a handler returns goes on; undefined swallows the frame. */
export interface Breakage {
  /** A frame of the client on its way. */
  said?(frame: Frame, through: Through, world: World): Passed;
  /** A frame of the server on its way. */
  heard?(frame: Frame, through: Through, world: World): Passed;
  /** A REST request without a token; a body answers in the server's place. */
  restOfNobody?(path: string): object | undefined;
}

/** Headers that are the proxy's own matter. */
const OWN_HEADERS = /^(host|connection|upgrade|sec-websocket-(key|version|extensions|protocol))$/;

/** A broken server. */
export interface BrokenServer extends Target {
  stop(): Promise<void>;
}

/** Puts faults between a server and its clients. */
export async function breakServer(target: Target, breakages: readonly Breakage[]): Promise<BrokenServer> {
  const world: World = { callers: new Map(), callees: new Map(), answered: new Set(), notes: new Map() };
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: () => false });
  const open = new Set<WebSocket>();
  let dialling: Through | undefined;

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const instead =
      request.headers.authorization === undefined &&
      breakages.map((each) => each.restOfNobody?.(path)).find((body) => body !== undefined);
    if (instead) return void response.end(JSON.stringify(instead));
    void passOn(request, target).then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      () => response.destroy(),
    );
  });

  server.on('upgrade', (request, stream, head) => {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const upstream = new WebSocket(
      `${target.url.split('?')[0]}${new URL(request.url ?? '/', 'http://x').search}`,
      offered.filter(Boolean),
      {
        headers: Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => !OWN_HEADERS.test(name)),
        ) as never,
        perMessageDeflate: false,
      },
    );
    open.add(upstream);
    upstream.on('error', () => {});
    stream.on('error', () => upstream.terminate());
    upstream.on('close', () => open.delete(upstream));
    upstream.on('unexpected-response', (_, { statusCode = 502 }) => {
      refuse(stream, statusCode);
      upstream.terminate();
    });
    // Frames may come before the client is let in.
    upstream.pause();
    upstream.once('open', () => {
      sockets.options.handleProtocols = () => upstream.protocol || false;
      sockets.handleUpgrade(request, stream, head, (client) => join(client, upstream, request));
    });
  });

  function join(client: WebSocket, upstream: WebSocket, request: IncomingMessage): void {
    const through: Through = {
      user: userOf(request),
      extended: upstream.protocol === 'ringdown.v1',
      toClient: (frame) => client.send(JSON.stringify(frame)),
      toServer: (frame) => upstream.send(JSON.stringify(frame)),
    };
    client.on('error', () => {});
    client.on('message', (data, binary) => {
      const frame = binary ? undefined : readFrame(String(data));
      if (!frame) return upstream.send(data, { binary });
      if (frame.type === 'call:offer') dialling = through;
      const passed = breakages.reduce<Passed>(
        (on, each) => on && (each.said ?? keep)(again(on, frame), through, world),
        frame,
      );
      if (frame.type === 'call:answer') world.answered.add(String(frame.data['callId']));
      if (passed) upstream.send(textOf(passed));
    });
    upstream.on('message', (data, binary) => {
      const frame = binary ? undefined : readFrame(String(data));
      if (!frame) return client.send(data, { binary });
      const callId = String(frame.data['callId']);
      if (frame.type === 'call:offer' && dialling && !world.callers.has(callId)) {
        world.callers.set(callId, dialling);
        world.callees.set(callId, through.user ?? '');
      }
      const passed = breakages.reduce<Passed>(
        (on, each) => on && (each.heard ?? keep)(again(on, frame), through, world),
        frame,
      );
      if (passed) client.send(textOf(passed));
    });
    client.on('close', (code) => (code === 1006 ? upstream.terminate() : close(upstream, code)));
    upstream.on('close', (code) => (code === 1006 ? client.terminate() : close(client, code)));
    upstream.resume();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/ws`,
    rest: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of [...open, ...sockets.clients]) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const keep = (frame: Frame): Passed => frame;

/** What one fault passed, as the next one reads it. */
function again(passed: object, original: Frame): Frame {
  return passed === original ? original : (readFrame(JSON.stringify(passed)) as Frame);
}

/** A frame that nobody touched goes on as the bytes it was. */
function textOf(passed: object): string {
  return 'text' in passed ? (passed as Frame).text : JSON.stringify(passed);
}

function close(socket: WebSocket, code: number): void {
  if (code === 1005) socket.close();
  else socket.close(code);
}

function refuse(stream: Duplex, status: number): void {
  stream.end(`HTTP/1.1 ${status} refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function passOn(request: IncomingMessage, target: Target): Promise<{ status: number; body: string }> {
  let sent = '';
  for await (const chunk of request) sent += String(chunk);
  const { authorization, 'content-type': type } = request.headers;
  const response = await fetch(`${target.rest}${request.url}`, {
    method: request.method as string,
    headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    ...(sent !== '' && { body: sent }),
  });
  return { status: response.status, body: await response.text() };
}

/** The user id of the token in a header or subprotocol; tokens of the service are JSON Web Tokens. */
function userOf({ headers }: IncomingMessage): string | undefined {
  const token = `${headers.authorization ?? ''} ${headers['sec-websocket-protocol'] ?? ''}`.match(
    /[\w-]+\.([\w-]+)\.[\w-]*/,
  );
  try {
    return (JSON.parse(Buffer.from(token?.[1] ?? '', 'base64url').toString('utf8')) as { sub?: string }).sub;
  } catch {
    return undefined;
  }
}
