/**
 * Attacks that have one right outcome each: what RFC 6455, RFC 9110 and PROTOCOL say of them. A row is the attack, and how
 * the service must end it; `{}` with `answers` is an attack that must change nothing.
 */
import { frame, goodbye, OPCODES } from './bytes.ts';
import { type Ending, RawClient, upgradeRequest } from './raw-client.ts';

const { continuation, binary, close, ping, pong } = OPCODES;

/** Where to attack, and as whom. */
export interface Prey {
  readonly port: number;
  /** A good access token of the attacker's own. */
  readonly token: string;
}

/** One attack. */
export interface Attack {
  readonly name: string;
  readonly expected: Ending;
  run(prey: Prey): Promise<Ending>;
}

const PING = JSON.stringify({ type: 'ping', id: 'p' });
const NOT_UTF8 = Buffer.from([0x22, 0xff, 0xfe, 0x22]);
const KIB = 1024;

/** Session kinds: a plain one, an extended one before its hello, and one that has not said who it is. */
const protocolsOf = ({ token }: Prey) => `ringdown.plain, bearer.${token}`;

/** Sends frames on an upgraded socket. The socket is left open when the service leaves it open. */
function frames(name: string, code: number, ...made: (Buffer | string)[]): Attack {
  return {
    name,
    expected: { status: 101, code },
    async run(prey) {
      const client = await RawClient.upgraded(prey.port, protocolsOf(prey));
      for (const each of made) client.write(each);
      return client.ending();
    },
  };
}

/** Sends frames that are odd and allowed: the service answers a ping after them. */
function harmless(name: string, ...made: (Buffer | string)[]): Attack {
  return {
    name,
    expected: { status: 101, code: 1000 },
    async run(prey) {
      const client = await RawClient.upgraded(prey.port, protocolsOf(prey));
      for (const each of made) client.write(each);
      client.write(frame({ payload: PING }));
      return answeredAndClosed(client);
    },
  };
}

async function answeredAndClosed(client: RawClient): Promise<Ending> {
  await client.until(() => client.texts.some((each) => each.includes('"id":"p"')), 'the answer to a ping');
  client.write(frame({ opcode: close, payload: goodbye(1000) }));
  return client.ending();
}

/** Sends one frame so often that the service gives the socket up, without a word. */
function flood(name: string, one: Buffer, times: number): Attack {
  return { ...frames(name, 0, Buffer.concat(Array<Buffer>(times).fill(one))), expected: { status: 101 } };
}

/** Sends an HTTP request as it stands. */
function request(name: string, status: number | undefined, bytes: (prey: Prey) => string): Attack {
  return {
    name,
    expected: status === undefined ? {} : { status },
    async run(prey) {
      const client = await RawClient.to(prey.port);
      client.write(bytes(prey));
      await client.until(() => client.heads.length > 0 || client.ended, `the answer to ${name}`);
      client.halfClose();
      return client.ending();
    },
  };
}

const fragments = (count: number, payload = '') => [
  frame({ fin: false, payload }),
  ...Array.from({ length: count - 2 }, () => frame({ opcode: continuation, fin: false, payload })),
  frame({ opcode: continuation, payload }),
];
const upgradeWith = (name: string, status: number, ...headers: string[]) =>
  request(name, status, (prey) => upgradeRequest(protocolsOf(prey), headers));

/** Frames. */
export const FRAME_ATTACKS: readonly Attack[] = [
  harmless(
    'three fragments with control frames between them',
    frame({ fin: false, payload: PING.slice(0, 5) }),
    frame({ opcode: ping, payload: 'x' }),
    frame({ opcode: continuation, fin: false }),
    frame({ opcode: pong }),
    frame({ opcode: continuation, payload: PING.slice(5) }),
  ),
  harmless('a message in as many fragments as are allowed', ...fragments(16)),
  frames('a message in one fragment too many', 1008, ...fragments(17)),
  frames('a thousand empty fragments', 1008, ...fragments(1_000)),
  frames(
    'a fragment after which another message begins',
    1002,
    frame({ fin: false, payload: '{' }),
    frame({ payload: PING }),
  ),
  frames('a continuation of nothing', 1002, frame({ opcode: continuation, payload: PING })),
  harmless('a length in 16 bits that fits into 7', frame({ payload: PING, lengthBits: 16 })),
  harmless('a length in 64 bits that fits into 7', frame({ payload: PING, lengthBits: 64 })),
  frames('a frame one byte too large', 1009, frame({ payload: 'x'.repeat(64 * KIB + 1) })),
  frames('a head that claims 2^32 bytes', 1009, frame({ claims: 2n ** 32n, lengthBits: 64 })),
  frames('a head that claims 2^53 bytes', 1009, frame({ claims: 2n ** 53n, lengthBits: 64 })),
  frames('a head that claims 2^63 bytes', 1009, frame({ claims: 2n ** 63n, lengthBits: 64 })),
  frames('a head that claims 2^64 - 1 bytes', 1009, frame({ claims: 2n ** 64n - 1n, lengthBits: 64 })),
  frames(
    'fragments that are too large together',
    1009,
    frame({ fin: false, payload: 'x'.repeat(40 * KIB) }),
    frame({ opcode: continuation, payload: 'x'.repeat(40 * KIB) }),
  ),
  frames('a frame that is not masked', 1002, frame({ payload: PING, masked: false })),
  ...[1, 2, 4, 7].map((rsv) => frames(`the reserved bits ${rsv}`, 1002, frame({ payload: PING, rsv }))),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    frames(`the reserved opcode ${opcode}`, 1002, frame({ opcode, payload: PING })),
  ),
  frames('a ping of 126 bytes', 1002, frame({ opcode: ping, payload: 'x'.repeat(126) })),
  frames('a ping in two fragments', 1002, frame({ opcode: ping, fin: false, payload: 'x' })),
  harmless('pongs that nobody asked for', frame({ opcode: pong }), frame({ opcode: pong, payload: 'x'.repeat(125) })),
  harmless('ten pings', ...Array.from({ length: 10 }, () => frame({ opcode: ping, payload: 'x'.repeat(125) }))),
  flood('a thousand pings at once', frame({ opcode: ping, payload: 'x'.repeat(125) }), 1_000),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535].map((code) =>
    frames(`a close with the code ${code}`, 1002, frame({ opcode: close, payload: goodbye(code) })),
  ),
  frames('a close of one byte', 1002, frame({ opcode: close, payload: 'x' })),
  frames('a close whose reason is no UTF-8', 1007, frame({ opcode: close, payload: goodbye(1000, NOT_UTF8) })),
  frames('a close of 126 bytes', 1002, frame({ opcode: close, payload: goodbye(1000, 'x'.repeat(124)) })),
  frames('a close in a fragment', 1002, frame({ opcode: close, fin: false, payload: goodbye(1000) })),
  frames('a close without a code', 1005, frame({ opcode: close })),
  frames(
    'a close with a code of an application',
    4711,
    frame({ opcode: close, payload: goodbye(4711, 'x'.repeat(123)) }),
  ),
  frames('a binary frame', 1003, frame({ opcode: binary, payload: PING })),
  frames('an empty binary frame', 1003, frame({ opcode: binary })),
  frames('text that is no UTF-8', 1007, frame({ payload: NOT_UTF8 })),
  frames('text that ends within a character', 1007, frame({ payload: Buffer.from([0x22, 0xe2, 0x82]) })),
  harmless(
    'a character in two fragments',
    frame({ fin: false, payload: Buffer.from([0x22, 0xe2]) }),
    frame({ opcode: continuation, payload: Buffer.from([0x82, 0xac, 0x22]) }),
  ),
  frames('a surrogate as UTF-8', 1007, frame({ payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) })),
  harmless('an empty text', frame({})),
  frames('HTTP where frames belong', 1002, 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  frames('more nonsense than a minute may have', 4500, ...Array.from({ length: 60 }, () => frame({ payload: 'x' }))),
];

/** Upgrades and other requests. */
export const REQUEST_ATTACKS: readonly Attack[] = [
  upgradeWith('an upgrade with a body', 400, 'Content-Length: 5'),
  upgradeWith('an upgrade with a chunked body', 400, 'Transfer-Encoding: chunked'),
  upgradeWith('an upgrade with two keys', 400, 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='),
  upgradeWith('an upgrade from a foreign origin', 403, 'Origin: https://evil.example'),
  upgradeWith('an upgrade from no origin', 403, 'Origin: null'),
  request('an upgrade without a key', 400, (prey) =>
    upgradeRequest(protocolsOf(prey)).replace(/Sec-WebSocket-Key.*\r\n/, ''),
  ),
  request('an upgrade with a short key', 400, (prey) =>
    upgradeRequest(protocolsOf(prey)).replace(/Key: .*\r\n/, 'Key: x\r\n'),
  ),
  request('an upgrade to another version', 400, (prey) =>
    upgradeRequest(protocolsOf(prey)).replace('Version: 13', 'Version: 12'),
  ),
  request('an upgrade by POST', 400, (prey) => upgradeRequest(protocolsOf(prey)).replace('GET', 'POST')),
  request('an upgrade somewhere else', 404, (prey) => upgradeRequest(protocolsOf(prey), [], '/ws/')),
  request('an upgrade to the door of REST', 404, (prey) =>
    upgradeRequest(protocolsOf(prey), [], '/api/rtc/ice-servers'),
  ),
  request('an upgrade with a token that is none', 401, () => upgradeRequest('ringdown.plain, bearer.x.y.z')),
  request('an upgrade with a subprotocol list that is none', 400, (prey) =>
    upgradeRequest(`ringdown.plain, , bearer.${prey.token}`),
  ),
  request('an upgrade with two host headers', 400, (prey) => upgradeRequest(protocolsOf(prey), ['Host: evil.example'])),
  request('an upgrade without a host', 400, (prey) =>
    upgradeRequest(protocolsOf(prey)).replace('Host: localhost\r\n', ''),
  ),
  request('an upgrade with a header line that is none', 400, (prey) =>
    upgradeRequest(protocolsOf(prey), ['no header at all']),
  ),
  request('an upgrade with a bare line feed', 400, (prey) => upgradeRequest(protocolsOf(prey), ['X: a\nY: b'])),
  request('an upgrade with a folded header', 400, (prey) => upgradeRequest(protocolsOf(prey), ['X: a\r\n b'])),
  request('an upgrade with a header of 20 KiB', 431, (prey) =>
    upgradeRequest(protocolsOf(prey), [`X: ${'x'.repeat(20 * KIB)}`]),
  ),
  request('an upgrade with 2,500 headers', 431, (prey) =>
    upgradeRequest(
      protocolsOf(prey),
      Array.from({ length: 2_500 }, (_, n) => `X-${n}: x`),
    ),
  ),
  request(
    'a request with both lengths',
    400,
    () =>
      'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ),
  request(
    'a request with two lengths',
    400,
    () => 'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
  ),
  request(
    'a request with a negative length',
    400,
    () => 'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
  ),
  request(
    'a request with a chunk that is none',
    400,
    () =>
      'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ),
  request(
    'a request that asks for HTTP/2 in clear text is answered as it is',
    200,
    () =>
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n',
  ),
  request('the preface of HTTP/2', 400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  request('TLS where HTTP belongs', 400, () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  request('a path that is no path', 400, () => 'GET http://[/ HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  request('a host that is no host', 400, () => 'GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n'),
  request('a CONNECT', undefined, () => 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'),
  request(
    'an expectation that is none',
    417,
    () => 'GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n\r\n',
  ),
];

/** Ends that are no end of the protocol, and clients that take their time. */
export const MANNER_ATTACKS: readonly Attack[] = [
  {
    name: 'compression is offered and not taken',
    expected: { status: 101, code: 1000 },
    async run(prey) {
      const offer = [
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_no_context_takeover',
      ];
      const client = await RawClient.upgraded(prey.port, protocolsOf(prey), offer);
      if (/sec-websocket-extensions/i.test(client.heads[0] ?? '')) throw new Error('compression was negotiated');
      client.write(frame({ opcode: close, payload: goodbye(1000) }));
      return client.ending();
    },
  },
  {
    name: 'frames that come with the upgrade request are read',
    expected: { status: 101, code: 1000 },
    async run(prey) {
      const client = await RawClient.to(prey.port);
      client.write(Buffer.concat([Buffer.from(upgradeRequest(protocolsOf(prey))), frame({ payload: PING })]));
      return answeredAndClosed(client);
    },
  },
  {
    name: 'a request after an upgrade request is no request',
    expected: { status: 101, code: 1002 },
    async run(prey) {
      const client = await RawClient.to(prey.port);
      client.write(`${upgradeRequest(protocolsOf(prey))}GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return client.ending();
    },
  },
  {
    name: 'a byte at a time is as good as all at once',
    expected: { status: 101, code: 1000 },
    async run(prey) {
      const client = await RawClient.to(prey.port);
      await client.dribble(Buffer.from(upgradeRequest(protocolsOf(prey))));
      await client.dribble(frame({ payload: PING }));
      return answeredAndClosed(client);
    },
  },
  {
    name: 'a half-close is an end',
    expected: { status: 101 },
    async run(prey) {
      const client = await RawClient.upgraded(prey.port, protocolsOf(prey));
      client.halfClose();
      return client.ending();
    },
  },
  {
    name: 'a reset amid a frame is an end',
    expected: { status: 101 },
    async run(prey) {
      const client = await RawClient.upgraded(prey.port, protocolsOf(prey));
      client.write(frame({ payload: 'x'.repeat(100) }).subarray(0, 50));
      client.reset();
      return client.ending();
    },
  },
  {
    name: 'a reset while the upgrade is being judged is an end',
    expected: {},
    async run(prey) {
      const client = await RawClient.to(prey.port);
      client.write(upgradeRequest(protocolsOf(prey)));
      client.reset();
      return client.ending();
    },
  },
  {
    name: 'a body that breaks off is an end',
    expected: {},
    async run(prey) {
      const client = await RawClient.to(prey.port);
      client.write(
        'POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"user',
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
      client.reset();
      return client.ending();
    },
  },
];

/** Clients that take longer than they may. They run beside all others, since each takes many seconds. */
export const SLOW_ATTACKS: readonly (Attack & { readonly withinMs: number })[] = [
  slow('a socket that never says who it is', { status: 101, code: 4500 }, 9_000, async ({ port }) => {
    const client = await RawClient.upgraded(port, 'ringdown.plain');
    return client.ending(20_000);
  }),
  slow('a socket that says its name one byte a second', { status: 101, code: 4500 }, 9_000, async ({ port, token }) => {
    const client = await RawClient.upgraded(port, 'ringdown.plain');
    void client.dribble(frame({ payload: JSON.stringify({ type: 'auth', data: { token } }) }), 1_000);
    return client.ending(20_000);
  }),
  slow('an extended socket that says no hello', { status: 101, code: 4500 }, 9_000, async ({ port, token }) => {
    const client = await RawClient.upgraded(port, `ringdown.v1, bearer.${token}`);
    return client.ending(20_000);
  }),
  slow('headers that never end', { status: 408 }, 13_000, async ({ port }) => {
    const client = await RawClient.to(port);
    client.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n');
    void client.dribble(Buffer.from('X: '.padEnd(100, 'x')), 500);
    return client.ending(20_000);
  }),
  slow('a connection that never says anything', { status: 408 }, 13_000, async ({ port }) => {
    const client = await RawClient.to(port);
    return client.ending(20_000);
  }),
  slow('a body that never ends', { status: 408 }, 18_000, async ({ port }) => {
    const client = await RawClient.to(port);
    const head = [
      'POST /api/auth/login HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 1000',
    ];
    client.write(`${head.join('\r\n')}\r\n\r\n`);
    void client.dribble(Buffer.from('{"username":"'.padEnd(100, 'x')), 500);
    return client.ending(22_000);
  }),
];

function slow(name: string, expected: Ending, withinMs: number, run: Attack['run']) {
  return { name, expected, withinMs, run };
}
