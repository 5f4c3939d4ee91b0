/** The HTTP app for tests, on a people half in memory, with somebody to ask it. */
import type { Config } from '../config.ts';
import { createLogger } from '../log.ts';
import type { People } from '../people.ts';
import { type TestClock, testClock, testConfig, testPeople } from '../people-for-tests.ts';
import { createHttpApp } from './app.ts';
import type { LiveCalls } from './live-calls.ts';
import type { App } from './operation.ts';

/** The password of everybody in a test. */
export const PASSWORD = 'correct horse';

/** Nobody is in a call. */
export const NO_CALLS: LiveCalls = {
  active: async () => [],
  timeline: async () => undefined,
  accepting: async () => 'call_not_found',
  reject: async () => 'call_not_found',
  hangUp: async () => 'call_not_found',
};

/** Somebody with an account, signed in. */
export interface Someone {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** What to send; a text body is sent as it is. */
interface Asked {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

/** What came back. */
interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: { success: boolean; data: never; error: Record<string, unknown> };
}

/** The app under test. */
export interface TestApp {
  readonly app: App;
  readonly people: People;
  readonly clock: TestClock;
  /** Everything it has logged. */
  readonly logged: string[];
  /** Whether it says it is ready. */
  ready: boolean;
  ask(method: string, path: string, asked?: Asked): Promise<Answered>;
  /** Makes an account with {@link PASSWORD}; a number follows the name. */
  signUp(name: string): Promise<Someone>;
  /** A new token of somebody, good by the app's clock. */
  tokenOf(someone: Pick<Someone, 'id'>): Promise<string>;
  close(): Promise<void>;
}

/**
 * Makes one.
 * @param changes settings that differ from the tests' own
 * @param replaced parts of the people half to put doubles in the place of
 * @param liveCalls the calls that go on; none by default
 */
export async function testApp(
  changes: Partial<Config> = {},
  replaced: Partial<People> = {},
  liveCalls: LiveCalls = NO_CALLS,
): Promise<TestApp> {
  const clock = testClock();
  const people = { ...(await testPeople(changes, clock)), ...replaced };
  const logged: string[] = [];
  const log = createLogger({ level: 'info', destination: { write: (line) => logged.push(line) } });
  let accounts = 0;
  const it: TestApp = {
    app: createHttpApp({ config: testConfig(changes), log, people, liveCalls, ready: () => it.ready, now: clock.now }),
    people,
    clock,
    logged,
    ready: true,

    async ask(method, path, { token, body, headers = {}, remoteAddress = '203.0.113.9' } = {}) {
      const sent = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const request = { method, headers: sent, ...(body === undefined ? {} : { body: text }) };
      const response = await it.app.request(path, request, { incoming: { socket: { remoteAddress } } });
      const answer = await response.text();
      const json = (answer === '' ? {} : JSON.parse(answer)) as Answered['json'];
      return { status: response.status, headers: response.headers, text: answer, json };
    },

    async signUp(name) {
      accounts += 1;
      const username = `${name}${accounts}`;
      const { json } = await it.ask('POST', '/api/auth/register', { body: { username, password: PASSWORD } });
      const data = json.data as { user: { id: string }; token: string; refreshToken: string };
      return { id: data.user.id, username, token: data.token, refreshToken: data.refreshToken };
    },

    tokenOf: async ({ id }) => (await people.authenticator.begin(id)).token,
    close: () => people.close(),
  };
  return it;
}
