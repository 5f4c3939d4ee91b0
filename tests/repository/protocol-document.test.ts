/** The protocol document against the code: its examples are real frames, and every rule of it has a test that names it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { decodeClientMessage, decodeServerMessage } from '@ringdown/protocol';
import { expect, test } from 'vitest';

const document = readFileSync('packages/protocol/PROTOCOL.md', 'utf8');
const examples = [...document.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => (text as string).trim());
const rules = [...new Set([...document.matchAll(/\*\*([A-Z]{2}-\d)\*\*/g)].map(([, id]) => id as string))];

test.each(examples)('the example %s is a frame that the codec takes', (text) => {
  const [client, service] = [decodeClientMessage(text), decodeServerMessage(text)];
  expect(client.ok || service.ok, JSON.stringify([client, service])).toBe(true);
});

test('the document has examples and rules', () => {
  expect(examples.length).toBeGreaterThan(10);
  expect(rules.length).toBeGreaterThan(40);
});

const tests = execFileSync('git', ['grep', '-h', '-E', '\\[[A-Z]{2}-[0-9]\\]', '--', '*.test.ts', '**/contract.ts'], {
  encoding: 'utf8',
});

test.each(rules)('%s stands in the name of a test', (id) => {
  expect(tests).toContain(`[${id}]`);
});
