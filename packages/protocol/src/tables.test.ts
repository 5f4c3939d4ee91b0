/** The tables of errors, closes and texts. */
import { expect, test } from 'vitest';
import { CLOSES, ERRORS, type ErrorReason, mayRepeat, reconnectAdvice } from './codes.ts';
import { isUserId } from './ids.ts';
import { chooseLanguage, errorText, LANGUAGES } from './texts.ts';

test('every error has an HTTP-like code, a sentence, and a text in every language', () => {
  for (const [reason, row] of Object.entries(ERRORS)) {
    expect(row.code, reason).toBeGreaterThanOrEqual(400);
    expect(row.code, reason).toBeLessThan(600);
    for (const language of LANGUAGES) expect(errorText(reason as ErrorReason, language).length).toBeGreaterThan(1);
  }
});

test('what may be repeated is what the table of errors says, and nothing unknown', () => {
  for (const [reason, { retry }] of Object.entries(ERRORS)) expect(mayRepeat(reason), reason).toBe(retry);
  for (const reason of [undefined, '', 'constructor', 'of_another_version']) expect(mayRepeat(reason)).toBe(false);
});

test('close codes say by their range whether to come back', () => {
  for (const { code, reconnect } of Object.values(CLOSES)) {
    expect(reconnectAdvice(code)).toBe(reconnect);
    if (code >= 4000 && code < 4500) expect(reconnect).toBe('yes');
    if (code >= 4500 && code < 5000) expect(reconnect).toBe(code === 4501 ? 'new-token' : 'no');
  }
});

test.each([
  [4100, 'yes'],
  [4501, 'new-token'],
  [4509, 'no'],
  [4999, 'no'],
  [4001, 'yes'],
  [1006, 'yes'],
  [1009, 'no'],
])('after %i a client should come back: %s', (code, advice) => {
  expect(reconnectAdvice(code)).toBe(advice);
});

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  ['zh-TW', 'zh-CN'],
  ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
  ['fr, zh;q=0.5', 'zh-CN'],
  ['zh;q=0, en', 'en'],
  ['de', 'en'],
  [';;;,,q=1', 'en'],
  ['zh;q=nonsense', 'en'],
])('Accept-Language %j means %s', (header, language) => {
  expect(chooseLanguage(header)).toBe(language);
});

test('[T24] only canonical decimals below 2^53 are user ids', () => {
  for (const id of ['1', '42', '9007199254740991']) expect(isUserId(id)).toBe(true);
  for (const id of ['0', '01', ' 1', '1 ', '1.0', '1e3', '-1', '', '9007199254740992', '99999999999999999'])
    expect(isUserId(id)).toBe(false);
});
