/** Values that fit a schema, made from the schema itself, so that a new field is fuzzed the day it is added. */
import fc from 'fast-check';
import { CANARY, TEXTS } from './words.ts';

/** The parts of JSON Schema that the protocol's schemas use. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string | RegExp;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Names in whose place a text means something: given so that it gets past the first look. */
const KNOWN_TEXTS: Readonly<Record<string, readonly string[]>> = {
  sdp: [`v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=${CANARY}\r\nt=0 0\r\n`, `v=0${CANARY}`],
  candidate: [`candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host ufrag ${CANARY}`, '', `${CANARY}`],
  token: [`eyJ${CANARY}.e30.x`],
  password: [`${CANARY} ${CANARY}`],
};

/** @param name the key it stands under @param known texts by key that belong to the target, as ids that exist */
export function fitting(
  schema: Schema,
  known: Readonly<Record<string, readonly string[]>> = {},
  name = '',
): fc.Arbitrary<unknown> {
  const inner = (each: Schema, key = name) => fitting(each, known, key);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => inner(each)));
  switch (schema.type) {
    case 'object':
      return schema.patternProperties ? record(schema, inner) : object(schema, inner);
    case 'array':
      return fc.array(schema.items ? inner(schema.items) : fc.jsonValue(), {
        maxLength: Math.min(schema.maxItems ?? 6, 21),
      });
    case 'string':
      return fittingText(schema, known[name] ?? KNOWN_TEXTS[name]);
    case 'integer':
    case 'number':
      return fittingNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

type Inner = (schema: Schema, key?: string) => fc.Arbitrary<unknown>;

function object(schema: Schema, inner: Inner): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(([key, each]) => [key, inner(each, key)] as const);
  const requiredKeys = [...(schema.required ?? [])];
  return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true });
}

function record(schema: Schema, inner: Inner): fc.Arbitrary<unknown> {
  const [value = {}] = Object.values(schema.patternProperties ?? {});
  return fc.dictionary(fc.string({ maxLength: 12 }), inner(value), { maxKeys: 8, noNullPrototype: true });
}

function fittingText(
  { minLength = 0, maxLength = 80, pattern }: Schema,
  known?: readonly string[],
): fc.Arbitrary<string> {
  if (known) return fc.constantFrom(...known);
  if (pattern !== undefined) {
    const source = typeof pattern === 'string' ? pattern : pattern.source;
    // Scripts of letters are more than a generator of matching texts knows.
    if (source.includes('\\p{')) return fc.constantFrom('anna', 'Ben.2', '安娜', 'ｆｕｌｌ', CANARY);
    return fc.stringMatching(new RegExp(source));
  }
  const short = fc.string({ minLength, maxLength: Math.min(maxLength, 24), unit: 'binary' });
  const canary = fc.constantFrom(CANARY, ...TEXTS).filter(({ length }) => length >= minLength && length <= maxLength);
  const atTheLimit = fc.constantFrom('x'.repeat(maxLength), 'é'.repeat(maxLength), '\ud800'.repeat(maxLength));
  return fc.oneof(
    { weight: 4, arbitrary: short },
    { weight: 3, arbitrary: canary },
    { weight: 1, arbitrary: atTheLimit },
  );
}

function fittingNumber({ type, minimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = minimum ?? -(2 ** 53) + 1;
  const max = maximum ?? 2 ** 53 - 1;
  if (type === 'integer') {
    return fc.oneof(fc.integer({ min, max }), fc.constantFrom(...[min, max, 0, 1].filter((n) => n >= min && n <= max)));
  }
  return fc.double({ min, max, noNaN: true });
}

/**
 * The first key of a value that its schema does not have.
 * @param value what passed the schema's check
 * @returns where it stands; undefined when there is none
 */
export function strayKey(schema: Schema, value: unknown, at = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (schema.anyOf) {
    const strays = schema.anyOf.map((each) => strayKey(each, value, at));
    return strays.includes(undefined) ? undefined : strays[0];
  }
  if (Array.isArray(value)) {
    if (schema.type !== undefined && schema.type !== 'array') return at;
    return schema.items && value.map((each, n) => strayKey(schema.items as Schema, each, `${at}[${n}]`)).find(Boolean);
  }
  if (schema.type !== undefined && schema.type !== 'object') return at;
  if (!schema.properties) return undefined;
  for (const key of Reflect.ownKeys(value)) {
    const field = Object.hasOwn(schema.properties, key) ? schema.properties[String(key)] : undefined;
    const where = `${at}.${String(key)}`;
    if (!field) {
      if (schema.additionalProperties === true) continue;
      return where;
    }
    const stray = strayKey(field, (value as Record<PropertyKey, unknown>)[key], where);
    if (stray !== undefined) return stray;
  }
  return undefined;
}
