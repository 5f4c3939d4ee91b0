/** Two people with the SDK at the real service, whatever the network does: see `play`. */
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Plan, play } from './play.ts';

/** Seeds that once found something, by what they found. */
const FOUND: [name: string, plan: Plan][] = [];

const SEED = Number(process.env['SDK_SEED'] ?? 1);
const RUNS = Number(process.env['SDK_RUNS'] ?? 25);

afterAll(() => console.log(tally));
beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: 1_800_000_000_000,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const tally = { connected: 0, ends: new Map<string, number>() };

async function mustAgree(plan: Plan): Promise<void> {
  const { faults, trace, connected, ends } = await play(plan);
  tally.connected += connected;
  for (const end of ends) tally.ends.set(end, (tally.ends.get(end) ?? 0) + 1);
  expect(faults, `seed ${plan.seed}\n${trace.join('\n')}`).toEqual([]);
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
    for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
      await mustAgree({ seed, devices, plain, steps: 400, faults: 0.04 });
    }
  });
});
