/** The REST door of the server under test. Nothing of an answer is believed but its status. */

/** An answer. */
export interface RestAnswer {
  readonly status: number;
  /** The parsed body; an empty object when it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** `data` of the body; an empty object when there is none. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** How long an answer may take, ms: registrations wait for each other's passwords to be hashed. */
const ANSWER_MS = 30_000;

/**
 * Asks.
 * @param base `http(s)://host`, without a trailing slash @param path from `/` on
 * @throws TypeError or DOMException when nothing answers
 */
export async function ask(
  base: string,
  method: string,
  path: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<RestAnswer> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS),
    redirect: 'manual',
  });
  const parsed = objectOf(await response.text());
  return { status: response.status, body: parsed, data: asObject(parsed['data']) };
}

/** A value as an object; an empty one when it is none. */
export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}
