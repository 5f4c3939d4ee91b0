/** The texts of the languages belong together. */
import { describe, expect, test } from 'vitest';
import { en, type TextKey } from './en.ts';
import { pickLanguage, t } from './language.ts';
import { zhCn } from './zh-cn.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

test('both languages have the same texts', () => {
  expect(Object.keys(zhCn).sort()).toEqual(Object.keys(en).sort());
});

test('every text says something in both languages and names the same values', () => {
  for (const key of Object.keys(en) as TextKey[]) {
    expect(en[key].trim(), key).not.toBe('');
    expect(zhCn[key].trim(), key).not.toBe('');
    expect(placeholders(zhCn[key]), key).toEqual(placeholders(en[key]));
  }
});

test('a value takes the place of its name, and a missing one stays visible', () => {
  expect(t('incoming.title', { name: '<b>Anna</b>' })).toBe('<b>Anna</b> is calling');
  expect(t('incoming.title')).toBe('{name} is calling');
});

test('a value that looks like a name is not filled in again', () => {
  expect(t('groups.memberCount', { count: '{count}' })).toBe('Members: {count}');
});

describe('the language at the start', () => {
  test.each([
    ['the remembered one', 'zh-CN', ['en-US'], 'zh-CN'],
    ['the first of the browser’s that the app speaks', null, ['fr-FR', 'zh-TW', 'en'], 'zh-CN'],
    ['English in any of its forms', null, ['en-GB', 'zh'], 'en'],
    ['English when the app speaks none of the browser’s', null, ['fr', 'de'], 'en'],
    ['the browser’s when what was remembered is no language', 'toString', ['zh-CN'], 'zh-CN'],
  ] as const)('is %s', (_, remembered, preferred, expected) => {
    expect(pickLanguage(remembered, preferred)).toBe(expected);
  });
});
