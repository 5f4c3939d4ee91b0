import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError, DEFAULT_LIMITS, readConfig, settingsTable } from './config.ts';
import { testFolder } from './people-for-tests.ts';

const SECRET = 'x'.repeat(32);
let folder: ReturnType<typeof testFolder>;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const read = (env: Record<string, string> = {}) => readConfig(env, folder.path);
const refusalOf = (env: Record<string, string>): string => {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('was not refused');
};

describe('the settings', () => {
  test('have a safe default each', () => {
    const config = read();
    expect(config).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      dataDir: join(folder.path, 'data'),
      databaseFile: join(folder.path, 'data', 'ringdown.db'),
      ringTimeoutMs: 60_000,
      retentionDays: 365,
      stunUrls: [],
      turnUrls: [],
      turnSecrets: [],
      publicUrl: 'http://localhost:8080',
      allowedOrigins: ['http://localhost:8080', 'http://127.0.0.1:8080'],
      trustedProxies: [],
      busyPolicy: 'busy',
      denials: 'exact',
      limits: DEFAULT_LIMITS,
      passwordCost: 15,
      logLevel: 'info',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('generate a secret once, readable by the owner alone', () => {
    const first = read().authSecret;
    const file = join(folder.path, 'data', 'auth-secret');
    expect(first.length).toBeGreaterThanOrEqual(32);
    expect(read().authSecret).toEqual(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, 'data')).mode & 0o777).toBe(0o700);
  });

  test('refuse a secret file that was cut short', () => {
    read();
    writeFileSync(join(folder.path, 'data', 'auth-secret'), 'short');
    expect(refusalOf({})).toMatch(/^DATA_DIR: .*auth-secret must hold at least 32 bytes$/);
  });

  test('leave nothing behind when the start is refused', () => {
    refusalOf({ LIMITS: 'nonsense' });
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  test('need no folder when the secret is given', () => {
    expect(read({ AUTH_JWT_SECRET: SECRET }).authSecret).toEqual(new TextEncoder().encode(SECRET));
    expect(existsSync(join(folder.path, 'data'))).toBe(false);
  });

  test.each<[string, Record<string, string>, object]>([
    ['an empty variable is not set', { PORT: '', HOST: ' ', LIMITS: '' }, { port: 8080, host: '127.0.0.1' }],
    ['a port', { PORT: '9000' }, { port: 9000, publicUrl: 'http://localhost:9000' }],
    ['every interface', { HOST: '::' }, { host: '::' }],
    ['a host name', { HOST: 'calls.lan' }, { host: 'calls.lan' }],
    [
      'an absolute folder',
      { DATA_DIR: '/var/lib/x' },
      { dataDir: '/var/lib/x', databaseFile: '/var/lib/x/ringdown.db' },
    ],
    ['an absolute file', { DATABASE_URL: 'sqlite:/var/x.db' }, { databaseFile: '/var/x.db' }],
    ['an absolute file as a URL', { DATABASE_URL: 'sqlite:///var/x.db' }, { databaseFile: '/var/x.db' }],
    ['no file', { DATABASE_URL: 'sqlite::memory:' }, { databaseFile: ':memory:' }],
    ['the shortest ring', { RING_TIMEOUT_MS: '10000' }, { ringTimeoutMs: 10_000 }],
    ['the longest ring', { RING_TIMEOUT_MS: '180000' }, { ringTimeoutMs: 180_000 }],
    [
      'STUN servers',
      { STUN_URLS: 'stun:a.example, stuns:b.example:5349' },
      { stunUrls: ['stun:a.example', 'stuns:b.example:5349'] },
    ],
    [
      'TURN servers and two secrets',
      {
        TURN_URLS: 'turn:a.example:3478?transport=udp,turns:[2001:db8::1]:443?transport=tcp',
        TURN_SECRET: `${SECRET},${'y'.repeat(40)}`,
      },
      {
        turnUrls: ['turn:a.example:3478?transport=udp', 'turns:[2001:db8::1]:443?transport=tcp'],
        turnSecrets: [SECRET, 'y'.repeat(40)],
      },
    ],
    [
      'a public address',
      { PUBLIC_URL: 'https://calls.example.com/' },
      {
        publicUrl: 'https://calls.example.com',
        allowedOrigins: ['https://calls.example.com', 'http://localhost:8080', 'http://127.0.0.1:8080'],
      },
    ],
    [
      'origins, exactly',
      { ALLOWED_ORIGINS: 'https://a.example,https://b.example:8443' },
      { allowedOrigins: ['https://a.example', 'https://b.example:8443'] },
    ],
    [
      'proxies',
      { TRUSTED_PROXIES: '10.0.0.1, 10.1.0.0/16, fd00::/8' },
      { trustedProxies: ['10.0.0.1', '10.1.0.0/16', 'fd00::/8'] },
    ],
    ['history for ever', { RETENTION_DAYS: '0' }, { retentionDays: 0 }],
    ['history for a century', { RETENTION_DAYS: '36500' }, { retentionDays: 36_500 }],
    ['one waiting call', { BUSY_POLICY: 'waiting' }, { busyPolicy: 'waiting' }],
    ['uniform denials', { DENIALS: 'uniform' }, { denials: 'uniform' }],
    ['a limit', { LIMITS: '{"offersPerMinute":7}' }, { limits: { ...DEFAULT_LIMITS, offersPerMinute: 7 } }],
    ['dearer passwords', { PASSWORD_COST: '17' }, { passwordCost: 17 }],
    ['a quiet log', { LOG_LEVEL: 'warn' }, { logLevel: 'warn' }],
  ])('accept %s', (_name, env, expected) => {
    expect(readConfig({ AUTH_JWT_SECRET: SECRET, ...env }, folder.path)).toMatchObject(expected);
  });

  const wrong: [Record<string, string>, RegExp][] = [
    [{ PORT: '0' }, /^PORT: expected a whole number from 1 to 65535, got "0"$/],
    [{ PORT: '65536' }, /^PORT: /],
    [{ PORT: '8e1' }, /^PORT: /],
    [{ HOST: 'http://x' }, /^HOST: /],
    [{ DATABASE_URL: 'postgres://u:hidden@h/db' }, /^DATABASE_URL: expected sqlite:<path> .*, got "postgres:…"$/],
    [{ DATABASE_URL: 'ringdown.db' }, /^DATABASE_URL: /],
    [{ DATABASE_URL: 'host=h password=hidden' }, /^DATABASE_URL: expected sqlite:<path> [^,]*$/],
    [{ RING_TIMEOUT_MS: '9999' }, /^RING_TIMEOUT_MS: expected a whole number from 10000 to 180000, got "9999"$/],
    [{ RING_TIMEOUT_MS: '180001' }, /^RING_TIMEOUT_MS: /],
    [{ RETENTION_DAYS: '36501' }, /^RETENTION_DAYS: expected a whole number from 0 to 36500, got "36501"$/],
    [{ RETENTION_DAYS: '-1' }, /^RETENTION_DAYS: /],
    [{ RETENTION_DAYS: '1.5' }, /^RETENTION_DAYS: /],
    [{ STUN_URLS: 'turn:a.example' }, /^STUN_URLS: expected stun:host/],
    [{ STUN_URLS: 'stun:a.example,https://b' }, /^STUN_URLS: /],
    [{ TURN_URLS: 'stun:a.example', TURN_SECRET: SECRET }, /^TURN_URLS: expected turn:host/],
    [{ TURN_URLS: 'turn:user@a.example', TURN_SECRET: SECRET }, /^TURN_URLS: expected [^@]*$/],
    [{ TURN_URLS: 'turn:a.example' }, /^TURN_SECRET: expected a secret, because TURN_URLS is set$/],
    [{ TURN_SECRET: 'hidden' }, /^TURN_SECRET: expected at least 32 characters in each secret$/],
    [{ TURN_SECRET: `${SECRET},hidden` }, /^TURN_SECRET: /],
    [{ AUTH_JWT_SECRET: 'hidden-hidden-hidden-hidden-hid' }, /^AUTH_JWT_SECRET: expected at least 32 bytes$/],
    [{ PUBLIC_URL: 'calls.example.com' }, /^PUBLIC_URL: /],
    [{ PUBLIC_URL: 'https://calls.example.com/app' }, /^PUBLIC_URL: .*got "https:\/\/calls\.example\.com\/app"$/],
    [{ PUBLIC_URL: 'https://u:hidden@calls.example.com' }, /^PUBLIC_URL: /],
    [{ ALLOWED_ORIGINS: '*' }, /^ALLOWED_ORIGINS: .*got "\*"$/],
    [{ ALLOWED_ORIGINS: 'null' }, /^ALLOWED_ORIGINS: /],
    [{ ALLOWED_ORIGINS: 'https://*.example.com' }, /^ALLOWED_ORIGINS: /],
    [{ ALLOWED_ORIGINS: 'https://A.example' }, /^ALLOWED_ORIGINS: /],
    [{ ALLOWED_ORIGINS: 'https://a.example:443' }, /^ALLOWED_ORIGINS: /],
    [{ TRUSTED_PROXIES: 'proxy.lan' }, /^TRUSTED_PROXIES: expected IP addresses or CIDR ranges, got "proxy.lan"$/],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, /^TRUSTED_PROXIES: /],
    [{ TRUSTED_PROXIES: '10.0.0.0/8/8' }, /^TRUSTED_PROXIES: /],
    [{ BUSY_POLICY: 'sometimes' }, /^BUSY_POLICY: expected busy or waiting, got "sometimes"$/],
    [{ DENIALS: 'Exact' }, /^DENIALS: expected exact or uniform/],
    [{ LIMITS: '[]' }, /^LIMITS: expected a JSON object of numbers/],
    [{ LIMITS: '{"offers":1}' }, /^LIMITS: expected only the names .*, got "offers"$/],
    [{ LIMITS: '{"__proto__":1}' }, /^LIMITS: /],
    [{ LIMITS: '{"offersPerMinute":0}' }, /^LIMITS: expected a whole number above 0 for offersPerMinute, got "0"$/],
    [{ LIMITS: '{"offersPerMinute":1.5}' }, /^LIMITS: /],
    [{ LIMITS: '{"offersPerMinute":"9"}' }, /^LIMITS: /],
    [{ PASSWORD_COST: '9' }, /^PASSWORD_COST: expected a whole number from 10 to 17, got "9"$/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: /],
  ];
  test.each(wrong.map(([env, message]) => ({ what: JSON.stringify(env), env, message })))(
    '[T53] refuse $what in one line that does not repeat a secret',
    ({ env, message }) => {
      const said = refusalOf(env);
      expect(said).toMatch(message);
      expect(said).not.toMatch(/hidden|\n/);
    },
  );

  test('stand in the documentation as they are in the code', () => {
    const page = readFileSync(new URL('../../../docs/operations/settings.md', import.meta.url), 'utf8');
    const block = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(page)?.[1];
    expect(block).toBe(settingsTable());
  });
});
