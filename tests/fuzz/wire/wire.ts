/**
 * One run of attacks on a real service, on real sockets, beside people who make calls. What must hold: it does not end,
 * it has no fault, no input keeps it busy for long, the bystanders lose nothing, and when everybody is gone nothing is left.
 */

import { Person } from '../../recovery/person.ts';
import { chanceOf } from '../../recovery/random.ts';
import type { Extent } from '../engine/run.ts';
import type { Prey } from './attacks.ts';
import { Bystanders, type Seen } from './bystanders.ts';
import { Conversations, type Talk } from './conversations.ts';
import { Victim } from './victim.ts';

/** Attackers at the same time. */
const ATTACKERS = 12;
/** What the service may be busy with at a stretch, ms of its main thread's own time (T37). */
export const BUSY_MS = 50;
/** What may be held after everything more than before, bytes: caches and compiled code that are filled once. */
const HELD_BYTES = 8 * 2 ** 20;
/** Within this the bystanders hear of each other, ms: 95 of 100 times, and always. */
const DELAY_MS = { usual: 250, longest: 2_000 };
/** Conversations before anything is measured, so that what is compiled and cached once does not count. */
const WARM_UP = 300;
/** Close codes that may stand on the wire (RFC 6455 §7.4): the service's own, and what a client said, said again. */
const isCloseCode = (code: number) =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) || (code >= 3000 && code <= 4999);

/** What a run saw. */
export interface WireOutcome {
  readonly seed: number;
  readonly seconds: number;
  /** Connections, and the frames and requests on them. */
  readonly connections: number;
  readonly executions: number;
  /** Longest stretch of the service's own work, and longest delay of its loop whatever the machine did, ms. */
  readonly busiestMs: number;
  readonly delayedMs: number;
  /** How much more it holds than before, bytes. */
  readonly grewBytes: number;
  readonly bystanders: {
    readonly calls: number;
    readonly medianMs: number;
    readonly p95Ms: number;
    readonly worstMs: number;
  };
  /** What did not hold, in sentences. */
  readonly failures: readonly string[];
}

/** @param extent how many frames and requests, or how long */
export async function runWire(seed: number, extent: Extent): Promise<WireOutcome> {
  const conversations = await Conversations.open(seed);
  const victim = await Victim.begin();
  try {
    const mallory = await Person.signUp(victim.place, 'mallory');
    const prey: Prey = { port: victim.port, token: mallory.token };
    const attack = new Attackers(conversations, prey, seed);
    await attack.go((connections) => connections < WARM_UP);
    const before = await victim.health(true);
    const pairs = [
      await Bystanders.begin(victim.place, 'plain', false),
      await Bystanders.begin(victim.place, 'extended', true),
    ];
    await victim.health();

    const [saidBefore, connectedBefore] = [attack.said, attack.connections];
    const began = performance.now();
    await attack.go(() => {
      if (victim.death !== undefined) return false;
      return 'seconds' in extent
        ? performance.now() - began < extent.seconds * 1000
        : attack.said - saidBefore < extent.executions;
    });
    const seconds = (performance.now() - began) / 1000;
    const failures = [...attack.faults];
    const seen = await Promise.all(pairs.map((pair) => pair.end()));
    if (victim.death !== undefined) failures.push(`the service ended: ${victim.death}`);
    else {
      const during = await victim.health();
      const after = await victim.health(true);
      failures.push(...during.faults.map((fault) => `a fault of the service: ${fault}`));
      if (during.busiestMs > BUSY_MS) failures.push(`the service was busy for ${during.busiestMs} ms at a stretch`);
      const grewBytes = after.heldBytes - before.heldBytes;
      if (grewBytes > HELD_BYTES) failures.push(`the service holds ${grewBytes} bytes more than before`);
      const left = Object.entries(after.sizes).filter(([, size]) => size > 0);
      if (left.length > 0) failures.push(`something is left: ${left.join(' ')}`);
      failures.push(...wrongsOf(seen));
      return {
        seed,
        seconds,
        connections: attack.connections - connectedBefore,
        executions: attack.said - saidBefore,
        busiestMs: during.busiestMs,
        delayedMs: during.delayedMs,
        grewBytes,
        bystanders: figuresOf(seen),
        failures,
      };
    }
    const { connections, said: executions } = attack;
    return {
      seed,
      seconds,
      connections,
      executions,
      busiestMs: 0,
      delayedMs: 0,
      grewBytes: 0,
      bystanders: figuresOf(seen),
      failures,
    };
  } finally {
    await victim.end();
  }
}

/** Several who have conversations one after the other. */
class Attackers {
  connections = 0;
  said = 0;
  readonly faults: string[] = [];
  readonly #conversations: Conversations;
  readonly #prey: Prey;
  readonly #seed: number;

  constructor(conversations: Conversations, prey: Prey, seed: number) {
    this.#conversations = conversations;
    this.#prey = prey;
    this.#seed = seed;
  }

  /** @param goesOn asked before each conversation, with how many there were */
  async go(goesOn: (connections: number) => boolean): Promise<void> {
    const one = async () => {
      while (goesOn(this.connections)) {
        this.connections += 1;
        const chance = chanceOf(this.#seed * 1_000_003 + this.connections);
        const talk = await this.#conversations.talk(this.#prey, chance).catch((error: Error) => error);
        if (talk instanceof Error) this.faults.push(`a connection was not taken: ${talk.message}`);
        else this.#judge(talk);
      }
    };
    await Promise.all(Array.from({ length: ATTACKERS }, one));
  }

  #judge({ said, ending, faults }: Talk): void {
    this.said += said;
    this.faults.push(...faults);
    const { code, status } = ending;
    if (code !== undefined && !isCloseCode(code)) this.faults.push(`a close with the code ${code}`);
    if (status === 500) this.faults.push('an answer with status 500');
  }
}

function wrongsOf(seen: readonly Seen[]): string[] {
  const wrongs = seen.flatMap(({ faults, calls }) => (calls === 0 ? [...faults, 'a pair made no call'] : faults));
  const { p95Ms, worstMs } = figuresOf(seen);
  if (p95Ms > DELAY_MS.usual) wrongs.push(`one in twenty things a pair said took more than ${Math.round(p95Ms)} ms`);
  if (worstMs > DELAY_MS.longest) wrongs.push(`something a pair said took ${Math.round(worstMs)} ms`);
  return wrongs;
}

function figuresOf(seen: readonly Seen[]): WireOutcome['bystanders'] {
  const delays = seen.flatMap(({ delaysMs }) => delaysMs).sort((a, b) => a - b);
  const at = (share: number) => delays[Math.floor((delays.length - 1) * share)] ?? Number.NaN;
  const calls = seen.reduce((sum, each) => sum + each.calls, 0);
  return { calls, medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
}
