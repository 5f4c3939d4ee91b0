import { CLOSES } from '@ringdown/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from './connection.ts';
import { RingdownError } from './errors.ts';
import { browserPlatform, type SocketEvents } from './platform.ts';
import type { Admittance } from './service-http.ts';

class FakeSocket {
  readonly url: string;
  readonly protocols: string[];
  readonly events: SocketEvents;
  readonly sent: Record<string, unknown>[] = [];
  closedWith: number | undefined;

  constructor(url: string, protocols: string[], events: SocketEvents) {
    this.url = url;
    this.protocols = protocols;
    this.events = events;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code: number): void {
    this.closedWith = code;
  }
  /** Answers the frame that was sent last. */
  ack(data: object = {}): void {
    this.events.message(JSON.stringify({ type: 'ack', id: this.sent.at(-1)!['id'], data }));
  }
  refuse(data: object): void {
    this.events.message(
      JSON.stringify({ type: 'error', id: this.sent.at(-1)!['id'], data: { message: 'no', ...data } }),
    );
  }
}

const HANG_UP = { type: 'call:hang_up', data: { callId: 'c', receiverId: '2' } } as const;
const OFFER = { type: 'call:offer', data: { receiverId: '2', offer: { type: 'offer', sdp: 's' } } } as const;
const PATIENT = { giveUpAfterMs: 120_000 };

function setUp() {
  const sockets: FakeSocket[] = [];
  const states: string[] = [];
  const errors: RingdownError[] = [];
  const givenUp: RingdownError[] = [];
  const messages: unknown[] = [];
  const world = {
    token: (): string | Promise<string> => 'secret',
    admittance: 'unknown' as Admittance,
    wake: () => {},
    random: 0.5,
  };
  const connection = new Connection({
    socketUrl: 'wss://service.test/ws',
    token: () => world.token(),
    admittance: async () => world.admittance,
    platform: {
      ...browserPlatform,
      openSocket: (url, protocols, events) => {
        const socket = new FakeSocket(url, protocols, events);
        sockets.push(socket);
        return socket;
      },
      random: () => world.random,
      onWake: (listener) => {
        world.wake = listener;
        return () => {
          world.wake = () => {};
        };
      },
    },
    onMessage: (message) => messages.push(message),
    onState: (state) => states.push(state),
    onError: (error) => errors.push(error),
    onGivenUp: (error) => givenUp.push(error),
  });
  return { connection, sockets, states, errors, givenUp, messages, world };
}

/** A connection that is online, and its socket. */
async function online() {
  const all = setUp();
  const connected = all.connection.connect();
  await vi.advanceTimersByTimeAsync(0);
  all.sockets[0]!.events.open();
  await connected;
  return { ...all, socket: all.sockets[0]! };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('connecting', () => {
  it('[AU-1][T17] the token travels as a subprotocol beside the plain one, never in the address', async () => {
    const { socket, states } = await online();
    expect(socket.url).toBe('wss://service.test/ws');
    expect(socket.protocols).toEqual(['ringdown.plain', 'bearer.secret']);
    expect(states).toEqual(['connecting', 'online']);
  });

  it('a second connect is the first one', async () => {
    const { connection, sockets } = setUp();
    expect(connection.connect()).toBe(connection.connect());
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(1);
  });

  it('a service that cannot be reached is tried again, ever more patiently, with a token asked each time', async () => {
    const { connection, sockets, world } = setUp();
    let asked = 0;
    world.token = () => {
      asked += 1;
      return 'secret';
    };
    void connection.connect();
    const gaps: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const from = Date.now();
      while (sockets.length < attempt) await vi.advanceTimersByTimeAsync(10);
      gaps.push(Date.now() - from);
      sockets.at(-1)!.events.close(1006);
    }
    expect(gaps.slice(1)).toEqual([250, 500, 1000, 2000, 4000]);
    expect(asked).toBe(6);
  });

  it('a refused token is asked for once more, a second refusal is final', async () => {
    const { connection, sockets, world, states, givenUp } = setUp();
    world.admittance = 'refused';
    const connecting = connection.connect();
    const rejected = expect(connecting).rejects.toMatchObject({ code: 'unauthenticated' });
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.events.close(1006);
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
    sockets[1]!.events.close(1006);
    await rejected;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(2);
    expect(states.at(-1)).toBe('offline');
    expect(givenUp).toMatchObject([{ code: 'unauthenticated' }]);
  });

  it('nobody signed in is final at once', async () => {
    const { connection, sockets, world } = setUp();
    world.token = () => '';
    await expect(connection.connect()).rejects.toMatchObject({ code: 'unauthenticated' });
    world.token = () => Promise.reject(new RingdownError('unauthenticated', 'signed out'));
    await expect(connection.connect()).rejects.toMatchObject({ message: 'signed out' });
    expect(sockets).toEqual([]);
  });

  it('a token that cannot be had at the moment is told and asked for again', async () => {
    const { connection, sockets, world, errors } = setUp();
    world.token = () => Promise.reject(new Error('no network'));
    void connection.connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(errors).toMatchObject([{ code: 'not_online' }]);
    world.token = () => 'secret';
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(1);
  });

  it('a socket that does not open in 15 seconds is left', async () => {
    const { connection, sockets } = setUp();
    void connection.connect();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(sockets[0]!.closedWith).toBe(4000);
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(2);
    sockets[0]!.events.open();
    expect(connection.state).toBe('connecting');
  });

  it('a disconnect before the first success rejects, and stops everything', async () => {
    const { connection, sockets, states } = setUp();
    const rejected = expect(connection.connect()).rejects.toMatchObject({ code: 'not_online' });
    connection.disconnect();
    connection.disconnect();
    await rejected;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toEqual([]);
    expect(states).toEqual(['connecting', 'offline']);
  });

  it('after a disconnect one can connect again', async () => {
    const { connection, sockets, socket } = await online();
    connection.disconnect();
    expect(socket.closedWith).toBe(1000);
    const connected = connection.connect();
    await vi.advanceTimersByTimeAsync(0);
    sockets[1]!.events.open();
    await connected;
    expect(connection.state).toBe('online');
  });
});

describe('a socket that was closed', () => {
  it.each(Object.entries(CLOSES))('for %s is followed by what the table of codes advises', async (_, row) => {
    const { connection, sockets, socket, givenUp } = await online();
    await vi.advanceTimersByTimeAsync(10_000);
    socket.events.close(row.code);
    await vi.advanceTimersByTimeAsync(row.reconnect === 'new-token' ? 0 : 5_000);
    expect(sockets).toHaveLength(row.reconnect === 'no' ? 1 : 2);
    expect(connection.state).toBe(row.reconnect === 'no' ? 'offline' : 'connecting');
    expect(givenUp).toHaveLength(row.reconnect === 'no' ? 1 : 0);
  });

  it('again and again right after it opened is tried ever more patiently', async () => {
    const { sockets, socket } = await online();
    let last = socket;
    const gaps: number[] = [];
    for (let attempt = 2; attempt <= 5; attempt += 1) {
      last.events.close(4501);
      const from = Date.now();
      while (sockets.length < attempt) await vi.advanceTimersByTimeAsync(10);
      gaps.push(Date.now() - from);
      last = sockets.at(-1)!;
      last.events.open();
    }
    expect(gaps).toEqual([250, 500, 1000, 2000]);
  });

  it('is not waited out when the network is back or the page is seen again', async () => {
    const { sockets, socket, world } = await online();
    world.random = 0.99;
    socket.events.close(1006);
    world.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
  });
});

describe('requests', () => {
  it('carry an id of their own, and hear their own answer', async () => {
    const { connection, socket } = await online();
    const answers: unknown[] = [];
    connection.send(HANG_UP, { ack: (data) => answers.push(data) }, PATIENT);
    connection.send(OFFER, { ack: (data) => answers.push(data) }, PATIENT);
    expect(socket.sent[0]).toMatchObject(HANG_UP);
    expect(socket.sent[0]!['id']).not.toBe(socket.sent[1]!['id']);
    socket.ack({ callId: 'c1' });
    socket.ack({ callId: 'c2' });
    expect(answers).toEqual([{ callId: 'c1' }]);
  });

  it('that are refused hear why', async () => {
    const { connection, socket, messages } = await online();
    const refusals: unknown[] = [];
    connection.send(OFFER, { error: (error) => refusals.push(error) }, PATIENT);
    socket.refuse({ code: 429, reason: 'rate_limited', retryAfterMs: 2000 });
    expect(refusals).toMatchObject([{ code: 'rejected_by_service', reason: 'rate_limited', retryAfterMs: 2000 }]);
    expect(messages).toEqual([]);
  });

  it('that are no offers are repeated when the service cannot take them at the moment, three times', async () => {
    const { connection, socket } = await online();
    const refusals: unknown[] = [];
    connection.send(HANG_UP, { error: (error) => refusals.push(error) }, PATIENT);
    for (let repetition = 1; repetition <= 3; repetition += 1) {
      socket.refuse({ code: 503, reason: 'overloaded', retryAfterMs: 700 });
      await vi.advanceTimersByTimeAsync(699);
      expect(socket.sent).toHaveLength(repetition);
      await vi.advanceTimersByTimeAsync(1);
      expect(socket.sent).toHaveLength(repetition + 1);
    }
    socket.refuse({ code: 503, reason: 'overloaded' });
    expect(refusals).toHaveLength(1);
    expect(new Set(socket.sent.map(({ id }) => id)).size).toBe(1);
  });

  it('[AU-3] that are refused for the token go again over a new socket, with a new token', async () => {
    const { connection, sockets, socket, world } = await online();
    const answers: unknown[] = [];
    connection.send(OFFER, { ack: (data) => answers.push(data) }, PATIENT);
    world.token = () => 'fresh';
    socket.refuse({ code: 401, reason: 'token_expired' });
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets[1]!.protocols).toContain('bearer.fresh');
    sockets[1]!.events.open();
    sockets[1]!.ack({ callId: 'c' });
    expect(answers).toEqual([{ callId: 'c' }]);
  });

  it('[DS-1] that a lost socket may have swallowed go again over the next one, in order and with the same ids', async () => {
    const { connection, sockets, socket } = await online();
    connection.send(OFFER, {}, PATIENT);
    connection.send(HANG_UP, {}, PATIENT);
    socket.ack();
    connection.send(HANG_UP, {}, PATIENT);
    socket.events.close(1006);
    connection.send(HANG_UP, {}, PATIENT);
    await vi.advanceTimersByTimeAsync(250);
    sockets[1]!.events.open();
    expect(sockets[1]!.sent.map(({ type }) => type)).toEqual(['call:offer', 'call:hang_up', 'call:hang_up']);
    expect(sockets[1]!.sent[0]).toEqual(socket.sent[0]);
    expect(sockets[1]!.sent[1]).toEqual(socket.sent[2]);
  });

  it('said while listeners hear of the new socket are sent once, after the older ones', async () => {
    const { connection, sockets } = setUp();
    connection.send(OFFER, {}, PATIENT);
    void connection.connect().then(() => connection.send(HANG_UP, {}, PATIENT));
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]!.events.open();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets[0]!.sent.map(({ type }) => type)).toEqual(['call:offer', 'call:hang_up']);
  });

  it('that hear nothing for ten seconds show that the socket is dead', async () => {
    const { connection, sockets, socket } = await online();
    connection.send(HANG_UP, {}, PATIENT);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.closedWith).toBe(4000);
    expect(connection.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(250);
    sockets[1]!.events.open();
    expect(sockets[1]!.sent).toEqual(socket.sent);
  });

  it('are given up in their own time, sent or not', async () => {
    const { connection, socket } = await online();
    const refusals: RingdownError[] = [];
    const error = (each: RingdownError) => refusals.push(each);
    connection.send(OFFER, { error }, { giveUpAfterMs: 10_000 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(refusals).toMatchObject([{ code: 'timeout' }]);
    expect(socket.closedWith).toBe(4000);
    connection.disconnect();
    connection.send(OFFER, { error }, { giveUpAfterMs: 10_000 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(refusals).toHaveLength(2);
  });

  it('that were cancelled hear nothing, and say whether they may have arrived', async () => {
    const { connection, socket } = await online();
    const heard: unknown[] = [];
    const handlers = { ack: () => heard.push('ack'), error: () => heard.push('error') };
    const sent = connection.send(OFFER, handlers, PATIENT);
    expect(sent.cancel()).toBe(true);
    socket.ack();
    connection.disconnect();
    expect(connection.send(OFFER, handlers, PATIENT).cancel()).toBe(false);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(heard).toEqual([]);
  });
});

describe('the heartbeat', () => {
  it('[HE-4] sends a ping when nothing was sent for 20 seconds', async () => {
    const { connection, socket } = await online();
    await vi.advanceTimersByTimeAsync(15_000);
    connection.send(HANG_UP, {}, PATIENT);
    socket.ack();
    await vi.advanceTimersByTimeAsync(19_999);
    expect(socket.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.sent[1]).toMatchObject({ type: 'ping' });
  });

  it('[HE-4] takes silence for granted from a service that never answers pings', async () => {
    const { connection, sockets } = await online();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(connection.state).toBe('online');
    expect(sockets).toHaveLength(1);
  });

  it('[HE-4] takes silence for a dead path from a service that answered before', async () => {
    const { connection, socket } = await online();
    await vi.advanceTimersByTimeAsync(20_000);
    socket.ack();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(connection.state).toBe('online');
    await vi.advanceTimersByTimeAsync(1);
    expect(connection.state).toBe('connecting');
  });

  it('[HE-4] takes any frame for a sign of life', async () => {
    const { connection, socket } = await online();
    await vi.advanceTimersByTimeAsync(20_000);
    socket.ack();
    await vi.advanceTimersByTimeAsync(25_000);
    socket.events.message('{"type":"call:not_available","data":{"message":"","receiverId":"2"}}');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connection.state).toBe('online');
  });

  it('looks at once whether the socket lives when the network is back or the page is seen again', async () => {
    const { socket, world } = await online();
    world.wake();
    expect(socket.sent).toMatchObject([{ type: 'ping' }]);
  });
});
