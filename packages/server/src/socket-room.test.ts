/** What a connection writes to a client that reads slowly. */
import { deviceEndpoint } from '@ringdown/call';
import { expect, test } from 'vitest';
import type { Frame } from './call-store/call-store.ts';
import { DEFAULT_LIMITS } from './config.ts';
import { createLogger } from './log.ts';
import type { Session } from './session.ts';
import { Socket } from './socket.ts';

const KIB = 1024;

test('[T40] takes from its mailbox what fits into 64 KiB, and the rest when that has left', async () => {
  const frames: Frame[] = [1, 2, 3, 4, 5].map((seq) => ({ seq, text: `{"data":{"pad":"${'p'.repeat(48 * KIB)}"}}` }));
  const waiting: { text: string; sent: () => void }[] = [];
  const written: number[] = [];
  const closed: string[] = [];
  const raw = {
    send: (texts: readonly string[], sent: () => void) => {
      written.push(...texts.map((text) => Number(/"seq":(\d+)/.exec(text)?.[1])));
      waiting.push({ text: texts.join(''), sent });
    },
    unsent: () => waiting.reduce((sum, { text }) => sum + text.length, 0),
    ping: () => {},
    close: (_: number, reason: string) => void closed.push(reason),
    pause: () => {},
    resume: () => {},
  };
  const session: Session = {
    endpoint: deviceEndpoint('1', 'phone'),
    sessionId: 's',
    language: 'en',
    capabilities: [],
    identity: { userId: '1', sessionId: 'login', expiresAt: Number.POSITIVE_INFINITY },
  };
  const never = () => Promise.reject(new Error('not in this test'));
  const ports = {
    limits: DEFAULT_LIMITS,
    log: createLogger({ level: 'silent' }),
    dispatch: never,
    authenticate: never,
    hello: never,
    settled: async () => {},
    rang: async () => {},
    mailbox: async (_: Session, after: number, max: number) => frames.filter(({ seq }) => seq > after).slice(0, max),
    confirmed: async () => {},
    holdsCall: async () => false,
    storeNow: () => 0,
  };
  const socket = new Socket(raw, ports, { language: 'en', extended: true, session });
  socket.wake();
  await expect.poll(() => written).toEqual([1, 2]);
  for (let left = waiting.shift(); left; left = waiting.shift()) {
    left.sent();
    await new Promise((resolve) => setImmediate(resolve));
    expect(raw.unsent()).toBeLessThan(128 * KIB);
  }
  expect(written).toEqual([1, 2, 3, 4, 5]);
  expect(closed).toEqual([]);
});
