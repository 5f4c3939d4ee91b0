/** A client that stops reading costs the service little, for a short time, and nobody else anything (T40). */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startInSmallNetwork, whyNoSmallNetwork } from './small-network.ts';
import type { StalledReader } from './stalled-reader.program.ts';

const MIB = 2 ** 20;
/** 10 s of standing still, seen within a second, and 2 s for a goodbye; and what a busy machine adds, ms. */
const GIVEN_UP_WITHIN_MS = 15_000;
const why = whyNoSmallNetwork();
if (why !== undefined) console.error(`skipped: a client that stops reading needs a network of its own; ${why}`);

/** Runs the program and reads what it saw. */
async function watch(offers: number, way: 'reads-on' | 'never-reads'): Promise<StalledReader> {
  const child = startInSmallNetwork('tests/recovery/stalled-reader.program.ts', String(offers), way);
  try {
    let said = '';
    let complained = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      complained += chunk.toString('utf8');
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the program ended with ${code}: ${complained}`);
    return JSON.parse(said) as StalledReader;
  } finally {
    child.kill('SIGKILL');
  }
}

describe.skipIf(why !== undefined)('a client that stops reading', () => {
  /** What holds whatever it does: its share of memory is small and for a time, and nobody else notices. */
  function expectLittleHarm(seen: StalledReader): void {
    const { floodBytes, heldBytes, leftBytes, bystanderMs, resumed, callsLeft } = seen;
    // The mailbox holds 256 KiB and its socket 64 KiB and a frame; the rest is what two collections differ by.
    expect(floodBytes).toBeGreaterThan(18 * MIB);
    expect(heldBytes).toBeLessThan(9 * MIB);
    expect(leftBytes).toBeLessThan(4 * MIB);
    expect(bystanderMs.p95).toBeLessThan(250);
    expect({ resumed, callsLeft }).toEqual({ resumed: false, callsLeft: 1 });
  }

  test('[T40] and reads on after more than its mailbox holds was sent is told 4108, and finds its call when it comes back', async () => {
    const seen = await watch(400, 'reads-on');
    expect(seen.closeCode).toBe(4108);
    expectLittleHarm(seen);
  }, 60_000);

  test('[T40] for good, while more than its mailbox holds is sent, is given up', async () => {
    const seen = await watch(400, 'never-reads');
    expect(seen.endedAfterMs).toBeLessThan(GIVEN_UP_WITHIN_MS);
    expectLittleHarm(seen);
  }, 60_000);

  test('[T40] for good is given up after 10 s even if its mailbox holds what is sent, and misses nothing when it comes back', async () => {
    const seen = await watch(4, 'never-reads');
    expect(seen.endedAfterMs).toBeGreaterThan(9_500);
    expect(seen.endedAfterMs).toBeLessThan(GIVEN_UP_WITHIN_MS);
    expect(seen.bystanderMs.p95).toBeLessThan(250);
    expect(seen.resumed).toBe(true);
  }, 60_000);
});
