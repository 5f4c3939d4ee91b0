/** What only time brings to a connection: the heartbeat, the token's end, a client that does not read. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Frame, Unreadable } from './call-store/call-store.ts';
import { DEFAULT_LIMITS } from './config.ts';
import { createLogger } from './log.ts';
import type { Session } from './session.ts';
import { Socket, type SocketPorts } from './socket.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;

let raw: { closed: number | undefined; pings: number; unsent: number; written: string[]; sent: (() => void)[] };
let mailbox: Frame[];
let arrivesMeanwhile: Frame[];
let confirmed: number[];
let holdsCall: boolean;
let unreadable: Unreadable | undefined;
let identity: Session['identity'];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  raw = { closed: undefined, pings: 0, unsent: 0, written: [], sent: [] };
  mailbox = [];
  arrivesMeanwhile = [];
  confirmed = [];
  holdsCall = false;
  unreadable = undefined;
  identity = { userId: '1', sessionId: 'login', expiresAt: Date.now() + 24 * HOUR };
});
afterEach(() => {
  vi.useRealTimers();
});

function open(session?: Session): Socket {
  const ports: SocketPorts = {
    limits: DEFAULT_LIMITS,
    log: createLogger({ level: 'silent' }),
    dispatch: async () => {
      mailbox.push(...arrivesMeanwhile);
      return { type: 'ack' };
    },
    authenticate: async () => ({ failure: { reason: 'unauthenticated' } }),
    hello: async () => ({ failure: { reason: 'unauthenticated' }, close: 'token_expired' }),
    settled: async () => {},
    rang: async () => {},
    mailbox: async (_, after) => unreadable ?? mailbox.filter(({ seq }) => seq > after),
    confirmed: async (_, upTo) => {
      confirmed.push(upTo);
    },
    holdsCall: async () => holdsCall,
    storeNow: () => Date.now(),
  };
  return new Socket(
    {
      send: (texts, sent) => {
        raw.written.push(...texts);
        raw.sent.push(sent);
      },
      unsent: () => raw.unsent,
      ping: () => {
        raw.pings += 1;
      },
      close: (code) => {
        raw.closed = code;
      },
      pause: () => {},
      resume: () => {},
    },
    ports,
    { language: 'en', extended: false, ...(session && { identity, session }) },
  );
}

const session = (): Session => ({ sessionId: 's', endpoint: '1/~s', language: 'en', capabilities: [], identity });

/** Lets time pass a second at a time, as the ticker does. */
async function pass(socket: Socket, ms: number, answerPings = true): Promise<void> {
  for (let left = ms; left > 0; left -= SECOND) {
    vi.advanceTimersByTime(Math.min(left, SECOND));
    const before = raw.pings;
    socket.tick();
    if (answerPings && raw.pings > before) socket.onPong();
    await Promise.resolve();
  }
}

describe('heartbeat', () => {
  test('[HE-4] [F36] a socket is pinged every 25 s and stays as long as it answers', async () => {
    const socket = open(session());
    await pass(socket, 100 * SECOND);
    expect(raw.pings).toBe(4);
    expect(raw.closed).toBeUndefined();
  });

  test('[HE-4] without a pong it is closed with 4112 after 10 s', async () => {
    const socket = open(session());
    await pass(socket, 34 * SECOND, false);
    expect(raw.closed).toBeUndefined();
    await pass(socket, SECOND, false);
    expect(raw.closed).toBe(4112);
  });

  test('[HE-4] [F2] while it rings the ping comes every 10 s and the pong must within 5', async () => {
    const socket = open(session());
    mailbox = [
      {
        seq: 1,
        text: '{"type":"call:offer","data":{"callId":"c"}}',
        rings: { callId: 'c', until: Date.now() + 60_000 },
      },
    ];
    socket.wake();
    await vi.waitFor(() => expect(raw.written).toHaveLength(1));
    for (const sent of raw.sent) sent();
    await pass(socket, 14 * SECOND, false);
    expect(raw.closed).toBeUndefined();
    await pass(socket, SECOND, false);
    expect(raw.closed).toBe(4112);
  });
});

test('[DS-3] the end of a call is confirmed at once, so that it is not told again on the next socket', async () => {
  const socket = open(session());
  mailbox = [{ seq: 1, text: '{"type":"call:hang_up","data":{"callId":"c"}}', isEnd: true }];
  socket.wake();
  await vi.waitFor(() => expect(raw.pings).toBe(1));
  socket.onPong();
  expect(confirmed).toEqual([1]);
});

describe('a token that runs out', () => {
  test('[AU-3] closes its socket with 4501 after 25 s more', async () => {
    identity = { ...identity, expiresAt: Date.now() };
    const socket = open(session());
    await pass(socket, 24 * SECOND);
    expect(raw.closed).toBeUndefined();
    await pass(socket, 2 * SECOND);
    expect(raw.closed).toBe(4501);
  });

  test('[AU-3] leaves a socket alone that brings a newer one', async () => {
    identity = { ...identity, expiresAt: Date.now() };
    const held = session();
    const socket = open(held);
    await pass(socket, 20 * SECOND);
    held.identity = { ...identity, expiresAt: Date.now() + HOUR };
    await pass(socket, 60 * SECOND);
    expect(raw.closed).toBeUndefined();
  });

  test('[AU-3] does not cost a live call, for 12 h at most', async () => {
    identity = { ...identity, expiresAt: Date.now() };
    holdsCall = true;
    const socket = open(session());
    await pass(socket, 60 * SECOND);
    expect(raw.closed).toBeUndefined();
    vi.advanceTimersByTime(12 * HOUR - 63 * SECOND);
    await pass(socket, SECOND);
    expect(raw.closed).toBeUndefined();
    await pass(socket, 2 * SECOND);
    expect(raw.closed).toBe(4501);
  });
});

describe('a client that does not read', () => {
  test('[T40] is closed with 4108 when nothing moved for 10 s', async () => {
    const socket = open(session());
    mailbox = [{ seq: 1, text: '{"type":"x","data":{}}' }];
    socket.wake();
    await vi.waitFor(() => expect(raw.written).toHaveLength(1));
    await pass(socket, 9 * SECOND);
    expect(raw.closed).toBeUndefined();
    await pass(socket, SECOND);
    expect(raw.closed).toBe(4108);
  });

  test('[T40] is sent nothing more while 64 KiB are unsent, and the rest once they have left', async () => {
    const socket = open(session());
    mailbox = [{ seq: 1, text: '{"type":"x","data":{}}' }];
    raw.unsent = 64 * 1024;
    socket.wake();
    await Promise.resolve();
    expect(raw.written).toEqual([]);
    socket.send({ type: 'pong', data: {} });
    raw.unsent = 0;
    for (const sent of raw.sent.splice(0)) sent();
    await vi.waitFor(() => expect(raw.written).toHaveLength(2));
  });
});

test('[T41] nothing is handled after the socket was closed', async () => {
  const socket = open(session());
  socket.close('abuse');
  socket.onText('{"type":"ping","id":"x"}');
  await Promise.resolve();
  expect(raw.written).toEqual([]);
  expect(raw.closed).toBe(4529);
});

test('[GL-1] what the mailbox had when a request was answered stands before the answer', async () => {
  const socket = open(session());
  arrivesMeanwhile = [{ seq: 1, text: '{"type":"call:offer","data":{"callId":"c"}}' }];
  socket.onText('{"type":"call:hang_up","id":"x","data":{}}');
  await vi.waitFor(() => expect(raw.written).toHaveLength(2));
  expect(raw.written.map((text) => JSON.parse(text).type)).toEqual(['call:offer', 'ack']);
});

test.each([
  ['gap', 4108, 'its mailbox overflowed'],
  ['fenced', 4509, 'another socket of its device took the session'],
  ['lapsed', 4100, 'its node was taken for dead'],
] as const)(
  '[I12] [HE-3] a socket that finds its mailbox unreadable (%s) is closed with %i: %s',
  async (why, code, _because) => {
    const socket = open(session());
    unreadable = why;
    socket.wake();
    await vi.waitFor(() => expect(raw.closed).toBe(code));
  },
);
