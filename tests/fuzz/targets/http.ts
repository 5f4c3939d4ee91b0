/**
 * The whole REST door, asked as the HTTP server would ask it: any method, path, query, header and body, on a database in
 * memory. An input is written as a request is: a line with method and path, header lines, an empty line, the body. What
 * stands as `{token}` and the like is put in when it is sent, so that an input gets past the first look.
 */
import { ERRORS, explainMismatch, REST_BODIES, RestFailure } from '@ringdown/protocol';
import fc from 'fast-check';
import { chanceOf } from '../../recovery/random.ts';
import { bytesOf } from '../inputs/bytes.ts';
import { fitting, type Schema } from '../inputs/from-schema.ts';
import { spoil } from '../inputs/spoil.ts';
import { CANARY, TEXTS } from '../inputs/words.ts';
import { expect, type Target } from '../target.ts';
import { openRestDoor, PLACEHOLDERS, type RestDoor, ROUTES } from './rest-door.ts';

/** A new door on a new database after so many inputs, so that none has to read what thousands before it have made. */
const INPUTS_A_DOOR = 500;
const LONGEST_MESSAGE = 1_000;
/** What may be answered; 500 is a fault. */
const STATUSES: ReadonlySet<number> = new Set(
  [200, 204, 304, ...Object.values(ERRORS).map(({ code }) => code)].filter((code) => code !== 500),
);

const WORDS = [
  ...PLACEHOLDERS,
  ...ROUTES.map(([line]) => line),
  'Bearer ',
  'application/json',
  'Authorization',
  'Content-Type',
  'X-Forwarded-For',
  'Origin',
  'Accept-Language',
  'cursor=',
  'username=',
];

/** Opens it. */
export async function open(): Promise<Target> {
  let door = await openRestDoor();
  let left = INPUTS_A_DOOR;
  return {
    inputs: requests(),
    words: WORDS,
    about: HTTP_FILES,
    async run(input) {
      left -= 1;
      if (left < 0) {
        await door.close();
        door = await openRestDoor();
        left = INPUTS_A_DOOR;
      }
      return ask(door, input);
    },
    close: () => door.close(),
  };
}

const HTTP_FILES = [
  'app',
  'operation',
  'refused',
  'auth-routes',
  'profile-routes',
  'relation-routes',
  'group-routes',
  'rtc-routes',
  'live-call-routes',
  'web-app',
].map((name) => `packages/server/src/http/${name}.ts`);

async function ask(door: RestDoor, input: string): Promise<string> {
  await door.ready();
  const request = requestOf(door, input);
  if (!request) return 'cannot be sent';
  const response = await door.fetch(request);
  const bytes = Buffer.from(await response.arrayBuffer());
  const { status, headers } = response;
  expect(door.faults.length === 0, `a request failed: ${door.faults[0]}`);
  expect(STATUSES.has(status), `an answer with status ${status}`);
  expect(headers.get('x-content-type-options') === 'nosniff', 'an answer without its protective headers');
  const allowed = headers.get('access-control-allow-origin');
  expect(allowed === null || allowed === door.origin, 'an answer is opened to a foreign origin');
  expect(headers.get('set-cookie') === null, 'an answer sets a cookie');
  const type = headers.get('content-type') ?? '';
  if (!type.startsWith('application/json') || bytes.length === 0) return `${status} ${type}`;
  const body = JSON.parse(bytes.toString('utf8')) as {
    success?: boolean;
    error?: { message: string; code: number; reason: string };
  };
  if (body.success !== false) return `${status} ${Object.keys((body as { data?: object }).data ?? {})}`;
  expect(explainMismatch(RestFailure, body) === undefined, 'a failure is not of the shape of a failure');
  const { message, code, reason } = body.error ?? { message: '', code: 0, reason: '' };
  expect(Object.hasOwn(ERRORS, reason) && code === status, 'a failure has no reason of the table');
  expect(message.length > 0 && message.length <= LONGEST_MESSAGE, 'a failure says nothing, or too much');
  expect(!bytes.includes(CANARY) && !headers.get('www-authenticate')?.includes(CANARY), 'a failure repeats what came');
  return `${status} ${reason} ${message.replace(/\d+/g, 'n')}`;
}

/** @returns undefined for what no HTTP parser would hand on: that is tried on a real socket */
function requestOf(door: RestDoor, input: string): Request | undefined {
  const [head = '', ...rest] = input.split('\n\n');
  const [first = '', ...lines] = door.fill(head).split('\n');
  const space = first.indexOf(' ');
  const method = first.slice(0, space);
  const text = door.fill(rest.join('\n\n'));
  const hasBody = text !== '' && !/^(?:GET|HEAD)$/i.test(method);
  try {
    const headers = new Headers();
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    return new Request(`http://localhost:8080${first.slice(space + 1)}`, {
      method,
      headers,
      ...(hasBody && { body: bytesOf(text) }),
    });
  } catch {
    return undefined;
  }
}

/** Requests as clients make them, spoiled in one of their parts or as a whole. */
function requests(): fc.Arbitrary<string> {
  const header = fc.oneof(
    fc.constantFrom(
      'Authorization: Bearer {token}',
      'Content-Type: application/json',
      'Content-Type: text/plain',
      'Content-Type: application/json; charset=utf-8',
    ),
    fc.constantFrom(
      'Origin: http://localhost:8080',
      'Origin: null',
      'Origin: https://evil.example',
      'Accept: text/html',
      'If-None-Match: *',
    ),
    fc.constantFrom(
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-For: [::1',
      'Content-Length: 99999999',
      'Content-Length: -1',
      'Transfer-Encoding: chunked',
    ),
    fc.constantFrom(
      `Authorization: Bearer ${CANARY}`,
      'Authorization: bearer {token} {token}',
      `Cookie: ${CANARY}`,
      'Accept-Language: zh',
      'Range: bytes=0-1',
    ),
  );
  const query = fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '?cursor=x',
        '?limit=0',
        '?limit=100&limit=1',
        '?username=ben',
        '?username=%ff',
        `?username=${CANARY}`,
        '?__proto__=1',
        '?%',
        '?username[]=a',
      ),
    },
  );
  const known = { userId: ['{ben}', '{cleo}', '7'], refreshToken: ['{refresh}'], currentPassword: [CANARY, 'right'] };
  const operations = ROUTES.map(([line, body]) => {
    const schema = body && (REST_BODIES[body] as unknown as Schema);
    const text = schema ? fitting(schema, known).map((each) => JSON.stringify(each)) : fc.constant('');
    return text.map((each) => [line, each] as const);
  });
  const methods = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'PURGE', 'POST', 'PUT');
  const paths = fc.constantFrom('/', '/api', '/%2e%2e/x', '//x', '/api//auth/login', '/avatars/%ff.svg', ...TEXTS);
  const elsewhere = fc.tuple(methods, paths).map((line) => [line.join(' '), ''] as const);
  const asked = fc.oneof({ weight: 8, arbitrary: fc.oneof(...operations) }, { weight: 1, arbitrary: elsewhere });
  const authorised = fc.nat({ max: 9 }).map((n) => (n > 0 ? 'Authorization: Bearer {token}\n' : ''));
  // Mostly the body is spoiled, since all else is read by others before it is read here.
  const part = fc.constantFrom(0, 1, 2, 2, 2, 2);
  const changes = fc.array(fc.tuple(part, fc.integer({ min: 0, max: 2 ** 32 - 1 })), { maxLength: 3 });
  return fc
    .tuple(asked, query, authorised, fc.array(header, { maxLength: 2 }), changes)
    .map(([[line, body], search, token, headers, seeds]) => {
      const type = body === '' ? '' : 'Content-Type: application/json\n';
      const parts = [line + search, `${token}${type}${headers.join('\n')}`.trimEnd(), body];
      for (const [at, seed] of seeds) parts[at] = spoil(parts[at] ?? '', chanceOf(seed), WORDS);
      return `${parts[0]}\n${parts[1]}\n\n${parts[2]}`;
    });
}
