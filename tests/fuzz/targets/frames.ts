/** Every frame of the socket, read as the service reads it, as a plain and an extended client do, and as the SDK does. */
import { isDeepStrictEqual } from 'node:util';
import {
  CLIENT_MESSAGES,
  type ClientMessage,
  decodeClientMessage,
  decodePlainServerMessage,
  decodeServerMessage,
  ERRORS,
  encode,
  isUserId,
  PLAIN_SERVER_MESSAGES,
  type Result,
  SERVER_MESSAGES,
  type ServerMessage,
  WIRE_LIMITS,
  withSeq,
  withTtl,
} from '@ringdown/protocol';
import fc from 'fast-check';
import { decodeFrame } from '../../../packages/client/src/frames.ts';
import { fitting, type Schema, strayKey } from '../inputs/from-schema.ts';
import { hostile } from '../inputs/hostile.ts';
import { CANARY } from '../inputs/words.ts';
import { expect, type Target } from '../target.ts';

/** The longest that an error may say, in characters: it names a place and what was expected there. */
const LONGEST_MESSAGE = 1_000;

/** With more parts than this, a frame of a service is not tried. */
const MOST_PARTS = 1_000;

const clientSchemas = CLIENT_MESSAGES as unknown as Readonly<Record<string, Schema>>;
const serverSchemas = SERVER_MESSAGES as unknown as Readonly<Record<string, Schema>>;
const frames = [clientSchemas, serverSchemas, PLAIN_SERVER_MESSAGES as unknown as typeof serverSchemas].flatMap(
  (schemas) => Object.values(schemas).map((schema) => fitting(schema)),
);

/** Opens it. */
export function open(): Target {
  const words = [...Object.keys(CLIENT_MESSAGES), ...Object.keys(SERVER_MESSAGES), 'receiverId', 'candidate', 'callId'];
  return {
    inputs: hostile(
      fc.oneof(...frames).map((frame) => JSON.stringify(frame)),
      words,
    ),
    words,
    about: ['packages/protocol/src/codec.ts', 'packages/protocol/src/ids.ts', 'packages/client/src/frames.ts'],
    run(text) {
      const byService = readByService(text);
      // A service does not attack its clients: what takes them long to refuse is left out.
      return text.split(',', MOST_PARTS).length < MOST_PARTS
        ? [byService, ...readByClients(text)].join(' ')
        : byService;
    },
  };
}

function readByService(text: string): string {
  const result = decodeClientMessage(text);
  if (!result.ok) return refused(result);
  const message = result.value as ClientMessage;
  const schema = clientSchemas[message.type];
  expect(schema !== undefined && Object.hasOwn(CLIENT_MESSAGES, message.type), 'a frame of no known type was accepted');
  const stray = strayKey(schema, message);
  expect(stray === undefined, 'an accepted frame has a key that its schema does not have');
  checkShape(message);
  // A ping may carry anything, which nobody reads; all other data is an object.
  const data = message.type === 'ping' ? {} : (message.data as Record<string, unknown>);
  if ('receiverId' in data) {
    const { receiverId } = data;
    expect(typeof receiverId === 'string' && isUserId(receiverId), 'an accepted receiverId is no canonical user id');
  }
  checkSizes(data);
  // Written and read again it is the same, but for what JSON itself cannot hold.
  const again = decodeClientMessage(encode(message));
  expect(again.ok, 'an accepted frame, written again, is refused');
  const before = plain({ ...message, data: message.data ?? {} });
  expect(isDeepStrictEqual(plain(again.value), before), 'a frame changes when it is written');
  return `${message.type}:${Object.keys(data).sort()}`;
}

/** Neither deep nor wide, so that whoever walks through it is done soon. */
function checkShape(value: unknown, depth = 1): void {
  if (typeof value !== 'object' || value === null) return;
  const { jsonDepth, jsonItems, jsonKeys } = WIRE_LIMITS;
  const inner = Object.values(value);
  expect(depth <= jsonDepth, 'an accepted frame is too deep');
  expect(inner.length <= (Array.isArray(value) ? jsonItems : jsonKeys), 'an accepted frame is too wide');
  for (const each of inner) checkShape(each, depth + 1);
}

function checkSizes(data: Record<string, unknown>): void {
  for (const name of ['offer', 'answer']) {
    const sdp = (data[name] as { sdp?: unknown } | undefined)?.sdp;
    expect(sdp === undefined || String(sdp).length <= WIRE_LIMITS.sdpChars, 'an accepted SDP is too long');
  }
  const { candidate, candidates = [] } = data as { candidate?: unknown; candidates?: unknown[] };
  expect(candidates.length <= WIRE_LIMITS.candidatesPerFrame, 'an accepted batch holds too many candidates');
  for (const each of [candidate, ...candidates]) {
    const length = each === undefined ? 0 : JSON.stringify(each).length;
    expect(length <= WIRE_LIMITS.candidateChars, 'an accepted candidate is too long');
  }
}

function readByClients(text: string): string[] {
  const extended = decodeServerMessage(text);
  const contract = decodePlainServerMessage(text);
  const sdk = decodeFrame(text);
  for (const [decode, result] of [
    [decodeServerMessage, extended],
    [decodePlainServerMessage, contract],
  ] as const) {
    if (!result.ok) {
      refused(result);
      continue;
    }
    const again = decode(encode(result.value as ServerMessage));
    expect(again.ok, 'a frame of the service, written again, is refused');
    expect(
      isDeepStrictEqual(plain(again.value), plain(result.value)),
      'a frame of the service changes when it is written',
    );
    checkAdditions(result.value as ServerMessage);
  }
  // It reads a plain frame with the words of an extended one, of which `candidates` is one more than the contract has.
  expect(!extended.ok || sdk.ok, 'the SDK refuses a frame that the protocol allows');
  const known = sdk.ok ? sdk.message.type : sdk.problem;
  return [extended.ok ? extended.value.type : extended.message.replace(/\d+/g, 'n'), known];
}

/** What is added when a frame is written stands in it, and nothing else has changed. */
function checkAdditions(message: ServerMessage): void {
  const { seq: _, ...unnumbered } = message as ServerMessage & { seq?: number };
  const text = encode(unnumbered as ServerMessage);
  const numbered = JSON.parse(withSeq(text, 7)) as Record<string, unknown>;
  expect(isDeepStrictEqual(numbered, { ...(JSON.parse(text) as object), seq: 7 }), 'a position spoils its frame');
  if (message.type !== 'call:offer') return;
  const { ttlMs: __, ...data } = message.data;
  const offer = encode({ ...unnumbered, data } as ServerMessage);
  const timed = JSON.parse(withTtl(offer, 1234.5)) as { data: { ttlMs: number } };
  expect(timed.data.ttlMs === 1234, 'the time left spoils its offer');
}

function refused({ reason, message, id }: Extract<Result<unknown>, { ok: false }>): string {
  expect(Object.hasOwn(ERRORS, reason), 'a refusal has no reason of the table');
  expect(message.length > 0 && message.length <= LONGEST_MESSAGE, 'a refusal says nothing, or too much');
  // The names of the limits are the service's own words, in a record that may have any.
  expect(message.startsWith('hello.data.limits.') || !message.includes(CANARY), 'a refusal repeats what came');
  const sane = id === undefined || (id.length > 0 && id.length <= WIRE_LIMITS.requestIdChars);
  expect(sane, 'a refusal carries an id that is none');
  return `${reason} ${message.replace(/\d+/g, 'n')}`;
}

/** As JSON holds it: no `-0`, no infinity. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
