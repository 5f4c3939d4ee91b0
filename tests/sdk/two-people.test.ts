/** Two people with the SDK at the real service, whatever the network does: see `play`. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Plan, play } from './play.ts';

const HARD = { steps: 400, faults: 0.04 };
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

/** @returns how many calls connected on the way */
async function mustAgree(plan: Plan): Promise<number> {
  const { faults, trace, connected } = await play(plan);
  expect(faults, `seed ${plan.seed}\n${trace.join('\n')}`).toEqual([]);
  return connected;
}

describe('two SDKs at the real service agree in the end, with one end for each call', () => {
  test.each(FOUND)('%s', async (_, plan) => {
    await mustAgree(plan);
  });

  test.each<[name: string, devices: string[], plain: string[]]>([
    ['[DS-1] [HE-2] both extended', ['1', '2'], []],
    ['[DS-3] one with the contract alone', ['1', '2'], ['2']],
    ['[DS-3] both with the contract alone', ['1', '2'], ['1', '2']],
    ['[GL-2] [AN-1] one with two devices', ['1a', '1b', '2'], []],
  ])(`%s, ${RUNS} runs from seed ${SEED}`, { timeout: 300_000 }, async (_, devices, plain) => {
    let connected = 0;
    for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
      connected += await mustAgree({ seed, devices, plain, ...HARD });
    }
    expect(connected, 'calls that connected in spite of it all').toBeGreaterThan(RUNS / 4);
  });
});
