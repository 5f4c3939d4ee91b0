/**
 * One REST operation: its description for `/openapi.json` and its handler, from the same place. What every operation
 * needs happens here: the token, the body's size, type and shape, the envelope of the answer.
 */
import {
  ERROR_MEANINGS,
  ERRORS,
  type ErrorReason,
  explainMismatch,
  REST_BODIES,
  REST_DATA,
  type RestBody,
  type RestData,
} from '@ringdown/protocol';
import type { Context, Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import Value from 'typebox/value';
import type { Authenticator, Identity } from '../auth/auth.ts';
import { FAILURE_REF, jsonSchema } from './json-schema.ts';
import { Refused } from './refused.ts';

/** Largest body, in bytes. */
const BODY_BYTES = 32 * 1024;

/** What the HTTP server hands to a request beside it; absent when a test calls the app directly. */
export interface Env {
  Bindings: { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } } };
}
/** The app that operations are added to. */
export type App = Hono<Env>;

type BodyName = keyof typeof REST_BODIES;
type DataName = keyof typeof REST_DATA;
type Parameters = Readonly<Record<string, { readonly in: 'path' | 'query'; readonly description: string }>>;

interface Operation<B extends BodyName | undefined, D extends DataName> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** In Hono's form, `/api/friends/:userId`. */
  readonly path: string;
  readonly summary: string;
  /** Path parameters, all needed, and query parameters. */
  readonly parameters?: Parameters;
  /** Absent when the operation takes no body. */
  readonly body?: B;
  readonly data: D;
  /** What it may refuse with, beside what every operation of its kind may. */
  readonly refusals?: readonly ErrorReason[];
}

type BodyOf<B extends BodyName | undefined> = B extends BodyName ? RestBody<B> : undefined;
/** What a handler of an open operation gets. */
interface Asked<B extends BodyName | undefined> {
  readonly c: Context<Env>;
  readonly body: BodyOf<B>;
}
/** What a handler of an operation behind a token gets. */
interface AskedBy<B extends BodyName | undefined> extends Asked<B> {
  readonly identity: Identity;
}

/** Adds an operation that anybody may use. */
export function openOperation<D extends DataName, B extends BodyName | undefined = undefined>(
  app: App,
  operation: Operation<B, D>,
  handler: (asked: Asked<B>) => RestData<D> | Promise<RestData<D>>,
): void {
  app.on(operation.method, operation.path, describe(operation, false), async (c) =>
    answer(c, await handler({ c, body: await readBody(c, operation.body) })),
  );
}

/**
 * Adds an operation for who holds an access token. The token is judged before the body is read.
 * @param authenticator who judges it
 */
export function operation<D extends DataName, B extends BodyName | undefined = undefined>(
  app: App,
  authenticator: Authenticator,
  described: Operation<B, D>,
  handler: (asked: AskedBy<B>) => RestData<D> | Promise<RestData<D>>,
): void {
  app.on(described.method, described.path, describe(described, true), async (c) => {
    const identity = await identify(c, authenticator);
    return answer(c, await handler({ c, identity, body: await readBody(c, described.body) }));
  });
}

function answer(c: Context, data: object): Response {
  c.header('Cache-Control', 'no-store');
  return c.json({ success: true, data });
}

/** @throws Refused 401 */
async function identify(c: Context, authenticator: Authenticator): Promise<Identity> {
  const token = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  if (token === undefined) throw new Refused('unauthenticated');
  const verdict = await authenticator.verify(token);
  if (!verdict.ok) throw new Refused(verdict.reason);
  return verdict.identity;
}

/** @returns the checked body with only the keys its schema has @throws Refused 400, 413 */
async function readBody<B extends BodyName | undefined>(c: Context, name: B | undefined): Promise<BodyOf<B>> {
  if (name === undefined) return undefined as BodyOf<B>;
  const text = await readText(c.req.raw);
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (text !== '' && type !== 'application/json') {
    throw new Refused('invalid_payload', { expected: 'content-type must be application/json' });
  }
  let parsed: unknown;
  try {
    parsed = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new Refused('invalid_json');
  }
  const schema = REST_BODIES[name];
  const mismatch = explainMismatch(schema, parsed);
  if (mismatch !== undefined) throw new Refused('invalid_payload', { expected: mismatch });
  return Value.Clean(schema, parsed) as BodyOf<B>;
}

/**
 * Reads a body, and not one byte more than allowed. By hand: Hono's body limit makes a new `Request` of a chunked or
 * empty one, which fails unless the HTTP adapter replaces the global class of everybody in the process.
 * @throws Refused 400, 413
 */
async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES) throw new Refused('too_large');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES) throw new Refused('too_large');
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    // It broke off: the client went, or took too long. Nobody hears the answer, and it is no fault of the service.
    throw new Refused('invalid_payload', { expected: 'the body must come whole' });
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function describe(operation: Operation<BodyName | undefined, DataName>, signedIn: boolean) {
  const { body, data, parameters = {}, refusals = [], summary } = operation;
  const always: ErrorReason[] = [
    ...(body === undefined ? [] : (['invalid_json', 'invalid_payload', 'too_large'] as const)),
    ...(signedIn ? (['unauthenticated', 'token_expired'] as const) : []),
    'internal',
  ];
  return describeRoute({
    summary,
    ...(signedIn ? { security: [{ bearer: [] }] } : {}),
    parameters: Object.entries(parameters).map(([name, parameter]) => ({
      name,
      ...parameter,
      required: parameter.in === 'path',
      schema: { type: 'string' },
    })),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            // None at all is read as an empty object.
            required: explainMismatch(REST_BODIES[body], {}) !== undefined,
            content: { 'application/json': { schema: jsonSchema(REST_BODIES[body]) } },
          },
        }),
    responses: {
      200: {
        description: 'Done.',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['success', 'data'],
              properties: { success: { type: 'boolean', const: true }, data: jsonSchema(REST_DATA[data]) },
            },
          },
        },
      },
      ...failuresOf([...new Set([...always, ...refusals])]),
    },
  });
}

/** The failures of an operation, by status. */
function failuresOf(reasons: readonly ErrorReason[]) {
  const byStatus = new Map<number, ErrorReason[]>();
  for (const reason of reasons) {
    const { code } = ERRORS[reason];
    byStatus.set(code, [...(byStatus.get(code) ?? []), reason]);
  }
  return Object.fromEntries(
    [...byStatus].map(([code, words]) => [
      code,
      {
        description: words.map((word) => `\`${word}\`: ${ERROR_MEANINGS[word]}`).join(' '),
        content: { 'application/json': { schema: { $ref: FAILURE_REF } } },
      },
    ]),
  );
}
