/**
 * `npm run simulate`: plays seeded histories of many people, devices and nodes, and judges every step. A failure prints
 * its seed, is made as short as it can be, and is played again by one command.
 */
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CELLS, missing } from './coverage.ts';
import { FAULTS } from './faults.ts';
import { run } from './run.ts';
import { kindOf, playOnce, shrink, stepsOf, stepsText } from './shrink.ts';

const USAGE = `usage: npm run simulate -- [--histories N] [--seed S] [--threads K] [--json FILE]
       npm run simulate -- --replay SEED[:STEPS]

  --histories N   how many, 20000 by default
  --seed S        the first seed; by default another one each time
  --threads K     by default as many as there are cores
  --json FILE     also write the counts there
  --replay        tell one history step by step; STEPS as a failure printed them, such as 0-3,7`;
/** The size of the standard run, for which the coverage is asked. */
const STANDARD = 20_000;

function refuse(problem: string): never {
  console.error(`${problem}\n${USAGE}`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      options: {
        histories: { type: 'string', default: String(STANDARD) },
        seed: { type: 'string' },
        threads: { type: 'string', default: String(availableParallelism()) },
        json: { type: 'string' },
        replay: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) refuse(`--${name} must be a whole number up to ${most}`);
  return value;
}

async function replay(text: string): Promise<number> {
  const [seedText = '', steps] = text.split(':');
  const seed = whole('replay', seedText, 2 ** 32 - 1);
  let keep: number[] | undefined;
  try {
    keep = steps === undefined ? undefined : stepsOf(steps);
  } catch (error) {
    refuse(`--replay: ${error instanceof Error ? error.message : String(error)}`);
  }
  const error = await playOnce(seed, keep, (line) => console.log(line));
  console.log(error ? `\n${error.stack}` : '\nnothing went wrong');
  return error ? 1 : 0;
}

async function explain(seed: number): Promise<void> {
  const error = await playOnce(seed);
  if (!error)
    return console.log(`seed ${seed} went wrong once and not again: the history is not decided by its seed alone`);
  console.log(`\nseed ${seed}: ${error.message}`);
  const steps = await shrink(seed, error);
  console.log(`made shorter: ${steps.length} steps are enough for ${kindOf(error)}\n`);
  await playOnce(seed, steps, (line) => console.log(line));
  console.log(`\nagain: npm run simulate -- --replay ${seed}:${stepsText(steps)}`);
}

async function main(): Promise<number> {
  const given = options();
  if (given.help) {
    console.log(USAGE);
    return 0;
  }
  if (given.replay !== undefined) return replay(given.replay);
  const histories = whole('histories', given.histories, 1e9);
  const threads = Math.max(1, whole('threads', given.threads, 256));
  const seed = given.seed === undefined ? randomInt(2 ** 32 - 1) : whole('seed', given.seed, 2 ** 32 - 1);
  console.log(`${histories} histories from seed ${seed} on ${threads} threads`);
  let said = performance.now();
  const report = await run(seed, histories, threads, (played) => {
    if (performance.now() - said < 10_000) return;
    said = performance.now();
    console.log(`  ${played} played`);
  });
  const { played, seconds, medianEvents, tally, failed } = report;
  const { cells, faults } = tally.counts;
  const least = Math.min(...CELLS.map((cell) => cells[cell] ?? 0));
  console.log(`${played} played in ${seconds.toFixed(1)} s, ${medianEvents} events in the median one`);
  console.log(`${CELLS.length} cells of role × phase × event, the rarest reached ${least} times`);
  console.log(FAULTS.map((fault) => `${fault} ${faults[fault] ?? 0}`).join(' · '));
  if (given.json !== undefined)
    writeFileSync(given.json, JSON.stringify({ seed, played, seconds, medianEvents, cells, faults, failed }));
  if (failed !== undefined) {
    await explain(failed);
    return 1;
  }
  const lacking = missing(tally.counts, Math.min(1, histories / STANDARD));
  // A handful of histories cannot be asked to have seen everything.
  if (histories < STANDARD / 4 || lacking.length === 0) return 0;
  console.log(`not reached often enough:\n  ${lacking.join('\n  ')}`);
  return 1;
}

process.exitCode = await main();
