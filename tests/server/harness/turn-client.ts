/** A TURN client of one question: may I have an allocation? (RFC 8489, RFC 8656, long-term credentials) */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const ALLOCATE = 0x0003;
const SUCCESS = 0x0103;
const COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;
/** UDP, as in the IP header. */
const UDP = Buffer.from([17, 0, 0, 0]);

type Attributes = [type: number, value: Buffer][];

function encode(attributes: Attributes, extraBytes = 0): Buffer {
  const body = Buffer.concat(
    attributes.flatMap(([type, value]) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(type, 0);
      head.writeUInt16BE(value.length, 2);
      return [head, value, Buffer.alloc((4 - (value.length % 4)) % 4)];
    }),
  );
  const head = Buffer.alloc(4);
  head.writeUInt16BE(ALLOCATE, 0);
  head.writeUInt16BE(body.length + extraBytes, 2);
  return Buffer.concat([head, COOKIE, randomBytes(12), body]);
}

function decode(message: Buffer): { type: number; attributes: Map<number, Buffer> } {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type: message.readUInt16BE(0), attributes };
}

/**
 * Asks for an allocation, as a browser does: first without a credential, then with it.
 * @param url `turn:127.0.0.1:<port>…`
 * @returns `allocated`, or the code of the server's error
 */
export async function allocate(url: string, username: string, credential: string): Promise<'allocated' | number> {
  const port = Number(/:(\d+)/.exec(url.replace('turn:', ''))?.[1]);
  const socket = createSocket('udp4');
  const ask = async (request: Buffer) => {
    const answered = once(socket, 'message');
    socket.send(request, port, '127.0.0.1');
    const [message] = (await answered) as [Buffer];
    return decode(message);
  };
  try {
    const challenge = await ask(encode([[REQUESTED_TRANSPORT, UDP]]));
    const realm = challenge.attributes.get(REALM) ?? Buffer.alloc(0);
    const attributes: Attributes = [
      [REQUESTED_TRANSPORT, UDP],
      [USERNAME, Buffer.from(username)],
      [REALM, realm],
      [NONCE, challenge.attributes.get(NONCE) ?? Buffer.alloc(0)],
    ];
    const key = createHash('md5').update(`${username}:${realm.toString()}:${credential}`).digest();
    // The signature covers a header that already counts it: 4 bytes of head and 20 of HMAC.
    const unsigned = encode(attributes, 24);
    const head = Buffer.from([MESSAGE_INTEGRITY >> 8, MESSAGE_INTEGRITY & 0xff, 0, 20]);
    const signed = Buffer.concat([unsigned, head, createHmac('sha1', key).update(unsigned).digest()]);
    const { type, attributes: answer } = await ask(signed);
    if (type === SUCCESS) return 'allocated';
    const error = answer.get(ERROR_CODE);
    return error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
  } finally {
    socket.close();
  }
}
