/** A REST door on a database in memory, with three people in it, and what an input may name of theirs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { REST_BODIES } from '@ringdown/protocol';
import { createLogger } from '@ringdown/server';
import { createHttpApp } from '../../../packages/server/src/http/app.ts';
import type { LiveCalls } from '../../../packages/server/src/http/live-calls.ts';
import { CANARY } from '../inputs/words.ts';
import { openCast } from './cast.ts';

/** What is put in its place when an input is sent. */
export const PLACEHOLDERS = [
  '{token}',
  '{other}',
  '{refresh}',
  '{anna}',
  '{ben}',
  '{cleo}',
  '{group}',
  '{call}',
] as const;

/** Every operation with a path that leads somewhere, and the body it takes. */
export const ROUTES: readonly (readonly [line: string, body?: keyof typeof REST_BODIES])[] = [
  ['POST /api/auth/register', 'register'],
  ['POST /api/auth/login', 'login'],
  ['POST /api/auth/refresh', 'refresh'],
  ['POST /api/auth/logout', 'logout'],
  ['GET /api/users/me'],
  ['PATCH /api/users/me', 'updateMe'],
  ['PUT /api/users/me/password', 'changePassword'],
  ['GET /api/users?username=ben'],
  ['GET /api/friends'],
  ['POST /api/friends', 'befriend'],
  ['DELETE /api/friends/{ben}'],
  ['GET /api/blocks'],
  ['PUT /api/blocks/{cleo}'],
  ['DELETE /api/blocks/{cleo}'],
  ['GET /api/groups'],
  ['POST /api/groups', 'createGroup'],
  ['PUT /api/groups/{group}/members/{cleo}'],
  ['DELETE /api/groups/{group}/members/{cleo}'],
  ['GET /api/rtc/ice-servers'],
  ['GET /api/rtc/calls'],
  ['GET /api/rtc/calls/active'],
  ['GET /api/rtc/calls/{call}'],
  ['GET /api/rtc/calls/{call}/timeline'],
  ['POST /api/rtc/calls/{call}/accepting'],
  ['POST /api/rtc/calls/{call}/reject', 'rejectCall'],
  ['POST /api/rtc/calls/{call}/hang-up'],
  ['GET /livez'],
  ['GET /readyz'],
  ['GET /openapi.json'],
  ['GET /avatars/abc.svg'],
  ['GET /'],
  ['GET /index.html'],
];

/** A door that can be asked. */
export interface RestDoor {
  /** The only origin whose pages may read answers. */
  readonly origin: string;
  /** What the door has logged as an error; the texts, not the details. */
  readonly faults: string[];
  /** Puts what there is in the place of the placeholders. */
  fill(text: string): string;
  /** Signs Anna in again when an input has signed her out. */
  ready(): Promise<void>;
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** There is one live call, Anna's. */
const CALL_ID = '7b0f4a2e-7c1d-4d3f-9d55-0d9f6a0c1e11';

/** Opens one. */
export async function openRestDoor(): Promise<RestDoor> {
  const faults: string[] = [];
  const log = createLogger({
    level: 'warn',
    destination: {
      write: (line: string) => {
        if (line.includes(CANARY)) faults.push('the log shows what must not be logged');
        const { level, msg, err } = JSON.parse(line) as { level: string; msg: string; err?: { message?: string } };
        if (level === 'error') faults.push(`${msg}: ${err?.message}`);
      },
    },
  });
  const cast = await openCast({ TURN_URLS: 'turn:h', TURN_SECRET: 'x'.repeat(32) }, log);
  const { config, people, groupId } = cast;
  const { anna, ben, cleo } = cast.who;
  const webRoot = join(config.dataDir, 'web');
  mkdirSync(webRoot);
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html>');
  const app = createHttpApp({
    config,
    log,
    people,
    liveCalls: oneCall(anna.userId),
    ready: () => true,
    webRoot,
  });
  const named: Record<string, string> = {
    '{other}': ben.token,
    '{anna}': anna.userId,
    '{ben}': ben.userId,
    '{cleo}': cleo.userId,
    '{group}': groupId,
    '{call}': CALL_ID,
  };
  const use = ({ token, refreshToken }: { token: string; refreshToken: string }) => {
    Object.assign(named, { '{token}': token, '{refresh}': refreshToken });
  };
  use(anna);
  let signedOut = false;
  people.authenticator.onRevoked(() => {
    signedOut = true;
  });
  return {
    origin: config.allowedOrigins[0] ?? '',
    faults,
    fill: (text) => text.replace(/\{[a-z]{3,7}\}/g, (name) => named[name] ?? name),
    async ready() {
      if (signedOut) use(await people.authenticator.begin(anna.userId));
      signedOut = false;
    },
    fetch: async (request) => app.fetch(request, { incoming: { socket: { remoteAddress: '203.0.113.9' } } }),
    close: () => cast.close(),
  };
}

function oneCall(userId: string): LiveCalls {
  const about = <T>(by: string, callId: string, answer: T) =>
    by === userId && callId === CALL_ID ? answer : undefined;
  const done = async (by: string, callId: string) =>
    by === userId && callId === CALL_ID ? undefined : ('call_not_found' as const);
  return {
    active: async () => [],
    timeline: async (by, callId) => about(by, callId, []),
    accepting: done,
    reject: done,
    hangUp: done,
  };
}
