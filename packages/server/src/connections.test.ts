/** Taking sockets in when the calls of a device cannot. Everything else of it is tested through real sockets. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { MemoryWorld } from './call-store/memory.ts';
import { DEFAULT_LIMITS } from './config.ts';
import { type ConnectionPorts, Connections } from './connections.ts';
import { createLogger } from './log.ts';
import type { RawSocket } from './socket.ts';

const IDENTITY = { userId: '1', sessionId: 'login', expiresAt: Date.now() + 3_600_000 };
const HELLO = { type: 'hello', id: '1', data: { version: 1, deviceId: 'phone-of-anna' } };

/** Connections whose calls take nobody in, and a socket that writes down what comes. */
function full() {
  const detached = vi.fn(async () => {});
  const connections = new Connections({
    limits: DEFAULT_LIMITS,
    log: createLogger({ level: 'silent' }),
    store: new MemoryWorld(() => Date.now()).open('node'),
    authenticator: { onRevoked: () => () => {} } as unknown as ConnectionPorts['authenticator'],
    calls: { attached: async () => undefined, detached } as unknown as ConnectionPorts['calls'],
    directory: {
      relation: async () => ({ sender: { info: { id: 1, username: 'anna', avatar: '' } } }),
    } as unknown as ConnectionPorts['directory'],
    presence: { opened() {}, changed: async () => {}, unsubscribe() {} } as unknown as ConnectionPorts['presence'],
    dispatch: async () => ({ type: 'ack' }),
  });
  onTestFinished(() => connections.drain());
  const heard: string[] = [];
  const closed = Promise.withResolvers<number>();
  const raw: RawSocket = {
    send: (texts, sent) => {
      heard.push(...texts);
      sent();
    },
    close: closed.resolve,
    unsent: () => 0,
    ping() {},
    pause() {},
    resume() {},
  };
  return { connections, raw, heard, closed: closed.promise, detached };
}

test('[RI-2] a device whose calls cannot take it in is told 503, detached, and asked to come again', async () => {
  const { connections, raw, heard, closed, detached } = full();
  const socket = connections.open(raw, { language: 'en', extended: true, identity: IDENTITY });
  socket.onText(JSON.stringify(HELLO));
  expect(await closed).toBe(4100);
  expect(heard.map((text) => JSON.parse(text))).toMatchObject([
    { type: 'error', id: '1', data: { code: 503, reason: 'overloaded' } },
  ]);
  expect(detached).toHaveBeenCalledExactlyOnceWith('1/phone-of-anna', expect.any(String));
});

test('[RI-2] a plain socket whose calls cannot take it in is asked to come again', async () => {
  const { connections, raw, heard, closed } = full();
  connections.open(raw, { language: 'en', extended: false, identity: IDENTITY });
  expect(await closed).toBe(4100);
  expect(heard).toEqual([]);
});
