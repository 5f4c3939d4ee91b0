/** Attacks with one right outcome each, one after the other on one service, beside people who make calls. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Person } from '../recovery/person.ts';
import {
  type Attack,
  FRAME_ATTACKS,
  MANNER_ATTACKS,
  type Prey,
  REQUEST_ATTACKS,
  SLOW_ATTACKS,
} from './wire/attacks.ts';
import { Bystanders } from './wire/bystanders.ts';
import { Victim } from './wire/victim.ts';
import { BUSY_MS } from './wire/wire.ts';

let victim: Victim;
let prey: Prey;
let bystanders: Bystanders;
beforeAll(async () => {
  victim = await Victim.begin();
  prey = { port: victim.port, token: (await Person.signUp(victim.place, 'mallory')).token };
  bystanders = await Bystanders.begin(victim.place, 'bystander', false);
  await victim.health();
});
afterAll(() => victim.end());

const rows = (attacks: readonly Attack[]) => attacks.map((attack) => [attack.name, attack] as const);

// They take their time, so they begin first and are looked at last.
const slow = new Map<string, Promise<{ ending: unknown; afterMs: number }>>();
beforeAll(() => {
  for (const { name, run } of SLOW_ATTACKS) {
    const began = performance.now();
    const seen = run(prey).then((ending) => ({ ending, afterMs: performance.now() - began }));
    seen.catch(() => {});
    slow.set(name, seen);
  }
});

describe('on a socket', () => {
  test.each(rows(FRAME_ATTACKS))('[T34] [T35] [T36] [T37] %s', async (_, { run, expected }) => {
    expect(await run(prey)).toEqual(expected);
  });
});

describe('instead of a socket', () => {
  test.each(rows(REQUEST_ATTACKS))('[T16] [T44] [T47] %s', async (_, { run, expected }) => {
    expect(await run(prey)).toEqual(expected);
  });
});

describe('in its manners', () => {
  test.each(rows(MANNER_ATTACKS))('%s', async (_, { run, expected }) => {
    expect(await run(prey)).toEqual(expected);
  });
});

describe('by taking its time', () => {
  test.each(SLOW_ATTACKS.map((attack) => [attack.name, attack] as const))(
    '[T43] [T44] %s',
    async (name, { expected, withinMs }) => {
      const { ending, afterMs } = (await slow.get(name)) ?? {};
      expect(ending).toEqual(expected);
      expect(afterMs).toBeLessThan(withinMs);
    },
    30_000,
  );
});

describe('after all of it', () => {
  test('[T45] the service has had no fault, and nothing has kept it busy for long', async () => {
    const { faults, busiestMs } = await victim.health();
    expect(faults).toEqual([]);
    expect(busiestMs).toBeLessThan(BUSY_MS);
  });

  test('[T41] people who made calls meanwhile have lost nothing and waited for nothing', async () => {
    const { faults, calls, delaysMs } = await bystanders.end();
    expect(faults).toEqual([]);
    expect(calls).toBeGreaterThan(10);
    expect(delaysMs.at(Math.floor(delaysMs.length * 0.95))).toBeLessThan(250);
  });

  test('[I10] nothing is left of it when everybody is gone', async () => {
    const { sizes } = await victim.health(true);
    expect(Object.entries(sizes).filter(([, size]) => size > 0)).toEqual([]);
  });
});
