/** WebSocket frames by the byte (RFC 6455 §5.2), right or wrong: every bit is the caller's. */

/** A frame; what is absent is as a well-behaved client would have it. */
export interface FrameBits {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** Reserved bits, 0–7. */
  readonly rsv?: number;
  readonly masked?: boolean;
  readonly payload?: string | Buffer;
  /** How the length is written: in 7, 16 or 64 bits; the shortest by default. */
  readonly lengthBits?: 7 | 16 | 64;
  /** The length that the head claims; the payload's by default. */
  readonly claims?: bigint;
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

/** Writes a frame. */
export function frame({ opcode = OPCODES.text, fin = true, rsv = 0, masked = true, ...more }: FrameBits): Buffer {
  const payload = Buffer.from(more.payload ?? '');
  const claims = more.claims ?? BigInt(payload.length);
  const bits = more.lengthBits ?? (claims < 126n ? 7 : claims < 65_536n ? 16 : 64);
  const head = Buffer.alloc(2 + (bits === 7 ? 0 : bits / 8));
  head[0] = (fin ? 0x80 : 0) | ((rsv & 7) << 4) | (opcode & 15);
  head[1] = (masked ? 0x80 : 0) | (bits === 7 ? Number(claims & 127n) : bits === 16 ? 126 : 127);
  if (bits === 16) head.writeUInt16BE(Number(claims & 65_535n), 2);
  if (bits === 64) head.writeBigUInt64BE(BigInt.asUintN(64, claims), 2);
  if (!masked) return Buffer.concat([head, payload]);
  return Buffer.concat([head, MASK, payload.map((byte, n) => byte ^ (MASK[n % 4] as number))]);
}

/** A close frame's payload. */
export function goodbye(code: number, reason: string | Buffer = ''): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

/** A frame as the service wrote it. */
export interface Received {
  readonly opcode: number;
  readonly payload: Buffer;
}

/**
 * Reads the frames of a service from its bytes.
 * @returns what is left over for the next bytes
 * @throws when a frame is not as a service must write it: whole, unmasked, without reserved bits
 */
export function readFrames(bytes: Buffer, onFrame: (received: Received) => void): Buffer {
  let left = bytes;
  while (left.length >= 2) {
    const [first = 0, second = 0] = left;
    if ((first & 0x80) === 0 || (first & 0x70) !== 0 || (second & 0x80) !== 0)
      throw new Error('a frame that a service must not write');
    let from = 2;
    let length = second & 127;
    if (length === 126) {
      if (left.length < 4) break;
      length = left.readUInt16BE(2);
      from = 4;
    } else if (length === 127) {
      if (left.length < 10) break;
      length = Number(left.readBigUInt64BE(2));
      from = 10;
    }
    if (left.length < from + length) break;
    onFrame({ opcode: first & 15, payload: left.subarray(from, from + length) });
    left = left.subarray(from + length);
  }
  return left;
}
