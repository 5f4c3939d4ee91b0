/** A people half for tests: a fresh database in a temporary folder, a clock to turn, and its end when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PASSWORD_COST } from './auth/password.ts';
import { type Config, DEFAULT_LIMITS } from './config.ts';
import { type Database, openDatabase } from './db/database.ts';
import { usernameKey } from './db/username.ts';
import { createLogger } from './log.ts';
import { openPeople, type People } from './people.ts';

/** A clock that stands still until a test turns it. */
export interface TestClock {
  now: () => number;
  /** Lets some ms pass. */
  pass(ms: number): void;
}

/** Makes a clock that begins now. */
export function testClock(): TestClock {
  let time = Date.now();
  return {
    now: () => time,
    pass: (ms) => {
      time += ms;
    },
  };
}

/** Settings for tests: a free port, nothing written, limits that nobody meets by chance. */
export function testConfig(changes: Partial<Config> = {}): Config {
  return {
    port: 0,
    host: '127.0.0.1',
    dataDir: '/nonexistent',
    databaseFile: ':memory:',
    ringTimeoutMs: 60_000,
    retentionDays: 365,
    stunUrls: [],
    turnUrls: [],
    turnSecrets: [],
    authSecret: new TextEncoder().encode('a secret for tests that is long enough'),
    publicUrl: 'http://localhost:8080',
    allowedOrigins: ['http://localhost:8080'],
    trustedProxies: [],
    busyPolicy: 'busy',
    denials: 'exact',
    passwordCost: PASSWORD_COST.least,
    limits: { ...DEFAULT_LIMITS, registrationsPerHour: 10_000 },
    logLevel: 'silent',
    ...changes,
  };
}

/** Opens a people half in memory. */
export async function testPeople(changes: Partial<Config> = {}, clock: TestClock = testClock()): Promise<People> {
  return openPeople(testConfig(changes), createLogger({ level: 'silent' }), clock.now);
}

/** Opens an empty database in memory. */
export async function testDatabase(): Promise<Database> {
  return openDatabase(':memory:');
}

/** Puts a user in without the price of a password hash. @returns the canonical id */
export async function addUser(db: Database, username: string, id: number): Promise<string> {
  await db
    .insertInto('users')
    .values({
      id,
      external_id: null,
      username,
      username_key: usernameKey(username),
      password_hash: '',
      avatar: `/avatars/${id}.svg`,
      do_not_disturb: 0,
      hide_busy: 0,
      hide_address: 0,
      created_at: 0,
    })
    .execute();
  return String(id);
}

/** A new folder and what removes it. */
export function testFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'ringdown-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
