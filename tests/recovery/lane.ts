/** One service that is killed again and again under four pairs of people, and what is looked at after each restart. */
import { Conversation, learnCallId } from './conversation.ts';
import { type Device, Device as DeviceOf, SocketLost } from './device.ts';
import {
  type Call,
  faultsOfFrames,
  faultsOfLateFrames,
  faultsOfState,
  isEnd,
  isFirstAnswer,
  isFirstOffer,
  isOwed,
  type Outage,
  wasToldTheEnd,
} from './ledger.ts';
import { befriend, Person } from './person.ts';
import { type Chance, chanceOf } from './random.ts';
import { Service } from './service.ts';

/** How late after the step it was meant for the kill may fall, ms. */
const LATEST_KILL_MS = 40;
/** The last step a kill may be meant for; a call has about seven, and four pairs call at once. */
const LAST_STEP = 60;
/** A record is in the history within a second of the end (HI-1), ms. */
const RECORDED_WITHIN_MS = 1_000;

/** What a lane has counted. */
export interface Tally {
  kills: number;
  calls: number;
  answers: number;
  records: number;
  resumed: number;
  notResumed: number;
  /** Acknowledged candidates that had not been written down when the kill came. */
  candidatesLost: number;
  /** Acknowledged frames of every kind that were looked for. */
  promises: number;
  /** Frames of the calls that were on their way, or being handled, when the kill came. */
  inFlight: number;
  /** How long the restarts took, ms. */
  restartsMs: number[];
}

interface Pair {
  readonly name: string;
  readonly devices: readonly [Device, Device];
  /** Calls that are over, and the session in which each device was told last. */
  readonly over: Map<Device, Map<string, number>>;
  /** Every call id anybody was ever told. */
  readonly known: Set<string>;
}

/** A service and its people. */
export class Lane {
  readonly tally: Tally = {
    kills: 0,
    calls: 0,
    answers: 0,
    records: 0,
    resumed: 0,
    notResumed: 0,
    candidatesLost: 0,
    promises: 0,
    inFlight: 0,
    restartsMs: [],
  };
  readonly #service: Service;
  readonly #pairs: readonly Pair[];
  /** When the service was killed last. */
  #killedAtMs = 0;
  readonly #seed: number;

  private constructor(service: Service, pairs: readonly Pair[], seed: number) {
    this.#service = service;
    this.#pairs = pairs;
    this.#seed = seed;
  }

  /** Starts a service, and a pair for each combination of plain and extended. */
  static async open(seed: number): Promise<Lane> {
    const service = await Service.begin();
    const pairs: Pair[] = [];
    for (const kinds of ['ee', 'ep', 'pe', 'pp']) {
      const people = [await Person.signUp(service, `${kinds}-a`), await Person.signUp(service, `${kinds}-b`)] as const;
      await befriend(...people);
      const devices = [new DeviceOf(people[0], kinds[0] === 'e'), new DeviceOf(people[1], kinds[1] === 'e')] as const;
      for (const device of devices) await device.connect();
      pairs.push({
        name: kinds,
        devices,
        over: new Map(devices.map((device) => [device, new Map()])),
        known: new Set(),
      });
    }
    return new Lane(service, pairs, seed);
  }

  /** Ends the service and deletes its data. */
  async close(): Promise<void> {
    for (const { devices } of this.#pairs) await Promise.all(devices.map((device) => device.vanish()));
    await this.#service.remove();
  }

  /** People call each other, the service is killed, comes back, and everything is looked at. @throws what is wrong */
  async round(number: number): Promise<void> {
    const chance = chanceOf(this.#seed + number * 7919);
    try {
      await this.#round(number, chance);
    } catch (error) {
      throw new Error(`seed ${this.#seed}, round ${number}: ${(error as Error).message}`, { cause: error });
    }
  }

  async #round(number: number, chance: Chance): Promise<void> {
    const conversations = await this.#callUntilKilled(number, chance);
    await this.#restart();
    if (chance.happens(0.15)) {
      // Once more, while everybody is coming back.
      const back = this.#reconnect(chance).catch(expectLoss);
      await pause(chance.next() * LATEST_KILL_MS);
      await this.#kill();
      await back;
      await this.#restart();
    }
    const outage: Outage = { killedAtMs: this.#killedAtMs, backAtMs: performance.now() };
    await this.#reconnect(chance);
    const wrong = await Promise.all(
      conversations.map((conversation, index) =>
        this.#lookAt(this.#pairs[index] as Pair, conversation, chance, outage),
      ),
    );
    if (wrong.flat().length > 0) throw new Error(wrong.flat().join('\n'));
  }

  /** @returns what the pairs did until the service was dead */
  async #callUntilKilled(number: number, chance: Chance): Promise<Conversation[]> {
    const killAt = chance.whole(1, LAST_STEP);
    // Most of what a step sets off happens within a few ms, so most kills fall there.
    const delayMs = chance.next() ** 3 * LATEST_KILL_MS;
    let steps = 0;
    let killed: Promise<void> | undefined;
    const kill = () => {
      killed ??= this.#kill();
      return killed;
    };
    const onStep = () => {
      steps += 1;
      if (steps === killAt) setTimeout(kill, delayMs);
    };
    const conversations = this.#pairs.map(
      ({ name, devices }) => new Conversation(`${name}.${number}`, devices, chanceOf(chance.whole(0, 2 ** 31)), onStep),
    );
    await Promise.all(conversations.map((conversation) => conversation.goOn().catch(expectLoss)));
    await kill();
    return conversations;
  }

  async #kill(): Promise<void> {
    this.#killedAtMs = performance.now();
    await this.#service.kill();
    this.tally.kills += 1;
  }

  async #restart(): Promise<void> {
    const began = performance.now();
    await this.#service.start();
    this.tally.restartsMs.push(performance.now() - began);
  }

  async #reconnect(chance: Chance): Promise<void> {
    const all = this.#pairs.flatMap(({ devices }) => devices);
    await Promise.all(
      all.map(async (device) => {
        await pause(chance.next() * 10);
        const resumed = await device.connect();
        if (device.extended) this.tally[resumed ? 'resumed' : 'notResumed'] += 1;
      }),
    );
  }

  async #lookAt(pair: Pair, conversation: Conversation, chance: Chance, outage: Outage): Promise<string[]> {
    const { devices, over, known, name } = pair;
    const { calls } = conversation;
    for (const call of calls) {
      const isIt = (message: Parameters<typeof isFirstOffer>[0]) => isFirstOffer(message, call.label);
      if (call.callee.received.some(({ message }) => isIt(message))) learnCallId(call);
    }
    const live = await this.#liveCalls(pair, calls);
    const faults = calls.flatMap((call) => faultsOfState(call, live).map((fault) => `${call.label} ${fault}`));
    if (faults.length > 0) return faults;

    for (const call of calls) this.tally.inFlight += inFlight(call);
    for (const call of calls) await this.#windUp(call, conversation, live, chance, outage);
    for (const device of devices) await device.settle();
    for (const call of calls) {
      faults.push(...faultsOfFrames(call, outage).map((fault) => `${call.label} ${fault}`));
      this.tally.candidatesLost += lostCandidates(call);
      this.tally.promises += call.promises.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length;
      if (call.answerAcked) this.tally.answers += 1;
      if (call.callId === undefined) continue;
      this.tally.calls += 1;
      known.add(call.callId);
    }
    for (const { person } of devices) {
      const left = await person.activeCalls();
      if (left.length > 0) faults.push(`${person.username} is left with ${left.map(({ phase }) => phase)}`);
    }
    faults.push(...(await this.#faultsOfHistory(pair, calls)));
    for (const device of devices) {
      const before = over.get(device) as Map<string, number>;
      faults.push(...device.faults.splice(0), ...faultsOfLateFrames(device, before));
      for (const { callId } of calls) if (callId !== undefined) before.set(callId, device.session);
      for (const { message, session } of device.received) {
        if (isEnd(message) && 'callId' in message.data && before.has(message.data.callId ?? '')) {
          before.set(message.data.callId ?? '', session);
        }
      }
    }
    if (faults.length === 0) for (const device of devices) device.forget();
    return faults.map((fault) => `${name}: ${fault}`);
  }

  /** The live calls, as both people are told them. @throws when they are told different things, or of a call nobody made */
  async #liveCalls({ devices, name }: Pair, calls: readonly Call[]): Promise<Map<string, 'ringing' | 'active'>> {
    const [one, other] = await Promise.all(
      devices.map(async ({ person }) => new Map((await person.activeCalls()).map((call) => [call.callId, call.phase]))),
    );
    if (!one || JSON.stringify([...one]) !== JSON.stringify([...(other ?? [])])) {
      throw new Error(
        `${name}: one is told ${JSON.stringify([...(one ?? [])])}, the other ${JSON.stringify([...(other ?? [])])}`,
      );
    }
    for (const callId of one.keys()) {
      const call = calls.find((each) => each.callId === callId) ?? calls.findLast((each) => each.callId === undefined);
      if (!call) throw new Error(`${name}: ${callId} is live, and nobody knows of it`);
      call.callId = callId;
    }
    return one;
  }

  /** Brings a call to its end, in a way that shows that everything about it still works. */
  async #windUp(
    call: Call,
    conversation: Conversation,
    live: Map<string, 'ringing' | 'active'>,
    chance: Chance,
    outage: Outage,
  ): Promise<void> {
    const { caller, callee, promises } = call;
    const offered = promises.some(({ what, ackedAtMs }) => what === 'offer' && ackedAtMs !== undefined);
    if (!offered && caller.extended && call.endSentBy.size === 0 && !wasToldTheEnd(call, callee)) {
      // It does not know whether it was heard, and says it again: the same call (OF-4), or one that begins now.
      await conversation.offer(call);
      if (call.callId !== undefined && !live.has(call.callId)) live.set(call.callId, 'ringing');
    }
    const { callId } = call;
    for (const promised of promises) {
      if (isOwed(call, promised, outage)) await promised.to.seen(promised.isIt, promised.what);
    }
    const phase = callId === undefined ? undefined : live.get(callId);
    if (callId === undefined || phase === undefined) return;
    if (phase === 'ringing') {
      await callee.seen((message) => isFirstOffer(message, call.label), 'call:offer');
      const way = chance.next();
      if (way < 0.2) return conversation.end(call, callee, 'call:reject', { callId });
      if (way < 0.4) return conversation.end(call, caller, 'call:hang_up', { callId });
      await conversation.answer(call);
    }
    // Its own answer or the peer's is what a side knows an answered call by.
    await caller.seen((message) => isFirstAnswer(message, callId), 'call:answer');
    const [from, to] = chance.happens(0.5) ? [caller, callee] : [callee, caller];
    await conversation.candidate(call, from, to);
    const last = promises.at(-1);
    if (last) await to.seen(last.isIt, 'candidate');
    await conversation.end(call, chance.of([from, to]), 'call:hang_up', { callId });
  }

  async #faultsOfHistory({ devices, known }: Pair, calls: readonly Call[]): Promise<string[]> {
    const faults: string[] = [];
    const ids = calls.flatMap(({ callId }) => callId ?? []);
    for (const { person } of devices) {
      const deadline = performance.now() + RECORDED_WITHIN_MS;
      let count = await this.#recordsOf(person, ids);
      while (ids.some((id) => !count.has(id)) && performance.now() < deadline) {
        await pause(50);
        count = await this.#recordsOf(person, ids);
      }
      for (const id of ids) {
        const { label } = calls.find(({ callId }) => callId === id) as Call;
        if (count.get(id) !== 1) faults.push(`${person.username} has ${count.get(id) ?? 0} records of ${label}`);
        else this.tally.records += 1;
      }
      for (const id of count.keys())
        if (!known.has(id)) faults.push(`${person.username} has a record of nothing: ${id}`);
    }
    return faults;
  }

  async #recordsOf(person: Person, ids: readonly string[]): Promise<Map<string, number>> {
    const lines = await person.history(ids.length + 20);
    const count = new Map<string, number>();
    for (const { callId } of lines) count.set(callId, (count.get(callId) ?? 0) + 1);
    return count;
  }

  /** Everybody's whole history: every call that was ever known, once, and no other. @returns what is wrong */
  async wholeHistory(): Promise<string[]> {
    const faults: string[] = [];
    for (const { devices, known } of this.#pairs) {
      for (const { person } of devices) {
        const ids = (await person.history()).map(({ callId }) => callId);
        if (ids.length !== known.size || new Set(ids).size !== ids.length || ids.some((id) => !known.has(id))) {
          faults.push(`${person.username} has ${ids.length} records of ${known.size} calls`);
        }
      }
    }
    if (/"level":"(error|fatal)"/.test(this.#service.output)) {
      faults.push(...this.#service.output.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line)));
    }
    return faults;
  }
}

function lostCandidates({ promises }: Call): number {
  return promises.filter(
    ({ what, to, session, ackedAtMs, isIt, afterAnswer }) =>
      what === 'candidate' &&
      !afterAnswer &&
      ackedAtMs !== undefined &&
      to.session === session &&
      !to.received.some(({ message }) => isIt(message)),
  ).length;
}

function inFlight({ promises, endSentBy, endAckedBy }: Call): number {
  return promises.filter(({ ackedAtMs }) => ackedAtMs === undefined).length + endSentBy.size - endAckedBy.size;
}

function expectLoss(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof SocketLost) && code !== 'ECONNREFUSED' && code !== 'ECONNRESET') throw error;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
