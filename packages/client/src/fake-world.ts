/**
 * People for tests: each signed in on a fake browser of its own, all at one double of the service, their media
 * connections meeting in one place. Nothing of it needs a browser, a network or a service.
 */
import type { Call, CallPhase } from './call.ts';
import { type CallOptions, RingdownClient, type RingdownClientOptions } from './client.ts';
import type { RingdownError } from './errors.ts';
import { FakeMedia } from './fake-media.ts';
import { FakePeers } from './fake-peer.ts';
import { FakeService } from './fake-service.ts';
import { FakeBrowser } from './fake-tabs.ts';

/** Somebody on one device. */
export interface FakePerson {
  readonly id: string;
  readonly client: RingdownClient;
  readonly media: FakeMedia;
  /** What the client told by `error`, oldest first. */
  readonly errors: RingdownError[];
  /** The calls that rang here, oldest first. */
  readonly incoming: Call[];
  /** How often a connection to another browser was made by this person's browser. */
  readonly openedPeers: () => number;
}

/** Two people and the two ends of their call. */
export interface FakePair {
  readonly caller: FakePerson;
  readonly callee: FakePerson;
  readonly outgoing: Call;
  readonly incoming: Call;
}

/** The service, and everybody at it. */
export class FakeWorld {
  readonly service = new FakeService();
  readonly peers = new FakePeers();
  readonly #people: FakePerson[] = [];

  /** @param protocol what the service speaks: the extended protocol, or the contract alone */
  constructor(protocol: 'extended' | 'plain' = 'extended') {
    this.service.plainOnly = protocol === 'plain';
  }

  /** Somebody with a browser, who has not connected yet. Again for the same id: another device of that person. */
  person(id: string, options: Partial<RingdownClientOptions> = {}): FakePerson {
    const media = new FakeMedia();
    let openedPeers = 0;
    const client = new RingdownClient({
      url: 'https://service.test',
      token: () => `user-${id}`,
      ...options,
      platform: {
        openSocket: this.service.openSocket,
        fetch: (url, init) => this.service.fetch(url, init),
        getUserMedia: media.getUserMedia,
        getDisplayMedia: media.getDisplayMedia,
        enumerateDevices: media.enumerateDevices,
        onDeviceChange: media.onDeviceChange,
        openPeer: (configuration, events) => {
          openedPeers += 1;
          return this.peers.open(configuration, events);
        },
        // Comes back soon, and yet lets time pass: a test may make the service unreachable for long.
        random: () => 0.02,
        tabs: new FakeBrowser().openTab(),
        ...options.platform,
      },
    });
    const person = { id, client, media, errors: [], incoming: [], openedPeers: () => openedPeers } as FakePerson;
    client.on('error', (error) => person.errors.push(error));
    client.on('incoming', (call) => person.incoming.push(call));
    this.#people.push(person);
    return person;
  }

  /** Somebody who is online. */
  async online(id: string, options: Partial<RingdownClientOptions> = {}): Promise<FakePerson> {
    const person = this.person(id, options);
    await person.client.connect();
    return person;
  }

  /** Person 1 calls person 2, and it rings there. */
  async ringing(options: CallOptions = {}): Promise<FakePair> {
    const caller = await this.online('1');
    const callee = await this.online('2');
    const rings = new Promise<Call>((resolve) => callee.client.on('incoming', resolve));
    const outgoing = await caller.client.call('2', options);
    const incoming = await rings;
    await reached(outgoing, 'ringing');
    return { caller, callee, outgoing, incoming };
  }

  /** Person 1 has called person 2, and their media flows. */
  async connected(options: CallOptions = {}): Promise<FakePair> {
    const pair = await this.ringing(options);
    await pair.incoming.accept();
    await Promise.all([reached(pair.outgoing, 'connected'), reached(pair.incoming, 'connected')]);
    return pair;
  }

  /** Hangs up and disconnects everybody. */
  close(): void {
    for (const { client } of this.#people) {
      for (const call of client.calls) call.hangUp();
      client.disconnect();
    }
  }
}

/** Resolves when a call is in a state; rejects when it ends instead. */
export function reached(call: Call, state: CallPhase): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (call.state === state) resolve();
      else if (call.state === 'ended') reject(new Error(`the call ended: ${call.end?.reason}`));
      else return;
      stop();
    };
    const stop = call.on('state', look);
    look();
  });
}
