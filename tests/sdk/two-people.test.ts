/** Two people with the SDK at the real service, whatever the network does: see `play`. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Plan, play } from './play.ts';

const HARD = { steps: 400, faults: 0.04 };
/** Long enough for a call, a reload and the way back. */
const LONG = { steps: 800, faults: 0.01 };
/** Seeds that once found something, by what they found. */
const FOUND: [name: string, plan: Plan][] = [
  [
    'a hello that reached the service too late was taken for a refusal for good',
    { seed: 15, devices: ['1', '2'], plain: [], ...HARD },
  ],
  [
    'a plain side believed in a dead socket, since the service had not answered a ping on this one yet',
    { seed: 4, devices: ['1', '2'], plain: ['2'], ...HARD },
  ],
  [
    'a hello of an attempt that was left took the place of the next one, which then stayed away for good',
    { seed: 1020, devices: ['1', '2'], plain: [], ...HARD },
  ],
];

const SEED = Number(process.env['SDK_SEED'] ?? 1);
const RUNS = Number(process.env['SDK_RUNS'] ?? 20);

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: 1_800_000_000_000,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** @returns how many calls connected on the way, and how many were gone on with after a reload */
async function mustAgree(plan: Plan): Promise<{ connected: number; returned: number }> {
  const { faults, trace, connected, returned } = await play(plan);
  expect(faults, `seed ${plan.seed}\n${trace.join('\n')}`).toEqual([]);
  return { connected, returned };
}

describe('two SDKs at the real service agree in the end, with one end for each call', () => {
  test.each(FOUND)('%s', async (_, plan) => {
    await mustAgree(plan);
  });

  test.each<[name: string, devices: string[], plain: string[], reloads: number]>([
    ['[DS-1] [HE-2] both extended', ['1', '2'], [], 0],
    ['[DS-3] one with the contract alone', ['1', '2'], ['2'], 0],
    ['[DS-3] both with the contract alone', ['1', '2'], ['1', '2'], 0],
    ['[GL-2] [AN-1] one with two devices', ['1a', '1b', '2'], [], 0],
    ['[GL-2] pages that are reloaded', ['1', '2'], [], 0.4],
    ['[GL-2] pages that are reloaded, one with two devices', ['1a', '1b', '2'], [], 0.4],
    ['[GL-2] pages that are reloaded, one with the contract alone', ['1', '2'], ['2'], 0.4],
  ])(`%s, ${RUNS} runs from seed ${SEED}`, { timeout: 300_000 }, async (_, devices, plain, reloads) => {
    let connections = 0;
    let returns = 0;
    for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
      const { connected, returned } = await mustAgree({
        seed,
        devices,
        plain,
        reloads,
        ...(reloads > 0 ? LONG : HARD),
      });
      connections += connected;
      returns += returned;
    }
    expect(connections, 'calls that connected in spite of it all').toBeGreaterThan(RUNS / 4);
    if (reloads > 0 && plain.length === 0) expect(returns, 'calls gone on with').toBeGreaterThan(RUNS / 8);
  });
});
