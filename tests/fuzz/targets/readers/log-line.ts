/** The redaction of the log: one line out for one line in, whatever is in it (T33). */
import fc from 'fast-check';
import { scrubLine } from '../../../../packages/server/src/redaction.ts';
import { CANARY } from '../../inputs/words.ts';
import { expect } from '../../target.ts';
import type { Reader } from './reader.ts';

/** Longer texts are read once. */
const LONGEST_AROUND = 2_048;

/** In each of these the canary stands where the log must not show it. */
function logLines(): fc.Arbitrary<string> {
  const hidden = fc.constantFrom(
    'sdp',
    'token',
    'password',
    'Authorization',
    'x-forwarded-for',
    'candidate',
    'refresh_token',
    'body',
  );
  const field = hidden.map((name) => ({ [name]: CANARY }));
  const nested = fc
    .tuple(field, fc.jsonValue({ maxDepth: 3 }))
    .map(([inner, other]) => ({ err: { cause: [inner] }, other }));
  const message = fc
    .constantFrom(
      `v=0\r\no=- ${CANARY}`,
      `it was "v=0\\r\\n${CANARY}`,
      `candidate:1 1 udp 1 192.0.2.1 5 typ host ufrag ${CANARY}`,
      `Bearer ${CANARY}`,
      `a=ice-pwd:${CANARY}`,
      `it was {"password":"${CANARY}"}`,
    )
    .map((msg) => ({ msg }));
  const line = fc.tuple(fc.oneof(field, nested, message), fc.jsonValue({ maxDepth: 2 }));
  return line.map(([secret, more]) =>
    JSON.stringify({ time: '2026-01-01T00:00:00.000Z', level: 'info', more, ...secret }),
  );
}

function readLogLine(text: string): string {
  // The logger writes objects; whatever else a text is, it stands in one.
  const line = scrubLine(/^\s*\{/.test(text) ? text : JSON.stringify({ level: 'info', msg: text }));
  expect(line.endsWith('\n') && line.indexOf('\n') === line.length - 1, 'a log line is not one line');
  const parsed = JSON.parse(line) as Record<string, unknown>;
  // Of a long line the time of one reading is told, not of six.
  // Something is put in its place, since what stands before and after may be halves of another.
  const around = text.length > LONGEST_AROUND ? '' : text.replaceAll(CANARY, '-');
  for (const secret of placed(around)) {
    expect(!scrubLine(JSON.stringify(secret)).includes(CANARY), 'a log line shows what it must hide');
  }
  return Object.keys(parsed).length > 2 ? 'line' : 'dropped';
}

/** Lines with a secret where the redaction must find it, whatever stands around it. */
function placed(text: string): object[] {
  return [
    { token: `${text}${CANARY}` },
    { err: { message: text, cause: { Password: [text, { deep: CANARY }] } } },
    { msg: `v=0\r\n${text}${CANARY}` },
    { msg: `${text} candidate:1 1 udp 1 192.0.2.1 5 typ host ${CANARY}` },
    { msg: `Bearer ${CANARY} ${text}` },
  ];
}

/** A finished line, as the logger makes it. */
export const logLineReader: Reader = { examples: logLines(), read: readLogLine };
