/** The command line: what is refused, by which line, and what is understood. */
import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const URL_GIVEN = ['--url', 'ws://127.0.0.1:1/ws'];
const TWO = ['--token', '1:anna', '--token', '2:ben'];

test.each<[args: string[], line: RegExp]>([
  [['--nope'], /^Unknown option '--nope'\. See --help$/],
  [[...URL_GIVEN, '--register', 'more'], /^Unexpected argument 'more'\. See --help$/],
  [['--register'], /^--url is missing: .*$/],
  [URL_GIVEN, /^nobody to play: give --register, --token twice, or --account twice\. See --help$/],
  [[...URL_GIVEN, '--token', 'a'], /^two or three accounts play, got 1: repeat --token$/],
  [[...URL_GIVEN, ...TWO, ...TWO], /^two or three accounts play, got 4: repeat --token$/],
  [[...URL_GIVEN, ...TWO, '--register'], /^--register, --token and --account exclude each other$/],
  [
    [...URL_GIVEN, '--account', 'word', '--account', 'b:c'],
    /^--account must be name:password; the 1\. one has no colon$/,
  ],
  [
    ['--url', 'http://x/ws?token=word', '--register'],
    /^--url must begin with ws:\/\/ or wss:\/\/, got http:\/\/x\/ws$/,
  ],
  [[...URL_GIVEN, '--register', '--rest', 'x'], /^--rest must begin with http:\/\/ or https:\/\/, got x$/],
  [[...URL_GIVEN, '--register', '--only', 'half'], /^--only must be plain, extended or contract, got half$/],
  [[...URL_GIVEN, '--register', '--scenario', 'XX-9'], /^--scenario XX-9 is neither a scenario nor a rule of one/],
  [[...URL_GIVEN, '--register', '--timeout', 'soon'], /^--timeout must be a whole number from 1 to 86400, got soon$/],
  [[...URL_GIVEN, '--register', '--patience', '1'], /^--patience must be a whole number from 50 to 60000, got 1$/],
])('%j is refused in one clear line', (args, line) => {
  expect(() => readOptions(args)).toThrow(line);
});

test('the REST door stands where sockets are opened, unless it is said otherwise', () => {
  expect(readOptions(['--url', 'wss://calls.example:9/ws', '--register'])).toMatchObject({
    rest: 'https://calls.example:9',
    players: { by: 'registration' },
    slow: false,
    timeoutMs: 300_000,
  });
  expect(readOptions([...URL_GIVEN, '--rest', 'http://other/', ...TWO, '--slow'])).toMatchObject({
    rest: 'http://other',
    players: { by: 'tokens', tokens: ['1:anna', '2:ben'] },
    timeoutMs: 600_000,
  });
});

test('a password may hold a colon, and a scenario is named by its word or its rule', () => {
  const args = ['--account', 'anna:a:b', '--account', 'ben:c', '--scenario', 'AN-1', '--scenario', 'busy-in-a-call'];
  expect(readOptions([...URL_GIVEN, ...args])).toMatchObject({
    players: { by: 'accounts', accounts: [{ username: 'anna', password: 'a:b' }, { username: 'ben' }] },
    scenarios: ['AN-1', 'busy-in-a-call'],
  });
});
