/** The bodies of the REST door against their schemas: what is wrong is said without saying what came (T33). */
import { explainMismatch, REST_BODIES } from '@ringdown/protocol';
import fc from 'fast-check';
import { fitting, type Schema } from '../../inputs/from-schema.ts';
import { CANARY } from '../../inputs/words.ts';
import { expect } from '../../target.ts';
import { LONGEST_MESSAGE, type Reader } from './reader.ts';

function bodies(): fc.Arbitrary<string> {
  const of = Object.entries(REST_BODIES).map(([name, schema]) =>
    fitting(schema as unknown as Schema).map((body) => `${name}\n${JSON.stringify(body)}`),
  );
  return fc.oneof(...of);
}

function readBody(text: string): string {
  const [name = '', ...rest] = text.split('\n');
  if (!Object.hasOwn(REST_BODIES, name)) return 'no such body';
  let body: unknown;
  try {
    body = JSON.parse(rest.join('\n'));
  } catch {
    return 'no JSON';
  }
  const mismatch = explainMismatch(REST_BODIES[name as keyof typeof REST_BODIES], body);
  if (mismatch === undefined) return `${name} fits`;
  expect(mismatch.length > 0 && mismatch.length <= LONGEST_MESSAGE, 'a refused body is told in too many words');
  expect(!mismatch.includes(CANARY), 'a refused body is repeated');
  return `${name} ${mismatch.replace(/\d+/g, 'n')}`;
}

/** The name of a body, and on the next lines its JSON. */
export const bodyReader: Reader = { examples: bodies(), read: readBody };
