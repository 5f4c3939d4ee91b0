/**
 * `npm run planted-faults`: plants known faults in a copy of the sources and asks who sees them. Ends with 0 when every
 * one is seen, 1 when one is seen by nobody, 2 when it is asked for something it does not know.
 */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Dice } from '../dice.ts';
import { endDetectors } from './detectors.ts';
import type { DoorFault, Fault } from './fault.ts';
import { FAULTS, OUTER_FAULTS } from './faults.ts';
import type { Quarry } from './hunt.program.ts';
import { record, rowsOnPage, writePart } from './page.ts';
import { recordFailed, rulesText, seenByTests, surveyRules } from './rules.ts';
import { type Asking, closeWorkshops, isSeen, survey, type Verdict } from './survey.ts';

const HELP = `npm run planted-faults -- [options]

  --random N      only N faults, by chance, each until the first detector sees it
  --only ID       only this fault; may be given several times
  --missing       only faults of which nothing is written down yet
  --histories N   how many histories are played for a fault at most (3000)
  --seed S        the first seed, and that of the chance (another one each time)
  --workers K     how many faults are planted at the same time (one a core)
  --write         write the table into docs/proof.md and keep the histories in tests/simulation/seeds.json
  --rules         ask the tests instead: which fail, and of which rules; --write brings the list of rules up to date
  --help          this text`;
const MOST_SEEDS = 2 ** 32 - 1;

interface Wishes {
  readonly random: number | undefined;
  /** The faults to plant; all of them when it is undefined. */
  readonly only: readonly string[] | undefined;
  readonly histories: number;
  readonly seed: number;
  readonly workers: number;
  readonly write: boolean;
  readonly rules: boolean;
}

/** @throws Error what is not understood */
function wishesOf(args: string[]): Wishes | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      random: { type: 'string' },
      only: { type: 'string', multiple: true },
      missing: { type: 'boolean' },
      histories: { type: 'string' },
      seed: { type: 'string' },
      workers: { type: 'string' },
      write: { type: 'boolean' },
      rules: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const { missing = false, write = false, rules = false } = values;
  if (missing && values.only) throw new Error('--missing does not go with --only');
  const known = new Set([...FAULTS, ...(rules ? OUTER_FAULTS : [])].map(({ id }) => id));
  const done = missing ? (rules ? seenByTests() : rowsOnPage()) : new Map();
  const only = missing ? [...known].filter((id) => !done.has(id)) : values.only;
  for (const id of only ?? []) if (!known.has(id)) throw new Error(`there is no fault "${id}"`);
  if (values.random !== undefined && (write || rules || only))
    throw new Error('--random goes with none of --only, --write and --rules');
  return {
    random: values.random === undefined ? undefined : numberOf('random', values.random, FAULTS.length),
    only,
    histories: numberOf('histories', values.histories ?? '3000', 1e6),
    seed: values.seed === undefined ? randomInt(MOST_SEEDS) : numberOf('seed', values.seed, MOST_SEEDS),
    workers: numberOf('workers', values.workers ?? String(availableParallelism()), 64),
    write,
    rules,
  };
}

function numberOf(option: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > most)
    throw new Error(`--${option} needs a whole number from 1 to ${most}, not "${text}"`);
  return number;
}

/** Some faults, by chance. */
function drawn(count: number, seed: number): Fault[] {
  const dice = new Dice(seed);
  const left = [...FAULTS];
  return Array.from({ length: count }, () => left.splice(dice.under(left.length), 1)[0] as Fault);
}

function told({ fault, simulation, search, table }: Verdict): void {
  const say = (name: string, quarry: Quarry | undefined, unit: string) => {
    if (!quarry) return [];
    return [
      quarry.seen
        ? `${name}: ${quarry.broken} (${quarry.after} ${unit})`
        : `${name}: nothing (${quarry.after} ${unit})`,
    ];
  };
  console.log(
    `${fault.id}  ${[
      ...say('simulation', simulation, 'histories'),
      ...say('search', search, 'states'),
      ...say('table', table, 'tests'),
    ].join('  ')}`,
  );
}

async function askDetectors(faults: readonly Fault[], asking: Asking, { workers, write }: Wishes): Promise<boolean> {
  const verdicts = await survey(faults, asking, workers, (verdict) => {
    told(verdict);
    // At once, so that whoever is interrupted goes on from there with --missing.
    if (write) record(verdict);
  });
  const missed = verdicts.filter((verdict) => !isSeen(verdict));
  for (const { fault } of missed) console.log(`\nNOBODY SEES ${fault.id}: ${fault.what}\n  ${fault.file}`);
  console.log(`${verdicts.length - missed.length} of ${verdicts.length} planted faults are seen`);
  return missed.length === 0;
}

async function askTests(faults: readonly (Fault | DoorFault)[], { workers, write }: Wishes): Promise<boolean> {
  const results = await surveyRules(faults, workers, (failed) => {
    const { fault, rules, tests } = failed;
    console.log(`${fault.id}  ${tests} tests fail: ${rules.join(' ') || 'none with a rule in the name'}`);
    if (!write) return;
    recordFailed(failed);
    writePart('rules whose tests see no planted fault', rulesText());
  });
  const missed = results.filter(({ fault, tests }) => 'tests' in fault && tests === 0);
  for (const { fault } of missed) console.log(`\nNO TEST SEES ${fault.id}: ${fault.what}\n  ${fault.file}`);
  return missed.length === 0;
}

/** @returns whether every fault was seen */
function main(wishes: Wishes): Promise<boolean> {
  const { random, only, histories, seed, rules } = wishes;
  const chosen = <F extends Fault>(faults: readonly F[]) => faults.filter(({ id }) => !only || only.includes(id));
  if (rules) return askTests(chosen<Fault | DoorFault>([...FAULTS, ...OUTER_FAULTS]), wishes);
  const faults = random === undefined ? chosen(FAULTS) : drawn(random, seed);
  console.log(`${faults.length} faults, histories from seed ${seed}`);
  return askDetectors(faults, { seed, histories, untilSeen: random !== undefined }, wishes);
}

function leave(): void {
  endDetectors();
  closeWorkshops();
}

let wishes: Wishes | 'help';
try {
  wishes = wishesOf(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\nSee npm run planted-faults -- --help`);
  process.exit(2);
}
if (wishes === 'help') {
  console.log(HELP);
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    leave();
    process.exit(130);
  });
}
try {
  process.exitCode = (await main(wishes)) ? 0 : 1;
} finally {
  leave();
}
