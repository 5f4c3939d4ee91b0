/**
 * The way in for sockets: the checks of an HTTP upgrade, and the adapter from `ws` to {@link RawSocket}. The same checks
 * stand here as for HTTP; a token is never read from the URL (AU-1, AU-2, T16, T17, T47).
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { chooseLanguage, ERRORS, type ErrorReason, errorText, WIRE_LIMITS } from '@ringdown/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authenticator, Identity } from './auth/auth.ts';
import type { Config } from './config.ts';
import type { Connections } from './connections.ts';
import { addressKey, clientAddress } from './http/client-address.ts';
import type { Logger } from './log.ts';
import type { RawSocket } from './socket.ts';
import { writeFrames } from './text-frames.ts';

/** Where sockets are opened. */
const PATH = '/ws';
/** The subprotocols a client may ask for beside the one that carries its token: the extended one, or the contract's. */
const EXTENDED = 'ringdown.v1';
const PLAIN = 'ringdown.plain';
const BEARER = 'bearer.';
/** What a browser says when a page is closed, loaded again or left (RFC 6455 §7.4.1). */
const GOING_AWAY = 1001;
/** How long a client may take to answer the closing handshake, ms. */
const CLOSE_WITHIN_MS = 2_000;

/** What the upgrade handler stands on. */
export interface UpgradePorts {
  readonly config: Pick<Config, 'allowedOrigins' | 'trustedProxies' | 'limits'>;
  readonly authenticator: Authenticator;
  readonly connections: Connections;
  readonly log: Logger;
  readonly isDraining: () => boolean;
}

/**
 * Lets an HTTP server take sockets.
 * @returns ends every socket at once, for the end of a stop
 */
export function acceptSockets(server: Server, ports: UpgradePorts): () => void {
  const { config, connections, log } = ports;
  const unauthenticated = new Map<string, number>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: WIRE_LIMITS.frameBytes,
    // Bounds on many tiny fragments and chunks (T35), and no compression (T36).
    maxFragments: 16,
    maxBufferedChunks: 256,
    perMessageDeflate: false,
    handleProtocols: (offered) => [EXTENDED, PLAIN].find((name) => offered.has(name)) ?? false,
  });

  server.on('upgrade', (request, stream, head) => {
    // A client that resets while it waits for the answer is no fault of ours.
    stream.on('error', () => stream.destroy());
    admit(request).then(
      (admitted) => {
        if ('refusal' in admitted) return refuse(request, stream, admitted.refusal);
        sockets.handleUpgrade(request, stream, head, (ws) => join(ws, stream, request, admitted));
      },
      (error: unknown) => {
        log.error({ err: error }, 'an upgrade could not be judged');
        refuse(request, stream, 'internal');
      },
    );
  });

  async function admit(
    request: IncomingMessage,
  ): Promise<{ refusal: ErrorReason } | { identity?: Identity; address: string }> {
    const { headers } = request;
    if ((request.url ?? '').split('?')[0] !== PATH) return { refusal: 'not_found' };
    if (request.method !== 'GET' || headers['transfer-encoding'] || Number(headers['content-length'] ?? 0) > 0) {
      return { refusal: 'invalid_payload' };
    }
    // Exactly one, as RFC 9112 §3.2 asks for: Node looks at it for requests only (T47).
    if (request.headersDistinct['host']?.length !== 1) return { refusal: 'invalid_payload' };
    if (headers.origin !== undefined && !config.allowedOrigins.includes(headers.origin))
      return { refusal: 'not_allowed' };
    if (ports.isDraining()) return { refusal: 'draining' };
    const forwarded = headers['x-forwarded-for'];
    const address = addressKey(
      clientAddress(
        request.socket.remoteAddress,
        Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
        config.trustedProxies,
      ),
    );
    const token = tokenOf(headers.authorization, headers['sec-websocket-protocol']);
    if (token === undefined) {
      const open = unauthenticated.get(address) ?? 0;
      return open < config.limits.unauthenticatedSocketsPerAddress ? { address } : { refusal: 'rate_limited' };
    }
    const verdict = await ports.authenticator.verify(token);
    if (!verdict.ok) return { refusal: verdict.reason };
    if (!connections.hasRoomFor(verdict.identity.userId)) return { refusal: 'rate_limited' };
    return { identity: verdict.identity, address };
  }

  function join(
    ws: WebSocket,
    stream: Duplex,
    request: IncomingMessage,
    who: { identity?: Identity; address: string },
  ): void {
    const language = chooseLanguage(request.headers['accept-language']);
    const socket = connections.open(adapt(ws, stream), {
      language,
      extended: ws.protocol === EXTENDED,
      ...(who.identity && { identity: who.identity }),
    });
    const release = who.identity ? () => {} : occupy(unauthenticated, who.address, () => socket.identity !== undefined);
    ws.on('message', (data, isBinary) => {
      if (isBinary) socket.onBinary();
      // Only `nodebuffer` frames reach here: `ws` is left at its default binaryType.
      else socket.onText((data as Buffer).toString('utf8'));
      release(false);
    });
    ws.on('pong', () => socket.onPong());
    ws.on('error', (error) => log.debug({ code: (error as NodeJS.ErrnoException).code }, 'a socket broke'));
    ws.on('close', (code) => {
      release(true);
      connections.gone(socket, code === GOING_AWAY);
    });
  }

  return () => {
    for (const ws of sockets.clients) ws.terminate();
    sockets.close();
  };
}

/** The token of an upgrade request, from the header or the subprotocol list; never from the URL. */
function tokenOf(authorization: string | undefined, protocols: string | undefined): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (header !== undefined) return header;
  const carried = (protocols ?? '').split(',').map((each) => each.trim());
  return carried.find((each) => each.startsWith(BEARER))?.slice(BEARER.length);
}

/**
 * Counts an unauthenticated socket against its address.
 * @returns call it with true when the socket is gone; with false to give the place back if it has authenticated
 */
function occupy(
  counts: Map<string, number>,
  address: string,
  hasAuthenticated: () => boolean,
): (gone: boolean) => void {
  counts.set(address, (counts.get(address) ?? 0) + 1);
  let held = true;
  return (gone) => {
    if (!held || !(gone || hasAuthenticated())) return;
    held = false;
    const left = (counts.get(address) ?? 1) - 1;
    if (left > 0) counts.set(address, left);
    else counts.delete(address);
  };
}

/** Answers an upgrade that is not accepted, in the shape of every other failure. */
function refuse(request: IncomingMessage, stream: Duplex, reason: ErrorReason): void {
  const { code } = ERRORS[reason];
  const message = errorText(reason, chooseLanguage(request.headers['accept-language']));
  const body = JSON.stringify({ success: false, error: { message, code, reason } });
  stream.end(
    `HTTP/1.1 ${code} ${reason}\r\n` +
      'Connection: close\r\n' +
      'Content-Type: application/json; charset=utf-8\r\n' +
      (code === 401 ? 'WWW-Authenticate: Bearer\r\n' : '') +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => stream.destroy(),
  );
}

function adapt(ws: WebSocket, stream: Duplex): RawSocket {
  return {
    send: (texts, sent) => {
      if (ws.readyState === ws.OPEN) writeFrames(stream, texts, sent);
      else process.nextTick(sent);
    },
    unsent: () => ws.bufferedAmount,
    ping: () => {
      if (ws.readyState === ws.OPEN) ws.ping();
    },
    close: (code, reason) => {
      ws.close(code, reason);
      // Nothing more is read from a socket that is being closed, and it is not waited for (T41).
      setTimeout(() => ws.terminate(), CLOSE_WITHIN_MS).unref();
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
  };
}
