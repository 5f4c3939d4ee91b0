/** What hostile inputs are made of: texts, numbers and names that have broken readers before. */
import { WIRE_LIMITS } from '@ringdown/protocol';

/** Stands in every secret place of an input. An error, a log line or a refusal that shows it has leaked. */
export const CANARY = 'Sw0rdf1sh';

/** Names that every object has, or that a careless copy walks into. */
export const INHERITED_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'toJSON',
  'then',
  'length',
] as const;

/** Numbers as JSON text, at and beyond what a double or an integer holds. */
export const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '0.5',
  '1e0',
  '1E400',
  '-1e400',
  '1e-400',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '18446744073709551616',
  '2147483648',
  '65536',
  '10000.5',
  '100000000000000000000000000000000000000000',
  '5e-324',
  '1.7976931348623157e308',
] as const;

/** JSON texts that are no JSON, or not everywhere. */
export const NO_JSON = [
  'NaN',
  'Infinity',
  'undefined',
  '01',
  '+1',
  '.5',
  '0x10',
  "'a'",
  '"\\x41"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\',
  '[1,]',
  '{,}',
  '{"a":1,}',
  '/**/1',
  '\ufeff{}',
  '1n',
  'tru',
] as const;

/** Texts. */
export const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff',
  '\udc80',
  '\ufeff',
  '\u202e',
  '\u2028',
  'ﷺ',
  'İ',
  '𝒜',
  '01',
  '7',
  '7.0',
  '1e1',
  '٧',
  '[hidden]',
  'constructor',
  '%00',
  '%ff',
  '%',
  '../../etc/passwd',
  '..%2f',
  '\r\nset-cookie: a=b',
  '<svg onload=alert(1)>',
  '{{7*7}}',
  "' or 1=1 --",
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n',
  'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host',
  'bearer.eyJhbGciOiJub25lIn0.e30.',
] as const;

/** Lengths whose neighbours matter: the wire's limits, and the bodies' and tokens'. */
export const LENGTHS: readonly number[] = [
  ...new Set([
    ...Object.values(WIRE_LIMITS).filter((limit) => limit > 8 && limit <= WIRE_LIMITS.frameBytes),
    2,
    8,
    16,
    32,
    128,
    256,
    512,
    2_048,
    8_000,
    32 * 1024,
  ]),
];
