/**
 * From text to a checked message and back. Never throws: what is wrong comes back as a result that says what was
 * expected. Never repeats a value of the input, since an SDP or a token may be in it.
 */
import { checkerOf, type Mismatch } from './checker.ts';
import { cleanerOf } from './cleaner.ts';
import type { ErrorReason } from './codes.ts';
import { userIdText } from './ids.ts';
import { WIRE_LIMITS } from './limits.ts';
import {
  CLIENT_MESSAGES,
  type ClientMessage,
  type ClientMessageType,
  type IceCandidate,
  PLAIN_SERVER_MESSAGES,
  type PlainServerMessage,
  QualityMetrics,
  SERVER_MESSAGES,
  type ServerMessage,
} from './messages.ts';

/** A value, or what was wrong with the input. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: ErrorReason; readonly message: string; readonly id?: string };

/**
 * Checks a value against a schema of this package.
 * @returns undefined when it fits, else one sentence that names the place and what was expected there
 */
export function explainMismatch(schema: object, value: unknown, at = 'body'): string | undefined {
  const checker = checkerOf(schema);
  if (checker.Check(value)) return undefined;
  const errors = checker.Errors(value);
  const first = errors[0];
  if (!first) return `${at} does not have the expected shape`;
  const place = `${at}${first.instancePath.replaceAll('/', '.')}`;
  const branches = errors.filter((e) => e.instancePath === first.instancePath && e.keyword !== 'anyOf');
  const expected = [...new Set((branches.length > 0 ? branches : [first]).map(expectation))].join(' or ');
  return `${place} ${expected}`;
}

/** What one mismatch asks for, in words that need no schema beside them. */
function expectation({ keyword, message, params }: Mismatch): string {
  if (keyword === 'const') return `must be ${JSON.stringify(params['allowedValue'])}`;
  return message;
}

/** Whether parsed JSON nests deeper, or has an object with more keys or an array with more items, than is allowed. */
function exceedsShape(value: unknown, mostItems: number, depth = 1): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > WIRE_LIMITS.jsonDepth) return true;
  if (Array.isArray(value)) {
    return value.length > mostItems || value.some((child) => exceedsShape(child, mostItems, depth + 1));
  }
  let keys = 0;
  // Parsed JSON inherits nothing that a loop would see.
  for (const key in value) {
    keys += 1;
    if (keys > WIRE_LIMITS.jsonKeys) return true;
    if (exceedsShape((value as Record<string, unknown>)[key], mostItems, depth + 1)) return true;
  }
  return false;
}

/** @param mostItems in one array: to say what is wrong with thousands would hold everybody up (T37) */
function parse(text: string, mostItems: number): Result<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'invalid_json', message: 'expected a JSON object, got text that is not JSON' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { ok: false, reason: 'invalid_payload', message: 'expected a JSON object {"type", "data"}' };
  }
  const frame = parsed as Record<string, unknown>;
  if (exceedsShape(frame, mostItems)) {
    return {
      ok: false,
      reason: 'invalid_json',
      message: `expected at most ${WIRE_LIMITS.jsonDepth} levels, ${WIRE_LIMITS.jsonKeys} keys an object and ${WIRE_LIMITS.jsonItems} items an array`,
      ...requestIdOf(frame),
    };
  }
  return { ok: true, value: frame };
}

function requestIdOf(frame: Record<string, unknown>): { id?: string } {
  const { id } = frame;
  return typeof id === 'string' && id.length > 0 && id.length <= WIRE_LIMITS.requestIdChars ? { id } : {};
}

/**
 * Reads one text frame of a client.
 * @param text the frame, already within the size limit
 * @returns the checked message, unknown keys dropped and `receiverId` canonical; or an error that says what was
 *   expected, with the frame's request id when that could be read
 */
export function decodeClientMessage(text: string): Result<ClientMessage> {
  const parsed = parse(text, WIRE_LIMITS.jsonItems);
  if (!parsed.ok) return parsed;
  const frame = parsed.value;
  const id = requestIdOf(frame);
  const type = frame.type;
  if (typeof type !== 'string' || !Object.hasOwn(CLIENT_MESSAGES, type)) {
    const known = Object.keys(CLIENT_MESSAGES).join(', ');
    return { ok: false, reason: 'invalid_payload', message: `type must be one of ${known}`, ...id };
  }
  dropUnusableMetrics(frame);
  const schema = CLIENT_MESSAGES[type as ClientMessageType];
  const mismatch = explainMismatch(schema, frame, type) ?? oversizeCandidate(type, frame);
  if (mismatch !== undefined) return { ok: false, reason: 'invalid_payload', message: mismatch, ...id };
  const clean = cleanerOf(schema)(frame) as { data?: { receiverId?: string | number } };
  if (clean.data?.receiverId !== undefined) clean.data.receiverId = userIdText(clean.data.receiverId);
  return { ok: true, value: clean as ClientMessage };
}

/** A hang-up must count even when its figures are nonsense, so those are taken out before the check (QU-1). */
function dropUnusableMetrics(frame: Record<string, unknown>): void {
  const data = frame.data;
  if (frame.type !== 'call:hang_up' || typeof data !== 'object' || data === null) return;
  const fields = data as Record<string, unknown>;
  const metrics = fields.metrics;
  if (metrics === undefined) return;
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    delete fields.metrics;
    return;
  }
  const figures = metrics as Record<string, unknown>;
  for (const [name, schema] of Object.entries(QualityMetrics.properties)) {
    if (!checkerOf(schema).Check(figures[name])) delete figures[name];
  }
}

function oversizeCandidate(type: string, frame: Record<string, unknown>): string | undefined {
  if (type !== 'call:ice_candidate') return undefined;
  const { candidate, candidates } = frame.data as { candidate?: unknown; candidates?: unknown[] };
  if (candidate === undefined && candidates === undefined) {
    return `${type}.data must have candidate or candidates`;
  }
  return isOversize(candidate) || candidates?.some(isOversize)
    ? `${type}.data.candidate must be at most ${WIRE_LIMITS.candidateChars} characters of JSON`
    : undefined;
}

/** The keys of a candidate whose longest form in JSON is known without writing it. */
const CANDIDATE_KEYS: ReadonlySet<string> = new Set(['candidate', 'sdpMid', 'sdpMLineIndex', 'usernameFragment']);
/** More than the names, quotes, commas and the index take. */
const AROUND_CANDIDATE_CHARS = 100;
/** A character may become six, `\\u0000`. */
const LONGEST_ESCAPE = 6;
/** Printable ASCII but for quote and backslash: as long in JSON as it is. */
const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;

/** Whether a checked candidate is too long as JSON. Written out only where its parts do not already tell. */
function isOversize(candidate: unknown): boolean {
  if (candidate === undefined || candidate === null) return false;
  const { candidate: line, sdpMid, usernameFragment } = candidate as IceCandidate;
  const most =
    line.length * (NEEDS_NO_ESCAPE.test(line) ? 1 : LONGEST_ESCAPE) +
    ((sdpMid?.length ?? 0) + (usernameFragment?.length ?? 0)) * LONGEST_ESCAPE +
    AROUND_CANDIDATE_CHARS;
  if (most <= WIRE_LIMITS.candidateChars && hasOnly(CANDIDATE_KEYS, candidate)) return false;
  return JSON.stringify(candidate).length > WIRE_LIMITS.candidateChars;
}

function hasOnly(known: ReadonlySet<string>, value: object): boolean {
  for (const key in value) if (!known.has(key)) return false;
  return true;
}

/**
 * Reads one text frame of the service.
 * @returns the checked message; or an error a client can report. A type that this version does not know is an
 *   `invalid_payload` whose message says so, and is safe to ignore.
 */
export function decodeServerMessage(text: string): Result<ServerMessage> {
  return decodeOf(SERVER_MESSAGES, text) as Result<ServerMessage>;
}

/** Reads one text frame that the service may send to a plain session; anything else is an error. */
export function decodePlainServerMessage(text: string): Result<PlainServerMessage> {
  return decodeOf(PLAIN_SERVER_MESSAGES, text) as Result<PlainServerMessage>;
}

function decodeOf(schemas: Readonly<Record<string, object>>, text: string): Result<unknown> {
  // A service may have much to tell, as of many friends.
  const parsed = parse(text, Number.POSITIVE_INFINITY);
  if (!parsed.ok) return parsed;
  const frame = parsed.value;
  const type = frame['type'];
  const schema = typeof type === 'string' && Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (!schema) return { ok: false, reason: 'invalid_payload', message: 'type is not one this version knows' };
  const mismatch = explainMismatch(schema, frame, String(type));
  if (mismatch !== undefined) return { ok: false, reason: 'invalid_payload', message: mismatch };
  return { ok: true, value: frame };
}

/**
 * Writes a message as one text frame. `data` always comes last, see {@link withTtl}.
 * @param message any message of the protocol
 */
export function encode(message: ServerMessage | ClientMessage): string {
  const { data, ...head } = message as { data?: unknown };
  return JSON.stringify({ ...head, data: data ?? {} });
}

/**
 * Adds `ttlMs` to an encoded offer when it is written, so that a frame can wait without its time going stale (OF-4).
 * @param frame text made by {@link encode} of a message with at least one data field
 * @param ttlMs ms left to ring, rounded down, never below 0
 */
export function withTtl(frame: string, ttlMs: number): string {
  return `${frame.slice(0, -2)},"ttlMs":${Math.max(0, Math.floor(ttlMs))}}}`;
}

/**
 * Adds `seq` to an encoded frame when it is written to an extended session (HE-2), so that one text serves all.
 * @param frame text made by {@link encode} @param seq the frame's position in its mailbox
 */
export function withSeq(frame: string, seq: number): string {
  return `{"seq":${seq},${frame.slice(1)}`;
}
