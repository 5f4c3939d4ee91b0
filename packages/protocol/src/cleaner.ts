/**
 * Takes what a schema does not name out of a value that fits it. Every frame passes here, so the way through a schema is
 * found once, and values of which everything is kept are not walked at all.
 */
import { checkerOf } from './checker.ts';

/** Returns the value without what its schema does not name; may be the value itself. */
export type Cleaner = (value: unknown) => unknown;

/** The part of JSON Schema that our messages are made of. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: unknown;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

const keep: Cleaner = (value) => value;
const cleaners = new Map<object, Cleaner>();

/** The cleaner of a schema. It trusts that the value was checked. */
export function cleanerOf(schema: object): Cleaner {
  let cleaner = cleaners.get(schema);
  if (!cleaner) {
    cleaner = make(schema as Shape);
    cleaners.set(schema, cleaner);
  }
  return cleaner;
}

function make(schema: Shape): Cleaner {
  const { properties, additionalProperties, items, anyOf } = schema;
  if (anyOf) return choice(anyOf);
  if (items) {
    const each = make(items);
    return each === keep ? keep : (value) => (value as unknown[]).map(each);
  }
  if (!properties) return keep;
  return additionalProperties === true ? withoutTraps : fields(properties);
}

/** Names that would change what an object is, if its reader copies it carelessly (T24). */
const TRAPS = ['__proto__', 'constructor', 'prototype'];

function withoutTraps(value: unknown): unknown {
  const from = value as object;
  if (!TRAPS.some((name) => Object.hasOwn(from, name))) return from;
  return Object.fromEntries(Object.entries(from).filter(([name]) => !TRAPS.includes(name)));
}

function fields(properties: Readonly<Record<string, Shape>>): Cleaner {
  const known = Object.entries(properties).map(([key, schema]) => [key, make(schema)] as const);
  return (value) => {
    const from = value as Record<string, unknown>;
    const clean: Record<string, unknown> = {};
    for (const [key, cleaner] of known) {
      const field = from[key];
      if (field !== undefined) clean[key] = cleaner(field);
    }
    return clean;
  };
}

function choice(schemas: readonly Shape[]): Cleaner {
  const choices = schemas.map((schema) => ({ schema, cleaner: make(schema) }));
  const [only, ...others] = choices.filter(({ cleaner }) => cleaner !== keep);
  if (!only) return keep;
  // An object or something that is none: its kind tells which it is.
  if (others.length === 0 && choices.every(({ schema }) => schema === only.schema || !mayBeObject(schema))) {
    return (value) => (typeof value === 'object' && value !== null ? only.cleaner(value) : value);
  }
  return (value) => {
    const chosen = choices.find(({ schema }) => checkerOf(schema).Check(value));
    return chosen ? chosen.cleaner(value) : value;
  };
}

function mayBeObject({ type }: Shape): boolean {
  return type === undefined || type === 'object' || type === 'array';
}
