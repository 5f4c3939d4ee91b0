import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call, CallEnd, CallEvents, CallPhase } from './call.ts';
import { type ClientState, RingdownClient } from './client.ts';
import { Emitter } from './emitter.ts';
import type { RingdownError } from './errors.ts';
import { FakeMedia } from './fake-media.ts';
import { FakePeers } from './fake-peer.ts';
import { FakeService } from './fake-service.ts';
import { FakeBrowser, FakeTab } from './fake-tabs.ts';
import { FakeTones } from './fake-tones.ts';
import { type MissedCall, Ringer, type RingerOptions } from './ringer.ts';

const NOW_MS = 1_000_000;

/** A call as one tab sees it; the test says what becomes of it. */
class TestCall {
  readonly callId: string;
  readonly peer = { id: '1', username: 'ada' };
  readonly callType = 'video';
  state: CallPhase = 'incoming';
  end: CallEnd | undefined;
  readonly #emitter = new Emitter<CallEvents>((cause) => {
    throw cause;
  });

  constructor(callId: string) {
    this.callId = callId;
  }
  on<K extends keyof CallEvents>(event: K, listener: (value: CallEvents[K]) => void) {
    return this.#emitter.on(event, listener);
  }
  accept(): void {
    this.state = 'connecting';
    this.#emitter.emit('state', 'connecting');
  }
  ends(reason: CallEnd['reason'], by: CallEnd['by']): void {
    this.state = 'ended';
    this.end = { reason, by };
    this.#emitter.emit('state', 'ended');
    this.#emitter.emit('ended', this.end);
  }
}

/** One tab with a ringer; `client` is a stand-in that only hands calls over. */
class TestTab {
  readonly tab: FakeTab;
  readonly tones: FakeTones;
  readonly ringer: Ringer;
  readonly missed: MissedCall[] = [];
  readonly errors: RingdownError[] = [];
  readonly rang: (string | undefined)[] = [];
  state: ClientState = 'online';
  readonly #incoming = new Emitter<{ incoming: Call }>((cause) => {
    throw cause;
  });

  constructor(browser: FakeBrowser, options: { allowed?: boolean; sure?: boolean; ringer?: RingerOptions } = {}) {
    this.tab = Object.assign(browser.openTab(), { sure: options.sure ?? true });
    this.tones = new FakeTones(options.allowed);
    const { tab, tones } = this;
    this.ringer = new Ringer(this as unknown as RingdownClient, {
      ...options.ringer,
      platform: { tabs: tab, tones, now: () => NOW_MS },
    });
    this.ringer.on('missed', (missed) => this.missed.push(missed));
    this.ringer.on('error', (error) => this.errors.push(error));
    this.ringer.on('ringing', (call) => this.rang.push(call?.callId));
  }
  on(_event: 'incoming', listener: (call: Call) => void) {
    return this.#incoming.on('incoming', listener);
  }
  rings(callId = 'c1'): TestCall {
    const call = new TestCall(callId);
    this.#incoming.emit('incoming', call as unknown as Call);
    return call;
  }
  get isHeard(): boolean {
    return this.tones.playing.length > 0;
  }
}

/** Tabs of one browser, all of which ring for the same call. */
async function ringing(count: number, make: (index: number) => { allowed?: boolean; sure?: boolean } = () => ({})) {
  const browser = new FakeBrowser();
  const tabs = Array.from({ length: count }, (_, index) => new TestTab(browser, make(index)));
  const calls = tabs.map((tab) => tab.rings());
  await settle();
  return { browser, tabs, calls };
}

/** Lets the next tab ring, if there is one to ring. */
async function handOver(): Promise<void> {
  await vi.advanceTimersByTimeAsync(300);
}

/** Lets everything happen that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

const heard = (tabs: readonly TestTab[]) => tabs.flatMap((tab, index) => (tab.isHeard ? [index] : []));

describe('the ringer', () => {
  vi.useFakeTimers();
  beforeEach(() => {
    // The one timer that is not among the fake ones.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((delayMs) => {
      const over = new AbortController();
      setTimeout(() => over.abort(), delayMs);
      return over.signal;
    });
  });
  afterEach(() => vi.clearAllTimers());

  it('rings in one of six tabs, and says which', async () => {
    const { tabs } = await ringing(6);
    expect(heard(tabs)).toEqual([0]);
    expect(tabs.map(({ rang }) => rang)).toEqual([['c1'], [], [], [], [], []]);
  });

  it.each([0, 4])(
    'falls silent in all six tabs at once when tab %i accepts, before the service says a word',
    async (which) => {
      const { tabs, calls } = await ringing(6);
      calls[which]!.accept();
      await settle();
      expect(heard(tabs)).toEqual([]);
      expect(tabs[0]!.rang).toEqual(['c1', undefined]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(tabs.map(({ tones }) => tones.started)).toEqual([1, 0, 0, 0, 0, 0]);
    },
  );

  it.each([0, 4])('falls silent in all six tabs at once when tab %i rejects', async (which) => {
    const { tabs, calls } = await ringing(6);
    calls[which]!.ends('rejected', 'me');
    await settle();
    expect(heard(tabs)).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tabs.map(({ tones }) => tones.started)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(tabs.flatMap(({ missed }) => missed)).toEqual([]);
  });

  it.each(['answered_elsewhere', 'rejected_elsewhere'] as const)(
    'falls silent in all tabs when one hears that it was %s',
    async (reason) => {
      const { tabs, calls } = await ringing(3);
      calls[2]!.ends(reason, 'me');
      await settle();
      expect(heard(tabs)).toEqual([]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(tabs.flatMap(({ missed }) => missed)).toEqual([]);
    },
  );

  it('rings on in another tab when the one that rings dies', async () => {
    const { tabs } = await ringing(3);
    tabs[0]!.tab.die();
    await settle();
    expect(heard(tabs.slice(1))).toEqual([0]);
  });

  it('does not begin to ring when its turn comes at the moment of the end', async () => {
    const { tabs, calls } = await ringing(2);
    tabs[0]!.tab.die();
    calls[1]!.ends('rejected', 'me');
    await handOver();
    expect(tabs[1]!.isHeard).toBe(false);
  });

  it('[RJ-2] rings on elsewhere when one tab is too busy for it', async () => {
    const { tabs, calls } = await ringing(3);
    calls[0]!.ends('busy', 'me');
    await handOver();
    expect(heard(tabs)).toEqual([1]);
  });

  it('[RJ-2] rings again elsewhere when the tab that accepted gets no microphone', async () => {
    const { tabs, calls } = await ringing(3);
    calls[1]!.accept();
    await settle();
    expect(heard(tabs)).toEqual([]);
    calls[1]!.ends('media_error', 'me');
    await handOver();
    expect(heard(tabs)).toHaveLength(1);
    expect(tabs[1]!.isHeard).toBe(false);
  });

  it('rings again elsewhere when the tab that accepted dies over it', async () => {
    const { tabs, calls } = await ringing(3);
    calls[1]!.accept();
    await settle();
    tabs[1]!.tab.die();
    await handOver();
    expect(heard(tabs)).toHaveLength(1);
  });

  it('stays silent in all tabs when the call that was accepted is over', async () => {
    const { tabs, calls } = await ringing(3);
    calls[1]!.accept();
    await settle();
    calls[1]!.ends('hung_up', 'peer');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(heard(tabs)).toEqual([]);
  });

  it('is silent in a tab that is opened while another one answers', async () => {
    const { browser, calls } = await ringing(2);
    calls[0]!.accept();
    await settle();
    const late = new TestTab(browser);
    late.rings();
    await settle();
    expect(late.isHeard).toBe(false);
  });

  it('is silent for a call that was refused elsewhere before its offer came here', async () => {
    const { browser, calls } = await ringing(1);
    const late = new TestTab(browser);
    calls[0]!.ends('rejected', 'me');
    await settle();
    late.rings();
    await settle();
    expect(late.isHeard).toBe(false);
  });

  it('can be silenced in all tabs while the call goes on ringing, and stays so', async () => {
    const { tabs, calls } = await ringing(3);
    tabs[2]!.ringer.silence(calls[2] as unknown as Call);
    await settle();
    expect(heard(tabs)).toEqual([]);
    calls[1]!.accept();
    await settle();
    calls[1]!.ends('media_error', 'me');
    await handOver();
    expect(heard(tabs)).toEqual([]);
  });

  it('makes one sound when two calls ring', async () => {
    const browser = new FakeBrowser();
    const [ada, bob] = [new TestTab(browser), new TestTab(browser)];
    const first = ada.rings('c1');
    bob.rings('c2');
    await settle();
    expect(heard([ada, bob])).toEqual([0]);
    first.ends('rejected', 'me');
    await handOver();
    expect(heard([ada, bob])).toEqual([1]);
  });

  describe('in tabs that no gesture has touched', () => {
    it('lets a tab ring that may be heard', async () => {
      const { tabs } = await ringing(3, (index) => ({ allowed: index === 2 }));
      expect(heard(tabs)).toEqual([2]);
    });

    it('reports autoplay_blocked, and rings from the first gesture on', async () => {
      const { tabs } = await ringing(1, () => ({ allowed: false }));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(tabs[0]!.errors.map(({ code }) => code)).toEqual(['autoplay_blocked']);
      expect(heard(tabs)).toEqual([]);
      tabs[0]!.tones.gesture();
      await settle();
      expect(heard(tabs)).toEqual([0]);
    });

    it('does not begin to ring at a gesture after the end', async () => {
      const { tabs, calls } = await ringing(1, () => ({ allowed: false }));
      calls[0]!.ends('cancelled', 'peer');
      tabs[0]!.tones.gesture();
      await settle();
      expect(heard(tabs)).toEqual([]);
    });
  });

  describe('after a missed call', () => {
    it.each(['no_answer', 'cancelled', 'connection_lost'] as const)(
      'tells of it once among six tabs: %s',
      async (reason) => {
        const { tabs, calls } = await ringing(6);
        for (const call of calls.toReversed()) {
          call.ends(reason, reason === 'cancelled' ? 'peer' : 'service');
          await settle();
        }
        await vi.advanceTimersByTimeAsync(10_000);
        expect(tabs.map(({ missed }) => missed.length)).toEqual([1, 0, 0, 0, 0, 0]);
        expect(tabs[0]!.missed).toEqual([
          { callId: 'c1', peer: { id: '1', username: 'ada' }, callType: 'video', atMs: NOW_MS },
        ]);
      },
    );

    it('tells of it in another tab when the one that rang does not', async () => {
      const { tabs, calls } = await ringing(3);
      for (const call of calls.slice(1)) call.ends('no_answer', 'service');
      tabs[0]!.tab.die();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(tabs.flatMap(({ missed }) => missed)).toHaveLength(1);
    });

    it('tells of it once when no tab may be heard', async () => {
      const { tabs, calls } = await ringing(3, () => ({ allowed: false }));
      for (const call of calls) call.ends('no_answer', 'service');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(tabs.flatMap(({ missed }) => missed)).toHaveLength(1);
    });

    it('tells of it once where messages do not reach the other tabs', async () => {
      const browser = new FakeBrowser();
      vi.spyOn(FakeTab.prototype, 'openChannel').mockReturnValue({ post: () => undefined, close: () => undefined });
      const tabs = Array.from({ length: 3 }, () => new TestTab(browser));
      const calls = tabs.map((tab) => tab.rings());
      await settle();
      for (const call of calls) call.ends('no_answer', 'service');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(tabs.flatMap(({ missed }) => missed)).toHaveLength(1);
    });

    it('[GL-1] tells of none when the person dialled the caller at the same moment', async () => {
      const { tabs, calls } = await ringing(2);
      calls[0]!.ends('replaced', 'me');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(tabs.flatMap(({ missed }) => missed)).toEqual([]);
    });

    it('tells of none when a client ends its calls because it may not come back', async () => {
      const { tabs, calls } = await ringing(1);
      tabs[0]!.state = 'offline';
      calls[0]!.ends('connection_lost', 'service');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(tabs[0]!.missed).toEqual([]);
    });
  });

  describe('where there are no Web Locks', () => {
    /** Every tab believes that it holds everything; messages still reach the others. */
    async function ringingAlone(count: number) {
      vi.spyOn(FakeTab.prototype, 'hold').mockImplementation(async () => () => undefined);
      return await ringing(count, () => ({ sure: false }));
    }

    it.each(['accept', 'reject'] as const)('rings in every tab, and falls silent in all at once: %s', async (how) => {
      const { tabs, calls } = await ringingAlone(3);
      expect(heard(tabs)).toEqual([0, 1, 2]);
      if (how === 'accept') calls[1]!.accept();
      else calls[1]!.ends('rejected', 'me');
      await settle();
      expect(heard(tabs)).toEqual([]);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(heard(tabs)).toEqual([]);
    });
  });

  it('is silent when it is told to be, and still tells of missed calls', async () => {
    const browser = new FakeBrowser();
    const tab = new TestTab(browser, { ringer: { tone: 'silent' } });
    const call = tab.rings();
    await settle();
    expect(tab.isHeard).toBe(false);
    call.ends('no_answer', 'service');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tab.missed).toHaveLength(1);
  });

  it('plays what the application gives', async () => {
    const tone = { url: '/tune.ogg', volume: 0.2 };
    const tab = new TestTab(new FakeBrowser(), { ringer: { tone } });
    tab.rings();
    await settle();
    expect(tab.tones.playing).toEqual([tone]);
  });

  it('lets another tab ring once it was stopped', async () => {
    const { tabs } = await ringing(2);
    tabs[0]!.ringer.stop();
    tabs[0]!.ringer.stop();
    await handOver();
    expect(heard(tabs)).toEqual([1]);
    tabs[0]!.rings('c2');
    await settle();
    expect(heard(tabs)).toEqual([1]);
  });

  it('once it was stopped does not care what becomes of a call that rang', async () => {
    const { browser, tabs, calls } = await ringing(1);
    tabs[0]!.ringer.stop();
    await handOver();
    calls[0]!.accept();
    await settle();
    expect([...browser.holders.keys()]).toEqual([]);
    calls[0]!.ends('hung_up', 'peer');
    await vi.advanceTimersByTimeAsync(10_000);
    expect([tabs[0]!.errors, tabs[0]!.missed]).toEqual([[], []]);
  });

  it.each(['rejected', 'no_answer'] as const)('can be stopped by who hears that the call is %s', async (reason) => {
    const { tabs, calls } = await ringing(1);
    tabs[0]!.ringer.on('ringing', () => tabs[0]!.ringer.stop());
    calls[0]!.ends(reason, 'me');
    await settle();
    expect(tabs[0]!.errors).toEqual([]);
  });

  it('that is stopped while a call goes on keeps other tabs silent to its end, and no longer', async () => {
    const { browser, tabs, calls } = await ringing(1);
    calls[0]!.accept();
    await handOver();
    tabs[0]!.ringer.stop();
    expect([...browser.holders.keys()]).toEqual(['ringdown.taken.c1']);
    calls[0]!.ends('hung_up', 'peer');
    await settle();
    expect([...browser.holders.keys()]).toEqual([]);
    expect(tabs[0]!.errors).toEqual([]);
  });

  it.each([null, 7, 'taken', {}, { type: 'taken' }, { type: 'silent', callId: 5 }, { type: 'new', callId: 'c1' }])(
    'does not mind a message of another page: %j',
    async (message) => {
      const { browser, tabs } = await ringing(1);
      browser
        .openTab()
        .openChannel('ringdown.calls', () => undefined)
        .post(message);
      await settle();
      expect(heard(tabs)).toEqual([0]);
    },
  );

  it('reports a listener that throws, and rings on', async () => {
    const { tabs, calls } = await ringing(1);
    tabs[0]!.ringer.on('missed', () => {
      throw new Error('a fault of the application');
    });
    calls[0]!.ends('no_answer', 'service');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tabs[0]!.errors.map(({ code }) => code)).toEqual(['listener_failed']);
  });
});

describe('six tabs of one person with real clients', () => {
  it('[AN-1] one rings, one accepts, and the others fall silent', async () => {
    vi.useRealTimers();
    const [service, peers, browser] = [new FakeService(), new FakePeers(), new FakeBrowser()];
    const clients: RingdownClient[] = [];
    const open = async (id: string) => {
      const tab = browser.openTab();
      const client = new RingdownClient({
        url: 'https://service.test',
        token: () => `user-${id}`,
        platform: {
          openSocket: service.openSocket,
          fetch: service.fetch,
          getUserMedia: new FakeMedia().getUserMedia,
          openPeer: peers.open,
          tabs: tab,
        },
      });
      clients.push(client);
      const tones = new FakeTones();
      const incoming: Call[] = [];
      client.on('incoming', (call) => incoming.push(call));
      const ringer = new Ringer(client, { platform: { tabs: tab, tones } });
      await client.connect();
      return { client, tones, incoming, ringer };
    };
    const ada = await open('1');
    const bobs = await Promise.all(Array.from({ length: 6 }, () => open('2')));
    await ada.client.call('2');
    const playing = () => bobs.filter(({ tones }) => tones.playing.length > 0).length;
    await vi.waitFor(() => expect(playing()).toBe(1));
    await vi.waitFor(() => expect(bobs.every(({ incoming }) => incoming.length === 1)).toBe(true));
    await bobs[3]!.incoming[0]!.accept();
    await vi.waitFor(() => expect(playing()).toBe(0));
    await vi.waitFor(() =>
      expect(bobs.map(({ incoming }) => incoming[0]?.end?.reason ?? 'live')).toEqual(
        bobs.map((_, index) => (index === 3 ? 'live' : 'answered_elsewhere')),
      ),
    );
    expect(bobs.map(({ tones }) => tones.started).reduce((sum, each) => sum + each)).toBe(1);
    for (const client of clients) client.disconnect();
  });
});
