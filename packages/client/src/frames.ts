/**
 * From text to a frame of the service. Checks exactly the fields that the SDK reads, so that a browser need not load
 * a schema library; the tests hold it against the protocol's own decoder. Never throws.
 */
import type { ServerMessage, ServerMessageType } from '@ringdown/protocol';

/**
 * A frame, or why there is none. A frame of an unknown type belongs to a newer service and is safe to ignore. `seq` is its
 * position in the mailbox, also where nothing else of it can be used: such a frame has been received all the same.
 */
export type DecodedFrame =
  | { readonly ok: true; readonly message: Frame; readonly seq: number | undefined }
  | { readonly ok: false; readonly problem: 'unknown_type' | 'malformed'; readonly seq: number | undefined };

/** A frame of the service. */
export type Frame = ServerMessage;
/** The frame of one type. */
export type FrameOf<T extends Frame['type']> = Extract<Frame, { type: T }>;

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
const position: Check = (value) => Number.isSafeInteger(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const object =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const person = object({ id: number, username: text, avatar: text });
const candidate: Check = (value) =>
  value === null ||
  object({
    candidate: text,
    sdpMid: optional((mid) => mid === null || text(mid)),
    sdpMLineIndex: optional((index) => index === null || number(index)),
    usernameFragment: optional((fragment) => fragment === null || text(fragment)),
  })(value);
const signed = { callId: text, senderId: text };
const liveCall = object({
  callId: text,
  direction: oneOf('outgoing', 'incoming'),
  peer: person,
  callType: oneOf('video', 'audio'),
  phase: oneOf('ringing', 'active'),
  startedAt: text,
  answeredAt: (value) => value === null || text(value),
  here: flag,
});

/** What must be in `data`, by type. */
const DATA: Record<ServerMessageType, Check> = {
  'call:offer': object({
    ...signed,
    senderInfo: person,
    offer: object({ type: oneOf('offer'), sdp: text }),
    callType: oneOf('video', 'audio'),
    ttlMs: optional(number),
    renegotiation: optional(flag),
    negotiationId: optional(number),
    polite: optional(flag),
    takeover: optional(flag),
  }),
  'call:answer': object({
    ...signed,
    responderInfo: person,
    answer: object({ type: oneOf('answer'), sdp: text }),
    negotiationId: optional(number),
  }),
  'call:ice_candidate': object({
    ...signed,
    candidate: optional(candidate),
    candidates: optional(listOf(candidate)),
  }),
  'call:hang_up': object({ ...signed, reason: optional(text) }),
  'call:reject': object({ ...signed, reason: optional(text) }),
  'call:busy': object({ ...signed, message: text }),
  'call:not_available': object({ callId: optional(text), message: text, receiverId: text }),
  'call:timeout': object({ ...signed, receiverId: text, message: text }),
  ack: object({ callId: optional(text), negotiationId: optional(number) }),
  error: object({
    message: text,
    code: number,
    reason: optional(text),
    callId: optional(text),
    retryAfterMs: optional(number),
  }),
  hello: object({ resumed: flag, lastSeq: position, resumeToken: text, calls: listOf(liveCall), serverTime: text }),
  pong: isObject,
  'call:ringing': object({ callId: text, devices: number }),
  'call:accepting_elsewhere': object({ callId: text, holdMs: number }),
  'call:peer_state': object({ callId: text, state: oneOf('reconnecting', 'connected') }),
  'call:media_state': object({ ...signed, audio: oneOf('on', 'off'), video: oneOf('on', 'off', 'screen') }),
  presence: object({ users: listOf(object({ userId: text, state: oneOf('online', 'offline') })) }),
};

/**
 * Reads one frame.
 * @param frame the text as it came
 */
export function decodeFrame(frame: string): DecodedFrame {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    return { ok: false, problem: 'malformed', seq: undefined };
  }
  if (!isObject(value)) return { ok: false, problem: 'malformed', seq: undefined };
  const { type, data, id } = value;
  const seq = position(value['seq']) ? (value['seq'] as number) : undefined;
  if (typeof type !== 'string') return { ok: false, problem: 'malformed', seq };
  if (!Object.hasOwn(DATA, type)) return { ok: false, problem: 'unknown_type', seq };
  if (!DATA[type as ServerMessageType](data) || !optional(text)(id)) return { ok: false, problem: 'malformed', seq };
  return { ok: true, message: value as unknown as Frame, seq };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
