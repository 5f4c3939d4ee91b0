import { Parser } from '@asyncapi/parser';
import {
  CLIENT_MESSAGES,
  CLOSES,
  ERRORS,
  EXTENDED_CLIENT_TYPES,
  PLAIN_SERVER_MESSAGES,
  SERVER_MESSAGES,
} from '@ringdown/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { testApp } from './app-for-tests.ts';
import { describeSocket } from './asyncapi.ts';

describe('the description of the socket', () => {
  let text: string;
  let parsed: Awaited<ReturnType<Parser['parse']>>;
  beforeAll(async () => {
    const app = await testApp();
    const { status, headers, text: body } = await app.ask('GET', '/asyncapi.json');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    text = body;
    // The parser reads no other document: there is no reference out of this one.
    expect(text).not.toMatch(/"\$ref":"[^#]/);
    parsed = await new Parser().parse(text);
    await app.close();
  });

  test('has no error and no warning for AsyncAPI’s own parser', () => {
    const severe = parsed.diagnostics.filter(({ severity }) => severity <= 1);
    expect(severe.map(({ code, message, path }) => `${path.join('.')}: ${code} ${message}`)).toEqual([]);
    expect(parsed.document?.version()).toBe('3.0.0');
  });

  const plainOnly = Object.keys(CLIENT_MESSAGES).filter(
    (type) => !(EXTENDED_CLIENT_TYPES as readonly string[]).includes(type),
  );
  test.each([
    ['plainReceive', plainOnly],
    ['plainSend', Object.keys(PLAIN_SERVER_MESSAGES)],
    ['extendedReceive', Object.keys(CLIENT_MESSAGES)],
    ['extendedSend', Object.keys(SERVER_MESSAGES)],
  ])('has in %s every message of that direction, and no other', (operation, types) => {
    const messages = parsed.document?.operations().get(operation)?.messages().all() ?? [];
    expect(messages.map((message) => message.name()).sort()).toEqual([...types].sort());
    for (const message of messages) {
      const payload = message.payload()?.json() as { properties: { type: object } };
      expect(payload.properties.type).toMatchObject({ const: message.name() });
    }
  });

  test('says where, and how one proves who one is', () => {
    const server = (address: string) =>
      (describeSocket(address) as { servers: { service: { host: string; protocol: string } } }).servers.service;
    expect(server('https://calls.example.com')).toMatchObject({ host: 'calls.example.com', protocol: 'wss' });
    expect(server('http://localhost:8080')).toMatchObject({ host: 'localhost:8080', protocol: 'ws' });
    expect(
      parsed.document
        ?.channels()
        .all()
        .map((channel) => channel.address()),
    ).toEqual(['/ws', '/ws']);
    expect(text).toContain('"ringdown.v1"'.replaceAll('"', '`'));
    const schemes = parsed.document?.components().securitySchemes().all() ?? [];
    expect(schemes.map((scheme) => scheme.id())).toEqual(['bearer', 'subprotocol', 'firstFrame']);
  });

  test('has every error and close code', () => {
    const { 'x-errors': errors, 'x-close-codes': closes } = JSON.parse(text) as Record<string, unknown>;
    expect(errors).toEqual(ERRORS);
    expect(closes).toEqual(CLOSES);
  });

  test('is plain JSON Schema throughout', () => {
    expect(text).not.toMatch(/"pattern":\{|~kind|~refine/);
  });
});
