/** The protocol document against the code: its rules have tests, and its tables say what the code says. */
import { GRACE } from '@ringdown/call';
import {
  CLIENT_MESSAGES,
  CLOSE_MEANINGS,
  CLOSES,
  type CloseReason,
  ERROR_MEANINGS,
  ERRORS,
  type ErrorReason,
  EXTENDED_CLIENT_TYPES,
  PLAIN_SERVER_MESSAGES,
  SERVER_MESSAGES,
  WIRE_LIMITS,
} from '@ringdown/protocol';
import { readConfig } from '@ringdown/server';
import { describe, expect, test } from 'vitest';
import { read } from './documents.ts';
import { rulesOfTests } from './rule-tests.ts';

const document = read('packages/protocol/PROTOCOL.md');
const rules = [...document.matchAll(/\*\*([A-Z]{2}-\d)\*\*/g)].map(([, id]) => id as string);
const reserved = rowsUnder('## Reserved').flatMap(([word = '']) => /^`([A-Z]{2}-\d)`$/.exec(word)?.[1] ?? []);

/** The rows of the first table under a heading, as cells without the head. */
function rowsUnder(heading: string): string[][] {
  const section = document.split(`\n${heading}\n`)[1]?.split(/\n#+ /)[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| ') || line.startsWith('|-'));
  return lines.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

describe('rules', () => {
  const tests = rulesOfTests();

  test('there are some, and no id stands for two', () => {
    expect(rules.length).toBeGreaterThan(40);
    expect([...rules, ...reserved]).toEqual([...new Set([...rules, ...reserved])]);
  });

  test.each(rules)('%s stands in the name of a test', (id) => {
    expect(tests.get(id) ?? []).not.toEqual([]);
  });

  test('every rule that the name of a test speaks of is one of the document', () => {
    const spoken = [...tests.keys()].filter((id) => id.includes('-'));
    expect(spoken.filter((id) => !rules.includes(id))).toEqual([]);
  });

  test('every rule that the text or the code refers to is there, or reserved', () => {
    const sources = [document, read('packages/protocol/src/messages.ts'), read('packages/call/src/state.ts')].join(
      '\n',
    );
    const named = new Set([...sources.matchAll(/\b([A-Z]{2}-\d)\b/g)].map(([, id]) => id as string));
    expect([...named].filter((id) => !rules.includes(id) && !reserved.includes(id))).toEqual([]);
  });
});

describe('the tables', () => {
  interface Frame {
    readonly properties: { readonly data: { readonly properties?: object; readonly required?: readonly string[] } };
  }
  /** What a frame may have in `data`, as the document writes it. */
  function fieldsOf(schema: object): string {
    const { properties = {}, required = [] } = (schema as Frame).properties.data;
    const names = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
    return names.length === 0 ? '–' : `\`${names.join(', ')}\``;
  }

  test('name every message of a client, with its fields and who may send it', () => {
    const expected = Object.entries(CLIENT_MESSAGES).map(([type, schema]) => {
      const extended = (EXTENDED_CLIENT_TYPES as readonly string[]).includes(type);
      return [`\`${type}\``, fieldsOf(schema), extended ? 'extended' : 'plain'];
    });
    expect(rowsUnder('### From a client').map(([type, fields, , session]) => [type, fields, session])).toEqual(
      expected,
    );
  });

  test('name every message of the service, with its fields and who may get it', () => {
    const expected = Object.entries(SERVER_MESSAGES).map(([type, schema]) => [
      `\`${type}\``,
      fieldsOf(schema),
      type in PLAIN_SERVER_MESSAGES ? 'plain' : 'extended',
    ]);
    const rows = rowsUnder('### From the service');
    expect(rows.map(([type, fields, , session]) => [type, fields, session])).toEqual(expected);
  });

  test('have every error with its code, whether to try again, and when it is used', () => {
    const expected = Object.entries(ERRORS).map(([reason, { code, retry }]) => [
      String(code),
      `\`${reason}\``,
      retry ? 'yes' : 'no',
      ERROR_MEANINGS[reason as ErrorReason],
    ]);
    expect(rowsUnder('## Errors')).toEqual(expected);
  });

  test('have every close code with its word, whether to come back, and when it is used', () => {
    const expected = Object.entries(CLOSES).map(([word, { code, reconnect }]) => [
      String(code),
      `\`${word}\``,
      reconnect === 'new-token' ? 'with a new token' : reconnect,
      CLOSE_MEANINGS[word as CloseReason],
    ]);
    expect(rowsUnder('## Close codes')).toEqual(expected);
  });

  /** The numbers of a constant that its module keeps to itself: `name: 12_000` or `name: 12 * 3_600_000`. */
  function numbersOf(path: string, constant: string): Record<string, number> {
    const body = read(path).split(`const ${constant} = `)[1]?.split('\n}')[0] ?? '';
    const found = [...body.matchAll(/(\w+): ([\d_]+)(?: \* ([\d_]+))?[,\s]/g)];
    const number = (text = '1') => Number(text.replaceAll('_', ''));
    return Object.fromEntries(found.map(([, name = '', first, second]) => [name, number(first) * number(second)]));
  }
  const socket = numbersOf('packages/server/src/socket.ts', 'SOCKET_TIMES');
  const store = numbersOf('packages/server/src/call-store/call-store.ts', 'STORE_LIMITS');
  const { leastMs: ringTimeoutLeastMs, mostMs: ringTimeoutMostMs } = numbersOf(
    'packages/server/src/dispatch.ts',
    'RING_TIMEOUT',
  );
  const defaults = readConfig({ DATA_DIR: 'unused', AUTH_JWT_SECRET: 'x'.repeat(32) }, '/');

  test('have every timer with its value', () => {
    const answerCheckMs = Number(
      /ANSWER_CHECK_MS = ([\d_]+)/.exec(read('packages/server/src/dispatch.ts'))?.[1]?.replace('_', ''),
    );
    const { leaseMs: _, ...stored } = store;
    const timers = { ...GRACE, ...socket, ...stored, ringTimeoutLeastMs, ringTimeoutMostMs, answerCheckMs };
    const expected = { ...timers, ringTimeoutMs: defaults.ringTimeoutMs };
    const said = rowsUnder('## Timers').map(([name = '', value = '']) => [name.replaceAll('`', ''), inMs(value)]);
    expect(said).toHaveLength(new Set(said.map(([name]) => name)).size);
    expect(Object.fromEntries(said)).toEqual(onlyMs(expected));
  });

  test('have every limit with its value', () => {
    const { framesBeforeAuth } = socket;
    const { mailboxFrames, mailboxChars } = store;
    const expected = { ...WIRE_LIMITS, ...defaults.limits, framesBeforeAuth, mailboxFrames, mailboxChars };
    const said = rowsUnder('## Limits').map(([name = '', value]) => [name.replaceAll('`', ''), Number(value)]);
    expect(said).toHaveLength(new Set(said.map(([name]) => name)).size);
    expect(Object.fromEntries(said)).toEqual(expected);
  });

  function inMs(text: string): number {
    const [amount, unit = ''] = text.split(' ');
    return Number(amount) * ({ s: 1_000, min: 60_000, h: 3_600_000 }[unit] ?? Number.NaN);
  }
  function onlyMs(values: Readonly<Record<string, number | undefined>>) {
    return Object.fromEntries(Object.entries(values).filter(([name]) => name.endsWith('Ms')));
  }

  test('have every reason that the service gives for an end', () => {
    const code = ['ending', 'ringing', 'negotiation', 'transition'].map((file) => read(`packages/call/src/${file}.ts`));
    const given = [...code.join('\n').matchAll(/(?:hangUpMessage|endLeft)\([^;]*?, '([a-z_]+)'/g)].map(
      ([, word]) => word,
    );
    expect(given.length).toBeGreaterThan(7);
    expect(
      rowsUnder('### End reasons')
        .map(([word]) => word?.replaceAll('`', ''))
        .sort(),
    ).toEqual([...new Set(given)].sort());
  });

  test('and the drawing have every phase of a call', () => {
    const drawing = document.split('## The life of a call')[1]?.split('```')[1] ?? '';
    const phases = [...read('packages/call/src/state.ts').matchAll(/readonly phase: '(\w+)'/g)].map(
      ([, phase]) => phase,
    );
    expect(phases).toHaveLength(3);
    for (const phase of phases) expect(drawing).toContain(phase);
  });
});
