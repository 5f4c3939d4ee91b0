/**
 * One run of two people with the SDK at the real service, over wires that are moved, cut and reordered by chance: they
 * dial, accept, refuse, mute and hang up whenever they like. What must hold at the end is judged here.
 */
import { createHash } from 'node:crypto';
import { type Call, type CallEnd, RingdownClient, type RingdownError } from '@ringdown/client';
import { FakeBrowser, FakeMedia, FakePeers, type FakeTab } from '@ringdown/client/testing';
import { vi } from 'vitest';
import { Network } from './network.ts';
import { Dice } from './random.ts';
import { Service } from './service.ts';

/** What one run is made of. */
export interface Plan {
  readonly seed: number;
  /** The devices, each named by the one digit of its user and what tells it from the user's others. */
  readonly devices: readonly string[];
  /** Which of them speak the contract alone. */
  readonly plain: readonly string[];
  readonly steps: number;
  /** How likely each step is a fault of the network. */
  readonly faults: number;
  /** How likely somebody in a call who does something reloads the page; out of calls it is a tenth of that. */
  readonly reloads?: number;
}

/**
 * How long after the last fault everything has to be in order, ms: the longest wait of the service and a little. A plain
 * side that missed the end of an attempt which is in nobody's history (GL-1) waits for the longest ring there is.
 */
const SETTLE_MS = 150_000;
const PLAIN_SETTLE_MS = 240_000;
/** How long the end of a call may take to be known everywhere, ms; a plain side may only notice by its media. */
const END_MS = 5_000;
const PLAIN_END_MS = 60_000;
/** What is moved or waited for at once meanwhile, ms. */
const SLICE_MS = 250;

const realSetImmediate = setImmediate;

interface Witnessed {
  readonly call: Call;
  readonly by: string;
  ends: CallEnd[];
  afterEnd: string[];
}

interface Player {
  /** The device, see {@link Plan.devices}. */
  readonly id: string;
  readonly userId: string;
  /** What the browser remembers over a reload. */
  tab: FakeTab;
  /** The page of now. */
  client: RingdownClient;
  readonly errors: RingdownError[];
}

/** What a run came to. */
export interface Result {
  readonly faults: string[];
  /** How often a call of either side connected. */
  readonly connected: number;
  /** How often a reloaded page came back into its call. */
  readonly returned: number;
  readonly trace: readonly string[];
}

/** Plays it. The fake timers have to be in place. */
export async function play(plan: Plan): Promise<Result> {
  const run = new Run(plan);
  try {
    await run.begin();
    for (let step = 0; step < plan.steps; step += 1) await run.step();
    await run.heal();
    run.judgeAgreement();
    await run.finish();
    run.judgeEnds();
  } finally {
    await run.close();
  }
  return run.result;
}

class Run {
  readonly #plan: Plan;
  readonly #dice: Dice;
  readonly #service = new Service();
  readonly #network = new Network(this.#service);
  readonly #peers = new FakePeers();
  readonly #players: Player[] = [];
  readonly #witnessed: Witnessed[] = [];
  readonly #faults: string[] = [];
  readonly #trace: string[] = [];
  /** Calls that a page was in when it was reloaded. */
  readonly #left = new Set<string>();
  #connected = 0;
  #returned = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#dice = new Dice(plan.seed);
  }

  get result(): Result {
    return {
      faults: this.#faults,
      connected: this.#connected,
      returned: this.#returned,
      trace: this.#trace,
    };
  }

  async begin(): Promise<void> {
    for (const id of this.#plan.devices) this.#players.push(this.#player(id));
    for (const { client } of this.#players) client.connect().catch(() => undefined);
    for (let n = 0; n < 20; n += 1) await this.#slice();
  }

  /** One step of chance. */
  async step(): Promise<void> {
    const dice = this.#dice;
    if (dice.chance(this.#plan.faults)) this.#fault();
    else if (dice.chance(0.14)) this.#act();
    else if (dice.chance(0.2)) vi.advanceTimersByTime(dice.chance(0.1) ? dice.below(20_000) : dice.below(800));
    else {
      for (let moves = 1 + dice.below(4); moves > 0; moves -= 1) {
        const queue = dice.pick(this.#network.waiting);
        queue?.wire.move(queue.direction);
        await settle();
      }
    }
    await settle();
  }

  /** The network is as it should be again, and everybody has time. */
  async heal(): Promise<void> {
    this.#note('heal');
    this.#network.unreachable.clear();
    await this.#pass(this.#plan.plain.length > 0 ? PLAIN_SETTLE_MS : SETTLE_MS);
  }

  async #pass(ms: number): Promise<void> {
    for (let waited = 0; waited < ms; waited += SLICE_MS) {
      if (this.#plan.plain.length > 0) this.#noticeLostBrowsers();
      await this.#slice();
    }
  }

  /**
   * A browser notices after a while that the other one is gone, or that a path does not come back. An extended session
   * must not need that: it is told of every end.
   */
  #noticeLostBrowsers(): void {
    for (const peer of this.#peers.made) {
      const other = this.#peers.made.find(({ number }) => number === peer.remoteNumber);
      if (peer.state === 'disconnected' || (peer.state === 'connected' && other?.state === 'closed'))
        peer.become('failed');
    }
  }

  /** Whoever is in a call hangs up. */
  async finish(): Promise<void> {
    const player = this.#players.find(({ client }) => client.activeCall);
    if (player) {
      this.#note(`${player.id} hangs up at last`);
      player.client.activeCall?.hangUp();
    }
    await this.#pass(this.#plan.plain.length > 0 ? PLAIN_END_MS : END_MS);
  }

  /** Once everything is quiet: one call for both, connected, or none for either. */
  judgeAgreement(): void {
    const live = this.#players.flatMap(({ id, userId, client }) =>
      client.calls.map(({ callId, state }) => ({ id, userId, callId, state })),
    );
    const view = live.map(({ id, callId, state }) => `${id}: ${callId} ${state}`).join(', ');
    const agree = live.length === 0 || (live.length === 2 && live[0]?.userId !== live[1]?.userId);
    if (!agree || new Set(live.map(({ callId }) => callId)).size > 1) this.#fault_(`they disagree: ${view}`);
    if (live.some(({ state }) => state !== 'connected')) this.#fault_(`stuck: ${view}`);
    const open = this.#peers.made.filter(({ state }) => state !== 'closed');
    if (open.length !== live.length) this.#fault_(`${open.length} browsers are connected for ${live.length} ends`);
    for (const peer of open) {
      if (!open.some(({ number }) => number === peer.remoteNumber)) this.#fault_('a browser talks to one that is gone');
    }
    if (this.#service.live.length * 2 !== live.length) {
      this.#fault_(`the service has ${this.#service.live.length} live calls, they have ${live.length} ends`);
    }
    for (const { id, client } of this.#players) {
      if (client.state !== 'online') this.#fault_(`${id} is ${client.state}`);
    }
  }

  /** Every call that anybody saw has ended, once, and said nothing after it. */
  judgeEnds(): void {
    for (const { call, by, ends, afterEnd } of this.#witnessed) {
      const name = `${by}'s ${call.direction} call ${call.callId}`;
      if (call.state !== 'ended') this.#fault_(`${name} is ${call.state}`);
      if (ends.length !== 1) this.#fault_(`${name} ended ${ends.length} times: ${ends.map(({ reason }) => reason)}`);
      if (afterEnd.length > 0) this.#fault_(`${name} went on after its end: ${afterEnd}`);
      if (call.localStream || call.remoteStream) this.#fault_(`${name} still holds its media`);
    }
    if (this.#service.live.length > 0) this.#fault_(`the service still has ${this.#service.live.length} live calls`);
    for (const { id, errors } of this.#players) {
      for (const { code, message } of errors) {
        if (code === 'protocol' || code === 'listener_failed') this.#fault_(`${id} was told ${code}: ${message}`);
      }
    }
    if (this.#service.complaints.length > 0) this.#fault_(`the service complains: ${this.#service.complaints[0]}`);
    const open = this.#peers.made.filter(({ state }) => state !== 'closed').length;
    if (open > 0) this.#fault_(`${open} connections between browsers were left open`);
  }

  async close(): Promise<void> {
    for (const { client } of this.#players) client.disconnect();
    await this.#service.close();
    await settle();
  }

  // -------------------------------------------------------------------------------------------------------- people

  #player(id: string): Player {
    const player = { id, userId: id.slice(0, 1), tab: new FakeBrowser().openTab(), errors: [] } as unknown as Player;
    this.#load(player);
    return player;
  }

  /** The page is loaded. */
  #load(player: Player): void {
    const { id, userId, tab, errors } = player;
    const media = new FakeMedia();
    const extended = !this.#plan.plain.includes(id);
    const client = new RingdownClient({
      url: 'https://service.test',
      token: () => `user-${userId}`,
      platform: {
        openSocket: (_url, _protocols, events) => this.#network.open(id, userId, extended, events),
        fetch: async (url, init) => {
          if (this.#network.unreachable.has(id)) throw new TypeError('no network');
          return await this.#service.fetch(userId, url, init.method);
        },
        getUserMedia: media.getUserMedia,
        openPeer: this.#peers.open,
        random: () => this.#dice.next(),
        sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
        tabs: tab,
      },
    });
    player.client = client;
    client.on('error', (error) => errors.push(error));
    client.on('state', (state) => this.#note(`${id} is ${state}`));
    client.on('openCalls', (all) => this.#note(`${id} has ${all.length} open calls`));
    client.on('call', (call) => {
      const witnessed: Witnessed = { call, by: id, ends: [], afterEnd: [] };
      this.#witnessed.push(witnessed);
      this.#note(`${id} has an ${call.direction} call ${call.callId}`);
      call.on('state', (state) => {
        this.#note(`${id}'s call ${call.callId} is ${state}`);
        if (state === 'connected') this.#connected += 1;
        if (state === 'connected' && this.#left.delete(call.callId ?? '')) this.#returned += 1;
        if (witnessed.ends.length > 0) witnessed.afterEnd.push(state);
      });
      call.on('ended', (end) => {
        this.#note(`${id}'s call ${call.callId} ended: ${end.reason} by ${end.by}`);
        witnessed.ends.push(end);
      });
    });
  }

  /** The page is loaded again: what the former one knew is gone, and what it would have said is not said. */
  #reload(player: Player): void {
    const { id, client } = player;
    this.#note(`${id} reloads`);
    for (const { callId, state } of client.calls) if (callId && state === 'connected') this.#left.add(callId);
    for (const wire of this.#network.wires) {
      if (wire.device !== id || wire.isOver) continue;
      wire.cut();
      if (this.#dice.chance(0.7)) wire.serverNotices();
    }
    client.disconnect();
    for (const call of client.calls) call.hangUp();
    player.tab = player.tab.reload();
    this.#load(player);
    player.client.connect().catch(() => undefined);
  }

  /** One of the two does something. */
  #act(): void {
    const dice = this.#dice;
    // Who finds a call open after a reload looks at nothing else.
    const reloaded = this.#players.find(({ client }) => client.openCalls.some(({ here }) => here));
    const player = reloaded && dice.chance(0.7) ? reloaded : dice.pick(this.#players);
    if (!player) return;
    const { id, userId, client } = player;
    const reloads = (this.#plan.reloads ?? 0) * (client.activeCall ? 1 : 0.1);
    if (reloads > 0 && dice.chance(reloads)) {
      this.#reload(player);
      return;
    }
    const quietly = (promise: Promise<unknown>) => void promise.catch(() => undefined);
    const ringing = client.calls.find(({ state }) => state === 'incoming');
    const active = client.calls.find(({ state }) => state !== 'incoming');
    if (ringing && dice.chance(0.6)) {
      if (dice.chance(0.75)) {
        this.#note(`${id} accepts`);
        quietly(ringing.accept({ video: dice.chance(0.5) }));
      } else {
        this.#note(`${id} refuses`);
        ringing.reject(dice.chance(0.8) ? 'rejected' : 'busy');
      }
    } else if (!active && client.openCalls[0] && dice.chance(0.1)) {
      this.#note(`${id} leaves its open call`);
      client.endOpenCall(client.openCalls[0].callId);
    } else if (!active) {
      const takeover = dice.chance(client.openCalls.length > 0 ? 0.7 : 0.2);
      this.#note(`${id} ${takeover ? 'takes over' : 'dials'}`);
      quietly(client.call(userId === '1' ? '2' : '1', { video: dice.chance(0.6), takeover }));
    } else if (dice.chance(0.15)) {
      this.#note(`${id} hangs up`);
      active.hangUp();
    } else if (dice.chance(0.5)) {
      try {
        active.setMicrophone(dice.chance(0.5));
      } catch {
        // Not accepted yet, or over.
      }
    } else if (dice.chance(0.6)) {
      quietly(active.setCamera(dice.chance(0.7)));
    } else {
      client.simulate(dice.pick(['resume', 'full-reconnect', 'signal-loss', 'token-expiry'] as const) ?? 'resume');
    }
  }

  /** Something goes wrong. */
  #fault(): void {
    const dice = this.#dice;
    const wire = dice.pick(this.#network.wires);
    const player = dice.pick(this.#players);
    if (dice.chance(0.6) && wire && !wire.isCut) {
      this.#note(`${wire.device} is cut`);
      wire.cut();
      if (dice.chance(0.5)) wire.clientNotices();
      if (dice.chance(0.5)) wire.serverNotices();
    } else if (dice.chance(0.3) && wire?.isCut) {
      wire.serverNotices();
    } else if (dice.chance(0.5) && player) {
      if (this.#network.unreachable.delete(player.id)) this.#note(`${player.id} has a network`);
      else {
        this.#note(`${player.id} has no network`);
        this.#network.unreachable.add(player.id);
        for (const each of this.#network.wires) if (each.device === player.id) each.cut();
      }
    } else {
      const peer = dice.pick(this.#peers.made.filter(({ state }) => state === 'connected'));
      this.#note('a media path breaks');
      peer?.become(dice.chance(0.5) ? 'disconnected' : 'failed');
    }
  }

  /** Everything that is on the way arrives, and a little time passes. */
  async #slice(): Promise<void> {
    for (let queues = this.#network.waiting; queues.length > 0; queues = this.#network.waiting) {
      for (const { wire, direction } of queues) wire.move(direction);
      await settle();
    }
    // Nothing heals a wire that was cut; both sides notice by their heartbeats, or are told sooner.
    vi.advanceTimersByTime(SLICE_MS);
    await settle();
  }

  #note(what: string): void {
    this.#trace.push(`${Math.round(performance.now())} ${what}`);
  }
  #fault_(what: string): void {
    this.#faults.push(what);
  }
}

/** Lets everything that waits for nothing but its turn have it. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => realSetImmediate(resolve));
}
