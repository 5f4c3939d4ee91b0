import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call, CallPhase } from './call.ts';
import { RingdownClient } from './client.ts';
import { RingdownError } from './errors.ts';
import { FakeMedia } from './fake-media.ts';
import { FakePeers } from './fake-peer.ts';
import { FakeService } from './fake-service.ts';
import { FakeBrowser } from './fake-tabs.ts';

/** Waits until an expectation holds. */
function until(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { interval: 1 });
}

interface Person {
  readonly id: string;
  readonly client: RingdownClient;
  readonly media: FakeMedia;
  readonly errors: RingdownError[];
  readonly incoming: Call[];
  /** How often a connection to another browser was made by this person's browser. */
  readonly openedPeers: () => number;
}

class World {
  readonly service = Object.assign(new FakeService(), { plainOnly: true });
  readonly peers = new FakePeers();
  readonly clients: RingdownClient[] = [];

  /** Somebody who is signed in and online. */
  async person(id: string, token = () => `user-${id}`): Promise<Person> {
    const media = new FakeMedia();
    let openedPeers = 0;
    const client = new RingdownClient({
      url: 'https://service.test',
      token,
      platform: {
        openSocket: this.service.openSocket,
        fetch: (url, init) => this.service.fetch(url, init),
        getUserMedia: media.getUserMedia,
        openPeer: (configuration, events) => {
          openedPeers += 1;
          return this.peers.open(configuration, events);
        },
        random: () => 0,
        tabs: new FakeBrowser().openTab(),
      },
    });
    this.clients.push(client);
    const errors: RingdownError[] = [];
    const incoming: Call[] = [];
    client.on('error', (error) => errors.push(error));
    client.on('incoming', (call) => incoming.push(call));
    await client.connect();
    return { id, client, media, errors, incoming, openedPeers: () => openedPeers };
  }

  /** Two people, the second ringing. */
  async ringing(options: Parameters<RingdownClient['call']>[1] = {}) {
    const ada = await this.person('1');
    const bob = await this.person('2');
    const outgoing = await ada.client.call('2', options);
    await until(() => expect(bob.incoming).toHaveLength(1));
    const incoming = bob.incoming[0]!;
    await until(() => expect(outgoing.state).toBe('ringing'));
    return { ada, bob, outgoing, incoming };
  }

  /** Two people whose media flows. */
  async connected(options: Parameters<RingdownClient['call']>[1] = {}) {
    const pair = await this.ringing(options);
    await pair.incoming.accept();
    await until(() => expect([pair.outgoing.state, pair.incoming.state]).toEqual(['connected', 'connected']));
    return pair;
  }

  /** The frames of a type that a person sent, without their ids. */
  said(id: string, type: string): unknown[] {
    return this.service.received
      .filter(({ from, message }) => from === id && message.type === type)
      .map(({ message }) => message.data);
  }

  async ended(call: Call): Promise<Call['end']> {
    await until(() => expect(call.state).toBe('ended'));
    return call.end;
  }
}

let world = new World();
afterEach(() => {
  for (const client of world.clients) {
    for (const call of client.calls) call.hangUp();
    client.disconnect();
  }
  world = new World();
  vi.useRealTimers();
});

describe('a call', () => {
  it('rings, is answered, connects and is hung up', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    const phases: CallPhase[] = [];
    ada.client.on('call', (call) => {
      phases.push(call.state);
      call.on('state', (phase) => phases.push(phase));
    });
    const outgoing = await ada.client.call('2', { conversationId: 'team' });
    await until(() => expect(bob.incoming).toHaveLength(1));
    const incoming = bob.incoming[0]!;
    expect(incoming.state).toBe('incoming');
    expect(incoming.peer).toEqual({ id: '1', username: 'person 1', avatar: '' });
    expect(incoming.ringsUntil).toBeGreaterThan(Date.now());
    await incoming.accept();
    await until(() => expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']));
    expect(outgoing.peer).toEqual({ id: '2', username: 'person 2', avatar: '' });
    expect(outgoing.callId).toBe(incoming.callId);
    expect(outgoing.connectedAt).toBeTypeOf('number');
    expect(outgoing.remoteStream).toBeDefined();
    expect(ada.client.activeCall).toBe(outgoing);

    incoming.hangUp();
    incoming.hangUp();
    expect(incoming.end).toEqual({ reason: 'hung_up', by: 'me' });
    expect(await world.ended(outgoing)).toEqual({ reason: 'hung_up', by: 'peer' });
    expect(phases).toEqual(['dialling', 'ringing', 'connecting', 'connected', 'ended']);
    expect(world.said('2', 'call:hang_up')).toHaveLength(1);
    expect(ada.client.calls).toEqual([]);
    expect([...ada.media.tracks, ...bob.media.tracks].map((track) => track.readyState)).toEqual(Array(4).fill('ended'));
    expect(world.peers.made.map((peer) => peer.state)).toEqual(['closed', 'closed']);
  });

  it('an audio call asks for no camera and has no picture to turn on', async () => {
    const { ada, bob, outgoing, incoming } = await world.connected({ video: false });
    expect([outgoing.callType, incoming.callType]).toEqual(['audio', 'audio']);
    expect([...ada.media.requests, ...bob.media.requests].map(({ video }) => video)).toEqual([false, false]);
    await expect(outgoing.setCamera(true)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('[IC-2] candidates of both sides come after the description they belong to, and all of them come', async () => {
    await world.connected();
    const [caller, callee] = world.peers.made;
    expect(caller!.remoteCandidates.map(({ candidate }) => candidate)).toEqual(['candidate:2 0', 'candidate:2 1']);
    expect(callee!.remoteCandidates.map(({ candidate }) => candidate)).toEqual(['candidate:1 0', 'candidate:1 1']);
    const bobSaid = world.service.received.filter(({ from }) => from === '2').map(({ message }) => message.type);
    expect(bobSaid).toEqual(['call:answer', 'call:ice_candidate', 'call:ice_candidate']);
  });

  it('[IC-3] the end of candidates is no candidate, and harmless', async () => {
    const { bob, incoming } = await world.connected();
    const data = { callId: incoming.callId, senderId: '1', timestamp: '2026-01-01T00:00:00.000Z' };
    for (const candidate of [null, { candidate: '' }]) {
      world.service.send('2', JSON.stringify({ type: 'call:ice_candidate', data: { ...data, candidate } }));
    }
    world.peers.made[0]!.gather();
    await until(() => expect(world.peers.made[1]!.remoteCandidates).toHaveLength(3));
    expect(bob.errors).toEqual([]);
  });

  it('a candidate that the browser cannot use is told, and the call goes on', async () => {
    const { outgoing, incoming } = await world.connected();
    const errors: RingdownError[] = [];
    incoming.on('error', (error) => errors.push(error));
    world.peers.made[1]!.addCandidate = () => Promise.reject(new Error('unusable'));
    world.peers.made[0]!.gather();
    await until(() => expect(errors).toMatchObject([{ code: 'protocol' }]));
    expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']);
  });

  it('the ICE servers of the service are used, and fetched once for several calls', async () => {
    const asked: string[] = [];
    const { fetch } = world.service;
    Object.assign(world.service, {
      fetch: ((url, init) => {
        asked.push(url);
        return fetch(url, init);
      }) satisfies typeof fetch,
    });
    const { ada, outgoing, incoming } = await world.connected();
    outgoing.hangUp();
    await world.ended(incoming);
    await ada.client.call('2');
    await until(() => expect(world.peers.made).toHaveLength(3));
    expect(world.peers.made.map(({ configuration }) => configuration)).toEqual(
      Array(3).fill({ iceServers: [{ urls: 'stun:stun.test' }] }),
    );
    expect(asked).toEqual(Array(2).fill('https://service.test/api/rtc/ice-servers'));
  });

  it('a call is made without ICE servers when they cannot be fetched', async () => {
    const ada = await world.person('1');
    await world.person('2');
    world.service.refusedTokens.add('user-1');
    const errors: RingdownError[] = [];
    ada.client.on('call', (call) => call.on('error', (error) => errors.push(error)));
    const call = await ada.client.call('2');
    await until(() => expect(call.state).toBe('ringing'));
    expect(errors).toMatchObject([{ code: 'ice_servers_unavailable' }]);
    expect(world.peers.made[0]!.configuration).toEqual({ iceServers: [] });
  });
});

describe('ends', () => {
  it('[HU-1] hanging up before the answer cancels the ring', async () => {
    const { outgoing, incoming } = await world.ringing();
    outgoing.hangUp();
    expect(outgoing.end).toEqual({ reason: 'cancelled', by: 'me' });
    expect(await world.ended(incoming)).toEqual({ reason: 'cancelled', by: 'peer' });
  });

  it('[OF-3] hanging up before the acknowledgement names the person instead of the call', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    world.service.intercept = (_, { type }) => {
      if (type === 'call:offer') queueMicrotask(() => call.hangUp());
      return false;
    };
    const call = await ada.client.call('2');
    await until(() => expect(world.said('1', 'call:hang_up')).toEqual([{ receiverId: '2' }]));
    await until(() => expect(bob.client.calls).toEqual([]));
  });

  it('an offer that never left needs no hang-up', async () => {
    const ada = await world.person('1');
    let grant = () => {};
    ada.media.prompt = new Promise((resolve) => {
      grant = resolve;
    });
    const calling = ada.client.call('2');
    const call = ada.client.activeCall!;
    call.hangUp();
    grant();
    expect(await calling).toBe(call);
    expect(call.end).toEqual({ reason: 'cancelled', by: 'me' });
    expect(ada.media.tracks.map((track) => track.readyState)).toEqual(['ended', 'ended']);
    expect(world.service.received).toEqual([]);
    expect(ada.openedPeers()).toBe(0);
  });

  it('[RJ-1] a refusal reaches the caller', async () => {
    const { outgoing, incoming } = await world.ringing();
    incoming.reject();
    incoming.reject();
    expect(incoming.end).toEqual({ reason: 'rejected', by: 'me' });
    expect(await world.ended(outgoing)).toEqual({ reason: 'rejected', by: 'peer' });
    expect(world.said('2', 'call:reject')).toHaveLength(1);
  });

  it('[RJ-2] a refusal as busy is the contract’s busy signal', async () => {
    const { outgoing, incoming } = await world.ringing();
    incoming.reject('busy');
    expect(await world.ended(outgoing)).toMatchObject({ reason: 'busy', by: 'peer' });
    expect(world.said('2', 'call:busy')).toEqual([{ callId: incoming.callId, receiverId: '1' }]);
  });

  it('[BU-1] somebody in another call is busy', async () => {
    await world.connected();
    const eve = await world.person('3');
    const call = await eve.client.call('2');
    expect(await world.ended(call)).toMatchObject({ reason: 'busy', by: 'peer', message: 'busy' });
  });

  it('somebody who is away is not available', async () => {
    const ada = await world.person('1');
    const call = await ada.client.call('9');
    expect(await world.ended(call)).toEqual({ reason: 'not_available', by: 'service', message: 'away' });
  });

  it('not_available without a call id means the call to that person', async () => {
    const ada = await world.person('1');
    world.service.intercept = () => {
      const data = { message: 'away', receiverId: '9' };
      world.service.send('1', { type: 'call:not_available', data });
      return true;
    };
    const call = await ada.client.call('9');
    expect(await world.ended(call)).toMatchObject({ reason: 'not_available' });
  });

  it('an offer the service refuses ends the call, with the reason', async () => {
    const ada = await world.person('1');
    const errors: RingdownError[] = [];
    ada.client.on('call', (call) => call.on('error', (error) => errors.push(error)));
    world.service.intercept = (from, { id }) => {
      const data = { message: 'no', code: 403, reason: 'not_allowed' };
      world.service.send(from, { type: 'error', id: id!, data });
      return true;
    };
    const call = await ada.client.call('9');
    expect(await world.ended(call)).toEqual({ reason: 'failed', by: 'service', message: 'no' });
    expect(errors).toMatchObject([{ code: 'rejected_by_service', reason: 'not_allowed' }]);
  });

  it('[AN-1] another device of mine that answers ends the ring here', async () => {
    const { incoming, bob } = await world.ringing();
    const elsewhere = await world.person('2');
    await until(() => expect(elsewhere.incoming).toHaveLength(1));
    await elsewhere.incoming[0]!.accept();
    expect(await world.ended(incoming)).toEqual({ reason: 'answered_elsewhere', by: 'me' });
    expect(bob.openedPeers()).toBe(0);
  });

  it('[AN-1] losing the race to answer lets go of everything', async () => {
    const { incoming, bob } = await world.ringing();
    world.service.intercept = (from, { type, id }) => {
      if (type !== 'call:answer') return false;
      const data = { message: 'too late', code: 409, reason: 'answered_elsewhere' };
      world.service.send(from, { type: 'error', id: id!, data });
      return true;
    };
    await incoming.accept();
    expect(await world.ended(incoming)).toEqual({ reason: 'answered_elsewhere', by: 'me' });
    expect(bob.media.tracks.every((track) => track.readyState === 'ended')).toBe(true);
  });

  it('[QU-1] the hang-up carries the quality of the last second', async () => {
    vi.useFakeTimers();
    const { outgoing } = await world.connected();
    world.peers.made[0]!.stats = new Map([
      ['in', { type: 'inbound-rtp', packetsLost: 1, packetsReceived: 99 }],
      ['pair', { type: 'candidate-pair', nominated: true, state: 'succeeded', currentRoundTripTime: 0.05 }],
    ]);
    await vi.advanceTimersByTimeAsync(1_500);
    outgoing.hangUp();
    await vi.advanceTimersByTimeAsync(0);
    expect(world.said('1', 'call:hang_up')).toMatchObject([
      { reason: 'normal', metrics: { quality: 4, packetLoss: 1, latency: 50 } },
    ]);
  });

  it('[HU-2] what comes after the end means nothing', async () => {
    const { ada, bob, outgoing, incoming } = await world.connected();
    const { callId } = incoming;
    incoming.hangUp();
    await world.ended(outgoing);
    const signed = { callId: callId!, senderId: '2', timestamp: '2026-01-01T00:00:00.000Z' };
    world.service.send('1', { type: 'call:hang_up', data: signed });
    world.service.send('1', { type: 'call:ice_candidate', data: { ...signed, candidate: { candidate: 'late' } } });
    world.service.send('1', { type: 'call:busy', data: { ...signed, message: '' } });
    await until(() => expect(bob.client.calls).toEqual([]));
    expect(ada.errors).toEqual([]);
    expect(outgoing.end).toEqual({ reason: 'hung_up', by: 'peer' });
  });
});

describe('before a person accepts', () => {
  it('[T3][T4][T28] no connection is made, no device is asked for and nothing is said', async () => {
    const { bob, incoming } = await world.ringing();
    expect(bob.openedPeers()).toBe(0);
    expect(bob.media.requests).toEqual([]);
    incoming.reject();
    expect(bob.openedPeers()).toBe(0);
    expect(bob.media.requests).toEqual([]);
    await until(() =>
      expect(world.service.received.filter(({ from }) => from === '2').map(({ message }) => message.type)).toEqual([
        'call:reject',
      ]),
    );
  });

  it('[T3] a service that goes on as if the call were answered starts nothing here', async () => {
    const { bob, incoming } = await world.ringing();
    const signed = { callId: incoming.callId!, senderId: '1', timestamp: '2026-01-01T00:00:00.000Z' };
    const responderInfo = { id: 1, username: '', avatar: '' };
    world.service.send('2', {
      type: 'call:answer',
      data: { ...signed, responderInfo, answer: { type: 'answer', sdp: 'fake 1' } },
    });
    world.service.send('2', { type: 'call:ice_candidate', data: { ...signed, candidate: { candidate: 'x' } } });
    world.service.send('2', { type: 'ack', data: { callId: incoming.callId! } });
    world.service.send('2', { type: 'call:busy', data: { ...signed, message: '' } });
    world.service.send('2', 'fence');
    await until(() => expect(bob.errors).toHaveLength(1));
    expect(incoming.state).toBe('incoming');
    expect(incoming.peer.username).toBe('person 1');
    expect(bob.openedPeers()).toBe(0);
    expect(bob.media.requests).toEqual([]);
  });

  it('there is nothing to mute, and nothing to accept twice', async () => {
    const { incoming } = await world.ringing();
    expect(() => incoming.setMicrophone(false)).toThrow(RingdownError);
    await expect(incoming.setCamera(true)).rejects.toMatchObject({ code: 'invalid_state' });
    const accepted = incoming.accept();
    await expect(incoming.accept()).rejects.toMatchObject({ code: 'invalid_state' });
    await accepted;
  });

  it('[RI-2] an offer for a call that is known here rings once, also after its end', async () => {
    const { bob, incoming } = await world.ringing();
    world.service.cut('2');
    await until(() => expect(bob.client.state).toBe('online'));
    incoming.reject();
    world.service.send('2', {
      type: 'call:offer',
      data: {
        callId: incoming.callId!,
        senderId: '1',
        senderInfo: { id: 1, username: '', avatar: '' },
        offer: { type: 'offer', sdp: 'fake 1' },
        callType: 'video',
        timestamp: '2026-01-01T00:00:00.000Z',
        replayed: true,
      },
    });
    world.service.send('2', 'fence');
    await until(() => expect(bob.errors).toHaveLength(1));
    expect(bob.incoming).toHaveLength(1);
    expect(bob.client.calls).toEqual([]);
  });

  it('[OF-4] a ring of which nothing more is heard ends by itself, a little after its time', async () => {
    vi.useFakeTimers();
    const { bob, incoming } = await world.ringing();
    bob.client.disconnect();
    await vi.advanceTimersByTimeAsync(64_000);
    expect(incoming.state).toBe('incoming');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(incoming.end).toEqual({ reason: 'no_answer', by: 'service' });
  });

  it('[TI-1] the service’s timeout ends both sides', async () => {
    const { outgoing, incoming } = await world.ringing();
    const data = {
      callId: incoming.callId!,
      senderId: '1',
      receiverId: '2',
      stage: 'ring' as const,
      message: 'nobody',
      timestamp: '2026-01-01T00:00:00.000Z',
    };
    world.service.send('1', { type: 'call:timeout', data });
    world.service.send('2', { type: 'call:timeout', data });
    const end = { reason: 'no_answer', by: 'service', message: 'nobody' };
    expect(await world.ended(outgoing)).toEqual(end);
    expect(await world.ended(incoming)).toEqual(end);
  });
});

describe('devices', () => {
  it.each([
    ['NotAllowedError', 'permission_denied'],
    ['NotFoundError', 'device_not_found'],
    ['NotReadableError', 'device_busy'],
    ['TypeError', 'unsupported'],
  ])('a caller whose browser says %s gets %s, and nobody is rung', async (name, code) => {
    const ada = await world.person('1');
    ada.media.refusal = () => name;
    const calls: Call[] = [];
    ada.client.on('call', (call) => calls.push(call));
    await expect(ada.client.call('2')).rejects.toMatchObject({ name: 'RingdownError', code });
    expect(calls[0]!.end).toEqual({ reason: 'media_error', by: 'me' });
    expect(ada.client.calls).toEqual([]);
    expect(world.service.received).toEqual([]);
  });

  it('a refusal by the person is not worked around by asking for less', async () => {
    const ada = await world.person('1');
    ada.media.refusal = ({ video }) => (video ? 'NotAllowedError' : undefined);
    await expect(ada.client.call('2')).rejects.toMatchObject({ code: 'permission_denied' });
    expect(ada.media.requests).toHaveLength(1);
  });

  it('[RJ-2] a callee without media refuses for this device, and the caller hears why', async () => {
    const { bob, outgoing, incoming } = await world.ringing();
    bob.media.refusal = () => 'NotAllowedError';
    await expect(incoming.accept()).rejects.toMatchObject({ code: 'permission_denied' });
    expect(incoming.end).toEqual({ reason: 'media_error', by: 'me' });
    expect(await world.ended(outgoing)).toEqual({ reason: 'media_error', by: 'peer' });
    expect(world.said('2', 'call:reject')).toEqual([
      { callId: incoming.callId, receiverId: '1', reason: 'media_error' },
    ]);
    expect(bob.openedPeers()).toBe(0);
  });

  it('without a camera a video call is made with the voice alone, and says so', async () => {
    const ada = await world.person('1');
    await world.person('2');
    ada.media.refusal = ({ video }) => (video ? 'NotFoundError' : undefined);
    const errors: RingdownError[] = [];
    ada.client.on('call', (call) => call.on('error', (error) => errors.push(error)));
    const call = await ada.client.call('2');
    expect([call.microphoneOn, call.cameraOn, call.callType]).toEqual([true, false, 'video']);
    expect(errors).toMatchObject([{ code: 'device_not_found' }]);
  });

  it('a call can be accepted without any device, and each can be turned on later', async () => {
    const { bob, incoming } = await world.ringing();
    await incoming.accept({ audio: false, video: false });
    expect(bob.media.requests).toEqual([]);
    expect(incoming.localStream).toBeUndefined();
    await incoming.setCamera(true);
    incoming.setMicrophone(true);
    await until(() => expect([incoming.microphoneOn, incoming.cameraOn]).toEqual([true, true]));
    const bobsPeer = world.peers.made[1]!;
    await until(() =>
      expect([bobsPeer.sending.get('audio'), bobsPeer.sending.get('video')]).toEqual(
        incoming.localStream!.getTracks().toSorted((a, b) => a.kind.localeCompare(b.kind)),
      ),
    );
  });

  it('muting is immediate and keeps the microphone open', async () => {
    const { ada, outgoing } = await world.connected();
    let changes = 0;
    outgoing.on('media', () => {
      changes += 1;
    });
    outgoing.setMicrophone(false);
    expect(outgoing.microphoneOn).toBe(false);
    expect(ada.media.tracks[0]).toMatchObject({ kind: 'audio', enabled: false, readyState: 'live' });
    outgoing.setMicrophone(true);
    expect(outgoing.microphoneOn).toBe(true);
    expect(changes).toBe(2);
    expect(ada.media.requests).toHaveLength(1);
  });

  it('a camera that is turned off sends black, is let go a second later, and comes back as a new track', async () => {
    vi.useFakeTimers();
    const { ada, outgoing } = await world.connected();
    const [camera] = ada.media.tracks.filter(({ kind }) => kind === 'video');
    await outgoing.setCamera(false);
    expect(camera).toMatchObject({ enabled: false, readyState: 'live' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(camera!.readyState).toBe('ended');
    expect(world.peers.made[0]!.sending.get('video')).toBeNull();
    expect(outgoing.cameraOn).toBe(false);
    await outgoing.setCamera(true);
    expect(outgoing.cameraOn).toBe(true);
    expect(world.peers.made[0]!.sending.get('video')).toBe(ada.media.tracks.at(-1));
    expect(ada.media.requests).toHaveLength(2);
  });

  it('a camera that is turned on again at once is not let go', async () => {
    vi.useFakeTimers();
    const { ada, outgoing } = await world.connected();
    await outgoing.setCamera(false);
    await outgoing.setCamera(true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(outgoing.cameraOn).toBe(true);
    expect(ada.media.requests).toHaveLength(1);
  });

  it('a camera that is granted after the call ended is let go', async () => {
    const { ada, outgoing } = await world.ringing();
    vi.useFakeTimers();
    await outgoing.setCamera(false);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    let grant = () => {};
    ada.media.prompt = new Promise((resolve) => {
      grant = resolve;
    });
    const turning = outgoing.setCamera(true);
    outgoing.hangUp();
    grant();
    await turning;
    expect(ada.media.tracks.every((track) => track.readyState === 'ended')).toBe(true);
  });

  it('an unplugged device is told', async () => {
    const { ada, outgoing } = await world.connected();
    const told = new Promise((resolve) => outgoing.on('media', resolve));
    ada.media.tracks.find(({ kind }) => kind === 'video')!.unplug();
    await told;
    expect(outgoing.cameraOn).toBe(false);
  });
});

describe('[GL-1] two people who call each other at once', () => {
  it('meet in one call, with the media already granted and no second ring', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    const [fromAda, fromBob] = await Promise.all([ada.client.call('2'), bob.client.call('1')]);
    await until(() => expect([fromAda.state, fromBob.state]).toEqual(['connected', 'connected']));
    expect(fromAda.callId).toBe(fromBob.callId);
    expect([fromAda.direction, fromBob.direction]).toEqual(['outgoing', 'outgoing']);
    expect([...ada.incoming, ...bob.incoming]).toEqual([]);
    expect([ada.media.requests.length, bob.media.requests.length]).toEqual([1, 1]);
    expect([ada.client.calls.length, bob.client.calls.length]).toEqual([1, 1]);
    fromBob.hangUp();
    expect(await world.ended(fromAda)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('also when the service says glare instead of busy', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    world.service.intercept = (from, { type, id }) => {
      if (from !== '2' || type !== 'call:offer') return false;
      world.service.send('2', {
        type: 'error',
        id: id!,
        data: { message: '', code: 409, reason: 'glare', callId: 'call-1' },
      });
      return true;
    };
    const [fromAda, fromBob] = await Promise.all([ada.client.call('2'), bob.client.call('1')]);
    await until(() => expect([fromAda.state, fromBob.state]).toEqual(['connected', 'connected']));
  });

  it('an audio call that meets a video call lets the picture in and shows none', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    const [, fromBob] = await Promise.all([ada.client.call('2'), bob.client.call('1', { video: false })]);
    await until(() => expect(fromBob.state).toBe('connected'));
    expect([fromBob.callType, fromBob.cameraOn]).toEqual(['video', false]);
  });

  it('a video call that meets an audio call lets its camera go', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    const [, fromBob] = await Promise.all([ada.client.call('2', { video: false }), bob.client.call('1')]);
    await until(() => expect(fromBob.state).toBe('connected'));
    expect(fromBob.callType).toBe('audio');
    expect(bob.media.tracks.map(({ kind, readyState }) => `${kind} ${readyState}`)).toEqual([
      'audio live',
      'video ended',
    ]);
  });

  it('calling somebody who rings here accepts their call', async () => {
    const { bob, outgoing, incoming } = await world.ringing();
    expect(await bob.client.call('1')).toBe(incoming);
    await until(() => expect(outgoing.state).toBe('connected'));
  });

  it('somebody who rings while I still choose my devices is accepted instead of rung', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    let grant = () => {};
    bob.media.prompt = new Promise((resolve) => {
      grant = resolve;
    });
    const calling = bob.client.call('1');
    const fromAda = await ada.client.call('2');
    await until(() => expect(fromAda.state).toBe('ringing'));
    grant();
    const fromBob = await calling;
    await until(() => expect([fromAda.state, fromBob.state]).toEqual(['connected', 'connected']));
    expect(world.said('2', 'call:offer')).toEqual([]);
  });

  it('an offer that the service does not merge rings when the own attempt is over', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    world.service.intercept = (from, { type, id }) => {
      if (from !== '2' || type !== 'call:offer') return false;
      world.service.send('2', { type: 'ack', id: id!, data: { callId: 'other' } });
      return true;
    };
    const fromBob = await bob.client.call('1');
    await until(() => expect(fromBob.state).toBe('ringing'));
    await ada.client.call('2');
    world.service.send('2', 'fence');
    await until(() => expect(bob.errors).toHaveLength(1));
    expect(bob.incoming).toEqual([]);
    fromBob.hangUp();
    await until(() => expect(bob.incoming).toHaveLength(1));
  });
});

describe('[DS-1] a lost socket', () => {
  it('is not the end of a call', async () => {
    const { ada, bob, outgoing, incoming } = await world.connected();
    for (const id of ['1', '2']) world.service.cut(id);
    expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']);
    await until(() => expect([ada.client.state, bob.client.state]).toEqual(['online', 'online']));
    outgoing.hangUp();
    expect(await world.ended(incoming)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('[DS-3] an answer that came meanwhile connects the call, and its repetition is harmless', async () => {
    const { ada, outgoing, incoming } = await world.ringing();
    world.service.reachable = false;
    world.service.cut('1');
    await incoming.accept();
    await until(() => expect(world.said('2', 'call:ice_candidate')).toHaveLength(2));
    world.service.reachable = true;
    await until(() => expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']));
    world.service.cut('1');
    await until(() => expect(ada.client.state).toBe('online'));
    world.service.send('1', 'fence');
    await until(() => expect(ada.errors.some(({ code }) => code === 'protocol')).toBe(true));
    expect(outgoing.state).toBe('connected');
  });

  it('a hang-up while away is said at the return', async () => {
    const { outgoing, incoming } = await world.connected();
    world.service.reachable = false;
    world.service.cut('1');
    outgoing.hangUp();
    expect(outgoing.end).toEqual({ reason: 'hung_up', by: 'me' });
    expect(incoming.state).toBe('connected');
    world.service.reachable = true;
    expect(await world.ended(incoming)).toEqual({ reason: 'hung_up', by: 'peer' });
  });

  it('[HU-1] on another socket a hang-up is also said over HTTP, since the service may still believe in the old one', async () => {
    const asked: string[] = [];
    const { fetch } = world.service;
    Object.assign(world.service, {
      fetch: ((url, init) => {
        asked.push(`${init.method} ${url}`);
        return fetch(url, init);
      }) satisfies typeof fetch,
    });
    const { ada, outgoing } = await world.connected();
    world.service.cut('1');
    expect(ada.client.state).not.toBe('online');
    await until(() => expect(ada.client.state).toBe('online'));
    outgoing.hangUp();
    await until(() =>
      expect(asked.filter((each) => /^POST .*\/api\/rtc\/calls\/[^/]+\/hang-up$/.test(each))).toHaveLength(1),
    );
  });

  it('candidates found while away are said at the return', async () => {
    await world.connected();
    world.service.reachable = false;
    world.service.cut('1');
    world.peers.made[0]!.gather();
    world.service.reachable = true;
    await until(() => expect(world.peers.made[1]!.remoteCandidates).toHaveLength(3));
  });

  it('an offer that was not acknowledged is made again', async () => {
    const ada = await world.person('1');
    const bob = await world.person('2');
    let swallowed = 0;
    world.service.intercept = (_, { type }) => {
      if (type !== 'call:offer' || swallowed > 0) return false;
      swallowed += 1;
      world.service.cut('1');
      return true;
    };
    const call = await ada.client.call('2');
    await until(() => expect(call.state).toBe('ringing'));
    expect(bob.incoming).toHaveLength(1);
    const ids = world.service.received
      .filter(({ message }) => message.type === 'call:offer')
      .map(({ message }) => message.id);
    expect(new Set(ids).size).toBe(1);
  });

  it('an answer whose acknowledgement was lost does not end the call when it is repeated', async () => {
    const { bob, incoming } = await world.ringing();
    const seen: string[] = [];
    world.service.intercept = (from, { type, id }) => {
      if (type !== 'call:answer') return false;
      seen.push(from);
      if (seen.length === 1) world.service.cut('2');
      else
        world.service.send('2', { type: 'error', id: id!, data: { message: '', code: 409, reason: 'invalid_state' } });
      return true;
    };
    await incoming.accept();
    await until(() => expect(seen).toHaveLength(2));
    world.service.send('2', 'fence');
    await until(() => expect(bob.errors.some(({ code }) => code === 'protocol')).toBe(true));
    expect(incoming.state).toBe('connecting');
  });

  it('an end that came while nobody listened is found in the history', async () => {
    vi.useFakeTimers();
    const { outgoing, ada } = await world.ringing();
    world.service.reachable = false;
    world.service.cut('1');
    world.service.forget(outgoing.callId!);
    world.service.reachable = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ada.client.state).toBe('online');
    expect(outgoing.state).toBe('ringing');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(outgoing.end).toEqual({ reason: 'connection_lost', by: 'service' });
  });

  it.each(['before it is asked', 'while it is asked'])(
    'of a client that disconnects %s the history tells nothing',
    async (when) => {
      vi.useFakeTimers();
      const asked: string[] = [];
      let answer = () => {};
      const { fetch } = world.service;
      Object.assign(world.service, {
        fetch: (async (url, init) => {
          asked.push(url);
          if (url.includes('/calls/')) await new Promise<void>((resolve) => (answer = resolve));
          return await fetch(url, init);
        }) satisfies typeof fetch,
      });
      const { ada, outgoing } = await world.ringing();
      world.service.cut('1');
      await vi.advanceTimersByTimeAsync(when === 'before it is asked' ? 2_000 : 4_000);
      expect(ada.client.state).toBe('online');
      const before = asked.length;
      ada.client.disconnect();
      answer();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([asked.length, outgoing.state]).toEqual([before, 'ringing']);
    },
  );

  it('a connection that is refused for good ends the calls here', async () => {
    const { ada, outgoing } = await world.connected();
    world.service.cut('1', 4529);
    expect(outgoing.end).toEqual({ reason: 'connection_lost', by: 'service' });
    expect(ada.client.state).toBe('offline');
    expect(ada.errors).toMatchObject([{ code: 'rejected_by_service' }]);
  });
});

describe('media that is interrupted', () => {
  it('is told, and told when it is back', async () => {
    const { outgoing } = await world.connected();
    const phases: CallPhase[] = [];
    outgoing.on('state', (phase) => phases.push(phase));
    const [peer] = world.peers.made;
    peer!.become('disconnected');
    peer!.become('failed');
    peer!.become('connected');
    expect(phases).toEqual(['reconnecting', 'connected']);
  });

  it('ends the call when the browser gave up and 15 seconds changed nothing', async () => {
    vi.useFakeTimers();
    const { outgoing, incoming } = await world.connected();
    world.peers.made[0]!.become('failed');
    await vi.advanceTimersByTimeAsync(14_900);
    expect(outgoing.state).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(200);
    expect(outgoing.end).toEqual({ reason: 'connection_lost', by: 'me' });
    expect(world.said('1', 'call:hang_up')).toMatchObject([{ reason: 'error' }]);
    expect(incoming.end).toEqual({ reason: 'connection_lost', by: 'peer' });
  });

  it('that never flows ends the call after 50 seconds, when the service has not', async () => {
    vi.useFakeTimers();
    const { outgoing, incoming } = await world.ringing();
    world.peers.settle = () => undefined;
    await incoming.accept();
    await vi.advanceTimersByTimeAsync(49_000);
    expect(outgoing.state).toBe('connecting');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(outgoing.end).toMatchObject({ reason: 'failed' });
  });

  it('browsers that cannot agree end the call as failed', async () => {
    const { outgoing, incoming } = await world.ringing();
    Object.assign(world.peers, { open: undefined });
    const errors: RingdownError[] = [];
    incoming.on('error', (error) => errors.push(error));
    await expect(incoming.accept()).rejects.toMatchObject({ code: 'media_failed' });
    expect(incoming.end).toEqual({ reason: 'failed', by: 'me' });
    expect(errors).toHaveLength(1);
    expect(await world.ended(outgoing)).toMatchObject({ reason: 'media_error', by: 'peer' });
  });
});

describe('a client', () => {
  it('calls nobody while it is offline', async () => {
    const ada = await world.person('1');
    ada.client.disconnect();
    await expect(ada.client.call('2')).rejects.toMatchObject({ code: 'not_online' });
  });

  it('makes one call at a time', async () => {
    const { ada } = await world.connected();
    await expect(ada.client.call('3')).rejects.toMatchObject({ code: 'invalid_state' });
  });

  it.each([
    ['text that is not JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no type', '{"data":{}}'],
    ['an unknown type', '{"type":"call:party","data":{}}'],
    ['a type every object has', '{"type":"constructor","data":{}}'],
    ['an offer without anything', '{"type":"call:offer","data":{}}'],
    ['an answer of the wrong kind', '{"type":"call:answer","data":{"callId":"call-1","senderId":"2","answer":7}}'],
    [
      'a candidate that is a number',
      '{"type":"call:ice_candidate","data":{"callId":"call-1","senderId":"2","candidate":1}}',
    ],
    ['an error that says nothing', '{"type":"error"}'],
  ])('%s from the service is told and changes nothing', async (_, text) => {
    const { ada, outgoing, incoming } = await world.connected();
    world.service.send('1', text);
    await until(() => expect(ada.errors).toMatchObject([{ code: 'protocol' }]));
    expect(ada.errors[0]!.message).not.toContain(text);
    expect([outgoing.state, incoming.state]).toEqual(['connected', 'connected']);
  });

  it('survives listeners that throw, also at hearing of errors', async () => {
    const ada = await world.person('1');
    await world.person('2');
    const thrown = new Error('the application’s own');
    ada.client.on('call', (call) => {
      call.on('state', () => {
        throw thrown;
      });
      throw thrown;
    });
    ada.client.on('error', () => {
      throw thrown;
    });
    const call = await ada.client.call('2');
    await until(() => expect(call.state).toBe('ringing'));
    expect(ada.errors.every(({ code, cause }) => code === 'listener_failed' && cause === thrown)).toBe(true);
    expect(ada.errors.length).toBeGreaterThanOrEqual(2);
  });

  it('[T17] no token stands in any address or message', async () => {
    const seen: string[] = [];
    const openSocket = world.service.openSocket;
    Object.assign(world.service, {
      openSocket: ((url, protocols, events) => {
        seen.push(url);
        return openSocket(url, protocols, events);
      }) satisfies typeof openSocket,
    });
    const { outgoing, incoming } = await world.connected();
    outgoing.hangUp();
    await world.ended(incoming);
    seen.push(...world.service.received.map(({ message }) => JSON.stringify(message)));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter((text) => text.includes('user-'))).toEqual([]);
  });
});
