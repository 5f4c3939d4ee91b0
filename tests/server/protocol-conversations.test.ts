/** Every conversation of PROTOCOL.md, played against a real service. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { play } from './harness/conversation.ts';
import { startServer } from './harness/server.ts';

const document = readFileSync('packages/protocol/PROTOCOL.md', 'utf8');
const conversations = [...document.matchAll(/^### (.+)\n(?:(?!^###? ).*\n)*?```conversation\n([\s\S]*?)```/gm)].map(
  ([, title, text = '']) => ({ title, lines: text.trim().split('\n') }),
);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

test('the document has its conversations, each under a title of its own', () => {
  expect(conversations).toHaveLength(document.split('```conversation\n').length - 1);
  expect(conversations.length).toBeGreaterThan(12);
});

test.each(conversations)('the conversation “$title” goes as it is written', async ({ lines }) => {
  await play(lines, await startServer());
});
