/** A frame as it came from a server that may do anything: nothing of it is believed but that it is JSON. */

/** One frame. `data` is an object also when the server sent something else or nothing. */
export interface Frame {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id?: unknown;
  readonly seq?: unknown;
  /** The frame as it came. */
  readonly text: string;
}

/** Reads a text as a frame; undefined when it is not a JSON object with a `type`. */
export function readFrame(text: string): Frame | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { type, data, id, seq } = parsed as Record<string, unknown>;
  if (typeof type !== 'string') return undefined;
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  return { type, data: fields, text, ...(id !== undefined && { id }), ...(seq !== undefined && { seq }) };
}

/** A session description that no browser made; whatever is in it must come out the other end unchanged. */
export const SDP = 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=tool:conformance ✓\r\n';
/** An offer's description. */
export const OFFER = { type: 'offer', sdp: SDP };
/** An answer's description. */
export const ANSWER = { type: 'answer', sdp: SDP.replace('4611731400430051336', '7') };

/** A candidate with a number to know it by; from the range for documentation (RFC 5737). */
export const candidate = (n: number) => ({
  candidate: `candidate:${n} 1 udp 2122260223 192.0.2.1 ${50_000 + n} typ host`,
  sdpMid: '0',
  sdpMLineIndex: 0,
});

/** A call id that no call has. */
export const NO_CALL = '3f1c0a52-0000-4000-8000-000000000000';
/** A user id that nobody has, most likely. */
export const NOBODY = '4503599627370001';
