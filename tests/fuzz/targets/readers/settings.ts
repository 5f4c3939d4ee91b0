/** The environment: a frozen configuration or one line that says what was expected, and never a secret in it (T53). */
import { ConfigError, readConfig } from '@ringdown/server';
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../../../packages/server/src/config.ts';
import { clientAddress } from '../../../../packages/server/src/http/client-address.ts';
import { CANARY, TEXTS } from '../../inputs/words.ts';
import { expect } from '../../target.ts';
import { LONGEST_MESSAGE, type Reader } from './reader.ts';

/** `DATA_DIR` is not among them: a start makes that folder, and this must not make one just anywhere. */
export const SETTINGS: readonly string[] = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'PUBLIC_URL',
  'ALLOWED_ORIGINS',
  'TRUSTED_PROXIES',
  'AUTH_JWT_SECRET',
  'RING_TIMEOUT_MS',
  'RETENTION_DAYS',
  'BUSY_POLICY',
  'DENIALS',
  'STUN_URLS',
  'TURN_URLS',
  'TURN_SECRET',
  'PASSWORD_COST',
  'LOG_LEVEL',
  'LIMITS',
];
const SECRET_SETTINGS = ['AUTH_JWT_SECRET', 'TURN_SECRET'];

function settings(): fc.Arbitrary<string> {
  const value = fc.oneof(
    fc.constantFrom('8080', '0', '65535', '127.0.0.1', '::', 'busy', 'waiting', 'uniform', 'debug', 'sqlite::memory:'),
    fc.constantFrom('https://calls.example.com', 'http://[::1]:8080', 'http://a@b', 'HTTP://A', 'null', '*'),
    fc.constantFrom(
      '10.0.0.0/8',
      '::1',
      '10.0.0.0/33',
      '1.2.3.4/',
      'stun:a:3478',
      'turns:[::1]?transport=tcp',
      'turn:u:p@h',
    ),
    fc.constantFrom(
      '{"messagesBurst":1}',
      '{"__proto__":{"a":1}}',
      '{"constructor":1}',
      '[]',
      '{"offersPerMinute":1e999}',
    ),
    fc.constant(`postgres://u:${CANARY}@h/db`),
    fc.constantFrom(...TEXTS),
    fc.string(),
  );
  const secret = fc.constantFrom(
    CANARY,
    CANARY.repeat(4),
    `${CANARY.repeat(4)},${CANARY}`,
    `${CANARY.repeat(4)},${CANARY.repeat(5)}`,
  );
  const line = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...SETTINGS.filter((name) => !SECRET_SETTINGS.includes(name))), value),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...SECRET_SETTINGS), secret) },
  );
  return fc
    .array(
      line.map((each) => each.join('=')),
      { maxLength: 3 },
    )
    .map((lines) => lines.join('\n'));
}

function readSettings(text: string, folder: string): string {
  const env: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [name = '', ...value] = line.split('=');
    const text = value.join('=');
    // What is no secret is repeated on purpose, so that a typing error is seen: every other setting, and a scheme.
    const scheme = name === 'DATABASE_URL' ? /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] : undefined;
    const open = SECRET_SETTINGS.includes(name) ? '' : name === 'DATABASE_URL' ? (scheme ?? '') : text;
    if (SETTINGS.includes(name)) env[name] = open.replaceAll(CANARY, '-') + text.slice(open.length);
  }
  try {
    const config = readConfig({ ...env, DATA_DIR: folder }, folder);
    expect(Object.isFrozen(config), 'the settings can be changed');
    expect(Number.isInteger(config.port) && config.port > 0 && config.port < 65_536, 'a port that is none');
    expect(config.authSecret.length >= 32 && config.turnSecrets.every(({ length }) => length >= 32), 'a short secret');
    expect(config.turnUrls.length === 0 || config.turnSecrets.length > 0, 'TURN servers without a secret');
    const names = Object.keys(config.limits);
    expect(names.join() === Object.keys(DEFAULT_LIMITS).join(), 'the limits have other names than they have');
    expect(
      Object.values(config.limits).every((n) => Number.isSafeInteger(n) && n > 0),
      'a limit that is no count',
    );
    expect(
      config.allowedOrigins.every((origin) => new URL(origin).origin === origin),
      'an origin that is none',
    );
    // What is trusted must be readable where it is used.
    clientAddress('10.0.0.1', '192.0.2.1', config.trustedProxies);
    return 'settings';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { message } = error;
    expect(
      !/[\r\n]/.test(message) && message.length <= LONGEST_MESSAGE,
      'a refused setting is told in more than one line',
    );
    expect(!message.includes(CANARY), 'a refused setting shows a secret');
    return message.split(':')[0] ?? '';
  }
}

/** Lines `NAME=value`. */
export const settingsReader: Reader = { examples: settings(), read: readSettings };
