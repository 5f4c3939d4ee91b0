/** One state of the searched world: the store, the clients, and what the witnesses know. It can be forked. */
import { type CallId, deviceEndpoint, type Endpoint, type Millis, plainEndpoint, userOf } from '@ringdown/call';
import { type CallStore, MemoryWorld, type Seq } from '@ringdown/server/core';
import { Violation, Witness } from '../witness.ts';
import { Mail } from './mail.ts';
import { nameOf, type Setup } from './people.ts';

/** When every search begins, ms since the epoch. */
const START: Millis = 1_800_000_000_000;

/** The client on a device. Never changed in place. */
export interface Client {
  /** Where it is reached now, or was last; a plain page gets another one with every socket. */
  readonly endpoint: Endpoint;
  /** Its session; undefined while it has no socket. */
  readonly sessionId: string | undefined;
  /** A session before this one whose socket the service has not yet seen close (HE-3). */
  readonly stale: string | undefined;
  /** With what it may resume. */
  readonly token: string | undefined;
  /** Up to where it has read. */
  readonly lastSeq: Seq;
  /** The calls it believes to be ringing or running here. */
  readonly believes: readonly CallId[];
  /** The calls whose answer it has got since it last came knowing nothing. */
  readonly answers: readonly CallId[];
}

interface Parts {
  readonly setup: Setup;
  readonly now: Millis;
  readonly clients: Client[];
  readonly calls: readonly CallId[];
  readonly witness: Witness;
  readonly mail: Mail;
  readonly nextCall: number;
  readonly nextSession: number;
  readonly records: number;
}

/** A state of the world. */
export class Scene {
  readonly setup: Setup;
  readonly clock: { ms: Millis };
  readonly store: CallStore;
  readonly witness: Witness;
  readonly mail: Mail;
  readonly clients: Client[];
  /** The calls that are remembered, oldest first. */
  calls: readonly CallId[];
  nextCall: number;
  nextSession: number;
  /** How many records were committed. */
  records: number;
  readonly #world: MemoryWorld;

  private constructor(parts: Parts, world: (now: () => Millis) => MemoryWorld) {
    const clock = { ms: parts.now };
    this.setup = parts.setup;
    this.clock = clock;
    this.#world = world(() => clock.ms);
    this.store = this.#world.open('node');
    this.witness = parts.witness;
    this.mail = parts.mail;
    this.clients = parts.clients;
    this.calls = parts.calls;
    this.nextCall = parts.nextCall;
    this.nextSession = parts.nextSession;
    this.records = parts.records;
  }

  /** The world before anybody has come. @param isBlocked asked when a call begins to ring */
  static empty(setup: Setup, isBlocked: () => boolean): Scene {
    const clients = setup.devices.map(
      ({ user, name, plain }): Client => ({
        endpoint: plain ? plainEndpoint(user, name) : deviceEndpoint(user, name),
        sessionId: undefined,
        stale: undefined,
        token: undefined,
        lastSeq: 0,
        believes: [],
        answers: [],
      }),
    );
    return new Scene(
      {
        setup,
        now: START,
        clients,
        calls: [],
        witness: new Witness({ busyPolicy: setup.busyPolicy, isBlocked }),
        mail: new Mail(),
        nextCall: 1,
        nextSession: 1,
        records: 0,
      },
      (now) => new MemoryWorld(now),
    );
  }

  /** Another scene that stands where this one stands and goes its own way. */
  fork(): Scene {
    return new Scene(
      {
        setup: this.setup,
        now: this.clock.ms,
        clients: this.clients.slice(),
        calls: this.calls,
        witness: this.witness.fork(),
        mail: this.mail.fork(),
        nextCall: this.nextCall,
        nextSession: this.nextSession,
        records: this.records,
      },
      (now) => this.#world.fork(now),
    );
  }

  /** The client on a device. */
  client(device: number): Client {
    return this.clients[device] as Client;
  }

  /** Changes what a client knows. */
  update(device: number, change: Partial<Client>): void {
    this.clients[device] = { ...this.client(device), ...change };
  }

  /** A device as a story names it. */
  nameOf(device: number): string {
    const { user, name } = this.setup.devices[device] as Setup['devices'][number];
    return `${nameOf(user)}'s ${name}`;
  }

  /** Whether a call has ended, or is forgotten. */
  readonly isOver = (callId: CallId): boolean => {
    const state = this.witness.stateOf(callId);
    return state === undefined || state.phase === 'ended';
  };

  /** Whether an endpoint has a part in a live call: a seat, or a device that still rings. */
  takesPart(endpoint: Endpoint, callId: CallId): boolean {
    const state = this.witness.stateOf(callId);
    if (state === undefined || state.phase === 'ended') return false;
    if (state.callerSeat.endpoint === endpoint) return true;
    if (state.phase === 'active') return state.calleeSeat.endpoint === endpoint;
    const device = state.devices[endpoint];
    return device !== undefined && device.said === undefined;
  }

  /** Whether candidates of this endpoint count in a live call: it dialled, answered, or may still answer. */
  keeps(from: Endpoint, callId: CallId): boolean {
    const state = this.witness.stateOf(callId);
    if (state === undefined || state.phase === 'ended') return false;
    if (userOf(from) === state.caller.id) return state.callerSeat.endpoint === from;
    if (state.phase === 'active') return state.calleeSeat.endpoint === from;
    return userOf(from) === state.callee.id && state.devices[from]?.said === undefined;
  }

  /** The store has forgotten what is too long ago, and so do its witnesses. */
  forget(): void {
    this.mail.forgot(this.clock.ms);
    this.witness.forget(this.clock.ms);
    if (this.calls.some((callId) => this.witness.stateOf(callId) === undefined)) {
      this.calls = this.calls.filter((callId) => this.witness.stateOf(callId) !== undefined);
    }
  }

  /** Whether some attached client has frames on the way to it. */
  get isMailUnread(): boolean {
    for (const { endpoint, sessionId, lastSeq } of this.clients) {
      if (sessionId !== undefined && (this.mail.boxes.get(endpoint)?.lastSeq ?? 0) > lastSeq) return true;
    }
    return false;
  }

  /**
   * Judges what holds whenever nothing is under way: the store agrees with what was committed, every call waits for just
   * those who are away and none is overdue, and no client believes in a call that is over and will not hear so (I4).
   */
  async judge(): Promise<void> {
    const { witness, mail, clients, store, clock } = this;
    witness.waitsFor((endpoint) => mail.isAttached(endpoint));
    const [late] = witness.overdue(clock.ms);
    if (late !== undefined) throw new Violation('I9', `${late} should have ended by now`);
    witness.agrees(await store.read(usersOf(this.setup), this.calls));
    for (const { endpoint, sessionId, lastSeq, believes } of clients) {
      if (sessionId === undefined) continue;
      for (const callId of believes) {
        if (this.takesPart(endpoint, callId)) continue;
        const willHear = mail.boxes
          .get(endpoint)
          ?.letters.some((letter) => letter.isEnd && letter.callId === callId && letter.seq > lastSeq);
        if (!willHear) throw new Violation('I4', `${endpoint} believes in ${callId} and will not hear that it is over`);
      }
    }
  }
}

const USERS = new WeakMap<Setup, string[]>();

/** The people of a setup. */
export function usersOf(setup: Setup): string[] {
  let users = USERS.get(setup);
  if (!users) {
    users = [...new Set(setup.devices.map(({ user }) => user))];
    USERS.set(setup, users);
  }
  return users;
}
