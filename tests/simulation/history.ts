/**
 * One history: some nodes on one store, six people with their devices, and everything that can go wrong, decided by a seed.
 * A history is a list of 32-bit words, one a step; each word decides its step and nothing else, so that taking steps away
 * leaves the others what they were.
 */
import {
  type CallEvent,
  type CallId,
  type CallRecord,
  type CallState,
  type ClientEvent,
  deviceEndpoint,
  type Endpoint,
  type Party,
  roleOf,
  type UserId,
} from '@ringdown/call';
import { type CallStore, type Commit, MemoryWorld, type OfferFacts, type Snapshot } from '@ringdown/server/core';
import { type ClientWords, Device, type Said } from './device.ts';
import { Dice } from './dice.ts';
import type { Happening } from './faults.ts';
import { FileBackedJournal, MemoryJournal, type SimulatedJournal } from './journals.ts';
import { type Delivered, Ledger } from './ledger.ts';
import { candidateFrames, Node, type SimulatedSocket } from './node.ts';
import { Scheduler } from './scheduler.ts';
import type { Tally } from './tally.ts';
import { Violation, Witness } from './witness.ts';

/** How a history is to be played. */
export interface HistoryOptions {
  readonly seed: number;
  /** The steps to play, each by its index in the seed's history; all of them without. */
  readonly keep?: readonly number[];
  readonly tally: Tally;
  /** Takes the story, line by line. */
  readonly story?: (line: string) => void;
}

const CAPABLE = ['renegotiate', 'media_state'] as const;
const USERS = 6;
const DEVICES = 3;
/** Steps of a history: what a client, a fault or time does. What nodes do between them comes on top. */
export const STEPS = { least: 170, most: 246 };
/** How long a change that nobody was promised may wait to be written down. */
const WRITTEN_WITHIN_MS = 100;
/** How many rounds of at most ten seconds everybody stays away: longer than any call waits. */
const VANISHED_ROUNDS = 55;
/** How often a process says that it lives. */
const BEAT_MS = 5_000;
/** What a step is, and how often beside the others. */
const STEP_WEIGHTS = [
  ['act', 60],
  ['connect', 8],
  ['cut', 3],
  ['notice', 4],
  ['time', 5],
  ['alarm', 3],
  ['beat', 1],
  ['fault', 4],
] as const;
const START_MS = 1_800_000_000_000;

/** A history being played. */
export class History {
  readonly dice: Dice;
  readonly scheduler = new Scheduler();
  readonly ledger = new Ledger();
  readonly witness: Witness;
  readonly clock = { ms: START_MS };
  readonly ringTimeoutMs: number;
  /** What the last reading of a mailbox handed out. */
  handedOut: readonly Delivered[] = [];
  readonly #tally: Tally;
  readonly #story: ((line: string) => void) | undefined;
  readonly #flooded: boolean;
  readonly #policy: OfferFacts['busyPolicy'];
  readonly #journal: SimulatedJournal | undefined;
  #memory: MemoryWorld;
  /** A handle that looks and changes nothing. */
  #clerk: CallStore;
  #nodes: Node[] = [];
  readonly #devices: Device[] = [];
  readonly #hot: UserId[];
  readonly #noticing: { socket: SimulatedSocket; at: number }[] = [];
  readonly #states = new Map<CallId, CallState>();
  readonly #callIds: CallId[] = [];
  readonly #records = new Map<CallId, CallRecord>();
  readonly #requests = new Map<string, number>();
  /** `caller>callee` pairs between which something stands. */
  readonly #strangers = new Set<string>();
  readonly #blocked = new Set<string>();
  readonly #doNotDisturb = new Set<UserId>();
  readonly #hideBusy = new Set<UserId>();
  readonly #deciding = new WeakMap<object, { callId: CallId; event: CallEvent }>();
  readonly #offering = new WeakMap<object, OfferFacts>();
  readonly #sentBy = new Map<Endpoint, number>();
  #writtenAt = START_MS;
  #sockets = 0;
  #processes = 0;
  #ids = 0;
  #calm = false;
  /** How much happened: what clients, faults and time did. */
  events = 0;

  constructor(options: HistoryOptions) {
    this.#tally = options.tally;
    this.#story = options.story;
    this.dice = new Dice(options.seed);
    const { dice } = this;
    this.#flooded = dice.chance(0.15);
    this.#policy = dice.chance(0.25) ? 'waiting' : 'busy';
    this.witness = new Witness({ busyPolicy: this.#policy });
    this.ringTimeoutMs = dice.pick([10_000, 60_000, 60_000, 180_000]) ?? 60_000;
    if (dice.chance(0.25)) this.#journal = dice.chance(0.08) ? new FileBackedJournal() : new MemoryJournal();
    this.#memory = this.#newMemory();
    this.#clerk = this.#memory.open('clerk');
    const nodes = this.#journal ? 1 : 1 + dice.under(4);
    for (let n = 0; n < nodes; n += 1) this.#nodes.push(this.#newNode());
    const plainShare = this.#flooded ? 0 : (dice.pick([0, 0.3, 0.5, 1]) ?? 0);
    const users = Array.from({ length: USERS }, (_, n) => String(n + 1));
    for (const user of users) {
      for (let n = 0; n < DEVICES; n += 1) {
        const capable = this.#flooded || dice.chance(0.8) ? CAPABLE : [];
        this.#devices.push(new Device(user, `d${n + 1}`, dice.chance(plainShare), capable));
      }
    }
    // Few people make things happen between them; the rest come in now and then.
    this.#hot = users.slice(0, 2 + dice.under(3));
    if (dice.chance(0.2)) this.#doNotDisturb.add(dice.pick(users) ?? '1');
    if (dice.chance(0.3)) this.#hideBusy.add(dice.pick(users) ?? '1');
    if (dice.chance(0.2)) this.#blocked.add(`${dice.pick(users)}>${dice.pick(users)}`);
  }

  /** Plays it to its end. @throws Violation */
  async play(options: HistoryOptions): Promise<void> {
    try {
      await this.#play(options);
    } finally {
      this.#journal?.dispose();
    }
  }

  async #play({ seed, keep }: HistoryOptions): Promise<void> {
    const dice = new Dice(seed ^ 0x5eed);
    const steps = STEPS.least + dice.under(STEPS.most - STEPS.least);
    const words = Array.from({ length: steps }, () => dice.word());
    for (const device of this.#devices) if (this.#isHot(device.user)) this.#connect(device);
    for (const index of keep ?? words.keys()) {
      const word = words[index];
      if (word === undefined) break;
      this.dice.set(word);
      await this.#step();
    }
    this.dice.set(seed);
    await this.#end();
  }

  // ------------------------------------------------------------------------------------------------------------- steps

  async #step(): Promise<void> {
    const { dice } = this;
    const todo = dice.under(this.#flooded ? 40 : 9);
    for (let n = 0; n < todo && (await this.#go()); n += 1);
    this.clock.ms += dice.under(40);
    this.#writeDown();
    this.events += 1;
    for (const device of this.#devices) {
      const { socket } = device;
      if (!socket) continue;
      if (socket.toServer.length > 0 && dice.chance(0.3)) this.#arrive(device);
      if (socket.toClient.length > 0 && dice.chance(0.3)) this.#read(device);
      // A client that never says what it has seen fills its mailbox.
      if (dice.chance(this.#flooded ? 0.005 : 0.05)) this.#see(device);
    }
    const what = dice.weighted(STEP_WEIGHTS);
    switch (what) {
      case 'act':
        return this.#act();
      case 'connect': {
        const away = this.#devices.filter(({ socket, out }) => !socket && !out);
        return this.#connect(dice.pick(away.filter(({ user }) => this.#isHot(user) || dice.chance(0.1))));
      }
      case 'cut': {
        const device = dice.pick(this.#open());
        this.#cut(device);
        // As by a reload, or from one network into another.
        return dice.chance(0.4) ? this.#connect(device) : undefined;
      }
      case 'notice':
        return this.#notice();
      case 'time':
        return this.#wait();
      case 'alarm':
        return dice.pick(this.#awake())?.ring();
      case 'beat':
        return dice.pick(this.#awake())?.beat();
      case 'fault':
        return this.#goWrong();
    }
  }

  /** Lets one of the things under way go on, mostly the oldest. @returns whether there was one */
  async #go(): Promise<boolean> {
    const { waiting } = this.scheduler;
    const now = this.clock.ms;
    const able = this.#nodes.some(({ pausedUntil }) => pausedUntil > now)
      ? waiting.filter(({ node }) => !this.#isPaused(node))
      : waiting;
    const task = able[this.dice.chance(0.6) ? 0 : this.dice.under(able.length)];
    if (!task) return false;
    if (task !== waiting[0]) this.fault('reorder');
    await this.scheduler.go(task);
    return true;
  }

  #isPaused(node: string): boolean {
    return this.#nodes.some(({ id, pausedUntil }) => id === node && pausedUntil > this.clock.ms);
  }

  #awake(): Node[] {
    return this.#nodes.filter(({ pausedUntil }) => pausedUntil <= this.clock.ms);
  }

  #isHot(user: UserId): boolean {
    return this.#hot.includes(user);
  }

  /** The devices that believe to have a socket. */
  #open(): Device[] {
    return this.#devices.filter(({ socket }) => socket !== undefined);
  }

  // ----------------------------------------------------------------------------------------------------------- clients

  #connect(device: Device | undefined): void {
    const node = this.dice.pick(this.#nodes);
    if (!device || !node || device.socket) return;
    if (device.plain) device.reopened();
    this.#sockets += 1;
    device.socket = node.open(device, this.#sockets);
    this.say(() => `${device.socket?.endpoint} opens socket ${this.#sockets} at ${node.id}`);
  }

  /** What a client wrote reaches the service, all of it or a part. */
  #arrive(device: Device | undefined): void {
    const socket = device?.socket;
    if (!socket || socket.toServer.length === 0) return;
    socket.node.arrived(socket, socket.toServer.splice(0, 1 + this.dice.under(socket.toServer.length)));
  }

  /** What the service wrote reaches a client, all of it or a part. */
  #read(device: Device | undefined, all = false): void {
    const socket = device?.socket;
    if (!device || !socket) return;
    const count = all ? socket.toClient.length : 1 + this.dice.under(socket.toClient.length);
    for (const wire of socket.toClient.splice(0, count)) {
      switch (wire.kind) {
        case 'hello':
          socket.known = true;
          device.greeted(socket, device.plain || wire.resumed, wire.token, wire.after, wire.calls);
          break;
        case 'frame':
          this.say(
            () =>
              `${socket.endpoint} is handed ${wire.frame.message?.type ?? 'a candidate'} of ${wire.frame.callId} at ${wire.frame.seq}`,
          );
          device.receive(socket, wire.frame);
          break;
        case 'error':
          this.say(() => `${socket.endpoint} is told ${wire.reason}`);
          break;
        case 'closed':
          device.socket = undefined;
          return;
      }
    }
  }

  /** A client says what it has: an extended one by an acknowledgement, a plain one by a pong. */
  #see(device: Device | undefined): void {
    const socket = device?.socket;
    if (!device || !socket?.known) return;
    if (!device.plain) {
      if (device.lastSeq <= device.acked) return;
      device.acked = device.lastSeq;
      socket.toServer.push({ kind: 'seen', seq: device.lastSeq });
    } else if (socket.toClient.length === 0 && socket.written > socket.confirmed) {
      socket.confirmed = socket.written;
      socket.node.arrived(socket, [{ kind: 'seen', seq: socket.written }]);
    }
  }

  #act(): void {
    const { dice } = this;
    const able = this.#open().filter(({ socket, user }) => socket?.known && (this.#isHot(user) || dice.chance(0.1)));
    // Whoever is in a call has more to say.
    const busy = able.filter((each) => each.isInCall);
    const device = dice.pick(busy.length > 0 && dice.chance(0.75) ? busy : able);
    const socket = device?.socket;
    if (!device || !socket) return;
    if (dice.chance(0.03)) return this.#actOverRest(device);
    const said = dice.chance(0.2) ? this.#nonsense(device) : this.#sense(device);
    if (!said) return;
    this.say(() => `${socket.endpoint} says ${JSON.stringify(said)}`);
    socket.toServer.push(said);
  }

  /** What its client would do. */
  #sense(device: Device): Said | undefined {
    const { dice } = this;
    const [callId, view] = dice.pick(device.calls('dialling', 'ringing', 'answering', 'active')) ?? [];
    const say = (event: ClientWords): Said => ({
      kind: 'event',
      callId,
      event,
      id: this.#requestId(event.type),
      receiverId: undefined,
    });
    const candidates = (): Said => ({
      kind: 'candidates',
      callId,
      count: 1 + dice.under(3),
      receiverId: undefined,
      long: false,
    });
    const leave = (event: ClientWords): Said => {
      if (view) view.phase = 'left';
      return say(event);
    };
    switch (view?.phase) {
      case 'ringing':
        switch (
          dice.weighted([
            ['answer', 40],
            ['candidates', 20],
            ['reject', 5],
            ['refuse', 6],
            ['busy', 8],
            ['accepting', 10],
            ['hangUp', 3],
            ['dial', 4],
            ['cross', 4],
          ])
        ) {
          case 'answer':
            view.phase = 'answering';
            return {
              kind: 'event',
              callId,
              event: { type: 'answer' },
              id: this.#requestId('answer', true),
              receiverId: undefined,
            };
          case 'candidates':
            return candidates();
          case 'reject':
            return leave({ type: 'reject' });
          case 'refuse':
            return leave({ type: 'reject', reason: dice.chance(0.5) ? 'media_error' : 'unsupported' });
          case 'busy':
            return leave({ type: 'busy' });
          case 'accepting':
            return say({ type: 'accepting' });
          case 'hangUp':
            return leave({ type: 'hangUp' });
          case 'dial':
            return this.#dial(device);
          case 'cross': {
            const caller = callId === undefined ? undefined : this.#states.get(callId)?.caller.id;
            return caller === undefined ? undefined : this.#dial(device, caller);
          }
        }
        break;
      case 'dialling':
        switch (
          dice.weighted([
            ['candidates', 50],
            ['hangUp', 12],
            ['nameless', 6],
            ['dial', 3],
            ['again', 4],
          ])
        ) {
          case 'candidates':
            return candidates();
          case 'hangUp':
            return leave({ type: 'hangUp', reason: 'normal' });
          case 'nameless':
            return { ...say({ type: 'hangUp' }), callId: undefined } as Said;
          case 'dial':
            return this.#dial(device);
          case 'again':
            return this.#again(device);
        }
        break;
      case 'answering':
      case 'active': {
        const { negotiationId } = view;
        switch (
          dice.weighted([
            ['candidates', 26],
            ['flood', 2],
            ['burst', this.#mayFlood(device, callId) ? 60 : 0],
            ['renegotiate', 14],
            ['answer', negotiationId === undefined ? 1 : 40],
            ['mediaState', 8],
            ['report', 14],
            ['hangUp', 5],
            ['dial', 3],
            ['again', 2],
          ])
        ) {
          case 'candidates':
            return candidates();
          case 'burst':
            return this.#burst(device, callId);
          case 'flood':
            return this.#flood(device, callId);
          case 'renegotiate':
            return say({ type: 'renegotiate' });
          case 'answer':
            delete view.negotiationId;
            return say({ type: 'answer', negotiationId: negotiationId ?? 1 + dice.under(3) });
          case 'mediaState':
            return say({ type: 'mediaState' });
          case 'report':
            return say({
              type: 'report',
              state: dice.pick(['connected', 'flowing', 'flowing', 'failed']) ?? 'flowing',
            });
          case 'hangUp':
            return leave({ type: 'hangUp', reason: 'normal' });
          case 'dial':
            return this.#dial(device);
          case 'again':
            return this.#again(device);
        }
        break;
      }
      default: {
        const [old] = dice.pick(device.calls('over', 'left')) ?? [];
        if (old !== undefined && dice.chance(0.25)) {
          const event = dice.pick<ClientWords>([
            { type: 'quality' },
            { type: 'hangUp' },
            { type: 'answer' },
            { type: 'reject' },
            { type: 'busy' },
            { type: 'mediaState' },
            { type: 'renegotiate' },
          ]);
          return {
            kind: 'event',
            callId: old,
            event: event ?? { type: 'quality' },
            id: this.#requestId('late'),
            receiverId: undefined,
          };
        }
        return dice.chance(0.1) ? this.#again(device) : this.#dial(device);
      }
    }
    return undefined;
  }

  /** More characters of candidates than a call keeps of a side, in fewer candidates than it does (IC-3). */
  #flood(device: Device, callId: CallId | undefined): undefined {
    for (let n = 0; n < 9; n += 1)
      device.socket?.toServer.push({ kind: 'candidates', callId, count: 11, receiverId: undefined, long: true });
    return undefined;
  }

  /** More than a mailbox holds, to a peer that does not say what it has seen (I13). */
  #burst(device: Device, callId: CallId | undefined): undefined {
    for (let round = 0; round < 3; round += 1) {
      // Each offer inside the call lets another hundred candidates through.
      device.socket?.toServer.push({
        kind: 'event',
        callId,
        event: { type: 'renegotiate' },
        id: undefined,
        receiverId: undefined,
      });
      for (let n = 0; n < 98; n += 1)
        device.socket?.toServer.push({ kind: 'candidates', callId, count: 1, receiverId: undefined, long: false });
    }
    return undefined;
  }

  /** Whether it dialled this call, and may offer inside it as often as it likes. */
  #mayFlood(device: Device, callId: CallId | undefined): boolean {
    const state = callId === undefined ? undefined : this.#states.get(callId);
    return this.#flooded && state?.phase === 'active' && state.callerSeat.endpoint === device.socket?.endpoint;
  }

  /** What no client should do: any word about any call, its own or not. */
  #nonsense(device: Device): Said | undefined {
    const { dice } = this;
    const live = this.witness.liveCalls;
    const callId = live.length > 0 && dice.chance(0.75) ? dice.pick(live)?.callId : dice.pick(this.#callIds.slice(-8));
    const receiverId = dice.chance(0.1) ? dice.pick(this.#hot) : undefined;
    if (callId === undefined || dice.chance(0.1)) return this.#dial(device, undefined, dice.chance(0.5));
    if (dice.chance(0.15)) return { kind: 'candidates', callId, count: 1 + dice.under(2), receiverId, long: false };
    const event = dice.pick<ClientWords>([
      { type: 'answer' },
      { type: 'answer', negotiationId: 1 + dice.under(3) },
      { type: 'reject' },
      { type: 'reject', reason: 'media_error' },
      { type: 'busy' },
      { type: 'hangUp' },
      { type: 'accepting' },
      { type: 'renegotiate' },
      { type: 'mediaState' },
      { type: 'report', state: 'connected' },
      { type: 'quality' },
      { type: 'claim' },
    ]);
    if (!event) return undefined;
    // A client that lets go of a call in this way knows that it has, also of one that it has not heard of yet.
    const view = device.views.get(callId);
    if (['reject', 'busy', 'hangUp'].includes(event.type)) {
      if (!view) device.views.set(callId, { phase: 'left', socket: device.socket?.number ?? 0 });
      else if (view.phase !== 'over') view.phase = 'left';
    }
    if (view?.phase === 'ringing' && event.type === 'answer') view.phase = 'answering';
    return { kind: 'event', callId, event, id: this.#requestId('nonsense'), receiverId };
  }

  #dial(device: Device, whom?: UserId, takeover = this.dice.chance(0.15)): Said {
    const { dice } = this;
    const others = (dice.chance(0.9) ? this.#hot : this.#devices.map(({ user }) => user)).filter(
      (user) => user !== device.user,
    );
    const to = whom ?? dice.pick(others) ?? '1';
    const id = dice.chance(0.8) || takeover ? this.#requestId('offer', true) : undefined;
    if (id !== undefined) device.lastRequest = { id, to, takeover };
    return { kind: 'offer', to, takeover, id };
  }

  /** The last request once more, as after a lost answer (OF-4). */
  #again(device: Device): Said | undefined {
    if (!device.lastRequest) return undefined;
    this.fault('duplicate');
    return { kind: 'offer', ...device.lastRequest };
  }

  #requestId(word: string, always = false): string | undefined {
    if (!always && this.dice.chance(0.4)) return undefined;
    this.#ids += 1;
    return `${word} ${this.#ids}`;
  }

  #actOverRest(device: Device): void {
    const { dice } = this;
    const node = dice.pick(this.#awake());
    const callId = dice.pick(this.#callIds.slice(-6));
    if (!node || callId === undefined) return;
    const by = { from: deviceEndpoint(device.user, '.rest'), language: 'en', capabilities: [] } as const;
    const event: ClientEvent = dice.pick<ClientEvent>([
      { type: 'accepting', ...by },
      { type: 'reject', byPerson: true, ...(dice.chance(0.5) && { reason: 'busy' }), ...by },
      { type: 'hangUp', anywhere: true, ...by },
    ]) ?? { type: 'accepting', ...by };
    this.say(() => `user ${device.user} says ${event.type} of ${callId} over REST`);
    node.rest(callId, event);
  }

  // ------------------------------------------------------------------------------------------------------------ faults

  /** A wire dies; whoever is at its ends notices in their own time, or not at all before the client is back. */
  #cut(device: Device | undefined): void {
    const socket = device?.socket;
    if (!device || !socket) return;
    this.fault('drop');
    this.say(() => `the wire of socket ${socket.number} is cut`);
    if (this.dice.chance(0.5)) this.#arrive(device);
    socket.cut = true;
    device.socket = undefined;
    this.#noticing.push({ socket, at: this.clock.ms + (this.dice.chance(0.5) ? 0 : this.dice.under(20_000)) });
  }

  #notice(): void {
    for (const entry of [...this.#noticing]) {
      if (entry.at > this.clock.ms || this.#isPaused(entry.socket.node.id)) continue;
      this.#noticing.splice(this.#noticing.indexOf(entry), 1);
      entry.socket.node.lost(entry.socket, entry.socket.number % 4 === 0);
    }
  }

  async #wait(): Promise<void> {
    const { dice } = this;
    const next = await this.#clerk.nextDue();
    let until = this.clock.ms;
    switch (
      dice.weighted([
        ['little', 5],
        ['deadline', 3],
        ['long', 1],
      ])
    ) {
      case 'little':
        until += 200 + dice.under(4_000);
        break;
      case 'deadline':
        if (next !== undefined && next < until + 70_000) until = Math.max(until, next) + dice.under(20);
        break;
      case 'long':
        until += dice.under(25_000);
        break;
    }
    await this.#pass(until);
    // The alarm of the store's deadlines rings at every node that is awake, somewhat later at some.
    for (const node of this.#awake()) if (dice.chance(0.8)) node.ring();
    for (const node of this.#awake()) node.beat();
  }

  /** Time passes; whoever is awake goes on saying that it lives. */
  async #pass(until: number): Promise<void> {
    while (this.clock.ms < until) {
      this.clock.ms = Math.min(until, this.clock.ms + BEAT_MS);
      this.#writeDown();
      for (const node of this.#awake()) await node.renew();
    }
  }

  #goWrong(): void {
    const { dice } = this;
    switch (
      dice.weighted([
        ['crash', 3],
        ['pause', 4],
        ['clock', 2],
        ['wake', 5],
        ['kill', 4],
        ['relation', 3],
        ['logout', 2],
      ])
    ) {
      case 'crash':
        return this.#nodes.length > 1 ? this.#crash() : undefined;
      case 'pause': {
        const node = dice.pick(this.#awake());
        if (!node || this.#nodes.length < 2) return undefined;
        this.fault('pause');
        node.pausedUntil = this.clock.ms + dice.under(40_000);
        return undefined;
      }
      case 'clock':
        this.fault('clockStep');
        this.clock.ms += dice.chance(0.1) ? 200_000 : dice.under(70_000);
        return undefined;
      case 'wake': {
        const socket = dice.pick(this.#open())?.socket;
        if (!socket || socket.gone) return undefined;
        this.fault('wakeTwice');
        socket.node.wakeAgain(socket);
        return undefined;
      }
      case 'kill':
        return this.#journal ? this.#kill() : undefined;
      case 'relation': {
        const pair = `${dice.pick(this.#hot)}>${dice.pick(this.#hot)}`;
        if (!this.#strangers.delete(pair)) this.#strangers.add(pair);
        return undefined;
      }
      case 'logout': {
        const device = dice.pick(this.#devices);
        if (!device) return undefined;
        device.out = !device.out;
        const { socket } = device;
        if (device.out && socket && !socket.gone) socket.node.close(socket);
        return undefined;
      }
    }
  }

  /** A process dies; another one takes its place in its own time. */
  #crash(): void {
    const node = this.dice.pick(this.#nodes);
    if (!node) return;
    this.fault('crash');
    this.say(() => `${node.id} dies`);
    if (this.scheduler.drop(node.id).some(({ committed }) => committed)) this.fault('crashAfterCommit');
    this.#nodes = this.#nodes.filter((each) => each !== node);
    this.#bury(node);
    this.#nodes.push(this.#newNode());
  }

  /** The one process dies, and its memory with it; another one reads what was written down. */
  #kill(): void {
    const [node] = this.#nodes;
    if (!node || !this.#journal) return;
    this.fault('kill');
    this.say(() => 'the service is killed');
    if (this.scheduler.drop(node.id).some(({ committed }) => committed)) this.fault('crashAfterCommit');
    this.#bury(node);
    this.#journal.dead = true;
    this.#memory.flush();
    this.#journal.dead = false;
    this.#journal.reopen();
    this.#memory = this.#newMemory();
    this.#clerk = this.#memory.open('clerk');
    this.ledger.restarted(this.clock.ms);
    this.#nodes = [this.#newNode()];
    this.#nodes[0]?.takeUp(this.#memory.orphans());
  }

  #bury(node: Node): void {
    for (const device of this.#devices) {
      if (device.socket?.node !== node) continue;
      // What had left the process may still arrive.
      if (this.dice.chance(0.5)) this.#read(device);
      device.socket = undefined;
    }
    for (const entry of [...this.#noticing]) {
      if (entry.socket.node === node) this.#noticing.splice(this.#noticing.indexOf(entry), 1);
    }
  }

  #newMemory(): MemoryWorld {
    return new MemoryWorld(() => this.clock.ms, this.#journal);
  }

  #newNode(): Node {
    this.#processes += 1;
    return new Node(`n${this.#processes}`, this.#memory, this);
  }

  // --------------------------------------------------------------------------------------------------------- the end

  /** Nothing goes wrong any more: every call must end, every claim must go, everybody must have heard. */
  async #end(): Promise<void> {
    this.#calm = true;
    const vanish = this.dice.chance(0.25);
    for (const node of this.#nodes) node.pausedUntil = 0;
    for (const entry of this.#noticing) entry.at = this.clock.ms;
    if (vanish) for (const device of this.#open()) this.#cut(device);
    for (let round = 0; ; round += 1) {
      if (round > 150) throw new Violation('I9', `calls have not ended: ${await this.#alive()}`);
      for (const entry of this.#noticing) entry.at = this.clock.ms;
      this.#notice();
      await this.#settle();
      if (vanish && round === VANISHED_ROUNDS && (await this.#clerk.sizes()).live > 0)
        throw new Violation('I9', `nobody came back, and calls go on: ${await this.#alive()}`);
      if (!vanish || round > VANISHED_ROUNDS) {
        for (const device of this.#devices)
          if (!device.socket && !device.out && this.#isHot(device.user)) this.#connect(device);
        await this.#settle();
        for (const device of this.#devices) this.#hangUpAll(device);
        await this.#settle();
      }
      const { live } = await this.#clerk.sizes();
      if (live === 0 && this.scheduler.waiting.length === 0 && (!vanish || round > VANISHED_ROUNDS)) break;
      // Never so long that a node would be taken for dead.
      const next = (await this.#clerk.nextDue()) ?? Number.POSITIVE_INFINITY;
      await this.#pass(Math.min(Math.max(next, this.clock.ms + 1_000), this.clock.ms + 10_000));
      this.#writeDown();
      for (const node of this.#nodes) node.beat();
      for (const node of this.#nodes) node.ring();
    }
    for (const device of this.#devices) this.#mustHaveHeard(device);
    await this.#recordsAreComplete();
    await this.#nothingIsLeft();
  }

  /** Runs and delivers until nothing moves any more. */
  async #settle(): Promise<void> {
    for (let round = 0; round < 2_000; round += 1) {
      let moved = false;
      while (this.scheduler.waiting.length > 0) {
        await this.#go();
        moved = true;
      }
      for (const device of this.#open()) {
        if (!device.socket) continue;
        moved ||= device.socket.toClient.length > 0 || device.socket.toServer.length > 0;
        this.#read(device, true);
        this.#see(device);
        this.#arrive(device);
      }
      if (moved || this.scheduler.waiting.length > 0) continue;
      for (const state of this.#states.values()) this.ledger.presentAtRest(state);
      for (const { socket, unanswered } of this.#open()) {
        if (!socket?.greeted || socket.gone) continue;
        this.ledger.atRest(socket.endpoint, socket.sessionId, socket.written);
        for (const callId of unanswered) {
          const state = this.#states.get(callId);
          if (state?.phase === 'active' && state.callerSeat.endpoint === socket.endpoint)
            throw new Violation('I1', `${socket.endpoint} came back into ${callId} and was not given its answer`);
        }
      }
      return;
    }
    throw new Violation('I13', 'the service never comes to rest');
  }

  #hangUpAll(device: Device): void {
    for (const [callId, view] of device.calls('dialling', 'answering', 'active', 'ringing', 'left')) {
      // A hang-up may have been lost with its wire; a client says it again until it is answered.
      if (!device.socket?.known) return;
      if (view.phase === 'ringing' && !this.dice.chance(0.2)) continue;
      view.phase = 'left';
      device.socket.toServer.push({
        kind: 'event',
        callId,
        event: { type: 'hangUp' },
        id: undefined,
        receiverId: undefined,
      });
    }
  }

  async #alive(): Promise<string> {
    return [...this.#states.values()]
      .filter(({ phase }) => phase !== 'ended')
      .map(({ callId, phase }) => `${callId} ${phase}`)
      .join(', ');
  }

  #mustHaveHeard(device: Device): void {
    const { socket } = device;
    if (!socket) return;
    for (const [callId, view] of device.calls('dialling', 'ringing', 'answering', 'active')) {
      if (device.plain && view.socket !== socket.number) continue;
      throw new Violation('I4', `${socket.endpoint} never heard that ${callId} (${view.phase}) is over`);
    }
  }

  async #recordsAreComplete(): Promise<void> {
    for (const node of this.#nodes) node.record();
    while (this.scheduler.waiting.length > 0) await this.#go();
    for (const state of this.#states.values()) {
      const due = state.phase === 'ended' && state.outcome.caller !== null;
      if (due !== this.#records.has(state.callId))
        throw new Violation('HI-1', `${state.callId} ${due ? 'is missing in' : 'must not be in'} the history`);
    }
  }

  async #nothingIsLeft(): Promise<void> {
    for (const device of this.#open()) this.#cut(device);
    for (let round = 0; round < 3; round += 1) {
      for (const entry of this.#noticing) entry.at = this.clock.ms;
      this.#notice();
      await this.#settle();
      this.clock.ms += 10 * 60_000;
      for (const node of this.#nodes) node.beat();
      await this.#settle();
      for (const node of this.#nodes) node.ring();
      await this.#settle();
    }
    const sizes = await this.#clerk.sizes();
    for (const [what, count] of Object.entries(sizes)) {
      if (count !== 0) throw new Violation('I10', `${count} ${what} are left when everybody has been gone for long`);
    }
    this.#memory.flush();
    if (this.#journal && this.#journal.size > 0)
      throw new Violation('I10', `${this.#journal.size} rows are left in the journal`);
  }

  /** What may wait is written down within a tenth of a second. */
  #writeDown(): void {
    if (!this.#journal || this.clock.ms - this.#writtenAt < WRITTEN_WITHIN_MS) return;
    this.#writtenAt = this.clock.ms;
    this.#memory.flush();
    this.#written();
  }

  // ------------------------------------------------------------------------------------------- what the others ask for

  /** The probability of a fault now. */
  faultRate(usual: number): number {
    return this.#calm ? 0 : usual;
  }

  /** Counts something that went wrong. */
  fault(what: Happening): void {
    this.#tally.fault(what);
    this.say(() => `(${what})`);
  }

  /** Adds a line to the story, if somebody reads it. */
  say(line: () => string): void {
    this.#story?.(`${String(this.clock.ms - START_MS).padStart(7)} ms  ${line()}`);
  }

  /** What the running task is deciding. */
  deciding(callId: CallId, event: CallEvent): void {
    if (this.scheduler.current) this.#deciding.set(this.scheduler.current, { callId, event });
  }

  /** A candidate is handed to the store. */
  relaying(callId: CallId, from: Endpoint): void {
    const state = this.#states.get(callId);
    if (state) this.#tally.cell(roleOf(state, from), state.phase, 'candidate');
  }

  /** How often something else may come between two steps of the store. */
  get interleaving(): number {
    return this.#flooded ? 0.1 : 0.5;
  }

  /** What the running task's offer is judged by. */
  offering(facts: OfferFacts): void {
    if (this.scheduler.current) this.#offering.set(this.scheduler.current, facts);
  }

  /** A decision was based on this: counts which role said what in which phase. */
  decides(callId: CallId | undefined, snapshot: Snapshot): void {
    const task = this.scheduler.current;
    const decision = task && this.#deciding.get(task);
    if (!decision || decision.callId !== callId) return;
    const state = snapshot.calls.get(decision.callId)?.state;
    if (state) this.#count(state, decision.event);
  }

  #count(state: CallState, event: CallEvent): void {
    const who = 'from' in event ? event.from : 'endpoint' in event ? event.endpoint : undefined;
    const role = who ? roleOf(state, who) : 'by' in event ? roleOf(state, deviceEndpoint(event.by, '.any')) : 'service';
    this.#tally.cell(role, state.phase, event.type);
  }

  /** A commit succeeded. @throws Violation */
  committed(commit: Commit): void {
    const task = this.scheduler.current;
    const decision = task && this.#deciding.get(task);
    const facts = task && this.#offering.get(task);
    for (const state of commit.calls) {
      const before = this.#states.get(state.callId);
      this.#states.set(state.callId, state);
      if (before) this.#seatings(before, state);
      if (
        before?.phase === 'ringing' &&
        state.phase === 'active' &&
        decision?.callId === state.callId &&
        decision.event.type === 'answer' &&
        !decision.event.allowed
      ) {
        throw new Violation('I14', `${state.callId} was answered by who may not`);
      }
      if (
        before?.phase === 'ringing' &&
        state.phase === 'ringing' &&
        decision?.callId === state.callId &&
        decision.event.type === 'reject' &&
        decision.event.byPerson
      ) {
        throw new Violation('RJ-1', `${state.callId} rings on although the person has said no`);
      }
      if (!before && state.phase === 'ringing' && (facts?.blocked || facts?.doNotDisturb)) {
        throw new Violation('I14', `${state.callId} rings somebody who must not be rung`);
      }
      if (before && before.phase !== 'ended' && state.phase === 'ended' && decision?.callId !== state.callId) {
        const by = state.endedBy === 'caller' ? state.caller.id : state.callee.id;
        if (state.reason === 'replaced') this.#count(before, { type: 'replaced', by });
        else if (state.reason === 'answered_another') this.#count(before, { type: 'answeredAnother', by });
        else if (state.reason === 'busy') this.#count(before, { type: 'dialledAway' });
      }
    }
    if (commit.request) {
      const before = this.#requests.get(commit.request.key);
      if (before !== undefined && this.clock.ms - before < 5 * 60_000)
        throw new Violation('OF-4', `${commit.request.key} began a second call`);
      this.#requests.set(commit.request.key, this.clock.ms);
    }
    this.#written();
  }

  /** Notes who has taken the place of a lost socket. */
  #seatings(before: CallState, after: CallState): void {
    if (before.phase === 'ended' || after.phase === 'ended') return;
    const seats = [
      [before.callerSeat, after.callerSeat],
      [
        before.phase === 'active' ? before.calleeSeat : undefined,
        after.phase === 'active' ? after.calleeSeat : undefined,
      ],
    ];
    for (const [was, is] of seats) {
      if (!was || !is || was.endpoint === is.endpoint) continue;
      this.#devices.find(({ socket }) => socket?.endpoint === is.endpoint)?.seated.add(after.callId);
    }
  }

  /** Tells the ledger what was written down since it last asked. */
  #written(): void {
    if (this.#journal?.takeWritten()) this.ledger.written();
  }

  /** After a step of the store that may have written without a commit. */
  journalled(): void {
    this.#written();
  }

  /** A mailbox was read. */
  delivered(_endpoint: Endpoint, _sessionId: string, frames: readonly Delivered[] | undefined): void {
    this.handedOut = frames ?? [];
  }

  /** A record is in the history. @throws Violation when it says something else than before */
  recorded(record: CallRecord): void {
    const before = this.#records.get(record.callId);
    if (before && JSON.stringify(before) !== JSON.stringify(record))
      throw new Violation('HI-1', `${record.callId} has two records`);
    this.#records.set(record.callId, record);
  }

  /** A fresh call id. */
  newCall(): CallId {
    const callId = `c${this.#callIds.length + 1}`;
    this.#callIds.push(callId);
    return callId;
  }

  /** Whether the directory lets one call the other. */
  mayCall(caller: UserId, callee: UserId): boolean {
    return caller !== callee && !this.#strangers.has(`${caller}>${callee}`);
  }

  /** What an offer is judged by. */
  factsOf(caller: UserId, callee: UserId): OfferFacts {
    return {
      blocked: this.#blocked.has(`${caller}>${callee}`),
      doNotDisturb: this.#doNotDisturb.has(callee),
      hideBusy: this.#hideBusy.has(callee),
      busyPolicy: this.#policy,
    };
  }

  /** A person as the other side is shown them. */
  party(user: UserId): Party {
    return { id: user, info: { id: Number(user), username: `user ${user}`, avatar: '' } };
  }

  /** The next candidates of an endpoint, numbered. */
  candidates(from: Endpoint, callId: CallId, count: number, long: boolean) {
    const first = (this.#sentBy.get(from) ?? 0) + 1;
    this.#sentBy.set(from, first + count - 1);
    const numbers = Array.from({ length: count }, (_, n) => first + n);
    return candidateFrames(from, callId, numbers, long ? ' '.repeat(1_000) : '');
  }
}
