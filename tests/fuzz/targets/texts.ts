/**
 * Everything else that reads a text of a stranger, one reader an input: settings, REST bodies, log lines, addresses, ids,
 * names, cursors, languages, refresh tokens. The first line of an input names the reader.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseLanguage, isUserId, REST_BODIES, reconnectAdvice } from '@ringdown/protocol';
import fc from 'fast-check';
import { serviceAddress } from '../../../packages/client/src/address.ts';
import { hashesOf } from '../../../packages/server/src/auth/refresh-token.ts';
import { displayName, usernameKey } from '../../../packages/server/src/db/username.ts';
import { decodeCursor, encodeCursor } from '../../../packages/server/src/records/cursor.ts';
import { hostile } from '../inputs/hostile.ts';
import { CANARY } from '../inputs/words.ts';
import { expect, type Target } from '../target.ts';
import { addressReader } from './readers/address.ts';
import { bodyReader } from './readers/body.ts';
import { logLineReader } from './readers/log-line.ts';
import type { Reader } from './readers/reader.ts';
import { SETTINGS, settingsReader } from './readers/settings.ts';

const READERS: Readonly<Record<string, Reader>> = {
  settings: settingsReader,
  body: bodyReader,
  log: logLineReader,
  address: addressReader,
  userId: {
    examples: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 60n }).map(String), fc.string()),
    read(text) {
      const number = Number(text);
      const canonical = Number.isSafeInteger(number) && number > 0 && String(number) === text;
      expect(isUserId(text) === canonical, 'a user id is not exactly a canonical positive integer below 2^53');
      return String(canonical);
    },
  },
  name: {
    examples: fc.oneof(fc.string({ unit: 'binary', maxLength: 34 }), fc.constantFrom('anna', 'ﷺ', 'İstanbul', 'ﬁ')),
    read(text) {
      const shown = displayName(text);
      const key = usernameKey(text);
      if (shown === undefined) return 'none';
      expect(displayName(shown) === shown, 'a shown name is not shown as it is');
      expect(usernameKey(shown) === key, 'a shown name is another name than what was typed');
      return `name ${shown === text}`;
    },
  },
  cursor: {
    examples: fc
      .tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 64 }))
      .map(([startedAt, callId]) => encodeCursor({ startedAt, callId })),
    read(text) {
      const cursor = decodeCursor(text);
      expect(!cursor || encodeCursor(cursor) === text, 'a place in the history has two words');
      return String(cursor !== undefined);
    },
  },
  language: {
    examples: fc
      .array(fc.constantFrom('zh', 'zh-CN', 'en;q=0.5', 'de;q=0', '*', 'en;q=x', 'q=1'))
      .map((tags) => tags.join()),
    read(text) {
      const language = chooseLanguage(text);
      expect(language === 'en' || language === 'zh-CN', 'a language that the service does not speak');
      return language;
    },
  },
  refreshToken: {
    examples: fc.constant(`${'a'.repeat(22)}.${'b'.repeat(43)}`),
    read: (text) => String(hashesOf(text) !== undefined),
  },
  closeCode: {
    examples: fc.integer({ min: -1, max: 70_000 }).map(String),
    read: (text) => reconnectAdvice(Number(text)),
  },
  serviceUrl: {
    examples: fc.oneof(fc.webUrl(), fc.constantFrom('ws://h/ws', 'wss://u:p@h:1/a/ws?x#y', 'http://[::1]')),
    read(text) {
      let doors: { socketUrl: string; httpBase: string };
      try {
        doors = serviceAddress(text);
      } catch (error) {
        expect(error instanceof TypeError, 'an address is refused by another error than the promised one');
        return 'none';
      }
      const [socket, http] = [new URL(doors.socketUrl), new URL(doors.httpBase)];
      expect(/^wss?:$/.test(socket.protocol) && /^https?:$/.test(http.protocol), 'an address of another scheme');
      expect(socket.search + socket.username + socket.password === '', 'an address keeps what is secret');
      return 'address';
    },
  },
};

/** Opens it. */
export function open(): Target {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-fuzz-'));
  const words = [
    ...Object.keys(READERS),
    ...Object.keys(REST_BODIES),
    ...SETTINGS,
    CANARY,
    '::ffff:',
    '192.0.2.1',
    'sdp',
    'v=0',
  ];
  const inputs = Object.entries(READERS).map(([name, { examples }]) =>
    hostile(examples, words).map((text) => `${name}\n${text}`),
  );
  return {
    inputs: fc.oneof(...inputs),
    words,
    about: [
      'server/src/config.ts',
      'server/src/redaction.ts',
      'server/src/http/client-address.ts',
      'server/src/records/cursor.ts',
      'server/src/db/username.ts',
      'protocol/src/texts.ts',
      'protocol/src/ids.ts',
      'client/src/address.ts',
    ],
    run(input) {
      const end = input.indexOf('\n');
      const name = end < 0 ? input : input.slice(0, end);
      if (!Object.hasOwn(READERS, name)) return 'nobody reads it';
      return `${name} ${READERS[name]?.read(input.slice(name.length + 1), folder)}`;
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
