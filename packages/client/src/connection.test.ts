import { CLOSES } from '@ringdown/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type Greeting } from './connection.ts';
import { RingdownError } from './errors.ts';
import { browserPlatform, type SocketEvents } from './platform.ts';
import type { Token } from './token.ts';

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
  const greetings: Greeting[] = [];
  const world = {
    token: (): Token | Promise<Token> => 'secret',
    refused: false as boolean | Promise<boolean>,
    refusedAsked: 0,
    wake: () => {},
    changeNetwork: () => {},
    onState: () => {},
    onError: () => {},
    random: 0.5,
  };
  const connection = new Connection({
    socketUrl: 'wss://service.test/ws',
    token: () => world.token(),
    deviceId: async () => 'phone',
    lang: 'en',
    isRefused: async () => {
      world.refusedAsked += 1;
      return world.refused;
    },
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
      onNetworkChange: (listener) => {
        world.changeNetwork = listener;
        return () => {};
      },
    },
    onMessage: (message) => messages.push(message),
    onGreeted: (greeting) => greetings.push(greeting),
    onState: (state) => {
      states.push(state);
      world.onState();
    },
    onError: (error) => {
      (connection.state === 'offline' ? givenUp : errors).push(error);
      world.onError();
    },
    onStopped: () => {},
  });
  return { connection, sockets, states, errors, givenUp, messages, greetings, world };
}

/** A connection that is online in a plain session, and its socket. */
async function online() {
  const all = setUp();
  const connected = all.connection.connect();
  await vi.advanceTimersByTimeAsync(0);
  all.sockets[0]!.events.open();
  await connected;
  return { ...all, socket: all.sockets[0]! };
}

/** The answer to a hello. */
function greet(socket: FakeSocket, data: object = {}): void {
  const { id } = socket.sent.find(({ type }) => type === 'hello')!;
  const hello = { sessionId: 's', resumed: false, lastSeq: 0, resumeToken: 't1', calls: [], ...data };
  const user = { id: 1, username: 'anna', avatar: '' };
  const serverTime = new Date(Date.now()).toISOString();
  socket.events.message(JSON.stringify({ type: 'hello', id, data: { ...hello, user, limits: {}, serverTime } }));
}

/** A connection that is online in an extended session, and its socket. */
async function extended() {
  const all = setUp();
  const connected = all.connection.connect();
  await vi.advanceTimersByTimeAsync(0);
  all.sockets[0]!.events.open('ringdown.v1');
  greet(all.sockets[0]!);
  await connected;
  return { ...all, socket: all.sockets[0]! };
}

/** The next socket, once it was opened. */
async function next(sockets: FakeSocket[], count: number): Promise<FakeSocket> {
  while (sockets.length < count) await vi.advanceTimersByTimeAsync(10);
  return sockets[count - 1]!;
}

const BUSY = { callId: 'c', senderId: '2', message: '', timestamp: '' };
const positioned = (seq: number, type: string, data: object) => JSON.stringify({ seq, type, data });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('connecting', () => {
  it('[AU-1][T17] the token travels as a subprotocol beside the extended and the plain one, never in the address', async () => {
    const { socket, states } = await online();
    expect(socket.url).toBe('wss://service.test/ws');
    expect(socket.protocols).toEqual(['ringdown.v1', 'ringdown.plain', 'bearer.secret']);
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
    world.refused = true;
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

  it('an application that never gives its token is told so after 15 seconds and asked again', async () => {
    const { connection, sockets, world, errors, states } = setUp();
    world.token = () => new Promise(() => {});
    void connection.connect();
    await vi.advanceTimersByTimeAsync(14_999);
    expect(errors).toEqual([]);
    world.token = () => 'secret';
    await vi.advanceTimersByTimeAsync(1);
    expect(errors).toMatchObject([{ code: 'not_online' }]);
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(1);
    expect(states).toEqual(['connecting']);
  });

  it('a token that comes after it was given up is not used', async () => {
    const { connection, sockets, world } = setUp();
    let give = (_: string) => {};
    world.token = () =>
      new Promise((resolve) => {
        give = resolve;
      });
    void connection.connect();
    await vi.advanceTimersByTimeAsync(15_000);
    give('late');
    await vi.advanceTimersByTimeAsync(249);
    expect(sockets).toEqual([]);
  });

  it('whether the token is refused is asked at the first failure, and then at most once a minute', async () => {
    const { connection, sockets, world } = setUp();
    void connection.connect();
    const askedAt: number[] = [];
    const from = Date.now();
    for (let attempt = 1; Date.now() - from < 130_000; attempt += 1) {
      const before = world.refusedAsked;
      (await next(sockets, attempt)).events.close(1006);
      if (world.refusedAsked > before) askedAt.push(Date.now() - from);
    }
    expect(askedAt).toHaveLength(3);
    expect(askedAt[0]).toBe(10);
    expect(askedAt[1]! - askedAt[0]!).toBeGreaterThanOrEqual(60_000);
    expect(askedAt[2]! - askedAt[1]!).toBeGreaterThanOrEqual(60_000);
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
    expect(connection.state).toBe(row.reconnect === 'no' ? 'offline' : 'resuming');
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

  it.each(['resuming', 'error'])('is not opened again by who disconnects at the news of it (%s)', async (news) => {
    const { connection, sockets, socket, world } = await online();
    world.onState = () => {
      if (connection.state === news) connection.disconnect();
    };
    if (news === 'error') {
      world.token = () => Promise.reject(new Error('no network'));
      world.onError = () => connection.disconnect();
    }
    socket.events.close(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([connection.state, sockets.length]).toEqual(['offline', 1]);
  });

  it('after it had been ready for a while is opened again without delay, however it was found dead', async () => {
    const { connection, sockets } = setUp();
    void connection.connect();
    for (let attempt = 1; attempt <= 6; attempt += 1) (await next(sockets, attempt)).events.close(1006);
    for (let attempt = 7; attempt <= 9; attempt += 1) {
      const socket = await next(sockets, attempt);
      socket.events.open('ringdown.v1');
      greet(socket);
      await vi.advanceTimersByTimeAsync(29_999);
      expect(sockets).toHaveLength(attempt);
      await vi.advanceTimersByTimeAsync(1 + 250);
      expect([socket.closedWith, sockets.length]).toEqual([4000, attempt + 1]);
    }
  });

  it('before it answered the hello was no success, however long that took', async () => {
    const { connection, sockets } = setUp();
    connection.connect().catch(() => undefined);
    const gaps: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const from = Date.now();
      const socket = await next(sockets, attempt);
      gaps.push(Date.now() - from);
      socket.events.open('ringdown.v1');
      await vi.advanceTimersByTimeAsync(6_000);
      socket.events.close(attempt % 2 ? 4501 : 1011);
    }
    expect(gaps.slice(1)).toEqual([250, 500, 1000, 2000]);
  });
});

describe.each(['wake', 'changeNetwork'] as const)('when the network is back or the page is seen again (%s)', (what) => {
  it('a long back-off becomes one of at most half a second, and the next one is still longer', async () => {
    const { connection, sockets, world } = setUp();
    void connection.connect();
    for (let attempt = 1; attempt <= 6; attempt += 1) (await next(sockets, attempt)).events.close(1006);
    await vi.advanceTimersByTimeAsync(100);
    world[what]();
    world[what]();
    await vi.advanceTimersByTimeAsync(249);
    expect(sockets).toHaveLength(6);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(7);
    sockets[6]!.events.close(1006);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(sockets).toHaveLength(7);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(8);
  });

  it('a wait that is nearly over is not made longer', async () => {
    const { sockets, socket, world } = await online();
    socket.events.close(1006);
    await vi.advanceTimersByTimeAsync(200);
    world[what]();
    await vi.advanceTimersByTimeAsync(50);
    expect(sockets).toHaveLength(2);
  });

  it('an application that does not give its token is asked again', async () => {
    const { connection, sockets, world } = setUp();
    world.token = () => new Promise(() => {});
    void connection.connect();
    await vi.advanceTimersByTimeAsync(3_000);
    world.token = () => 'secret';
    world[what]();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(1);
  });

  it('the question why a socket did not open is not waited for', async () => {
    const { connection, sockets, world } = setUp();
    world.refused = new Promise(() => {});
    void connection.connect();
    (await next(sockets, 1)).events.close(1006);
    await vi.advanceTimersByTimeAsync(3_000);
    world[what]();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
  });
});

describe('a change of network', () => {
  it.each(['opening', 'greeting'])('leaves a socket that is %s on the old path', async (phase) => {
    const { connection, sockets, world } = setUp();
    connection.connect().catch(() => undefined);
    const socket = await next(sockets, 1);
    if (phase === 'greeting') socket.events.open('ringdown.v1');
    await vi.advanceTimersByTimeAsync(3_000);
    world.wake();
    expect(socket.closedWith).toBeUndefined();
    world.changeNetwork();
    await vi.advanceTimersByTimeAsync(0);
    expect([socket.closedWith, sockets.length]).toEqual([4000, 2]);
  });

  it('that is told again and again does not keep a socket from opening', async () => {
    const { connection, sockets, world } = setUp();
    void connection.connect();
    await next(sockets, 1);
    world.changeNetwork();
    await vi.advanceTimersByTimeAsync(1_000);
    world.changeNetwork();
    expect(sockets).toHaveLength(1);
    for (let second = 1; second <= 9; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      world.changeNetwork();
    }
    expect(sockets).toHaveLength(2);
    sockets[1]!.events.open();
    expect(connection.state).toBe('online');
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
    connection.send(OFFER, { error: (error) => refusals.push(error) }, { ...PATIENT, repeats: false });
    socket.refuse({ code: 429, reason: 'rate_limited', retryAfterMs: 2000 });
    expect(refusals).toMatchObject([{ code: 'rejected_by_service', reason: 'rate_limited', retryAfterMs: 2000 }]);
    expect(messages).toEqual([]);
  });

  it('are repeated when the service cannot take them at the moment, three times', async () => {
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

  it('[AU-3] that are refused for the token go again on the same socket, after a newer token', async () => {
    const { connection, sockets, socket, world } = await online();
    const answers: unknown[] = [];
    connection.send(OFFER, { ack: (data) => answers.push(data) }, PATIENT);
    world.token = () => 'fresh';
    socket.refuse({ code: 401, reason: 'token_expired' });
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'auth', data: { token: 'fresh' } });
    socket.ack();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent.at(-1)).toEqual(socket.sent[0]);
    socket.ack({ callId: 'c' });
    expect(answers).toEqual([{ callId: 'c' }]);
    expect(sockets).toHaveLength(1);
  });

  it('[AU-3] that are refused for a token that cannot be replaced go again over a new socket', async () => {
    const { connection, sockets, socket, world } = await online();
    const answers: unknown[] = [];
    connection.send(OFFER, { ack: (data) => answers.push(data) }, PATIENT);
    world.token = () => 'fresh';
    socket.refuse({ code: 401, reason: 'token_expired' });
    await vi.advanceTimersByTimeAsync(0);
    socket.refuse({ code: 401, reason: 'unauthenticated' });
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.closedWith).toBe(4000);
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
    expect(connection.state).toBe('resuming');
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
  it('[HE-4] of a plain session pings after 25 seconds of silence, and takes more of it for granted', async () => {
    const { connection, sockets, socket } = await online();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(socket.sent).toMatchObject([{ type: 'ping' }]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(connection.state).toBe('online');
    expect(sockets).toHaveLength(1);
  });

  it('[HE-4] of a plain session takes silence for a dead path once the service has answered a ping', async () => {
    const { connection, socket } = await online();
    connection.send(HANG_UP, {}, PATIENT);
    socket.ack();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(connection.state).toBe('online');
    await vi.advanceTimersByTimeAsync(20_000);
    socket.ack();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(connection.state).toBe('resuming');
  });

  it('[HE-4] of an extended session takes five silent seconds after a ping for a dead path', async () => {
    const { connection, socket } = await extended();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'ping' });
    socket.events.message(JSON.stringify({ type: 'pong', id: socket.sent.at(-1)!['id'], data: {} }));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(connection.state).toBe('online');
    await vi.advanceTimersByTimeAsync(1);
    expect([connection.state, socket.closedWith]).toEqual(['resuming', 4000]);
  });

  it('[HE-4] is faster in a call', async () => {
    const { connection, socket } = await extended();
    connection.inCall = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'ping' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(connection.state).toBe('resuming');
  });

  it.each(['wake', 'changeNetwork'] as const)('looks at once whether the socket lives (%s)', async (what) => {
    const { connection, socket, world } = await extended();
    await vi.advanceTimersByTimeAsync(1_000);
    world[what]();
    expect(socket.sent.at(-1)).toMatchObject({ type: 'ping' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(connection.state).toBe('resuming');
  });
});

describe('an extended session', () => {
  it('[HE-1] begins with a hello, and nothing is sent or delivered before its answer', async () => {
    const { connection, sockets, messages, states, greetings } = setUp();
    connection.send(OFFER, {}, PATIENT);
    const connected = connection.connect();
    const socket = await next(sockets, 1);
    socket.events.open('ringdown.v1');
    socket.events.message(positioned(1, 'call:busy', BUSY));
    expect(socket.sent).toMatchObject([
      { type: 'hello', data: { version: 1, deviceId: 'phone', lang: 'en', caps: ['renegotiate', 'media_state'] } },
    ]);
    expect([messages, states]).toEqual([[], ['connecting']]);
    greet(socket);
    await connected;
    expect(socket.sent.map(({ type }) => type)).toEqual(['hello', 'call:offer']);
    expect(greetings).toEqual([{ extended: true, resumed: false, calls: [] }]);
    expect(connection.extended).toBe(true);
  });

  it('[HE-1] without an answer to its hello is tried again on another socket', async () => {
    const { connection, sockets } = setUp();
    void connection.connect();
    const socket = await next(sockets, 1);
    socket.events.open('ringdown.v1');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.closedWith).toBe(4000);
    await next(sockets, 2);
  });

  it('[HE-1] whose hello came too late for the service tries again, a few times', async () => {
    const { connection, sockets, givenUp } = setUp();
    connection.connect().catch(() => undefined);
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      expect(givenUp).toEqual([]);
      const socket = await next(sockets, attempt);
      socket.events.open('ringdown.v1');
      socket.events.close(4500);
    }
    expect(givenUp).toMatchObject([{ code: 'rejected_by_service' }]);
  });

  it('[HE-3] that is replaced comes back when a hello of its own, left on a slow path, may be the other', async () => {
    const { connection, sockets, givenUp, world } = setUp();
    connection.connect().catch(() => undefined);
    (await next(sockets, 1)).events.open('ringdown.v1');
    await vi.advanceTimersByTimeAsync(3_000);
    world.changeNetwork();
    const second = await next(sockets, 2);
    second.events.open('ringdown.v1');
    second.events.close(4509);
    const third = await next(sockets, 3);
    expect(givenUp).toEqual([]);
    third.events.open('ringdown.v1');
    await vi.advanceTimersByTimeAsync(9_000);
    expect(sockets).toHaveLength(3);
  });

  it('[HE-3] that is replaced by another page stays away', async () => {
    const { connection, sockets, givenUp } = setUp();
    connection.connect().catch(() => undefined);
    const socket = await next(sockets, 1);
    socket.events.open('ringdown.v1');
    socket.events.close(4509);
    expect(givenUp).toMatchObject([{ code: 'rejected_by_service' }]);
  });

  it('[HE-1] that speaks no version of the service goes on as a plain one', async () => {
    const { connection, sockets, greetings, givenUp } = setUp();
    void connection.connect();
    const socket = await next(sockets, 1);
    socket.events.open('ringdown.v1');
    socket.refuse({ code: 400, reason: 'unsupported_version', supported: [2] });
    socket.events.close(4500);
    const second = await next(sockets, 2);
    expect(second.protocols).toEqual(['ringdown.plain', 'bearer.secret']);
    second.events.open('ringdown.plain');
    expect([greetings, givenUp]).toEqual([[{ extended: false }], []]);
  });

  it('[HE-1] acknowledges an offer at once and the rest together within a second', async () => {
    const { socket } = await extended();
    const acks = () => socket.sent.filter(({ type }) => type === 'ack').map(({ data }) => data);
    socket.events.message(positioned(1, 'call:busy', BUSY));
    await vi.advanceTimersByTimeAsync(500);
    socket.events.message(positioned(2, 'call:party', {}));
    socket.events.message(positioned(3, 'call:busy', { callId: 7 }));
    expect(acks()).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(acks()).toEqual([{ seq: 3 }]);
    const offer = { callId: 'c', senderId: '2', senderInfo: { id: 2, username: '', avatar: '' }, callType: 'audio' };
    socket.events.message(positioned(4, 'call:offer', { ...offer, offer: { type: 'offer', sdp: 's' } }));
    expect(acks()).toEqual([{ seq: 3 }, { seq: 4 }]);
  });

  it('[HE-2] resumes after a lost socket where it was, and hears nothing twice', async () => {
    const { sockets, socket, messages, greetings, states } = await extended();
    socket.events.message(positioned(1, 'call:busy', BUSY));
    socket.events.message(positioned(5, 'call:busy', BUSY));
    socket.events.close(1006);
    const second = await next(sockets, 2);
    second.events.open('ringdown.v1');
    expect(second.sent[0]!['data']).toMatchObject({ resume: { token: 't1', lastSeq: 5 } });
    greet(second, { resumed: true, lastSeq: 5, resumeToken: 't2' });
    second.events.message(positioned(5, 'call:busy', BUSY));
    second.events.message(positioned(6, 'call:busy', BUSY));
    expect(messages).toHaveLength(3);
    expect(greetings.at(-1)).toEqual({ extended: true, resumed: true, calls: [] });
    expect(states).toEqual(['connecting', 'online', 'resuming', 'online']);
    second.events.close(1006);
    const third = await next(sockets, 3);
    third.events.open('ringdown.v1');
    expect(third.sent[0]!['data']).toMatchObject({ resume: { token: 't2', lastSeq: 6 } });
  });

  it('[HE-2] that could not resume counts its mailbox anew', async () => {
    const { sockets, socket, messages } = await extended();
    socket.events.message(positioned(9, 'call:busy', BUSY));
    socket.events.close(1006);
    const second = await next(sockets, 2);
    second.events.open('ringdown.v1');
    greet(second);
    second.events.message(positioned(1, 'call:busy', BUSY));
    expect(messages).toHaveLength(2);
  });

  it('[HE-2] gets the acknowledgements that were missed before it repeats what they answer', async () => {
    const { connection, sockets, socket } = await extended();
    const answers: unknown[] = [];
    connection.send(OFFER, { ack: (data) => answers.push(data) }, PATIENT);
    const { id } = socket.sent.at(-1)!;
    socket.events.close(1006);
    const second = await next(sockets, 2);
    second.events.open('ringdown.v1');
    greet(second, { resumed: true });
    second.events.message(JSON.stringify({ seq: 1, type: 'ack', id, data: { callId: 'c' } }));
    second.events.message(JSON.stringify({ type: 'ack', id, data: { callId: 'c' } }));
    expect(answers).toEqual([{ callId: 'c' }]);
  });
});

describe('[AU-3] the token of an open socket', () => {
  it('is replaced a minute before its end', async () => {
    const all = setUp();
    let asked = 0;
    all.world.token = () => {
      asked += 1;
      return { token: `token${asked}`, expiresAt: Date.now() + 600_000 };
    };
    void all.connection.connect();
    const socket = await next(all.sockets, 1);
    socket.events.open('ringdown.v1');
    greet(socket);
    const auths = () => socket.sent.filter(({ type }) => type === 'auth');
    const alive = setInterval(() => socket.events.message('{"type":"pong","data":{}}'), 1_000);
    await vi.advanceTimersByTimeAsync(539_000);
    expect(auths()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(auths()).toMatchObject([{ data: { token: 'token2' } }]);
    socket.events.message(JSON.stringify({ type: 'ack', id: auths()[0]!['id'], data: {} }));
    await vi.advanceTimersByTimeAsync(541_000);
    expect(auths()).toMatchObject([{ data: { token: 'token2' } }, { data: { token: 'token3' } }]);
    clearInterval(alive);
  });

  /** A session that hears something every second, with a token that has to be replaced after some ten. */
  async function withTokenThatEndsSoon() {
    const all = setUp();
    all.world.token = () => ({ token: 'a', expiresAt: Date.now() + 40_000 });
    void all.connection.connect();
    const socket = await next(all.sockets, 1);
    socket.events.open('ringdown.v1');
    greet(socket);
    const alive = setInterval(() => socket.events.message('{"type":"pong","data":{}}'), 1_000);
    return { all, socket, alive };
  }

  it('is asked for again when it cannot be had, and the socket stays', async () => {
    const { all, socket, alive } = await withTokenThatEndsSoon();
    all.world.token = () => Promise.reject(new Error('no network'));
    await vi.advanceTimersByTimeAsync(31_000);
    expect(all.errors).toMatchObject([{ code: 'not_online' }]);
    all.world.token = () => 'b';
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'auth', data: { token: 'b' } });
    expect(all.connection.state).toBe('online');
    clearInterval(alive);
  });

  it('that the service was judging is not sent over the next socket, which has one of its own', async () => {
    const { connection, sockets, socket } = await online();
    connection.send(OFFER, {}, PATIENT);
    socket.refuse({ code: 401, reason: 'token_expired' });
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent.map(({ type }) => type)).toEqual(['call:offer', 'auth']);
    socket.events.close(1006);
    const second = await next(sockets, 2);
    second.events.open();
    expect(second.sent.map(({ type }) => type)).toEqual(['call:offer']);
  });

  it('that is never given is asked for again, and the socket stays', async () => {
    const { all, socket, alive } = await withTokenThatEndsSoon();
    all.world.token = () => new Promise(() => {});
    await vi.advanceTimersByTimeAsync(31_000);
    all.world.token = () => 'b';
    await vi.advanceTimersByTimeAsync(15_000);
    expect(all.errors).toMatchObject([{ code: 'not_online' }]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.sent.at(-1)).toMatchObject({ type: 'auth', data: { token: 'b' } });
    clearInterval(alive);
  });
});

describe('make-believe', () => {
  it('deaf: nothing gets through, until the heartbeat notices', async () => {
    const { connection, sockets, socket, messages } = await extended();
    const before = socket.sent.length;
    connection.inCall = true;
    connection.simulate('deaf');
    connection.send(HANG_UP, {}, PATIENT);
    socket.events.message(positioned(1, 'call:busy', BUSY));
    expect([socket.sent.length, messages.length]).toEqual([before, 0]);
    await vi.advanceTimersByTimeAsync(15_250);
    const second = sockets[1]!;
    second.events.open('ringdown.v1');
    greet(second, { resumed: true });
    expect(second.sent.at(-1)).toMatchObject(HANG_UP);
  });

  it.each([
    ['lost', true],
    ['forgotten', false],
    ['token', true],
  ] as const)('%s: the socket is left (resumed: %s)', async (fault, resumes) => {
    const { connection, sockets, socket } = await extended();
    connection.simulate(fault);
    expect(socket.closedWith).toBe(4000);
    const second = await next(sockets, 2);
    second.events.open('ringdown.v1');
    expect('resume' in (second.sent[0]!['data'] as object)).toBe(resumes);
  });
});
