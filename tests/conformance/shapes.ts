/** The shapes of the contract, taken from the schemas of the wire; where the contract says less than they do, so do these. */
import { explainMismatch, PLAIN_SERVER_MESSAGES, SERVER_MESSAGES } from '@ringdown/protocol';
import type { Frame } from './frame.ts';

interface ObjectSchema {
  readonly properties: Readonly<Record<string, object>>;
}

/** The contract asks for a `timestamp` and does not say of which form; the protocol does, in a scenario of its own. */
function withAnyTimestamp(schema: object): object {
  const { data } = (schema as ObjectSchema).properties;
  if (!data || !('properties' in data)) return schema;
  const { properties } = data as ObjectSchema;
  if (!properties['timestamp']) return schema;
  const loose = { ...data, properties: { ...properties, timestamp: { type: 'string', minLength: 1 } } };
  return { ...schema, properties: { ...(schema as ObjectSchema).properties, data: loose } };
}

const CONTRACT = new Map(Object.entries(PLAIN_SERVER_MESSAGES).map(([type, s]) => [type, withAnyTimestamp(s)]));

/** What is wrong with the shape of a frame that a plain session was sent, in one sentence. */
export function shapeMismatch({ type, text }: Frame): string | undefined {
  const schema = CONTRACT.get(type);
  return schema ? explainMismatch(schema, JSON.parse(text), type) : `a type that the contract does not have: ${type}`;
}

/** What is wrong with the shape of a frame that an extended session was sent, in one sentence. */
export function extendedMismatch({ type, text }: Frame): string | undefined {
  const schema = Object.hasOwn(SERVER_MESSAGES, type)
    ? SERVER_MESSAGES[type as keyof typeof SERVER_MESSAGES]
    : undefined;
  return schema ? explainMismatch(schema, JSON.parse(text), type) : `a type that the protocol does not have: ${type}`;
}
