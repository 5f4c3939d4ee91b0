/** The service is killed in the middle of everything, hundreds of times, and what it had promised is counted. */
import { expect, test } from 'vitest';
import { Lane } from './lane.ts';

/** How often it is killed at least. `RINGDOWN_KILLS` asks for another number. */
const KILLS = Number(process.env['RINGDOWN_KILLS'] ?? 200);
/** What chance begins with. `RINGDOWN_SEED` repeats the choices of an earlier run. */
const SEED = Number(process.env['RINGDOWN_SEED'] ?? Math.floor(Math.random() * 1e9));
/** Services that are killed side by side. */
const LANES = 2;

test('[DS-2] [HE-2] [HU-2] [HI-1] [F18] after a kill at any moment every promise holds: calls, answers and ends once each, and one record a call', async () => {
  const lanes: Lane[] = [];
  try {
    for (let n = 0; n < LANES; n += 1) lanes.push(await Lane.open(SEED + n * 104_729));
    let failed = false;
    await Promise.all(
      lanes.map(async (lane) => {
        try {
          for (let round = 1; lane.tally.kills < KILLS / LANES && !failed; round += 1) await lane.round(round);
        } catch (error) {
          failed = true;
          throw error;
        }
      }),
    );
    for (const lane of lanes) expect(await lane.wholeHistory()).toEqual([]);
    const tallies = lanes.map(({ tally }) => tally);
    const sum = (pick: (tally: (typeof tallies)[number]) => number) => tallies.reduce((n, tally) => n + pick(tally), 0);
    const restartsMs = tallies.flatMap((tally) => tally.restartsMs).sort((a, b) => a - b);
    console.log(
      `killed ${sum((t) => t.kills)} times (seed ${SEED}): ${sum((t) => t.calls)} calls, ${sum((t) => t.answers)} answers, ` +
        `${sum((t) => t.promises)} acknowledged frames, ${sum((t) => t.inFlight)} in flight, ${sum((t) => t.records)} records; resumed ${sum((t) => t.resumed)} ` +
        `of ${sum((t) => t.resumed + t.notResumed)} sessions; ${sum((t) => t.candidatesLost)} candidates not yet written down; ` +
        `restart ${Math.round(restartsMs[Math.floor(restartsMs.length / 2)] ?? 0)} ms (median)`,
    );
    expect(sum((t) => t.kills)).toBeGreaterThanOrEqual(KILLS);
    expect(sum((t) => t.calls)).toBeGreaterThan(KILLS);
    expect(sum((t) => t.resumed)).toBeGreaterThan(KILLS);
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}, 400_000);
