/** What a log line must never show (SDP, candidates, addresses, tokens, passwords), and how it is taken out. Pure. */
import { isIPv6 } from 'node:net';

const MASK = '[hidden]';

/** Field names whose value is dropped at any depth, compared without case, `-` and `_`. */
const HIDDEN_FIELDS = new Set([
  'sdp',
  'offer',
  'answer',
  'candidate',
  'candidates',
  'usernamefragment',
  'ufrag',
  'pwd',
  'token',
  'tokens',
  'accesstoken',
  'refreshtoken',
  'resumetoken',
  'password',
  'currentpassword',
  'newpassword',
  'passwordhash',
  'secret',
  'secrets',
  'authsecret',
  'turnsecret',
  'turnsecrets',
  'credential',
  'credentials',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'secwebsocketprotocol',
  'ip',
  'address',
  'addresses',
  'remoteaddress',
  'localaddress',
  'relatedaddress',
  'raddr',
  'xforwardedfor',
  'forwarded',
  'xrealip',
  'body',
  'headers',
]);

/** An SDP or candidate line, also inside a JSON text where line ends are escaped; the rest of the text goes with it. */
const SDP_START =
  /(?:\bv=0(?:\s|\\)|(?:^|[\s"']|\\[rn])[a-z]=[^\s]|\bcandidate:\S|\bice-(?:ufrag|pwd):|\bfingerprint:)[\s\S]*/i;
/** Three base64url parts, as a JWT has; the header of one always begins with `{"`, which encodes to `eyJ`. */
const JWT = /\beyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,2}/g;
/** `"name":"value"` of a JSON text inside a text. */
const JSON_FIELD = /"([A-Za-z_-]{2,32})(\\{0,8}" ?: ?\\{0,8}")[^"\\]*/g;
const BEARER = /\b(bearer)[ .:]+[A-Za-z0-9._~+/=-]+/gi;
const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g;
/** A run of hex digits and colons, perhaps with an IPv4 tail; `isIPv6` decides, so that a clock time stays readable. */
const MAYBE_IPV6 = /(?<![0-9A-Za-z])[0-9A-Fa-f:]{2,45}(?:\.\d{1,3}){0,3}/g;

function hideIPv6(match: string): string {
  // A colon of the surrounding sentence may stick to either end.
  const bare = match.replace(/^:(?!:)/, '').replace(/(?<!:):$/, '');
  return isIPv6(bare) ? match.replace(bare, MASK) : match;
}

function isHidden(name: string): boolean {
  return HIDDEN_FIELDS.has(name.toLowerCase().replace(/[-_]/g, ''));
}

/**
 * Takes everything that must not be logged out of a text.
 * @param text any text
 */
function scrubText(text: string): string {
  return text
    .replace(SDP_START, MASK)
    .replace(JWT, MASK)
    .replace(JSON_FIELD, (match, name: string, between: string) =>
      isHidden(name) ? `"${name}${between}${MASK}` : match,
    )
    .replace(BEARER, `$1 ${MASK}`)
    .replace(MAYBE_IPV6, hideIPv6)
    .replace(IPV4, MASK);
}

/** As {@link scrubText}, through a JSON value; hidden fields lose their value whatever it is. */
function scrub(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [scrubText(key), isHidden(key) ? MASK : scrub(inner)]),
  );
}

/**
 * Takes everything that must not be logged out of one finished line.
 * @param line one JSON object as text
 * @returns a line that is safe to write; never throws, since a log line must not end a call
 */
export function scrubLine(line: string): string {
  try {
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return `${JSON.stringify({ time, ...(scrub(rest) as object) })}\n`;
  } catch {
    return `${JSON.stringify({ level: 'error', msg: 'a log line could not be read back and was dropped' })}\n`;
  }
}
