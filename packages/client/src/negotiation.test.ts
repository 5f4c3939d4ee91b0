import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingdownError } from './errors.ts';
import { FakeStream, FakeTrack } from './fake-media.ts';
import { type FakePeer, FakePeers } from './fake-peer.ts';
import type { CandidateOrEnd, MediaSignal, RemoteOffer } from './media-session.ts';
import { Negotiation } from './negotiation.ts';
import type { AnswerDescription, OfferDescription } from './peer.ts';

type Role = 'caller' | 'callee';
const other = (role: Role): Role => (role === 'caller' ? 'callee' : 'caller');
const refusal = (reason: 'negotiation_collision' | 'stale_negotiation' | 'peer_unsupported') =>
  new RingdownError('rejected_by_service', 'refused', { reason });
/** Lets everything that is on its way, but for what waits for the test, come to rest. */
const settle = async () => {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

type FromService =
  | { readonly what: 'offer'; readonly offer: RemoteOffer }
  | { readonly what: 'answer'; readonly answer: AnswerDescription; readonly negotiationId: number }
  | { readonly what: 'candidates'; readonly batch: readonly CandidateOrEnd[] }
  | { readonly what: 'word'; readonly say: () => void };
type ToService = () => void;

/**
 * The service, as far as it treats negotiations (RN-1, RN-2), and two sides of a call that was answered. Every way to
 * and from it is a queue; nothing moves but by {@link Play.deliver}, so a test decides what crosses what.
 */
class Play {
  readonly peers = new FakePeers();
  readonly sides: Record<Role, Side>;
  readonly up: Record<Role, ToService[]> = { caller: [], callee: [] };
  readonly down: Record<Role, FromService[]> = { caller: [], callee: [] };
  #timers: { dueMs: number; run: () => void }[] = [];
  #nowMs = 0;
  #numbers = 0;
  #open: { readonly negotiationId: number; readonly by: Role } | undefined;
  peerUnsupported = false;

  constructor() {
    this.sides = { caller: new Side(this, 'caller'), callee: new Side(this, 'callee') };
  }

  /** A call that both have answered, connected. */
  static async connected({ video = false } = {}): Promise<Play> {
    const play = new Play();
    const { caller, callee } = play.sides;
    const answer = await callee.negotiation.answer(await caller.negotiation.offer(undefined, video), undefined);
    await caller.negotiation.receiveAnswer(answer, undefined);
    await play.calm();
    expect([caller.peer.state, callee.peer.state]).toEqual(['connected', 'connected']);
    caller.events.length = 0;
    callee.events.length = 0;
    return play;
  }

  setTimer = (run: () => void, delayMs: number) => {
    const timer = { dueMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  async pass(delayMs: number): Promise<void> {
    const endMs = this.#nowMs + delayMs;
    for (;;) {
      const [due] = this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!due) break;
      this.#nowMs = due.dueMs;
      this.#timers = this.#timers.filter((each) => each !== due);
      due.run();
      await settle();
    }
    this.#nowMs = endMs;
  }

  /** Moves one message. @returns whether there was any */
  async deliver(way: 'up' | 'down', role: Role): Promise<boolean> {
    await settle();
    const message = this[way][role].shift();
    if (!message) return false;
    if (typeof message === 'function') message();
    else this.sides[role].receive(message);
    await settle();
    return true;
  }

  /** The caller's offer is acknowledged, and reaches the callee. */
  async offerOfCallerArrives(): Promise<void> {
    await this.deliver('up', 'caller');
    await this.deliver('down', 'caller');
    await this.deliver('down', 'callee');
  }

  /** Moves everything until nothing is on its way, candidates that wait for their batch included. */
  async calm(): Promise<void> {
    for (let moved = true; moved; ) {
      moved = false;
      await this.pass(60);
      for (const way of ['up', 'down'] as const)
        for (const role of ['caller', 'callee'] as const) while (await this.deliver(way, role)) moved = true;
    }
  }

  offered(by: Role, offer: OfferDescription, callType: 'video' | 'audio'): Promise<{ negotiationId: number }> {
    return new Promise((resolve, reject) => {
      this.up[by].push(() => {
        const say = (word: () => void) => void this.down[by].push({ what: 'word', say: word });
        if (this.peerUnsupported) return say(() => reject(refusal('peer_unsupported')));
        if (this.#open && by === 'callee') return say(() => reject(refusal('negotiation_collision')));
        this.#numbers += 1;
        const negotiationId = this.#numbers;
        this.#open = { negotiationId, by };
        say(() => resolve({ negotiationId }));
        const polite = by === 'caller';
        const remote: RemoteOffer = { offer, negotiationId, polite, callType, takeover: false };
        this.down[other(by)].push({ what: 'offer', offer: remote });
      });
    });
  }

  answered(by: Role, answer: AnswerDescription, negotiationId: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.up[by].push(() => {
        if (this.#open?.negotiationId !== negotiationId || this.#open.by === by) {
          this.down[by].push({ what: 'word', say: () => reject(refusal('stale_negotiation')) });
          return;
        }
        this.#open = undefined;
        this.down[by].push({ what: 'word', say: resolve });
        this.down[other(by)].push({ what: 'answer', answer, negotiationId });
      });
    });
  }

  /** The service drops what is open for 15 s. */
  drop(): void {
    this.#open = undefined;
  }

  /** Both ends agree on what is in use, and nobody waits. */
  expectAgreement(): void {
    const { caller, callee } = this.sides;
    expect([caller.peer.signaling, callee.peer.signaling]).toEqual(['stable', 'stable']);
    expect(caller.peer.agreed?.remoteSdp).toBe(callee.peer.agreed?.localSdp);
    expect(callee.peer.agreed?.remoteSdp).toBe(caller.peer.agreed?.localSdp);
    expect([...caller.problems, ...callee.problems]).toEqual([]);
  }
}

class Side {
  readonly role: Role;
  readonly negotiation: Negotiation;
  readonly peer: FakePeer;
  readonly events: string[] = [];
  readonly problems: unknown[] = [];
  readonly batches: (readonly CandidateOrEnd[])[] = [];
  local: MediaStream | undefined;

  constructor(play: Play, role: Role) {
    this.role = role;
    const signal: MediaSignal = {
      canRenegotiate: () => true,
      sendOffer: (offer, callType) => play.offered(role, offer, callType),
      sendAnswer: (answer, negotiationId) => play.answered(role, answer, negotiationId),
      sendCandidates: (batch) => {
        this.batches.push(batch);
        play.up[role].push(() => play.down[other(role)].push({ what: 'candidates', batch }));
      },
      sendReport: () => undefined,
    };
    this.negotiation = new Negotiation({
      openPeer: (events) => play.peers.open({}, events),
      platform: { setTimer: play.setTimer },
      signal,
      events: {
        state: (state) => this.events.push(state),
        track: () => this.events.push('track'),
        gathered: () => undefined,
        agreed: () => this.events.push('agreed'),
        restartUnderWay: () => this.events.push('restartUnderWay'),
        remoteRestart: () => this.events.push('remoteRestart'),
        problem: (error) => this.problems.push(error.cause ?? error),
      },
    });
    this.peer = play.peers.made.at(-1) as FakePeer;
  }

  receive(message: FromService): void {
    switch (message.what) {
      case 'offer':
        return this.negotiation.receiveOffer(message.offer, this.local);
      case 'answer':
        return void this.negotiation.receiveAnswer(message.answer, message.negotiationId).catch(() => undefined);
      case 'candidates':
        return this.negotiation.receiveCandidates(message.batch);
      case 'word':
        return message.say();
    }
  }

  /** Turns a camera on in a call that has no picture. */
  async addPicture(): Promise<void> {
    await this.peer.addLine(new FakeTrack('video') as unknown as MediaStreamTrack);
    await this.negotiation.negotiate(false);
  }

  /** Restarts. @returns how it went */
  restart(): Promise<string> {
    return this.negotiation.negotiate(true).then(
      () => 'done',
      (error: RingdownError) => error.reason ?? error.code,
    );
  }
}

describe('the first negotiation', () => {
  it('[IC-2] candidates that come before the description wait for it', async () => {
    const play = new Play();
    const { caller, callee } = play.sides;
    callee.negotiation.receiveCandidates([{ candidate: 'early' }, null]);
    await callee.negotiation.answer(await caller.negotiation.offer(undefined, true), undefined);
    callee.negotiation.receiveCandidates([{ candidate: 'late' }]);
    await settle();
    expect(callee.peer.remoteCandidates).toEqual([{ candidate: 'early' }, { candidate: 'late' }]);
    expect(callee.peer.remoteEnds).toBe(1);
    expect(callee.problems).toEqual([]);
  });

  it('[IC-2] own candidates follow their description, in one batch', async () => {
    const play = new Play();
    const { caller } = play.sides;
    await caller.negotiation.offer(undefined, true);
    expect(caller.batches).toEqual([]);
    await play.pass(50);
    expect(caller.batches.map((batch) => batch.map((each) => each?.candidate))).toEqual([
      ['candidate:1 0', 'candidate:1 1'],
    ]);
  });

  it('[AN-1] a second answer is ignored', async () => {
    const play = await Play.connected();
    const { caller } = play.sides;
    const answer: AnswerDescription = { type: 'answer', sdp: 'fake 7 audio' };
    await caller.negotiation.receiveAnswer(answer, undefined);
    play.expectAgreement();
  });

  it('an answer that the browser cannot use fails for who brought it', async () => {
    const play = new Play();
    const { caller } = play.sides;
    await caller.negotiation.offer(undefined, true);
    await expect(caller.negotiation.receiveAnswer({ type: 'answer', sdp: 'nonsense' }, undefined)).rejects.toThrow();
  });

  it('a candidate that the browser refuses is told, and the others are used', async () => {
    const play = await Play.connected();
    const { callee } = play.sides;
    callee.peer.addCandidate = () => Promise.reject(new Error('no such line'));
    callee.negotiation.receiveCandidates([{ candidate: 'bad' }, null]);
    await settle();
    expect(callee.problems).toHaveLength(1);
  });
});

describe('a later negotiation', () => {
  it.each(['caller', 'callee'] as const)('[RN-1] the %s restarts: both look for a new path and agree', async (role) => {
    const play = await Play.connected();
    const done = play.sides[role].restart();
    await play.calm();
    expect(await done).toBe('done');
    play.expectAgreement();
    expect([play.sides.caller.peer.restarts, play.sides.callee.peer.restarts]).toEqual([1, 1]);
    expect(play.sides[role].events).toEqual(['restartUnderWay', 'agreed']);
    expect(play.sides[other(role)].events).toEqual(['remoteRestart', 'agreed']);
  });

  it('[RN-1] a picture is added without a new path, and the other side can send one too', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const mine = new FakeTrack('video');
    callee.local = new FakeStream([new FakeTrack('audio'), mine]) as unknown as MediaStream;
    const done = caller.addPicture();
    await play.calm();
    await done;
    play.expectAgreement();
    expect([caller.peer.restarts, callee.peer.restarts]).toEqual([0, 0]);
    expect([caller.peer.hasLine('video'), callee.peer.hasLine('video')]).toEqual([true, true]);
    expect(callee.peer.sending.get('video')).toBe(mine);
    expect(callee.events).toEqual(['track', 'agreed']);
  });

  it('[RN-2] two offers cross: the callee takes its own back, and both get what they wanted', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const hers = caller.addPicture();
    const his = callee.restart();
    await play.calm();
    await hers;
    expect(await his).toBe('done');
    play.expectAgreement();
    // The callee's first one was taken back.
    expect([caller.peer.restarts, callee.peer.restarts]).toEqual([1, 2]);
    expect(callee.peer.hasLine('video')).toBe(true);
  });

  it("[RN-2] two restarts cross: the caller's is enough for both", async () => {
    const play = await Play.connected();
    const both = [play.sides.caller.restart(), play.sides.callee.restart()];
    await play.calm();
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    play.expectAgreement();
    expect(play.sides.caller.peer.restarts).toBe(1);
  });

  it("[RN-2] the caller's offer takes the place of the callee's, which the caller ignores", async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const his = callee.addPicture();
    await play.deliver('up', 'callee');
    const hers = caller.restart();
    await settle();
    // The callee's offer comes while the caller's own is on its way.
    await play.deliver('down', 'caller');
    expect(caller.peer.signaling).toBe('have-local-offer');
    expect(play.up.caller).toHaveLength(1);
    await play.calm();
    await his;
    expect(await hers).toBe('done');
    play.expectAgreement();
    expect(caller.peer.hasLine('video')).toBe(true);
  });

  it('[RN-2] a collision of which nothing comes is tried again after two seconds', async () => {
    const play = await Play.connected();
    const { callee } = play.sides;
    play.offered('caller', { type: 'offer', sdp: 'fake 99 audio' }, 'audio');
    await play.deliver('up', 'caller');
    play.down.callee.length = 0;
    const his = callee.restart();
    await settle();
    await play.deliver('up', 'callee');
    await play.deliver('down', 'callee');
    expect(callee.peer.signaling).toBe('stable');
    expect(callee.events).toEqual(['restartUnderWay']);
    play.drop();
    await play.pass(1_999);
    expect(play.up.callee).toHaveLength(0);
    await play.pass(1);
    await play.calm();
    expect(await his).toBe('done');
    play.expectAgreement();
  });

  it('[RN-2] an offer that nobody answers for 15 s is taken back, and its late answer ignored', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const hers = caller.restart();
    await play.offerOfCallerArrives();
    await play.pass(15_000);
    expect(await hers).toBe('timeout');
    expect(caller.peer.signaling).toBe('stable');
    await play.calm();
    // The callee has answered and looks for a path that nobody else knows: the next restart puts it right.
    const again = callee.restart();
    await play.calm();
    expect(await again).toBe('done');
    play.expectAgreement();
  });

  it('[RN-2] an offer with a higher number means that the own one was dropped', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const hers = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    play.down.callee.length = 0;
    await play.deliver('down', 'caller');
    play.drop();
    const his = callee.restart();
    await play.calm();
    expect(await Promise.all([hers, his])).toEqual(['done', 'done']);
    play.expectAgreement();
  });

  it('an offer that was taken back and went out all the same is made good by a restart', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const hers = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    const his = callee.restart();
    await play.deliver('down', 'callee');
    // The service has dropped the caller's by now, and takes the callee's, which the callee has taken back.
    play.drop();
    await play.calm();
    expect(await Promise.all([hers, his])).toEqual(['done', 'done']);
    play.expectAgreement();
  });

  it('[RN-1] an answer that overtakes the acknowledgement is not lost', async () => {
    const play = await Play.connected();
    const { caller } = play.sides;
    const hers = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    const [acknowledgement] = play.down.caller.splice(0, 1);
    await play.deliver('down', 'callee');
    await play.deliver('up', 'callee');
    await play.deliver('down', 'caller');
    expect(caller.peer.signaling).toBe('have-local-offer');
    if (acknowledgement) caller.receive(acknowledgement);
    await play.calm();
    expect(await hers).toBe('done');
    play.expectAgreement();
  });

  it('[RN-1] a peer that cannot is left as it was', async () => {
    const play = await Play.connected();
    play.peerUnsupported = true;
    const hers = play.sides.caller.restart();
    await play.calm();
    expect(await hers).toBe('peer_unsupported');
    play.expectAgreement();
    expect(play.sides.caller.peer.restarts).toBe(1);
    expect(play.sides.callee.peer.restarts).toBe(0);
  });

  it('an offer that the browser cannot use is told and changes nothing', async () => {
    const play = await Play.connected();
    const { callee } = play.sides;
    const offer: OfferDescription = { type: 'offer', sdp: 'nonsense' };
    callee.negotiation.receiveOffer(
      { offer, negotiationId: 1, polite: true, callType: 'audio', takeover: false },
      undefined,
    );
    await settle();
    expect(callee.problems).toHaveLength(1);
    expect(callee.peer.signaling).toBe('stable');
    const his = callee.restart();
    await play.calm();
    expect(await his).toBe('done');
  });

  it('a wish whose offer was taken back for one that the browser cannot use is asked for again', async () => {
    const play = await Play.connected();
    const { callee } = play.sides;
    const his = callee.restart();
    await settle();
    play.up.callee.length = 0;
    callee.negotiation.receiveOffer(
      { offer: { type: 'offer', sdp: 'nonsense' }, negotiationId: 1, polite: true, callType: 'audio', takeover: false },
      undefined,
    );
    await play.calm();
    expect(await his).toBe('done');
    expect(callee.problems).toHaveLength(1);
  });

  it('[RN-2] an answer that came too late is made good by a restart, unless a newer offer has come', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const hers = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    await play.deliver('down', 'caller');
    play.drop();
    await play.pass(15_000);
    expect(await hers).toBe('timeout');
    await play.calm();
    play.expectAgreement();
    expect(callee.peer.restarts).toBe(2);

    const first = caller.restart();
    await play.offerOfCallerArrives();
    // His answer is on its way when she gives up and offers anew.
    await play.pass(15_000);
    expect(await first).toBe('timeout');
    const [answer] = play.up.callee.splice(0, 1);
    const second = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    answer?.();
    await play.calm();
    expect(await second).toBe('done');
    play.expectAgreement();
    expect(callee.peer.restarts).toBe(4);
  });

  it('[RN-2] the patience with an answer ends while the service cannot be reached, and lasts 5 s after', async () => {
    const play = await Play.connected();
    const { caller } = play.sides;
    const hers = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    await play.deliver('down', 'caller');
    await play.pass(14_000);
    caller.negotiation.signalling(false);
    await play.pass(20_000);
    caller.negotiation.signalling(true);
    await play.pass(4_000);
    await play.calm();
    expect(await hers).toBe('done');
    play.expectAgreement();

    const lost = caller.restart();
    await settle();
    await play.deliver('up', 'caller');
    await play.deliver('down', 'caller');
    caller.negotiation.signalling(false);
    await play.pass(60_000);
    caller.negotiation.signalling(true);
    await play.pass(5_000);
    expect(await lost).toBe('timeout');
  });

  it('candidates of the generation in use are sent also when the offer of meanwhile comes to nothing', async () => {
    const play = await Play.connected();
    const { caller } = play.sides;
    play.peerUnsupported = true;
    const picture = caller.addPicture().catch((error: RingdownError) => error.reason);
    await settle();
    const before = caller.batches.length;
    caller.peer.gather();
    await play.calm();
    expect(await picture).toBe('peer_unsupported');
    expect(caller.batches.slice(before).flat()).toMatchObject([{ usernameFragment: 'p1g0' }]);
  });

  it('wishes that come while a negotiation is open go together with the next one', async () => {
    const play = await Play.connected();
    const { caller } = play.sides;
    const first = caller.restart();
    await settle();
    const later = [caller.restart(), caller.addPicture(), caller.restart()];
    await play.calm();
    expect(await first).toBe('done');
    await Promise.all(later);
    play.expectAgreement();
    expect(caller.peer.restarts).toBe(2);
  });

  it('candidates of an old generation are dropped, and so are those of an offer that was not taken', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const done = caller.restart();
    await play.calm();
    await done;
    const before = callee.peer.remoteCandidates.length;
    callee.negotiation.receiveCandidates([
      { candidate: 'candidate:old', usernameFragment: 'p1g0' },
      { candidate: 'candidate:never 1 ufrag p1g7 network-id 1' },
      { candidate: 'candidate:unknown' },
      { candidate: 'candidate:new', usernameFragment: 'p1g1' },
    ]);
    await settle();
    expect(callee.peer.remoteCandidates.slice(before).map(({ candidate }) => candidate)).toEqual([
      'candidate:unknown',
      'candidate:new',
    ]);
    expect(callee.problems).toEqual([]);
  });

  it('candidates of an offer wait until the service has it, and are forgotten when it is refused', async () => {
    const play = await Play.connected();
    const { caller, callee } = play.sides;
    const batches = callee.batches.length;
    const hers = caller.restart();
    const his = callee.restart();
    await settle();
    await play.pass(1_000);
    expect(callee.batches).toHaveLength(batches);
    await play.calm();
    await Promise.all([hers, his]);
    const fragments = new Set(
      callee.batches.slice(batches).flatMap((batch) => batch.map((each) => each?.usernameFragment)),
    );
    expect(fragments).toEqual(new Set([callee.peer.agreed?.localSdp.match(/ice-ufrag:(\S+)/)?.[1]]));
  });

  it.each(['offer', 'answer'] as const)(
    'an end while the browser makes an %s is told to who waits for it',
    async (what) => {
      const play = new Play();
      const { caller, callee } = play.sides;
      const offer = await caller.peer.offer(undefined, false);
      callee.peer.busy = new Promise(() => {});
      const { negotiation } = callee;
      const made = what === 'offer' ? negotiation.offer(undefined, false) : negotiation.answer(offer, undefined);
      await settle();
      negotiation.close();
      await expect(made).rejects.toMatchObject({ code: 'call_ended' });
    },
  );

  it('after the end nothing happens, and who waits is told', async () => {
    const play = await Play.connected();
    const { caller } = play.sides;
    const open = caller.restart();
    await settle();
    const waiting = caller.restart();
    caller.negotiation.close();
    caller.negotiation.close();
    expect(await Promise.all([open, waiting])).toEqual(['call_ended', 'call_ended']);
    await play.pass(60_000);
    await play.calm();
    await expect(caller.negotiation.offer(undefined, false)).rejects.toMatchObject({ code: 'call_ended' });
    expect(await caller.restart()).toBe('call_ended');
    expect(caller.problems).toEqual([]);
  });

  it('[RN-2] whatever crosses whatever, both agree in the end, with every wish fulfilled', async () => {
    const role = fc.constantFrom<Role>('caller', 'callee');
    const move = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('deliver' as const),
          way: fc.constantFrom('up' as const, 'down' as const),
          role,
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'picture' as const), role }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(500) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 30 }), async (moves) => {
        const play = await Play.connected();
        const wishes: Promise<unknown>[] = [];
        let pictures = false;
        for (const each of moves) {
          if (each.do === 'deliver') await play.deliver(each.way, each.role);
          else if (each.do === 'pass') await play.pass(each.ms);
          else if (each.do === 'restart') wishes.push(play.sides[each.role].restart());
          else {
            pictures = true;
            wishes.push(play.sides[each.role].addPicture().then(() => 'done'));
          }
        }
        await play.calm();
        // A collision of which nothing came is tried again.
        await play.pass(2_000);
        await play.calm();
        for (const wish of wishes) expect(await wish).toBe('done');
        play.expectAgreement();
        expect(play.sides.caller.peer.hasLine('video')).toBe(pictures);
        expect(play.sides.callee.peer.hasLine('video')).toBe(pictures);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
