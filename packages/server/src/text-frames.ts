/**
 * Writes WebSocket text frames (RFC 6455 §5.2) to a stream: several in one piece, so that they cost one system call.
 * Without compression a frame is two to ten bytes and the text; `ws` would write each in two pieces of its own.
 */
import type { Duplex } from 'node:stream';

/** The last frame of a message, and text. */
const FIN_TEXT = 0x81;
/** Lengths above 125 follow in 16 bits, above 65535 in 64. */
const [LENGTH_16, LENGTH_64] = [126, 127];
const [MOST_7, MOST_16] = [125, 0xffff];

/**
 * Writes each text as a frame of its own, unmasked, as a server must.
 * @param stream of a WebSocket that is open and does not compress, between two frames
 * @param written called when the last byte has left for the network, or the stream failed
 */
export function writeFrames(stream: Duplex, texts: readonly string[], written: () => void): void {
  let piece = '';
  let isAscii = true;
  for (const text of texts) {
    const bytes = Buffer.byteLength(text);
    isAscii &&= bytes === text.length;
    piece += header(bytes) + text;
  }
  if (isAscii) stream.write(piece, 'latin1', written);
  else stream.write(Buffer.concat(texts.flatMap(bytesOf)), written);
}

function bytesOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [Buffer.from(header(bytes.length), 'latin1'), bytes];
}

/** The bytes before a text, one character each. */
function header(bytes: number): string {
  if (bytes <= MOST_7) return String.fromCharCode(FIN_TEXT, bytes);
  if (bytes <= MOST_16) return String.fromCharCode(FIN_TEXT, LENGTH_16, bytes >> 8, bytes & 0xff);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes));
  return String.fromCharCode(FIN_TEXT, LENGTH_64) + length.toString('latin1');
}
