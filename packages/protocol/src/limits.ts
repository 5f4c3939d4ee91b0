/**
 * The sizes that both sides of the wire agree on. Rates and counts are an operator's matter and live in the server.
 * Source: PROTOCOL, "Limits".
 */
export const WIRE_LIMITS = Object.freeze({
  /** Largest text frame in bytes; a larger one closes the socket with 1009. */
  frameBytes: 64 * 1024,
  /** Largest first frame of a socket that has not authenticated yet, in bytes. */
  authFrameBytes: 8 * 1024,
  /** Deepest nesting of arrays and objects in one frame; `{}` is depth 1. */
  jsonDepth: 8,
  /** Largest number of keys in any one object of a frame. */
  jsonKeys: 64,
  /** Largest number of items in any one array of a client's frame. */
  jsonItems: 64,
  /** Longest request id, in characters. */
  requestIdChars: 64,
  /** Longest conversation id, in characters. */
  conversationIdChars: 64,
  /** Longest call id a client may send, in characters. */
  callIdChars: 64,
  /** Longest end reason, in characters. */
  reasonChars: 128,
  /** Longest SDP, in characters (SDP is ASCII but for names, so characters stand for bytes). */
  sdpChars: 48 * 1024,
  /** Largest candidate, as the length of its JSON. */
  candidateChars: 1024,
  /** Most candidates in one `candidates` batch. */
  candidatesPerFrame: 20,
  /** Most candidates of one side in one negotiation. */
  candidatesPerSide: 100,
  /** Most characters of kept or held candidates of one side in one negotiation. */
  candidateCharsPerSide: 100 * 1024,
});
