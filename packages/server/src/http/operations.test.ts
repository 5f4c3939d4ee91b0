import { explainMismatch, REST_DATA } from '@ringdown/protocol';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NO_CALLS, PASSWORD, type Someone, type TestApp, testApp } from './app-for-tests.ts';

// A password hash takes 0.2 s, on a busy machine several times that.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let it: TestApp;
let carol: Someone;
/** What stands for `BOB` and `GROUP` in the table. */
let bob: Someone;
let groupId: string;

beforeAll(async () => {
  // Every call rings and can be answered, rejected and ended.
  const done = async () => undefined;
  it = await testApp({}, {}, { ...NO_CALLS, accepting: done, reject: done, hangUp: done });
  bob = await it.signUp('bob');
  carol = await it.signUp('carol');
  groupId = (await it.people.groups.create(carol.id, 'band')).id;
  await it.people.records.insert([
    {
      callId: 'call-1',
      callerId: carol.id,
      calleeId: bob.id,
      callType: 'audio',
      startedAt: it.clock.now(),
      endedAt: it.clock.now(),
      endedBy: 'caller',
      caller: { outcome: 'cancelled' },
      callee: { outcome: 'cancelled' },
      timeline: [{ at: it.clock.now(), who: 'caller', what: 'offered' }],
    },
  ]);
});
afterAll(() => it.close());

interface Row {
  readonly operation: string;
  readonly data: keyof typeof REST_DATA;
  /** A body that is right, and some that are not. */
  readonly body?: object;
  readonly wrong?: readonly unknown[];
}

const behindToken: Row[] = [
  { operation: 'GET /api/users/me', data: 'me' },
  {
    operation: 'PATCH /api/users/me',
    data: 'me',
    body: { doNotDisturb: true },
    wrong: [{ username: 'a b' }, { avatar: 'https://evil.example/x.svg' }, { hideBusy: 'yes' }],
  },
  { operation: 'GET /api/users?username=BOB1', data: 'user' },
  { operation: 'GET /api/friends', data: 'friends' },
  {
    operation: 'POST /api/friends',
    data: 'friendship',
    body: { userId: 'BOB' },
    wrong: [{}, { userId: '01' }, { userId: [] }],
  },
  { operation: 'DELETE /api/friends/BOB', data: 'nothing' },
  { operation: 'GET /api/blocks', data: 'blocks' },
  { operation: 'PUT /api/blocks/BOB', data: 'nothing' },
  { operation: 'DELETE /api/blocks/BOB', data: 'nothing' },
  { operation: 'GET /api/groups', data: 'groups' },
  {
    operation: 'POST /api/groups',
    data: 'group',
    body: { name: 'The Band' },
    wrong: [{}, { name: '' }, { name: ' ' }, { name: 'x'.repeat(65) }],
  },
  { operation: 'PUT /api/groups/GROUP/members/BOB', data: 'group' },
  { operation: 'DELETE /api/groups/GROUP/members/BOB', data: 'nothing' },
  { operation: 'GET /api/rtc/ice-servers', data: 'iceServers' },
  { operation: 'GET /api/rtc/calls?limit=2', data: 'calls' },
  { operation: 'GET /api/rtc/calls/call-1', data: 'call' },
  { operation: 'GET /api/rtc/calls/active', data: 'activeCalls' },
  { operation: 'GET /api/rtc/calls/call-1/timeline', data: 'timeline' },
  { operation: 'POST /api/rtc/calls/call-1/accepting', data: 'nothing' },
  {
    operation: 'POST /api/rtc/calls/call-1/reject',
    data: 'nothing',
    body: { reason: 'media_error' },
    wrong: [{ reason: 7 }, { reason: 'x'.repeat(129) }],
  },
  { operation: 'POST /api/rtc/calls/call-1/hang-up', data: 'nothing' },
  {
    operation: 'PUT /api/users/me/password',
    data: 'session',
    body: { currentPassword: PASSWORD, newPassword: 'battery staple' },
    wrong: [{}, { currentPassword: PASSWORD, newPassword: 'short' }],
  },
  { operation: 'POST /api/auth/logout', data: 'nothing', body: {}, wrong: [{ everywhere: 'yes' }] },
];
const WRONG_LOGINS = [
  {},
  { username: 'alice' },
  { username: '', password: PASSWORD },
  { username: 7, password: PASSWORD },
];
const open: Row[] = [
  {
    operation: 'POST /api/auth/register',
    data: 'session',
    body: { username: 'dave', password: PASSWORD },
    wrong: [...WRONG_LOGINS, { username: 'dave', password: 'short' }, { username: '-dave', password: PASSWORD }],
  },
  {
    operation: 'POST /api/auth/login',
    data: 'session',
    body: { username: 'dave', password: PASSWORD },
    wrong: WRONG_LOGINS,
  },
  {
    operation: 'POST /api/auth/refresh',
    data: 'session',
    body: { refreshToken: 'BOB' },
    wrong: [{}, { refreshToken: '' }],
  },
];

/** Sends a row's request; a body in the place of the row's own may be a text. */
async function send(
  row: Row,
  token: string | undefined,
  body: unknown = row.body,
  headers: Record<string, string> = {},
) {
  const filled = (text: string) => text.replace(/BOB\b/, bob.id).replace('GROUP', groupId);
  const [method = '', path = ''] = row.operation.split(' ');
  const text = body === undefined || typeof body === 'string' ? body : filled(JSON.stringify(body));
  return it.ask(method, filled(path), { token, body: text, headers });
}

describe('an operation behind a token', () => {
  test('stands in this table, each of them', async () => {
    const { json } = await it.ask('GET', '/openapi.json');
    const { paths } = json as unknown as { paths: Record<string, Record<string, { security?: object }>> };
    const secured = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security }]) => security !== undefined)
        .map(([method]) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '*')}`),
    );
    const inTable = behindToken.map(({ operation }) =>
      operation.replace(/\?.*$/, '').replace(/BOB|GROUP|call-1/g, '*'),
    );
    expect(secured.sort()).toEqual(inTable.sort());
  });

  // The last ones end the session, so each asks with a token of its own.
  test.each(behindToken)('$operation succeeds with the data that is promised, kept by nobody', async (row) => {
    const { status, headers, json } = await send(row, await it.tokenOf(carol));
    expect(json).toMatchObject({ success: true });
    expect(status).toBe(200);
    expect(explainMismatch(REST_DATA[row.data], json.data)).toBeUndefined();
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test.each(behindToken)('$operation is refused without a token and with one that is not good', async (row) => {
    const token = await it.tokenOf(carol);
    for (const [bad, authorization] of [
      [undefined, {}],
      ['nonsense', {}],
      [`${token.slice(0, -2)}xx`, {}],
      [undefined, { authorization: `Basic ${token}` }],
      [undefined, { authorization: token }],
    ] as const) {
      const { status, headers, json } = await send(row, bad, row.body, authorization);
      expect(status).toBe(401);
      expect(json.error).toEqual({ message: 'Please sign in.', code: 401, reason: 'unauthenticated' });
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    it.clock.pass(16 * 60_000);
    expect((await send(row, token)).json.error).toMatchObject({ code: 401, reason: 'token_expired' });
  });
});

describe('a body', () => {
  test.each([...behindToken.filter(({ wrong }) => wrong !== undefined), ...open])(
    'that $operation does not take is refused and not repeated',
    async (row) => {
      const token = behindToken.includes(row) ? await it.tokenOf(carol) : undefined;
      for (const body of [...(row.wrong ?? []), [], 'null', '"canary"', '7']) {
        const { status, text, json } = await send(row, token, body);
        expect([body, status, json.error['reason']]).toEqual([body, 400, 'invalid_payload']);
        expect(json.error['message']).toMatch(/^The message does not have the expected shape\. body/);
        expect(text).not.toMatch(/canary|evil/);
      }
      for (const body of ['{', '{"a":canary}', "{'a':1}"]) {
        const { status, text, json } = await send(row, token, body);
        expect([status, json.error['reason']]).toEqual([400, 'invalid_json']);
        expect(text).not.toContain('canary');
      }
      const plain = await send(row, token, '{}', { 'content-type': 'text/plain' });
      expect(plain.json.error['message']).toContain('content-type must be application/json');
    },
  );

  test('may have 32 KiB and no byte more', async () => {
    const token = await it.tokenOf(carol);
    const sized = (bytes: number) => `{"pad":"${'x'.repeat(bytes - 10)}"}`;
    const body = { token, body: sized(32 * 1024) };
    expect(body.body).toHaveLength(32 * 1024);
    expect((await it.ask('PATCH', '/api/users/me', body)).status).toBe(200);
    const larger = await it.ask('PATCH', '/api/users/me', { token, body: sized(32 * 1024 + 1) });
    expect(larger.json.error).toMatchObject({ code: 413, reason: 'too_large' });
  });
});
