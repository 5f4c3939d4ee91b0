import { describe, expect, it } from 'vitest';
import { IceServers, readIceServers } from './ice-servers.ts';

/** A service that gives numbered servers, and a clock that only the test moves. */
function setUp(ttlSeconds: number | undefined = 3600) {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const state = { fetched: 0, failing: false, silent: false };
  const servers = new IceServers({
    fetch: async () => {
      state.fetched += 1;
      if (state.failing) throw new Error('no service');
      if (state.silent) await new Promise(() => {});
      return { iceServers: [{ urls: `turn:${state.fetched}` }], ttlSeconds, iceTransportPolicy: 'relay' };
    },
    now: () => now,
    setTimer: (run, delayMs) => {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
  });
  return {
    servers,
    state,
    timers: () => timers.length,
    async pass(delayMs: number) {
      const end = now + delayMs;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = due.at;
        timers = timers.filter((timer) => timer !== due);
        due.run();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}
const HALF_MS = 1_800_000;

describe('ICE servers', () => {
  it('are kept for half of their time, with the policy they came with', async () => {
    const it = setUp();
    const first = { iceServers: [{ urls: 'turn:1' }], iceTransportPolicy: 'relay' };
    expect(await it.servers.configuration()).toEqual(first);
    await it.pass(HALF_MS - 1);
    expect(await it.servers.configuration()).toEqual(first);
    await it.pass(1);
    expect(await it.servers.configuration()).toMatchObject({ iceServers: [{ urls: 'turn:2' }] });
  });

  it('are asked for once when several ask at the same time', async () => {
    const it = setUp();
    await Promise.all([it.servers.configuration(), it.servers.configuration()]);
    expect(it.state.fetched).toBe(1);
  });

  it('without a time to live they are asked for every time', async () => {
    const it = setUp(0);
    await it.servers.configuration();
    await it.servers.configuration();
    expect(it.state.fetched).toBe(2);
  });

  it('who asks hears that the service fails, and the next one asks again', async () => {
    const it = setUp();
    it.state.failing = true;
    await expect(it.servers.configuration()).rejects.toThrow('no service');
    it.state.failing = false;
    expect(await it.servers.configuration()).toMatchObject({ iceServers: [{ urls: 'turn:2' }] });
  });

  it('who gives none and does not fail either is waited for five seconds, and asked again by the next', async () => {
    const it = setUp();
    it.state.silent = true;
    const waiting = it.servers.configuration();
    const failed = expect(waiting).rejects.toThrow('late');
    await it.pass(5_000);
    await failed;
    it.state.silent = false;
    expect(await it.servers.configuration()).toMatchObject({ iceServers: [{ urls: 'turn:2' }] });
    expect(it.timers()).toBe(0);
  });

  it('that cannot be fetched anew are used to the end of their time, and their policy to the end of the page', async () => {
    const it = setUp();
    const first = await it.servers.configuration();
    it.state.failing = true;
    await it.pass(2 * HALF_MS - 1);
    expect(await it.servers.configuration()).toEqual(first);
    await it.pass(1);
    await expect(it.servers.configuration()).rejects.toThrow('no service');
    expect(it.servers.without).toEqual({ iceServers: [], iceTransportPolicy: 'relay' });
    expect(setUp().servers.without).toEqual({ iceServers: [] });
  });

  it('during a call they are fetched again at half of their time, over and over', async () => {
    const it = setUp();
    await it.servers.configuration();
    const stop = it.servers.keepFresh();
    await it.pass(HALF_MS - 1);
    expect(it.state.fetched).toBe(1);
    await it.pass(1);
    expect(it.state.fetched).toBe(2);
    await it.pass(HALF_MS);
    expect(it.state.fetched).toBe(3);
    expect(await it.servers.configuration()).toMatchObject({ iceServers: [{ urls: 'turn:3' }] });
    stop();
    expect(it.timers()).toBe(0);
    await it.pass(10 * HALF_MS);
    expect(it.state.fetched).toBe(3);
  });

  it('a fetch that failed during a call is tried again half a minute later, and told to nobody', async () => {
    const it = setUp();
    await it.servers.configuration();
    it.servers.keepFresh();
    it.state.failing = true;
    await it.pass(HALF_MS);
    expect(it.state.fetched).toBe(2);
    it.state.failing = false;
    await it.pass(29_999);
    expect(it.state.fetched).toBe(2);
    await it.pass(1);
    expect(it.state.fetched).toBe(3);
    await it.pass(HALF_MS - 1);
    expect(it.state.fetched).toBe(3);
  });

  it('whatever short time the service gives, it is not asked more than every ten seconds', async () => {
    const it = setUp(1);
    await it.servers.configuration();
    it.servers.keepFresh();
    await it.pass(60_000);
    expect(it.state.fetched).toBe(7);
  });

  it('those that nobody has asked for yet, and those without a time to live, are not fetched by themselves', async () => {
    const it = setUp(0);
    it.servers.keepFresh();
    await it.pass(10 * HALF_MS);
    expect(it.state.fetched).toBe(0);
    await it.servers.configuration();
    await it.pass(10 * HALF_MS);
    expect(it.state.fetched).toBe(1);
  });

  it.each([
    [
      { iceServers: [], ttl: 10 },
      { iceServers: [], ttlSeconds: 10 },
    ],
    [
      { iceServers: [{ urls: 'stun:a' }, { urls: ['turn:b'], username: 'u' }] },
      { iceServers: [{ urls: 'stun:a' }, { urls: ['turn:b'], username: 'u' }] },
    ],
    [
      { iceServers: [null, {}, { urls: 5 }, { urls: [5] }, { urls: 'stun:a' }], ttl: '9' },
      { iceServers: [{ urls: 'stun:a' }] },
    ],
    [
      { iceServers: [], iceTransportPolicy: 'relay' },
      { iceServers: [], iceTransportPolicy: 'relay' },
    ],
    [{ iceServers: [], iceTransportPolicy: 'nonsense' }, { iceServers: [] }],
    [{ iceServers: 'none' }, undefined],
    [undefined, undefined],
    [null, undefined],
  ])('an answer of the service %j is read as %j', (data, read) => {
    expect(readIceServers(data)).toEqual(read);
  });
});
