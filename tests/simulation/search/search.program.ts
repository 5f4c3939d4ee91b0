/**
 * `npm run search`: every order of events in a small world, breadth first, and a witness at every step. Ends with 0 when
 * nothing is broken, 1 when something is, 2 when it is asked for something it does not know.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { SETUPS, type SetupName, setupOf } from './people.ts';
import type { Findings } from './search.ts';
import { tell } from './story.ts';
import { Crew } from './threads.ts';

const HELP = `npm run search -- [options]

  --seconds N    how long to search in all, shared among the setups (60)
  --depth N      how many steps a way may have (no limit)
  --states N     how many distinct states may be found in each setup (4000000)
  --setup NAME   ${Object.keys(SETUPS).join(', ')}; may be given several times (all)
  --threads N    how many threads search (one a core)
  --replay WAY   tell the story of a way that a search printed, and search nothing
  --help         this text`;

const SETUP_NAMES = Object.keys(SETUPS) as SetupName[];

interface Wishes {
  readonly seconds: number;
  readonly depth: number;
  readonly states: number;
  readonly threads: number;
  readonly setups: readonly SetupName[];
  readonly replay?: { readonly setup: SetupName; readonly way: readonly number[]; readonly close: boolean };
}

/** @throws Error what is not understood */
function wishesOf(args: string[]): Wishes | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string' },
      depth: { type: 'string' },
      states: { type: 'string' },
      threads: { type: 'string' },
      setup: { type: 'string', multiple: true },
      replay: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  return {
    seconds: numberOf('seconds', values.seconds, 60),
    depth: numberOf('depth', values.depth, Number.POSITIVE_INFINITY),
    states: numberOf('states', values.states, 4_000_000),
    threads: numberOf('threads', values.threads, availableParallelism()),
    setups: values.setup?.map(nameOfSetup) ?? SETUP_NAMES,
    ...(values.replay !== undefined && { replay: wayOf(values.replay) }),
  };
}

function numberOf(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${option} needs a whole number from 1 on, not "${text}"`);
  return number;
}

function nameOfSetup(text: string): SetupName {
  const name = SETUP_NAMES.find((known) => known === text);
  if (!name) throw new Error(`there is no setup "${text}"; there are ${SETUP_NAMES.join(', ')}`);
  return name;
}

/** A way as it is printed: the setup, the numbers of its actions, and `end` when the world is played to its end then. */
function wayOf(text: string): NonNullable<Wishes['replay']> {
  const [setup = '', numbers = '', end] = text.split(':');
  if (!/^\d+(\.\d+)*$/.test(numbers) || (end !== undefined && end !== 'end')) throw new Error(`"${text}" is not a way`);
  return { setup: nameOfSetup(setup), way: numbers.split('.').map(Number), close: end === 'end' };
}

function reportOf(
  setup: SetupName,
  { states, transitions, tried, closed, completedDepth, byDepth }: Findings,
  ms: number,
): string {
  const each = byDepth.map((count, depth) => `${depth}: ${count}`).join(', ');
  return [
    `${setup}: ${states} distinct states, ${transitions} transitions (${tried} things tried), ${(ms / 1000).toFixed(1)} s`,
    `  every state less than ${completedDepth} steps away was expanded; states by depth ${each}`,
    `  the world was played to its end from ${closed} of them`,
  ].join('\n');
}

/** @returns whether something is broken */
async function replay({ setup, way, close }: NonNullable<Wishes['replay']>): Promise<boolean> {
  const { lines, failure } = await tell(setupOf(setup), way, close);
  console.log(lines.join('\n'));
  console.log(
    failure === undefined ? 'Nothing is broken.' : `BROKEN ${failure instanceof Error ? failure.message : failure}`,
  );
  return failure !== undefined;
}

async function main({ seconds, setups, depth, states, threads, replay: asked }: Wishes): Promise<boolean> {
  if (asked) return replay(asked);
  const crew = new Crew(threads);
  try {
    return await searchAll(crew, setups, { depth, states, seconds });
  } finally {
    await crew.dismiss();
  }
}

/** @returns whether something is broken */
async function searchAll(
  crew: Crew,
  setups: readonly SetupName[],
  { depth, states, seconds }: Pick<Wishes, 'depth' | 'states' | 'seconds'>,
): Promise<boolean> {
  const totals = { states: 0, transitions: 0 };
  const startedAt = performance.now();
  for (const [n, setup] of setups.entries()) {
    const began = performance.now();
    const leftMs = seconds * 1000 - (began - startedAt);
    const deadline = began + leftMs / (setups.length - n);
    const findings = await crew.search(setup, { depth, states, deadline });
    console.log(reportOf(setup, findings, performance.now() - began));
    totals.states += findings.states;
    totals.transitions += findings.transitions;
    if (!findings.broken) continue;
    const { way, message, atClosing } = findings.broken;
    console.log(`\nBROKEN ${message}\n`);
    console.log((await tell(setupOf(setup), way, atClosing)).lines.join('\n'));
    console.log(`\nAgain: npm run search -- --replay ${setup}:${way.join('.')}${atClosing ? ':end' : ''}`);
    return true;
  }
  console.log(`in all ${totals.states} distinct states, ${totals.transitions} transitions, nothing broken`);
  return false;
}

let wishes: Wishes | 'help';
try {
  wishes = wishesOf(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\nSee npm run search -- --help`);
  process.exit(2);
}
if (wishes === 'help') console.log(HELP);
else process.exitCode = (await main(wishes)) ? 1 : 0;
