import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from './call.ts';
import type { RingdownError } from './errors.ts';
import { FakeBrowser } from './fake-tabs.ts';
import { FakeWorld } from './fake-world.ts';
import type { Platform } from './platform.ts';

let world = new FakeWorld();
afterEach(() => {
  world.close();
  world = new FakeWorld();
  vi.useRealTimers();
});

/** Waits until an expectation holds. */
function until(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { interval: 1, timeout: 3_000 });
}

/** The frames of a type that a person sent, without their ids. */
function said(id: string, type: string): unknown[] {
  return world.service.received
    .filter(({ from, message }) => from === id && message.type === type)
    .map(({ message }) => message.data);
}

async function ended(call: Call): Promise<Call['end']> {
  await until(() => expect(call.state).toBe('ended'));
  return call.end;
}

/** What a call emits under some names, as it comes. */
function heard(call: Call, ...names: Parameters<Call['on']>[0][]): unknown[] {
  const all: unknown[] = [];
  for (const name of names) call.on(name, (value) => all.push([name, value]));
  return all;
}

describe('a call in an extended session', () => {
  it('rings, is answered, connects and is hung up', async () => {
    const { outgoing, incoming } = await world.connected();
    expect(outgoing.callId).toBe(incoming.callId);
    outgoing.hangUp();
    expect(await ended(incoming)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('[RI-1] the caller hears on how many devices it rings', async () => {
    const ada = await world.online('1');
    await world.online('2');
    await world.online('2');
    const devices: number[] = [];
    ada.client.on('call', (call) => call.on('devicesRinging', (count) => devices.push(count)));
    await ada.client.call('2');
    await until(() => expect(devices).toEqual([1, 2]));
  });

  it('[TI-2] tapping Answer is said before devices are asked for, and other devices hear of it', async () => {
    const { callee: bob, incoming } = await world.ringing();
    const elsewhere = await world.online('2');
    await until(() => expect(elsewhere.incoming).toHaveLength(1));
    const told = heard(elsewhere.incoming[0]!, 'acceptingElsewhere');
    let grant = () => {};
    bob.media.prompt = new Promise((resolve) => {
      grant = resolve;
    });
    const accepting = incoming.accept();
    await until(() => expect(told).toEqual([['acceptingElsewhere', 15_000]]));
    expect(said('2', 'call:answer')).toEqual([]);
    grant();
    await accepting;
    expect(await ended(elsewhere.incoming[0]!)).toEqual({ reason: 'answered_elsewhere', by: 'me' });
  });

  it('[IC-3] candidates go in batches', async () => {
    await world.connected();
    await until(() => expect(said('1', 'call:ice_candidate').length).toBeGreaterThan(0));
    const sent = world.service.received.filter(({ message }) => message.type === 'call:ice_candidate');
    for (const { message } of sent) expect(message.data).toHaveProperty('candidates');
  });

  it('[MS-1] each side hears what the other one sends, the last state for sure', async () => {
    const { outgoing, incoming } = await world.connected();
    await until(() => expect(outgoing.peerMedia).toEqual({ audio: 'on', video: 'on' }));
    for (let n = 0; n < 10; n += 1) incoming.setMicrophone(n % 2 === 1);
    incoming.setMicrophone(false);
    await until(() => expect(outgoing.peerMedia).toEqual({ audio: 'off', video: 'on' }));
    expect(said('2', 'call:media_state').length).toBeLessThan(4);
  });

  it('[ST-1] both sides report that media flows', async () => {
    await world.connected();
    await until(() => {
      for (const id of ['1', '2']) expect(said(id, 'call:report')).toMatchObject([{ state: 'connected' }]);
    });
  });

  it('[QU-1] the side that did not hang up says how good it was afterwards', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { outgoing, incoming } = await world.connected();
    const report = new Map([
      ['pair', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.05 }],
    ]);
    for (const peer of world.peers.made) peer.stats = report;
    await vi.advanceTimersByTimeAsync(3_000);
    outgoing.hangUp();
    await ended(incoming);
    await until(() =>
      expect(said('2', 'call:quality')).toMatchObject([
        { callId: incoming.callId, metrics: { latency: 50, quality: 5 } },
      ]),
    );
    expect(said('1', 'call:hang_up')).toMatchObject([{ metrics: { latency: 50 } }]);
    expect(said('1', 'call:quality')).toEqual([]);
  });

  it('[RN-1] an audio call gets a picture while it runs', async () => {
    const { outgoing, incoming } = await world.connected({ video: false });
    await outgoing.setCamera(true);
    expect([outgoing.cameraOn, outgoing.callType]).toEqual([true, 'video']);
    await until(() => expect(incoming.callType).toBe('video'));
    expect(said('2', 'call:answer')).toMatchObject([{}, { negotiationId: 1 }]);
  });

  it('[T3] nothing of a running call means anything before this person accepted', async () => {
    const { callee: bob, incoming } = await world.ringing();
    const signed = { callId: incoming.callId!, senderId: '1', timestamp: '2026-01-01T00:00:00.000Z' };
    const senderInfo = { id: 1, username: '', avatar: '' };
    const offer = { type: 'offer' as const, sdp: 'fake 1 audio' };
    const more = { renegotiation: true as const, negotiationId: 1, callType: 'video' as const };
    world.service.send('2', { type: 'call:offer', data: { ...signed, senderInfo, offer, ...more } });
    world.service.send('2', { type: 'call:media_state', data: { ...signed, audio: 'on', video: 'on' } });
    world.service.send('2', 'fence');
    await until(() => expect(bob.errors).toHaveLength(1));
    expect([incoming.state, incoming.peerMedia, bob.openedPeers(), bob.media.requests.length]).toEqual([
      'incoming',
      undefined,
      0,
      0,
    ]);
    expect(bob.incoming).toHaveLength(1);
  });
});

describe('[HE-2] a lost socket', () => {
  it('is made up for: what was missed comes, and nothing twice', async () => {
    const { caller: ada, callee: bob, outgoing, incoming } = await world.connected();
    const states: string[] = [];
    ada.client.on('state', (state) => states.push(state));
    const ends = heard(outgoing, 'ended');
    world.service.reachable = false;
    world.service.cut('1');
    incoming.hangUp();
    await until(() => expect(said('2', 'call:hang_up')).toHaveLength(1));
    expect(outgoing.state).toBe('connected');
    world.service.reachable = true;
    expect(await ended(outgoing)).toEqual({ reason: 'hung_up', by: 'peer' });
    expect(states).toEqual(['resuming', 'online']);
    expect(ends).toHaveLength(1);
    expect([ada.errors, bob.errors]).toEqual([[], []]);
  });

  it('[DS-1] is told to the other side, and its return', async () => {
    const { caller: ada, incoming } = await world.connected();
    const told = heard(incoming, 'peerConnection');
    world.service.cut('1');
    expect(ada.client.state).toBe('resuming');
    await until(() =>
      expect(told).toEqual([
        ['peerConnection', 'reconnecting'],
        ['peerConnection', 'connected'],
      ]),
    );
    expect(incoming.peerConnection).toBe('connected');
  });

  it('[OF-4] rings nobody twice when it swallowed the acknowledgement', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    let cuts = 0;
    world.service.intercept = (from, { type }) => {
      if (type === 'call:offer' && from === '1' && cuts === 0) {
        cuts += 1;
        // The offer arrives, and its acknowledgement does not.
        queueMicrotask(() => world.service.cut('1'));
      }
      return false;
    };
    const call = await ada.client.call('2');
    await until(() => expect(call.state).toBe('ringing'));
    await until(() => expect(bob.incoming).toHaveLength(1));
    expect(ada.client.calls).toHaveLength(1);
  });

  it('[HE-2] that cannot be made up for ends the calls that the service does not know any more', async () => {
    const { caller: ada, callee: bob, outgoing, incoming } = await world.connected();
    world.service.reachable = false;
    for (const id of ['1', '2']) world.service.cut(id);
    world.service.forgetMailboxes();
    world.service.forget(outgoing.callId!);
    world.service.reachable = true;
    for (const call of [outgoing, incoming]) {
      expect(await ended(call)).toEqual({ reason: 'connection_lost', by: 'service' });
    }
    expect([ada.client.calls, bob.client.calls]).toEqual([[], []]);
  });

  it('[HE-2] that cannot be made up for asks the history why a call ended', async () => {
    const { outgoing, incoming } = await world.connected();
    world.service.reachable = false;
    world.service.cut('1');
    world.service.forgetMailboxes();
    incoming.hangUp();
    await until(() => expect(said('2', 'call:hang_up')).toHaveLength(1));
    world.service.reachable = true;
    expect(await ended(outgoing)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('[HE-2] that cannot be made up for leaves calls that go on alone', async () => {
    const { caller: ada, outgoing, incoming } = await world.connected();
    world.service.cut('1');
    world.service.forgetMailboxes();
    await until(() => expect(ada.client.state).toBe('online'));
    outgoing.setMicrophone(false);
    await until(() => expect(incoming.peerMedia).toEqual({ audio: 'off', video: 'on' }));
    expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']);
  });

  it('[RI-2] that cannot be made up for gets the answer it missed', async () => {
    const { outgoing, incoming } = await world.ringing();
    world.service.reachable = false;
    world.service.cut('1');
    world.service.forgetMailboxes();
    await incoming.accept();
    await until(() => expect(said('2', 'call:answer')).toHaveLength(1));
    world.service.reachable = true;
    await until(() => expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']));
  });

  it('[HE-2] that cannot be made up for leaves no call open that the person hung up meanwhile', async () => {
    const { caller: ada, outgoing, incoming } = await world.connected();
    const told: unknown[] = [];
    ada.client.on('openCalls', (all) => told.push(all));
    world.service.reachable = false;
    world.service.cut('1');
    world.service.forgetMailboxes();
    outgoing.hangUp();
    world.service.reachable = true;
    expect(await ended(incoming)).toEqual({ reason: 'hung_up', by: 'peer' });
    expect(told).toEqual([]);
  });

  it('[HE-2] that is given up ends its calls for both, once this device is back', async () => {
    const { caller: ada, outgoing, incoming } = await world.connected();
    world.service.cut('1', 4529);
    world.service.forgetMailboxes();
    expect(outgoing.end).toEqual({ reason: 'connection_lost', by: 'service' });
    await ada.client.connect();
    expect(await ended(incoming)).toEqual({ reason: 'connection_lost', by: 'peer' });
    expect(ada.client.openCalls).toEqual([]);
  });

  it('[RI-2] that is given up rings again for who still rings, once this device is back', async () => {
    const { callee: bob, incoming } = await world.ringing();
    world.service.cut('2', 4529);
    world.service.forgetMailboxes();
    expect(incoming.end).toEqual({ reason: 'connection_lost', by: 'service' });
    await bob.client.connect();
    await until(() => expect(bob.incoming.map(({ state }) => state)).toEqual(['ended', 'incoming']));
    bob.incoming[1]!.reject();
    world.service.send('2', 'fence');
    await until(() => expect(bob.errors.at(-1)?.code).toBe('protocol'));
    expect(bob.incoming).toHaveLength(2);
  });

  it('[DS-2] by a service that stops does not end the call that it refused: it is offered to the next one', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    world.service.intercept = (from, { type, id }) => {
      if (type !== 'call:offer') return false;
      world.service.intercept = undefined;
      world.service.send(from, { type: 'error', id: id!, data: { message: '', code: 503, reason: 'draining' } });
      setTimeout(() => world.service.cut(from, 4100));
      return true;
    };
    const call = await ada.client.call('2');
    await until(() => expect(call.state).toBe('ringing'));
    expect([bob.incoming.length, said('1', 'call:offer').length]).toEqual([1, 2]);
  });

  it('[AN-1] that never acknowledges an answer does not end a call whose media flow', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let answerId = '';
    const openSocket: Platform['openSocket'] = (url, protocols, events) => {
      const message = (text: string) => {
        if (!answerId || !text.includes(`"${answerId}"`)) events.message(text);
      };
      return world.service.openSocket(url, protocols, { ...events, message });
    };
    const ada = await world.online('1');
    const bob = await world.online('2', { platform: { openSocket } });
    world.service.intercept = (_, { type, id }) => {
      if (type === 'call:answer') answerId = id!;
      return false;
    };
    const outgoing = await ada.client.call('2');
    await until(() => expect(bob.incoming).toHaveLength(1));
    await bob.incoming[0]!.accept();
    await until(() => expect(outgoing.state).toBe('connected'));
    await vi.advanceTimersByTimeAsync(125_000);
    expect(said('2', 'call:answer').length).toBeGreaterThan(5);
    expect([outgoing.state, bob.incoming[0]!.state]).toEqual(['connected', 'connected']);
  });

  it('[HE-4] is noticed although the clock is set back by an hour', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const ada = await world.online('1');
    const states: string[] = [];
    ada.client.on('state', (state) => states.push(state));
    vi.setSystemTime(Date.now() - 3_600_000);
    ada.client.simulate('signal-loss');
    await vi.advanceTimersByTimeAsync(60_000);
    await until(() => expect(states).toEqual(['resuming', 'online']));
  });

  it('lasts longer than any restart of a broken media path, which then waits for the service', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { outgoing, incoming } = await world.connected();
    world.service.reachable = false;
    world.service.cut('1');
    for (const peer of world.peers.made) peer.become('failed');
    await vi.advanceTimersByTimeAsync(45_000);
    expect([outgoing.state, said('1', 'call:offer').length]).toEqual(['reconnecting', 1]);
    expect(world.peers.made[0]).toMatchObject({ signaling: 'stable', restarts: 0 });
    world.service.reachable = true;
    await vi.advanceTimersByTimeAsync(11_000);
    await until(() => expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']));
  });

  it('[AN-1] that cannot be made up for learns that another device answered', async () => {
    const { callee: bob, incoming } = await world.ringing();
    const elsewhere = await world.online('2');
    await until(() => expect(elsewhere.incoming).toHaveLength(1));
    world.service.intercept = (_, { type }) => {
      if (type !== 'call:answer') return false;
      world.service.intercept = undefined;
      // Both devices of this person lose their sockets, and what was on its way to them.
      queueMicrotask(() => {
        world.service.cut('2');
        world.service.forgetMailboxes();
      });
      return false;
    };
    await elsewhere.incoming[0]!.accept();
    expect(await ended(incoming)).toEqual({ reason: 'answered_elsewhere', by: 'me' });
    await until(() => expect(elsewhere.incoming[0]!.state).toBe('connected'));
    expect(bob.openedPeers()).toBe(0);
  });

  it('an offer whose first copy rang and ended unheard is not taken for a ring', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    world.service.intercept = (from, { type }) => {
      if (type !== 'call:offer' || from !== '1') return false;
      world.service.intercept = undefined;
      world.service.reachable = false;
      queueMicrotask(() => world.service.cut('1'));
      return false;
    };
    const call = await ada.client.call('2');
    await until(() => expect(bob.incoming).toHaveLength(1));
    bob.incoming[0]!.reject();
    await until(() => expect(said('2', 'call:reject')).toHaveLength(1));
    world.service.forgetMailboxes();
    world.service.reachable = true;
    await ended(call);
    expect(ada.client.calls).toEqual([]);
  });
});

describe('ICE servers', () => {
  it('that an application never gives are done without, in every call', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const ada = await world.online('1', { iceServers: () => new Promise(() => {}) });
    const bob = await world.online('2');
    for (const nth of [1, 2]) {
      const call = await ada.client.call('2');
      const errors = heard(call, 'error');
      await vi.advanceTimersByTimeAsync(5_000);
      await until(() => expect([call.state, bob.incoming.length]).toEqual(['ringing', nth]));
      expect(errors).toMatchObject([['error', { code: 'ice_servers_unavailable' }]]);
      call.hangUp();
      await ended(bob.incoming.at(-1)!);
    }
  });

  it('that ran out and cannot be fetched anew leave the relay the only way', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let reachable = true;
    const fetch: Platform['fetch'] = async () => {
      if (!reachable) throw new TypeError('no network');
      return Response.json({ data: { iceServers: [{ urls: 'turn:a' }], ttl: 600, iceTransportPolicy: 'relay' } });
    };
    const ada = await world.online('1', { platform: { fetch } });
    await world.online('2');
    const configurations: unknown[] = [];
    for (const passMs of [0, 590_000, 20_000]) {
      await vi.advanceTimersByTimeAsync(passMs);
      const call = await ada.client.call('2');
      await until(() => expect(call.state).toBe('ringing'));
      configurations.push(world.peers.made.at(-1)!.configuration);
      call.hangUp();
      reachable = false;
    }
    const known = { iceServers: [{ urls: 'turn:a' }], iceTransportPolicy: 'relay' };
    expect(configurations).toEqual([known, known, { ...known, iceServers: [] }]);
  });
});

describe('[GL-2] a page that was reloaded in a call', () => {
  /** What somebody sends waits here, as long as it is held. */
  class Wire {
    #waiting: { text: string; send(): void }[] | undefined;
    hold(): void {
      this.#waiting = [];
    }
    holds(type: string): boolean {
      return this.#waiting?.some(({ text }) => text.includes(`"${type}"`)) === true;
    }
    release(): void {
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const { send } of waiting) send();
    }
    readonly open: Platform['openSocket'] = (...args) => {
      const port = world.service.openSocket(...args);
      return {
        close: (code) => port.close(code),
        send: (text) => {
          if (this.#waiting) this.#waiting.push({ text, send: () => port.send(text) });
          else port.send(text);
        },
      };
    };
  }

  /** Ada's page is loaded again in a call with Bob, whom she called, or who called her. */
  async function reloaded({ by = 'ada', video = true } = {}) {
    const tab = new FakeBrowser().openTab();
    const wire = new Wire();
    const adasWire = new Wire();
    const before = await world.online('1', { platform: { tabs: tab } });
    const bob = await world.online('2', { platform: { openSocket: wire.open } });
    const [caller, callee] = by === 'ada' ? [before, bob] : [bob, before];
    const outgoing = await caller.client.call(callee.id, { video });
    await until(() => expect(callee.incoming).toHaveLength(1));
    const incoming = callee.incoming[0]!;
    await incoming.accept();
    const bobs = by === 'ada' ? incoming : outgoing;
    await until(() => expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']));
    const ada = await world.online('1', { platform: { tabs: tab.reload(), openSocket: adasWire.open } });
    return { ada, adasWire, bob, bobs, wire };
  }

  it('finds its call open, comes back into it with one click, and nobody is rung', async () => {
    const { ada, bob, bobs } = await reloaded();
    const { callId } = bobs;
    expect(ada.client.openCalls).toEqual([
      {
        callId,
        direction: 'outgoing',
        peer: { id: '2', username: 'person 2', avatar: '' },
        callType: 'video',
        here: true,
      },
    ]);
    const changes: number[] = [];
    ada.client.on('openCalls', (all) => changes.push(all.length));
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
    expect([back.callId, back.peer.username]).toEqual([callId, 'person 2']);
    expect([ada.client.openCalls, changes, bob.incoming.length]).toEqual([[], [0], 1]);
    back.hangUp();
    expect(await ended(bobs)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('[MS-1] both sides know again what the other one sends', async () => {
    const { ada, bobs } = await reloaded();
    bobs.setMicrophone(false);
    await until(() => expect(said('2', 'call:media_state').at(-1)).toMatchObject({ audio: 'off' }));
    const back = await ada.client.call('2', { takeover: true, video: false });
    await until(() => expect(back.peerMedia).toEqual({ audio: 'off', video: 'on' }));
    await until(() => expect(bobs.peerMedia).toEqual({ audio: 'on', video: 'off' }));
  });

  it('the call stays what it was: no camera opens for an audio call', async () => {
    const { ada, bobs } = await reloaded({ video: false });
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect(bobs.state).toBe('connected'));
    expect([back.callType, back.cameraOn]).toEqual(['audio', false]);
  });

  it('hangs up when nobody comes back in 30 seconds, so that the other side does not wait for ever', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { ada, bobs } = await reloaded();
    await vi.advanceTimersByTimeAsync(29_000);
    expect([bobs.state, ada.client.openCalls.length]).toEqual(['connected', 1]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ended(bobs)).toEqual({ reason: 'connection_lost', by: 'peer' });
    expect([ada.client.calls, ada.client.openCalls]).toEqual([[], []]);
  });

  it('a click gives 30 seconds more, in which devices may be asked for, and no more', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { ada, bobs } = await reloaded();
    ada.media.prompt = new Promise(() => undefined);
    await vi.advanceTimersByTimeAsync(29_000);
    void ada.client.call('2', { takeover: true });
    await vi.advanceTimersByTimeAsync(29_000);
    expect([bobs.state, ada.client.activeCall?.state]).toEqual(['connected', 'dialling']);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await ended(bobs)).toEqual({ reason: 'connection_lost', by: 'peer' });
    expect(ada.client.calls).toEqual([]);
  });

  it('media that are refused leave the call open: the person may try again', async () => {
    const { ada, bobs } = await reloaded();
    ada.media.refusal = () => 'NotAllowedError';
    await expect(ada.client.call('2', { takeover: true })).rejects.toMatchObject({ code: 'permission_denied' });
    expect(ada.client.openCalls).toHaveLength(1);
    ada.media.refusal = undefined;
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
  });

  it('hangs up at once when the application says so, and another time means nothing', async () => {
    const { ada, bobs } = await reloaded();
    ada.client.endOpenCall(bobs.callId!);
    ada.client.endOpenCall(bobs.callId!);
    expect(await ended(bobs)).toEqual({ reason: 'hung_up', by: 'peer' });
    expect(ada.client.openCalls).toEqual([]);
    expect(said('1', 'call:hang_up')).toHaveLength(1);
  });

  it('hangs up when the person does on the way back', async () => {
    const { ada, bobs } = await reloaded();
    ada.media.prompt = new Promise(() => undefined);
    void ada.client.call('2', { takeover: true });
    ada.client.activeCall?.hangUp();
    expect(await ended(bobs)).toEqual({ reason: 'hung_up', by: 'peer' });
    expect(ada.client.openCalls).toEqual([]);
  });

  it.each(['3', '2'])('hangs up at once when %s is called without meaning it', async (userId) => {
    const { ada, bobs } = await reloaded();
    const call = await ada.client.call(userId);
    expect(await ended(bobs)).toEqual({ reason: 'connection_lost', by: 'peer' });
    expect(ada.client.openCalls).toEqual([]);
    expect(call.callId).not.toBe(bobs.callId);
  });

  it('hears of a hang-up before it is back', async () => {
    const { ada, bobs } = await reloaded();
    bobs.hangUp();
    await until(() => expect(ada.client.openCalls).toEqual([]));
  });

  it('a hang-up on the way back ends it, and what rings in its place is taken back', async () => {
    const { ada, adasWire, bob, bobs } = await reloaded();
    adasWire.hold();
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect(adasWire.holds('call:offer')).toBe(true));
    bobs.hangUp();
    expect(await ended(back)).toEqual({ reason: 'hung_up', by: 'peer' });
    adasWire.release();
    await until(() => expect(bob.incoming).toHaveLength(2));
    expect(await ended(bob.incoming[1]!)).toEqual({ reason: 'cancelled', by: 'peer' });
    expect([ada.client.openCalls, ada.client.calls]).toEqual([[], []]);
  });

  it('a ring that was not answered is hung up at once', async () => {
    const tab = new FakeBrowser().openTab();
    const ada = await world.online('1', { platform: { tabs: tab } });
    const bob = await world.online('2');
    await ada.client.call('2');
    await until(() => expect(bob.incoming).toHaveLength(1));
    const again = await world.online('1', { platform: { tabs: tab.reload() } });
    expect(await ended(bob.incoming[0]!)).toEqual({ reason: 'cancelled', by: 'peer' });
    expect([again.client.calls, again.client.openCalls]).toEqual([[], []]);
  });

  it.each(['ada', 'bob'])('comes back while the other side restarts ICE, in a call begun by %s', async (by) => {
    const { ada, bob, bobs } = await reloaded({ by });
    bob.client.simulate('ice-failure');
    await until(() => expect(said('2', 'call:offer').length).toBe(by === 'ada' ? 1 : 2));
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
    expect(said('1', 'call:offer').at(-1)).toMatchObject({ takeover: true });
    expect(bob.errors).toEqual([]);
  });

  it.each(['ada', 'bob'])('[RN-2] comes back when its offer crosses a restart, in a call begun by %s', async (by) => {
    const { ada, bob, bobs, wire } = await reloaded({ by });
    const errors: RingdownError[] = [];
    bobs.on('error', (error) => errors.push(error));
    wire.hold();
    bob.client.simulate('ice-failure');
    await until(() => expect(wire.holds('call:offer')).toBe(true));
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect(wire.holds('call:answer')).toBe(true));
    wire.release();
    await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
    // Where the restart took the place of the offer, that was made once more.
    expect(bob.openedPeers()).toBe(by === 'bob' ? 3 : 2);
    expect([errors, ada.errors]).toEqual([[], []]);
    back.hangUp();
    expect(await ended(bobs)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('comes back when the answer was lost with its session', async () => {
    const { ada, bobs, wire } = await reloaded();
    wire.hold();
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect(wire.holds('call:answer')).toBe(true));
    world.service.reachable = false;
    world.service.cut('1');
    world.service.forgetMailboxes();
    wire.release();
    await until(() => expect(said('2', 'call:answer').length).toBe(2));
    world.service.reachable = true;
    await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
  });

  it('comes back when its offer was taken and nothing of that came through', async () => {
    const { ada, bobs } = await reloaded();
    world.service.intercept = (from, { type }) => {
      if (from !== '1' || type !== 'call:offer') return false;
      world.service.intercept = undefined;
      world.service.reachable = false;
      queueMicrotask(() => world.service.cut('1'));
      return false;
    };
    const back = await ada.client.call('2', { takeover: true });
    await until(() => expect(said('2', 'call:answer')).toHaveLength(2));
    world.service.forgetMailboxes();
    world.service.reachable = true;
    await until(() => expect([back.state, bobs.state]).toEqual(['connected', 'connected']));
  });

  it('both pages may be reloaded', async () => {
    const tabs = [new FakeBrowser().openTab(), new FakeBrowser().openTab()] as const;
    const former = [
      await world.online('1', { platform: { tabs: tabs[0] } }),
      await world.online('2', { platform: { tabs: tabs[1] } }),
    ] as const;
    await former[0].client.call('2');
    await until(() => expect(former[1].incoming).toHaveLength(1));
    await former[1].incoming[0]!.accept();
    const ada = await world.online('1', { platform: { tabs: tabs[0].reload() } });
    const bob = await world.online('2', { platform: { tabs: tabs[1].reload() } });
    const first = await ada.client.call('2', { takeover: true });
    await until(() => expect(first.state).toBe('connecting'));
    const second = await bob.client.call('1', { takeover: true });
    await until(() => expect([first.state, second.state]).toEqual(['connected', 'connected']));
    expect([...ada.incoming, ...bob.incoming]).toEqual([]);
    await second.setCamera(false);
    await until(() => expect(first.peerMedia?.video).toBe('off'));
  });
});

describe('[GL-2] another device of mine', () => {
  it('takes the call over, and the first one says where it went', async () => {
    const { caller: ada, callee: bob, outgoing, incoming } = await world.connected();
    const laptop = await world.online('1');
    expect(laptop.client.openCalls).toMatchObject([{ callId: outgoing.callId, here: false }]);
    const moved = await laptop.client.call('2', { takeover: true });
    expect(await ended(outgoing)).toEqual({ reason: 'taken_over', by: 'me' });
    await until(() => expect([moved.state, incoming.state]).toEqual(['connected', 'connected']));
    expect(moved.callId).toBe(incoming.callId);
    expect([ada.client.calls.length, bob.incoming.length]).toEqual([0, 1]);
    moved.hangUp();
    expect(await ended(incoming)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('hangs up what moved to it after the person had done so', async () => {
    const { outgoing, incoming } = await world.connected();
    const phone = await world.online('2');
    world.service.intercept = (from, { type }) => {
      if (from === '2' && type === 'call:offer') phone.client.activeCall?.hangUp();
      return false;
    };
    const back = await phone.client.call('1', { takeover: true });
    expect(await ended(back)).toEqual({ reason: 'cancelled', by: 'me' });
    expect(await ended(outgoing)).toEqual({ reason: 'hung_up', by: 'peer' });
    expect(await ended(incoming)).toEqual({ reason: 'taken_over', by: 'me' });
    expect(said('2', 'call:hang_up')).toEqual([{ receiverId: '1' }, { receiverId: '1', callId: outgoing.callId }]);
  });

  it('can end the call from afar', async () => {
    const { outgoing, incoming } = await world.connected();
    const laptop = await world.online('1');
    laptop.client.endOpenCall(outgoing.callId!);
    expect(await ended(incoming)).toMatchObject({ by: 'peer' });
    expect(laptop.client.openCalls).toEqual([]);
  });

  it('is told that there is a call, when it dials without meaning that', async () => {
    const { outgoing } = await world.connected();
    const laptop = await world.online('1');
    const errors: RingdownError[] = [];
    laptop.client.on('call', (call) => call.on('error', (error) => errors.push(error)));
    const call = await laptop.client.call('2');
    expect(await ended(call)).toMatchObject({ reason: 'failed', by: 'service' });
    expect(errors).toMatchObject([{ reason: 'already_in_call', callId: outgoing.callId }]);
    expect(outgoing.state).toBe('connected');
  });
});

describe('[GL-1] two people who call each other at once', () => {
  it('meet in one call, with the media already granted and no second ring', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    const [fromAda, fromBob] = await Promise.all([ada.client.call('2'), bob.client.call('1')]);
    await until(() => expect([fromAda.state, fromBob.state]).toEqual(['connected', 'connected']));
    expect(fromAda.callId).toBe(fromBob.callId);
    expect([...ada.incoming, ...bob.incoming]).toEqual([]);
    expect([ada.media.requests.length, bob.media.requests.length]).toEqual([1, 1]);
    fromBob.hangUp();
    expect(await ended(fromAda)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('with the voice alone, when that is all that was granted', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    const [, fromBob] = await Promise.all([ada.client.call('2'), bob.client.call('1', { video: false })]);
    await until(() => expect(fromBob.state).toBe('connected'));
    expect([fromBob.callType, fromBob.cameraOn, bob.media.requests.length]).toEqual(['video', false, 1]);
  });
});

describe('[PR-1] presence', () => {
  it('tells who is online, and who comes and goes', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    const changes: object[] = [];
    const stop = ada.client.presence.subscribe((change) => changes.push(Object.fromEntries(change)));
    await until(() => expect(changes).toEqual([{ 2: 'online' }]));
    expect(ada.client.presence.of('2')).toBe('online');
    bob.client.disconnect();
    await until(() => expect(changes).toEqual([{ 2: 'online' }, { 2: 'offline' }]));
    stop();
    stop();
    expect(ada.client.presence.of('2')).toBeUndefined();
    await until(() => expect(said('1', 'presence:unsubscribe')).toHaveLength(1));
  });

  it('is asked for again on every socket, and what is not told any more is over', async () => {
    const ada = await world.online('1');
    const bob = await world.online('2');
    const changes: object[] = [];
    ada.client.presence.subscribe((change) => changes.push(Object.fromEntries(change)));
    await until(() => expect(changes).toHaveLength(1));
    world.service.reachable = false;
    world.service.cut('1');
    bob.client.disconnect();
    world.service.reachable = true;
    await until(() => expect(changes).toEqual([{ 2: 'online' }, { 2: 'offline' }]));
    expect(said('1', 'presence:subscribe')).toHaveLength(2);
  });
});

describe('make-believe', () => {
  it.each(['resume', 'full-reconnect', 'token-expiry'] as const)('%s: the call goes on', async (fault) => {
    const { caller: ada, outgoing, incoming } = await world.connected();
    const states: string[] = [];
    ada.client.on('state', (state) => states.push(state));
    ada.client.simulate(fault);
    await until(() => expect(states).toEqual(['resuming', 'online']));
    outgoing.hangUp();
    expect(await ended(incoming)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('signal-loss: nothing gets through, until the heartbeat notices', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { caller: ada, outgoing, incoming } = await world.connected();
    ada.client.simulate('signal-loss');
    outgoing.setMicrophone(false);
    await vi.advanceTimersByTimeAsync(9_000);
    expect([ada.client.state, incoming.peerMedia?.audio]).toEqual(['online', 'on']);
    await vi.advanceTimersByTimeAsync(7_000);
    await until(() => expect(incoming.peerMedia?.audio).toBe('off'));
    expect(ada.client.state).toBe('online');
  });

  it('ice-failure: the media path is lost, and found again', async () => {
    const { caller: ada, outgoing } = await world.connected();
    const states: string[] = [];
    outgoing.on('state', (state) => states.push(state));
    ada.client.simulate('ice-failure');
    await until(() => expect(states).toEqual(['reconnecting', 'connected']));
    expect(said('1', 'call:offer')).toHaveLength(2);
  });

  it('means nothing without a connection', () => {
    const { client } = world.person('1');
    for (const fault of ['resume', 'full-reconnect', 'token-expiry', 'signal-loss', 'ice-failure'] as const) {
      client.simulate(fault);
    }
    expect(client.state).toBe('offline');
  });
});
