/**
 * From text to a frame of the service. Checks exactly the fields that the SDK reads, so that a browser need not load
 * a schema library; the tests hold it against the protocol's own decoder. Never throws.
 */
import type { IceCandidate, PlainServerMessage, PlainServerMessageType } from '@ringdown/protocol';

/** A frame, or why there is none. A frame of an unknown type belongs to a newer service and is safe to ignore. */
export type DecodedFrame =
  | { readonly ok: true; readonly message: Frame }
  | { readonly ok: false; readonly problem: 'unknown_type' | 'malformed' };

/** A frame of the service; a candidate may also be the end of candidates (IC-3). */
export type Frame =
  | Exclude<PlainServerMessage, { type: 'call:ice_candidate' }>
  | { type: 'call:ice_candidate'; data: { callId: string; senderId: string; candidate: IceCandidate | null } };

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
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

/** What must be in `data`, by type. */
const DATA: Record<PlainServerMessageType, Check> = {
  'call:offer': object({
    ...signed,
    senderInfo: person,
    offer: object({ type: oneOf('offer'), sdp: text }),
    callType: oneOf('video', 'audio'),
    ttlMs: optional(number),
  }),
  'call:answer': object({ ...signed, responderInfo: person, answer: object({ type: oneOf('answer'), sdp: text }) }),
  'call:ice_candidate': object({ ...signed, candidate }),
  'call:hang_up': object({ ...signed, reason: optional(text) }),
  'call:reject': object({ ...signed, reason: optional(text) }),
  'call:busy': object({ ...signed, message: text }),
  'call:not_available': object({ callId: optional(text), message: text, receiverId: text }),
  'call:timeout': object({ ...signed, receiverId: text, message: text }),
  ack: object({ callId: optional(text) }),
  error: object({
    message: text,
    code: number,
    reason: optional(text),
    callId: optional(text),
    retryAfterMs: optional(number),
  }),
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
    return { ok: false, problem: 'malformed' };
  }
  if (!isObject(value)) return { ok: false, problem: 'malformed' };
  const { type, data, id } = value;
  if (typeof type !== 'string') return { ok: false, problem: 'malformed' };
  if (!Object.hasOwn(DATA, type)) return { ok: false, problem: 'unknown_type' };
  if (!DATA[type as PlainServerMessageType](data) || !optional(text)(id)) return { ok: false, problem: 'malformed' };
  return { ok: true, message: value as unknown as Frame };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
