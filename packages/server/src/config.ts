/** The settings: environment in, one frozen {@link Config} out. Refuses to start on what is wrong or unsafe. */
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { PASSWORD_COST } from './auth/password.ts';
import { readOrCreateSecret } from './data-dir.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';

/** Rates and counts, overridden by the variable `LIMITS` (a JSON object of these names). Source: PROTOCOL, "Limits". */
export interface Limits {
  /** Offers of one user in a minute. */
  readonly offersPerMinute: number;
  /** Offers from one user to one other in a minute. */
  readonly offersPerPairPerMinute: number;
  /** Offers in an hour to somebody who only shares a group, until answered or called back. */
  readonly offersPerStrangerPairPerHour: number;
  /** Frames of one socket in a second, sustained. */
  readonly messagesPerSecond: number;
  /** Frames of one socket that may come at once. */
  readonly messagesBurst: number;
  /** Frames that do not decode, of one socket in a minute. */
  readonly badFramesPerMinute: number;
  /** Open sockets of one user. */
  readonly socketsPerUser: number;
  /** Open sockets of one address that have not authenticated yet. */
  readonly unauthenticatedSocketsPerAddress: number;
  /** ICE server requests of one user in 10 minutes. */
  readonly iceServersPer10Minutes: number;
  /** Failed logins of one name from one address in 30 minutes; ten times as many for all names of one address. */
  readonly failedLoginsPer30Minutes: number;
  /** New accounts of one address in an hour. */
  readonly registrationsPerHour: number;
  /** Refused offers of one user in 10 minutes. */
  readonly denialsPer10Minutes: number;
}

/** What the limits are when `LIMITS` does not say otherwise. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  offersPerMinute: 20,
  offersPerPairPerMinute: 4,
  offersPerStrangerPairPerHour: 2,
  messagesPerSecond: 30,
  messagesBurst: 100,
  badFramesPerMinute: 50,
  socketsPerUser: 10,
  unauthenticatedSocketsPerAddress: 20,
  iceServersPer10Minutes: 60,
  failedLoginsPer30Minutes: 10,
  registrationsPerHour: 20,
  denialsPer10Minutes: 10,
});

/** Every setting of the service. Units are in the names. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute path of the folder for the database file and the generated secret. */
  readonly dataDir: string;
  /** Absolute path of the SQLite file, or `:memory:`. */
  readonly databaseFile: string;
  readonly ringTimeoutMs: number;
  /** How long the record of a call is kept after its end, in days; 0 for ever. */
  readonly retentionDays: number;
  readonly stunUrls: readonly string[];
  readonly turnUrls: readonly string[];
  /** First signs; the others are still accepted by the TURN server during a rotation. */
  readonly turnSecrets: readonly string[];
  /** HS256 key bytes, at least 32. */
  readonly authSecret: Uint8Array;
  /** Where people reach the service, without a trailing slash, e.g. `https://calls.example.com`. */
  readonly publicUrl: string;
  /** Exact origins that may open a socket or read REST answers from a page. */
  readonly allowedOrigins: readonly string[];
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly busyPolicy: 'busy' | 'waiting';
  readonly denials: 'exact' | 'uniform';
  /** log2 of scrypt's N; see `PASSWORD_COST`. */
  readonly passwordCost: number;
  readonly limits: Limits;
  readonly logLevel: LogLevel;
}

/** A setting that refuses the start. The message is one line: the variable, what was expected and, unless secret, what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The smallest secret, in bytes: the size of the HMAC's own output (RFC 7518 §3.2). */
const SECRET_BYTES = 32;

interface Setting {
  readonly name: string;
  /** As it stands in the documentation. */
  readonly fallback: string;
  readonly meaning: string;
}

/** The variables, in the order of the documentation. `docs/operations/settings.md` holds this table. */
const SETTINGS = [
  { name: 'PORT', fallback: '`8080`', meaning: 'TCP port to listen on, 1–65535.' },
  {
    name: 'HOST',
    fallback: '`127.0.0.1`',
    meaning:
      'Address to listen on. `0.0.0.0` or `::` opens the service to the network: put a TLS proxy in front, since browsers grant a camera only to `https` or `localhost`.',
  },
  {
    name: 'DATA_DIR',
    fallback: '`./data`',
    meaning: 'Folder for the database and the generated secret. Created with mode 0700.',
  },
  {
    name: 'DATABASE_URL',
    fallback: '`sqlite:` + `DATA_DIR/ringdown.db`',
    meaning: '`sqlite:<path>`, or `sqlite::memory:` to forget everything at the end. Other databases are refused.',
  },
  {
    name: 'PUBLIC_URL',
    fallback: '`http://localhost:PORT`',
    meaning: 'Where people reach the service: scheme, host and port, no path. It is the issuer of the access tokens.',
  },
  {
    name: 'ALLOWED_ORIGINS',
    fallback: '`PUBLIC_URL`, `http://localhost:PORT`, `http://127.0.0.1:PORT`',
    meaning:
      'Comma list of exact origins that may open a socket or read answers from a page. `*` and `null` are refused.',
  },
  {
    name: 'TRUSTED_PROXIES',
    fallback: 'none',
    meaning: 'Comma list of addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed.',
  },
  {
    name: 'AUTH_JWT_SECRET',
    fallback: 'a generated one, kept in `DATA_DIR/auth-secret`',
    meaning: 'Secret that signs access tokens, at least 32 bytes. Changing it signs everybody out of their sockets.',
  },
  { name: 'RING_TIMEOUT_MS', fallback: '`60000`', meaning: 'How long a call rings, in ms, 10000–180000.' },
  {
    name: 'RETENTION_DAYS',
    fallback: '`365`',
    meaning:
      'How many days the record of a call stays in the history, 0–36500; 0 keeps it for ever. Older ones are deleted at the start and once an hour.',
  },
  {
    name: 'BUSY_POLICY',
    fallback: '`busy`',
    meaning: '`busy`, or `waiting` to let one call ring beside an answered one.',
  },
  {
    name: 'DENIALS',
    fallback: '`exact`',
    meaning: '`exact`, or `uniform` to answer an offer that is not allowed like one to a stranger who does not exist.',
  },
  { name: 'STUN_URLS', fallback: 'none', meaning: 'Comma list of `stun:` or `stuns:` URLs.' },
  { name: 'TURN_URLS', fallback: 'none', meaning: 'Comma list of `turn:` or `turns:` URLs.' },
  {
    name: 'TURN_SECRET',
    fallback: 'none; required with `TURN_URLS`',
    meaning:
      'The secret shared with the TURN server, at least 32 characters. Two, separated by a comma, during a rotation: the first signs.',
  },
  {
    name: 'PASSWORD_COST',
    fallback: '`15`',
    meaning:
      'What hashing a password costs: the binary logarithm of scrypt’s N, 10–17; one more takes twice the time and memory (15: 32 MiB, about 0.2 s). Passwords that are set keep what they were hashed with. Below 15 is for tests only.',
  },
  {
    name: 'LOG_LEVEL',
    fallback: '`info`',
    meaning: 'From quiet to loud: `silent`, `fatal`, `error`, `warn`, `info`, `debug`, `trace`.',
  },
  {
    name: 'LIMITS',
    fallback: '`{}`',
    meaning: 'JSON object that overrides rates and counts by name, see the next table.',
  },
] as const satisfies readonly Setting[];

type Name = (typeof SETTINGS)[number]['name'];

/**
 * Reads the settings. Creates `DATA_DIR` and, when `AUTH_JWT_SECRET` is not set, the secret file in it.
 * An empty variable counts as not set.
 * @param env variables by name, usually `process.env`
 * @param cwd absolute folder that relative paths start from
 * @throws ConfigError on the first variable that is wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, cwd: string): Config {
  const read = (name: Name): string | undefined => env[name]?.trim() || undefined;
  const list = (name: Name): string[] =>
    (read(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const integer = (name: Name, fallback: number, least: number, most: number): number => {
    const text = read(name);
    if (text === undefined) return fallback;
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw refusal(name, `a whole number from ${least} to ${most}`, text);
  };
  const oneOf = <const T extends string>(name: Name, first: T, ...others: T[]): T => {
    const text = read(name) ?? first;
    const choices = [...new Set([first, ...others])];
    const found = choices.find((value) => value === text);
    if (found === undefined) throw refusal(name, choices.join(' or '), text);
    return found;
  };

  const port = integer('PORT', 8080, 1, 65535);
  const host = read('HOST') ?? '127.0.0.1';
  if (/[\s/:]/.test(host) && isIP(host) === 0) throw refusal('HOST', 'an IP address or a host name', host);
  const dataDir = resolve(cwd, read('DATA_DIR') ?? 'data');
  const databaseFile = databaseFileOf(read('DATABASE_URL'), dataDir, cwd);
  const publicUrl = originOf('PUBLIC_URL', read('PUBLIC_URL') ?? `http://localhost:${port}`);
  const ownOrigins = [publicUrl, `http://localhost:${port}`, `http://127.0.0.1:${port}`];
  const origins = list('ALLOWED_ORIGINS').map((origin) => originOf('ALLOWED_ORIGINS', origin));
  const stunUrls = list('STUN_URLS').map((url) => iceUrl('STUN_URLS', url, /^stuns?:/));
  const turnUrls = list('TURN_URLS').map((url) => iceUrl('TURN_URLS', url, /^turns?:/));

  return Object.freeze({
    port,
    host,
    dataDir,
    databaseFile,
    ringTimeoutMs: integer('RING_TIMEOUT_MS', 60_000, 10_000, 180_000),
    retentionDays: integer('RETENTION_DAYS', 365, 0, 36_500),
    stunUrls,
    turnUrls,
    turnSecrets: turnSecretsOf(list('TURN_SECRET'), turnUrls.length > 0),
    publicUrl,
    allowedOrigins: origins.length > 0 ? [...new Set(origins)] : [...new Set(ownOrigins)],
    trustedProxies: list('TRUSTED_PROXIES').map(proxyRange),
    busyPolicy: oneOf('BUSY_POLICY', 'busy', 'waiting'),
    denials: oneOf('DENIALS', 'exact', 'uniform'),
    passwordCost: integer('PASSWORD_COST', PASSWORD_COST.usual, PASSWORD_COST.least, PASSWORD_COST.most),
    limits: limitsOf(read('LIMITS')),
    logLevel: oneOf('LOG_LEVEL', 'info', ...LOG_LEVELS),
    // Last, because it may create a file: a start that is refused for another reason leaves nothing behind.
    authSecret: authSecretOf(env['AUTH_JWT_SECRET'] || undefined, dataDir),
  });
}

/** The documentation's tables of settings and limits, as Markdown. */
export function settingsTable(): string {
  const rows = SETTINGS.map(({ name, fallback, meaning }) => `| \`${name}\` | ${fallback} | ${meaning} |`);
  const limits = Object.entries(DEFAULT_LIMITS).map(([name, value]) => `| \`${name}\` | ${value} |`);
  return [
    '| variable | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
    '| name in `LIMITS` | default |',
    '|---|---|',
    ...limits,
    '',
  ].join('\n');
}

function refusal(name: Name, expected: string, came?: string): ConfigError {
  const shown = came === undefined ? '' : `, got ${JSON.stringify(came.slice(0, 80))}`;
  return new ConfigError(`${name}: expected ${expected}${shown}`);
}

function databaseFileOf(url: string | undefined, dataDir: string, cwd: string): string {
  if (url === undefined) return join(dataDir, 'ringdown.db');
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  if (path === undefined) {
    // The rest of such a URL, or a text that is none, may hold a password: only a scheme is shown.
    const scheme = /^[a-z][a-z0-9+.-]{0,31}:/i.exec(url)?.[0];
    throw refusal('DATABASE_URL', 'sqlite:<path> (no other database is supported)', scheme && `${scheme}…`);
  }
  return path === ':memory:' ? path : resolve(cwd, path);
}

function originOf(name: Name, text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const usable = parsed && /^https?:$/.test(parsed.protocol) && !text.includes('*');
  if (usable && (text === parsed.origin || text === `${parsed.origin}/`)) return parsed.origin;
  const expected = 'http(s)://host[:port] in lower case, without a default port, a path or a wildcard';
  // A URL may carry a password before its host; such a one is not repeated.
  throw refusal(name, expected, text.includes('@') ? undefined : text);
}

function iceUrl(name: Name, text: string, scheme: RegExp): string {
  // RFC 7064 and RFC 7065: scheme, host, optional port, optional transport; never credentials.
  const shape = /^(?:stuns?|turns?):(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?$/;
  if (scheme.test(text) && shape.test(text)) return text;
  const word = name === 'STUN_URLS' ? 'stun' : 'turn';
  throw refusal(name, `${word}:host[:port] or ${word}s:host[:port]`, text.includes('@') ? undefined : text);
}

function turnSecretsOf(secrets: string[], required: boolean): string[] {
  if (required && secrets.length === 0) throw refusal('TURN_SECRET', 'a secret, because TURN_URLS is set');
  if (secrets.some((secret) => secret.length < SECRET_BYTES)) {
    throw refusal('TURN_SECRET', `at least ${SECRET_BYTES} characters in each secret`);
  }
  return secrets;
}

function authSecretOf(secret: string | undefined, dataDir: string): Uint8Array {
  if (secret !== undefined) {
    const bytes = new TextEncoder().encode(secret);
    if (bytes.length < SECRET_BYTES) throw refusal('AUTH_JWT_SECRET', `at least ${SECRET_BYTES} bytes`);
    return bytes;
  }
  try {
    return readOrCreateSecret(dataDir, 'auth-secret', SECRET_BYTES);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`DATA_DIR: expected a folder this process can write, ${why}`, { cause: error });
  }
}

function proxyRange(text: string): string {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  const prefixFits = prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= widest);
  if (family !== 0 && rest.length === 0 && prefixFits) return text;
  throw refusal('TRUSTED_PROXIES', 'IP addresses or CIDR ranges', text);
}

function limitsOf(text: string | undefined): Limits {
  if (text === undefined) return DEFAULT_LIMITS;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw refusal('LIMITS', 'a JSON object of numbers', text);
  }
  for (const [name, value] of Object.entries(parsed)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw refusal('LIMITS', `only the names ${Object.keys(DEFAULT_LIMITS).join(', ')}`, name);
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw refusal('LIMITS', `a whole number above 0 for ${name}`, JSON.stringify(value));
    }
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...parsed });
}
