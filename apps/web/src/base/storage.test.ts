/** Remembering, also where the browser forbids it. */
import { expect, test } from 'vitest';
import { openStorage } from './storage.ts';

const forbidden = () => {
  throw new DOMException('no', 'SecurityError');
};

test.each([
  ['throws when it is looked for', forbidden],
  ['throws when it is written', () => ({ getItem: () => null, setItem: forbidden, removeItem: forbidden })],
])('a storage that %s is replaced by one that lasts as long as the page', (_, find) => {
  const storage = openStorage(find);
  storage.setItem('key', 'value');
  expect(storage.getItem('key')).toBe('value');
  storage.removeItem('key');
  expect(storage.getItem('key')).toBeNull();
});
