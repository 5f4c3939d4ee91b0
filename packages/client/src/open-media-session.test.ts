import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RingdownError } from './errors.ts';
import { FakeStream, FakeTrack } from './fake-media.ts';
import { type FakePeer, FakePeers } from './fake-peer.ts';
import type { CandidateOrEnd, MediaReport, MediaSession, MediaSignal, QualitySample } from './media-session.ts';
import { openMediaSession } from './open-media-session.ts';
import type { Platform } from './platform.ts';

type Role = 'caller' | 'callee';
const other = (role: Role): Role => (role === 'caller' ? 'callee' : 'caller');
const track = (kind: 'audio' | 'video') => new FakeTrack(kind) as unknown as MediaStreamTrack;
const streamOf = (...tracks: MediaStreamTrack[]) => new FakeStream(tracks as never) as unknown as MediaStream;
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Two sides of a call, a clock that only the test moves, and a service that passes everything on. */
class Pair {
  readonly peers = new FakePeers();
  readonly sides: Record<Role, Side>;
  /** Offers inside the call, by whom. */
  readonly offers: Role[] = [];
  /** What the service says to offers inside the call; undefined when it passes them on. */
  refusal: RingdownError | undefined;
  nowMs = 1_000_000;
  #numbers = 0;
  #timers: { dueMs: number; run: () => void }[] = [];

  constructor() {
    this.sides = { caller: new Side(this, 'caller'), callee: new Side(this, 'callee') };
  }

  static async connected({ video = false } = {}): Promise<Pair> {
    const pair = new Pair();
    const { caller, callee } = pair.sides;
    const offer = await caller.session.offer(caller.local, video);
    await caller.session.receiveAnswer(await callee.session.answer(offer, callee.local), undefined);
    await pair.pass(100);
    expect([caller.states, callee.states]).toEqual([['connected'], ['connected']]);
    return pair;
  }

  readonly setTimer = (run: () => void, delayMs: number) => {
    const timer = { dueMs: this.nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };
  get timers(): number {
    return this.#timers.length;
  }

  async pass(delayMs: number): Promise<void> {
    const endMs = this.nowMs + delayMs;
    await settle();
    for (;;) {
      const [due] = this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!due) break;
      this.nowMs = due.dueMs;
      this.#timers = this.#timers.filter((each) => each !== due);
      due.run();
      await settle();
    }
    this.nowMs = endMs;
  }

  signalOf(role: Role): MediaSignal {
    const there = () => this.sides[other(role)].session;
    return {
      canRenegotiate: () => this.sides[role].canRenegotiate,
      sendOffer: async (offer, callType) => {
        this.offers.push(role);
        await new Promise((resolve) => setImmediate(resolve));
        if (this.refusal) throw this.refusal;
        this.#numbers += 1;
        const negotiationId = this.#numbers;
        there().receiveOffer({ offer, negotiationId, polite: role === 'caller', callType, takeover: false });
        return { negotiationId };
      },
      sendAnswer: async (answer, negotiationId) => void there().receiveAnswer(answer, negotiationId),
      sendCandidates: (batch) => there().receiveCandidates(batch),
      sendReport: (report) => this.sides[role].reports.push(report),
    };
  }
}

class Side {
  readonly session: MediaSession;
  readonly local: MediaStream;
  readonly sound = track('audio');
  readonly states: string[] = [];
  readonly reports: MediaReport[] = [];
  readonly samples: QualitySample[] = [];
  readonly errors: RingdownError[] = [];
  readonly codes: (string | undefined)[] = [];
  streams = 0;
  canRenegotiate = true;
  /** What it began with. */
  readonly configuration: RTCConfiguration = { iceServers: [{ urls: 'stun:first' }] };
  /** What the service gives as fresh servers. */
  fresh: RTCConfiguration | undefined;
  freshAsked = 0;
  /** How long that takes. */
  freshWait: Promise<void> | undefined;
  changeNetwork: () => void = () => undefined;
  readonly #pair: Pair;
  readonly #role: Role;

  constructor(pair: Pair, role: Role) {
    this.#pair = pair;
    this.#role = role;
    this.local = streamOf(this.sound);
    const platform = {
      openPeer: pair.peers.open,
      setTimer: pair.setTimer,
      now: () => pair.nowMs,
      onNetworkChange: (listener: () => void) => {
        this.changeNetwork = listener;
        return () => {
          this.changeNetwork = () => undefined;
        };
      },
      sha256: async (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest()),
    } as unknown as Platform;
    this.session = openMediaSession({
      platform,
      role,
      configuration: this.configuration,
      freshConfiguration: async () => {
        this.freshAsked += 1;
        await this.freshWait;
        return this.fresh;
      },
      signal: pair.signalOf(role),
      events: {
        state: (state) => this.states.push(state),
        remoteStream: () => {
          this.streams += 1;
        },
        quality: (sample) => this.samples.push(sample),
        securityCode: () => this.codes.push(this.session.securityCode?.map(({ name }) => name).join(' ')),
        error: (error) => this.errors.push(error),
      },
    });
  }

  /** The newest connection of this side. */
  get peer(): FakePeer {
    const mine = this.#pair.peers.made.filter((_, at) => at % 2 === (this.#role === 'caller' ? 0 : 1));
    return mine.at(-1) as FakePeer;
  }

  /** What the browser counts, `seconds` after the beginning. */
  count(seconds: number, { rttMs = 40, lost = 0, bytes = 1_000 } = {}): void {
    this.peer.stats = new Map<string, unknown>([
      ['T', { type: 'transport', selectedCandidatePairId: 'P' }],
      [
        'P',
        {
          type: 'candidate-pair',
          currentRoundTripTime: rttMs / 1000,
          localCandidateId: 'L',
          remoteCandidateId: 'L',
          bytesReceived: seconds * bytes,
        },
      ],
      ['L', { type: 'local-candidate', candidateType: 'relay' }],
      [
        'I',
        {
          type: 'inbound-rtp',
          packetsReceived: seconds * 50,
          packetsLost: seconds * lost,
          bytesReceived: seconds * bytes,
        },
      ],
    ]);
  }
}

describe('a media session', () => {
  it('touches nothing of the browser before it is asked for an offer or an answer', async () => {
    const pair = new Pair();
    pair.sides.callee.session.receiveCandidates([{ candidate: 'early' }]);
    pair.sides.callee.session.restart();
    pair.sides.callee.session.simulateFailure();
    await pair.pass(60_000);
    expect([pair.peers.made.length, pair.timers]).toEqual([0, 0]);
    expect(await pair.sides.callee.session.getStats()).toBeUndefined();
  });

  it('connects, and shows the tracks of the other side', async () => {
    const { sides } = await Pair.connected({ video: true });
    for (const { session, streams } of Object.values(sides)) {
      expect(session.remoteStream?.getTracks().map(({ kind }) => kind)).toEqual(['audio', 'video']);
      expect(streams).toBeGreaterThan(0);
    }
  });

  it('candidates that come before there is a connection are not lost', async () => {
    const pair = new Pair();
    const { caller, callee } = pair.sides;
    callee.session.receiveCandidates([{ candidate: 'early' }]);
    await callee.session.answer(await caller.session.offer(undefined, false), undefined);
    await settle();
    expect(callee.peer.remoteCandidates).toEqual([{ candidate: 'early' }]);
  });

  it('both sides show the same security code, once', async () => {
    const { sides } = await Pair.connected();
    await settle();
    expect(sides.caller.codes).toHaveLength(1);
    expect(sides.caller.codes[0]?.split(' ')).toHaveLength(7);
    expect(sides.callee.codes).toEqual(sides.caller.codes);
  });

  it('a page without SHA-256 shows no code and calls all the same', async () => {
    const pair = new Pair();
    const { caller, callee } = pair.sides;
    const offer = await caller.session.offer(undefined, false);
    const answer = await callee.session.answer(offer, undefined);
    await caller.session.receiveAnswer({ ...answer, sdp: answer.sdp.replace(/a=fingerprint.*/, '') }, undefined);
    await settle();
    expect([caller.session.securityCode, caller.codes, caller.errors]).toEqual([undefined, [], []]);
  });
});

describe('the path', () => {
  it('a failure is healed by a restart at once, with fresh servers', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    caller.fresh = { iceServers: [{ urls: 'turn:fresh' }], iceTransportPolicy: 'relay' };
    caller.peer.become('failed');
    await pair.pass(100);
    expect(pair.offers).toEqual(['caller']);
    expect(caller.peer.configuration).toEqual(caller.fresh);
    expect([caller.peer.restarts, callee.peer.restarts]).toEqual([1, 1]);
    expect(caller.states).toEqual(['connected', 'failed', 'connected']);
    expect(caller.codes).toHaveLength(1);
  });

  it('a call that began relayed stays so', async () => {
    const pair = new Pair();
    const { caller, callee } = pair.sides;
    Object.assign(caller.configuration, { iceTransportPolicy: 'relay' });
    const offer = await caller.session.offer(undefined, false);
    await caller.session.receiveAnswer(await callee.session.answer(offer, undefined), undefined);
    caller.fresh = { iceServers: [{ urls: 'turn:fresh' }] };
    await pair.pass(100);
    caller.peer.become('failed');
    await pair.pass(100);
    expect(caller.peer.configuration).toEqual({ iceServers: [{ urls: 'turn:fresh' }], iceTransportPolicy: 'relay' });
  });

  it('without fresh servers the former stay in use', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.peer.become('failed');
    await pair.pass(100);
    expect(caller.peer.configuration).toEqual({ iceServers: [{ urls: 'stun:first' }] });
    expect(caller.states.at(-1)).toBe('connected');
  });

  it('an interruption of which both hear is healed by one restart of each at most', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    caller.peer.become('disconnected');
    callee.peer.become('disconnected');
    await pair.pass(1_999);
    expect(pair.offers).toEqual([]);
    await pair.pass(3_000);
    expect([caller.states.at(-1), callee.states.at(-1)]).toEqual(['connected', 'connected']);
    expect(pair.offers.length).toBeLessThanOrEqual(3);
    const count = pair.offers.length;
    await pair.pass(60_000);
    expect(pair.offers).toHaveLength(count);
  });

  it('a restart of the other side is waited for', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    pair.peers.blocked = true;
    callee.peer.become('disconnected');
    await pair.pass(1_500);
    caller.session.restart();
    await pair.pass(9_000);
    expect(pair.offers.filter((role) => role === 'callee')).toEqual([]);
    await pair.pass(2_000);
    expect(pair.offers).toContain('callee');
  });

  it('after three restarts in vain it is given up', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    callee.canRenegotiate = false;
    pair.peers.blocked = true;
    caller.peer.become('failed');
    await pair.pass(29_000);
    expect(caller.states).toEqual(['connected', 'failed']);
    await pair.pass(2_000);
    expect(pair.offers).toEqual(['caller', 'caller', 'caller']);
    expect(caller.states).toEqual(['connected', 'failed', 'given_up']);
  });

  it('while the service cannot be reached no restart is begun, and one is when it is back', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.session.signalling(false);
    caller.changeNetwork();
    caller.peer.become('disconnected');
    await pair.pass(40_000);
    caller.peer.become('failed');
    await pair.pass(10_000);
    expect([pair.offers, caller.freshAsked]).toEqual([[], 0]);
    caller.session.signalling(true);
    await pair.pass(100);
    expect(caller.states.at(-1)).toBe('connected');
  });

  it('[DS-1] while the other side cannot be reached no restart is wasted on it', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.session.signalling(false, 'peer');
    caller.peer.become('failed');
    await pair.pass(50_000);
    // Its own way to the service means nothing for that.
    caller.session.signalling(false);
    caller.session.signalling(true);
    await pair.pass(1_000);
    expect([pair.offers, caller.states]).toEqual([[], ['connected', 'failed']]);
    caller.session.signalling(true, 'peer');
    await pair.pass(100);
    expect(caller.states.at(-1)).toBe('connected');
  });

  it('a change of network cuts the wait short', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.changeNetwork();
    caller.peer.become('disconnected');
    await pair.pass(100);
    expect(pair.offers).toEqual(['caller']);
  });

  it('a plain peer is offered nothing, and the path is given up 15 s after it failed', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.canRenegotiate = false;
    caller.peer.become('disconnected');
    await pair.pass(10_000);
    caller.peer.become('failed');
    await pair.pass(14_000);
    expect(caller.states).toEqual(['connected', 'disconnected', 'failed']);
    await pair.pass(1_000);
    expect([caller.states.at(-1), pair.offers]).toEqual(['given_up', []]);
  });

  it('a restart that is refused is told and tried again', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    pair.refusal = new RingdownError('rejected_by_service', 'busy', { reason: 'overloaded' });
    caller.peer.become('failed');
    await pair.pass(100);
    expect(caller.errors).toEqual([pair.refusal]);
    pair.refusal = undefined;
    await pair.pass(2_000);
    expect(caller.states.at(-1)).toBe('connected');
  });

  it('a failure that was only made believe is healed by a real restart', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    caller.session.simulateFailure();
    expect(caller.states).toEqual(['connected', 'failed']);
    await pair.pass(1_000);
    expect(caller.states).toEqual(['connected', 'failed', 'connected']);
    expect([caller.peer.restarts, callee.peer.restarts]).toEqual([1, 1]);
  });

  it('an application may ask for a restart, and asking twice is one', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.session.restart();
    caller.session.restart();
    await pair.pass(1_000);
    expect([pair.offers, caller.peer.restarts]).toEqual([['caller'], 1]);
    await pair.pass(60_000);
    expect([pair.offers.length, caller.errors]).toEqual([1, []]);
  });
});

describe('a restart of the other side after which nothing arrives', () => {
  async function restarted(): Promise<Pair> {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    callee.count(1);
    await pair.pass(1_000);
    callee.count(2);
    await pair.pass(1_000);
    caller.session.restart();
    await pair.pass(500);
    expect(pair.offers).toEqual(['caller']);
    return pair;
  }

  it('is answered by a restart of this side, once', async () => {
    const pair = await restarted();
    await pair.pass(3_000);
    expect(pair.offers).toEqual(['caller']);
    await pair.pass(60_000);
    expect(pair.offers).toEqual(['caller', 'callee']);
  });

  it('is not needed when something arrives, or when nothing did before', async () => {
    const pair = await restarted();
    const { caller, callee } = pair.sides;
    for (let seconds = 3; seconds < 20; seconds += 1) {
      callee.count(seconds);
      await pair.pass(1_000);
    }
    expect(pair.offers).toEqual(['caller']);
    // The other side has turned everything off since.
    await pair.pass(20_000);
    caller.session.restart();
    await pair.pass(60_000);
    expect(pair.offers).toEqual(['caller', 'caller']);
  });
});

describe('what is sent', () => {
  it('another track takes the place of one of its kind without a negotiation', async () => {
    const pair = await Pair.connected({ video: true });
    const { caller } = pair.sides;
    const screen = track('video');
    await caller.session.replaceTrack('video', screen);
    expect(caller.peer.sending.get('video')).toBe(screen);
    await caller.session.replaceTrack('video', null);
    expect(caller.peer.sending.get('video')).toBeNull();
    expect(pair.offers).toEqual([]);
  });

  it('a picture is added to a call without one by a negotiation', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    const camera = track('video');
    await caller.session.replaceTrack('video', camera, streamOf(camera));
    await settle();
    expect(pair.offers).toEqual(['caller']);
    expect(callee.session.remoteStream?.getVideoTracks()).toHaveLength(1);
    const his = track('video');
    await callee.session.replaceTrack('video', his);
    expect([callee.peer.sending.get('video'), pair.offers]).toEqual([his, ['caller']]);
  });

  it('no picture is added where the call cannot be changed, and nothing of it stays', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.canRenegotiate = false;
    await expect(caller.session.replaceTrack('video', track('video'))).rejects.toMatchObject({ code: 'unsupported' });
    expect([caller.peer.sending.has('video'), pair.offers]).toEqual([false, []]);
    await caller.session.replaceTrack('video', null);
  });

  it('a picture that the other side refuses is taken off again, and can be tried anew', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    pair.refusal = new RingdownError('rejected_by_service', 'no', { reason: 'rate_limited' });
    await expect(caller.session.replaceTrack('video', track('video'))).rejects.toBe(pair.refusal);
    expect(caller.peer.sending.get('video')).toBeNull();
    pair.refusal = undefined;
    const camera = track('video');
    await caller.session.replaceTrack('video', camera);
    expect([caller.peer.sending.get('video'), caller.peer.hasLine('video')]).toEqual([camera, true]);
  });

  it('[GL-2] a peer on another device gets a new connection with what is sent now, and another code', async () => {
    const pair = await Pair.connected({ video: true });
    const { caller, callee } = pair.sides;
    const former = callee.peer;
    const screen = track('video');
    await callee.session.replaceTrack('video', screen);
    const answers: number[] = [];
    pair.sides.caller.session.receiveAnswer = async (_, negotiationId) => void answers.push(negotiationId ?? 0);
    const elsewhere = pair.peers.open(
      {},
      { candidate: () => undefined, state: () => undefined, track: () => undefined },
    );
    const offer = await elsewhere.offer(undefined, true);
    callee.session.receiveOffer({ offer, negotiationId: 7, polite: true, callType: 'video', takeover: true });
    await settle();
    expect(answers).toEqual([7]);
    expect(former.state).toBe('closed');
    expect(callee.peer).not.toBe(former);
    expect(callee.peer.remoteNumber).toBe(elsewhere.number);
    expect([callee.peer.sending.get('audio'), callee.peer.sending.get('video')]).toEqual([callee.sound, screen]);
    expect(callee.codes).toHaveLength(2);
    expect(callee.codes[1]).not.toBe(callee.codes[0]);
    expect(caller.codes).toHaveLength(1);
  });
});

describe('[GL-2] a peer that comes back on another browser', () => {
  it('finds no restart under way: what was wrong with the former path is over with it', async () => {
    const pair = await Pair.connected();
    const { callee } = pair.sides;
    pair.peers.blocked = true;
    callee.peer.become('failed');
    await pair.pass(3_000);
    expect(pair.offers).toEqual(['callee']);
    const events = { candidate: () => undefined, state: () => undefined, track: () => undefined };
    const offer = await pair.peers.open({}, events).offer(undefined, false);
    callee.session.receiveOffer({ offer, negotiationId: 7, polite: true, callType: 'audio', takeover: true });
    await pair.pass(60_000);
    expect(pair.offers).toEqual(['callee']);
    expect(callee.states).not.toContain('given_up');
    callee.peer.become('failed');
    await pair.pass(1_000);
    expect(pair.offers).toEqual(['callee', 'callee']);
  });
});

describe('[GL-2] while servers for another browser of the peer are asked for', () => {
  const nothing = { candidate: () => undefined, state: () => undefined, track: () => undefined };

  async function waiting() {
    const pair = await Pair.connected();
    const { callee } = pair.sides;
    const { promise, resolve } = Promise.withResolvers<void>();
    callee.freshWait = promise;
    let numbers = 6;
    const comeBack = async () => {
      const elsewhere = pair.peers.open({}, nothing);
      const offer = await elsewhere.offer(undefined, false);
      numbers += 1;
      callee.session.receiveOffer({
        offer,
        negotiationId: numbers,
        polite: true,
        callType: 'audio',
        takeover: true,
      });
      callee.session.receiveCandidates([{ candidate: `of ${elsewhere.number}` }]);
      return elsewhere;
    };
    return { pair, callee, comeBack, resolve };
  }

  it('its candidates wait, and what it offers then', async () => {
    const { callee, comeBack, resolve } = await waiting();
    const former = callee.peer;
    const known = former.remoteCandidates.length;
    const elsewhere = await comeBack();
    await settle();
    const offer = { type: 'offer', sdp: `fake ${elsewhere.number} audio video\r\na=ice-ufrag:p3g0` } as const;
    callee.session.receiveOffer({ offer, negotiationId: 8, polite: true, callType: 'video', takeover: false });
    await settle();
    expect([former.remoteCandidates.length, former.state]).toEqual([known, 'closed']);
    resolve();
    await settle();
    expect(callee.peer.remoteNumber).toBe(elsewhere.number);
    expect(callee.peer.remoteCandidates).toEqual([{ candidate: `of ${elsewhere.number}` }]);
    expect(callee.peer.hasLine('video')).toBe(true);
  });

  it('what is sent changes all the same, and a picture that was just added comes with the new connection', async () => {
    const { callee, comeBack, resolve } = await waiting();
    const [camera, sound] = [track('video'), track('audio')];
    const adding = callee.session.replaceTrack('video', camera);
    await comeBack();
    await adding;
    await callee.session.replaceTrack('audio', sound);
    resolve();
    await settle();
    expect([callee.peer.sending.get('audio'), callee.peer.sending.get('video')]).toEqual([sound, camera]);
    expect(callee.errors).toEqual([]);
  });

  it('the newest browser is the one, and has nothing of the one before', async () => {
    const { pair, callee, comeBack, resolve } = await waiting();
    await comeBack();
    const newest = await comeBack();
    resolve();
    await settle();
    const peer = pair.peers.made.at(-1);
    expect(peer?.remoteNumber).toBe(newest.number);
    expect(peer?.remoteCandidates).toEqual([{ candidate: `of ${newest.number}` }]);
    expect(callee.errors).toEqual([]);
  });

  it('a browser that makes no further connection is told of', async () => {
    const { pair, callee, comeBack, resolve } = await waiting();
    await comeBack();
    const { made } = pair.peers;
    Object.defineProperty(made, 'push', {
      value: () => {
        throw new Error('too many connections');
      },
    });
    resolve();
    await settle();
    expect(callee.errors).toMatchObject([{ code: 'media_failed' }]);
  });
});

describe('figures and reports', () => {
  it('once a second there are figures of that second, and what they are worth', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.count(1);
    await pair.pass(1_000);
    caller.count(2, { rttMs: 300, lost: 1 });
    await pair.pass(1_000);
    expect(caller.samples.at(-1)).toMatchObject({
      rttMs: 300,
      lossPercent: 3.8,
      bitrateKbps: 8,
      path: 'relay',
      score: 3,
    });
    expect(caller.samples).toHaveLength(2);
  });

  it('[QU-1] an interruption is worth 1, and counts for what goes with the hang-up', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    caller.count(1);
    await pair.pass(1_000);
    caller.count(2);
    await pair.pass(1_000);
    expect(caller.session.metrics).toEqual({ quality: 5, packetLoss: 0, latency: 40 });
    pair.peers.blocked = true;
    caller.peer.become('disconnected');
    await pair.pass(1_000);
    expect(caller.samples.at(-1)).toMatchObject({ score: 1, mos: 1 });
    expect(caller.session.metrics?.quality).toBeLessThan(5);
  });

  it('before there are figures there is no score, and a browser that fails to give any breaks nothing', async () => {
    const pair = await Pair.connected();
    const { caller } = pair.sides;
    await pair.pass(1_000);
    expect(caller.samples.at(-1)).toMatchObject({ score: undefined, rttMs: undefined });
    caller.peer.getStats = () => Promise.reject(new Error('not now'));
    await pair.pass(3_000);
    expect([caller.samples.length, caller.session.metrics, caller.errors]).toEqual([1, undefined, []]);
  });

  it('[ST-1] connected is reported at once, flowing every ten seconds, a failure when it comes', async () => {
    const pair = new Pair();
    const { caller, callee } = pair.sides;
    const offer = await caller.session.offer(undefined, false);
    caller.count(1);
    caller.peer.failServer(701);
    await caller.session.receiveAnswer(await callee.session.answer(offer, undefined), undefined);
    await pair.pass(100);
    expect(caller.reports).toEqual([{ state: 'connected', path: 'relay', iceErrors: [701] }]);
    for (let seconds = 2; seconds < 24; seconds += 1) {
      caller.count(seconds);
      await pair.pass(1_000);
    }
    expect(caller.reports.slice(1).map(({ state }) => state)).toEqual(['flowing', 'flowing']);
    caller.peer.become('failed');
    await pair.pass(100);
    expect(caller.reports.slice(3).map(({ state }) => state)).toEqual(['failed', 'flowing']);
  });
});

describe('the end', () => {
  it('stops every timer and event, and leaves the local tracks alone', async () => {
    const pair = await Pair.connected();
    const { caller, callee } = pair.sides;
    caller.peer.become('failed');
    await settle();
    const before = JSON.stringify([caller.states, caller.samples.length, caller.reports]);
    const peer = caller.peer;
    for (const { session } of [caller, callee]) {
      session.close();
      session.close();
    }
    expect(pair.timers).toBe(0);
    const batch: CandidateOrEnd[] = [{ candidate: 'late' }];
    caller.session.receiveCandidates(batch);
    caller.session.receiveOffer({
      offer: { type: 'offer', sdp: 'fake 9' },
      negotiationId: 9,
      polite: false,
      callType: 'audio',
      takeover: true,
    });
    await caller.session.receiveAnswer({ type: 'answer', sdp: 'fake 9' }, 3);
    caller.session.signalling(false);
    caller.session.signalling(true);
    caller.session.simulateFailure();
    await caller.session.replaceTrack('video', track('video'));
    await pair.pass(60_000);
    expect(pair.timers).toBe(0);
    expect(peer.state).toBe('closed');
    expect(caller.sound.readyState).toBe('live');
    expect(JSON.stringify([caller.states, caller.samples.length, caller.reports])).toBe(before);
    expect(caller.errors).toEqual([]);
  });
});
