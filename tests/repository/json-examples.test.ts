/**
 * Every block of JSON in every document is what it seems to be. One without a mark is a frame of the wire. A body of the
 * REST side is marked by its name: `json body=register`, `json data=session` (what stands in `data` of the answer), or
 * `json failure`. `json other` is neither, and only has to be JSON.
 */
import {
  decodeClientMessage,
  decodePlainServerMessage,
  decodeServerMessage,
  explainMismatch,
  REST_BODIES,
  REST_DATA,
  RestFailure,
} from '@ringdown/protocol';
import { describe, expect, test } from 'vitest';
import { type Block, blocksOf, documents } from './documents.ts';

const blocks = documents().flatMap(blocksOf);

/** What is wrong with a block of JSON; undefined when nothing is. */
function faultOf({ info, text }: Pick<Block, 'info' | 'text'>): string | undefined {
  const [, mark = '', ...more] = info;
  if (more.length > 0) return `one mark at most, got ${info.slice(1).join(' ')}`;
  if (mark === '') return faultOfFrame(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  const [kind, name = ''] = mark.split('=');
  if (kind === 'other' && name === '') return undefined;
  if (kind === 'failure' && name === '') return explainMismatch(RestFailure, value);
  const schemas: Record<string, Readonly<Record<string, object>>> = { body: REST_BODIES, data: REST_DATA };
  const schema = schemas[kind ?? '']?.[name];
  return schema ? explainMismatch(schema, value, name) : `the mark ${mark} is not known`;
}

function faultOfFrame(text: string): string | undefined {
  const [client, service] = [decodeClientMessage(text), decodeServerMessage(text)];
  return client.ok || service.ok
    ? undefined
    : `neither from a client (${client.message}) nor from the service (${service.message})`;
}

/** What is wrong with a line of a conversation. @param plain the sockets that are plain sessions */
function faultOfLine(line: string, plain: ReadonlySet<string>): string | undefined {
  const [, letter = '', arrow, text = ''] = /^(\w+) (→|←) (\{.*\})$/.exec(line) ?? [];
  if (arrow === undefined) return /^\(.+\)$/.test(line) ? undefined : 'neither a frame nor in brackets';
  const decode =
    arrow === '→' ? decodeClientMessage : plain.has(letter) ? decodePlainServerMessage : decodeServerMessage;
  const decoded = decode(text);
  return decoded.ok ? undefined : decoded.message;
}

const json = blocks.filter(({ info }) => /^(json|jsonc|json5)$/i.test(info[0] ?? ''));
const at = <T extends Block>(block: T) => ({ ...block, where: `${block.path}:${block.line}` });

test.each(json.map(at))('the JSON at $where is what it seems to be', (block) => {
  expect(faultOf(block)).toBeUndefined();
});

test.each(blocks.filter(({ info }) => info[0] === 'conversation').map(at))(
  'every frame of the conversation at $where is one that may be sent so',
  ({ text }) => {
    const lines = text.trim().split('\n');
    const plain = new Set(lines.flatMap((line) => /^\((\w+): \w+, (?:plain|no token yet)\)$/.exec(line)?.[1] ?? []));
    expect(lines.map((line) => faultOfLine(line, plain)).filter((fault) => fault !== undefined)).toEqual([]);
  },
);

test('blocks of JSON are found', () => {
  expect(json.length).toBeGreaterThan(15);
});

describe('a block is refused', () => {
  const fault = (info: string, text: string) => faultOf({ info: info.split(' '), text });

  test('that is no frame and has no mark', () => {
    expect(fault('json', '{ "name": "ringdown" }')).toMatch(/^neither from a client/);
    expect(fault('json', '{ "type": "call:busy", "data": {} }')).toMatch(/callId/);
  });

  test('that does not fit the body or data it is marked as', () => {
    expect(fault('json body=register', '{ "username": "anna", "password": "correct horse" }')).toBeUndefined();
    expect(fault('json body=register', '{ "username": "anna" }')).toMatch(/password/);
    expect(fault('json data=nowhere', '{}')).toBe('the mark data=nowhere is not known');
  });

  test('that is not even JSON', () => {
    expect(fault('json other', '{ "a": 1, }')).toBe('is not JSON');
    expect(fault('json other', '{ "a": 1 }')).toBeUndefined();
  });

  test('that is a line of a conversation nobody can send or get', () => {
    expect(faultOfLine('A ← {"type":"pong","data":{}}', new Set(['A']))).toBeDefined();
    expect(faultOfLine('A ← {"type":"pong","data":{}}', new Set())).toBeUndefined();
    expect(faultOfLine('A → {"type":"call:timeout","data":{}}', new Set())).toBeDefined();
    expect(faultOfLine('then they talk', new Set())).toBe('neither a frame nor in brackets');
  });
});
