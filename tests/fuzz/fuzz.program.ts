/** `npm run fuzz`: see `options.ts` for what it may be told. Several targets run one after the other, each in a process of its own. */
import { spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Outcome } from './engine/run.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { READING_TARGETS, WIRE } from './targets.ts';
import type { WireOutcome } from './wire/wire.ts';

const OUTPUT = join(import.meta.dirname, 'output');
/** So much of a failing input is shown; all of it is in the file. */
const SHOWN_CHARS = 2_000;

const asked = readOptions(process.argv.slice(2));
if ('help' in asked) {
  console.log(USAGE);
  process.exit(0);
}
if ('wrong' in asked) {
  console.error(`npm run fuzz: ${asked.wrong}; see npm run fuzz -- --help`);
  process.exit(2);
}
// What was started here ends with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exit(await main(asked.run));

async function main(options: Options): Promise<number> {
  const seed = options.seed ?? randomInt(2 ** 31);
  const [target = '', ...others] = options.targets;
  if (others.length > 0) return allOf(options, seed);
  return target === WIRE ? wire(options, seed) : reading(target, options, seed);
}

/** Each in a process of its own: what one has compiled and cached is not the next one's. */
async function allOf({ targets, extent, keep }: Options, seed: number): Promise<number> {
  let worst = 0;
  for (const target of targets) {
    const [[how, many] = ['seconds', 0]] = Object.entries(extent);
    const args = ['--target', target, `--${how}`, String(many), '--seed', String(seed), ...(keep ? ['--keep'] : [])];
    const child = spawn(process.execPath, [...process.execArgv, import.meta.filename, ...args], { stdio: 'inherit' });
    const leave = () => child.kill();
    process.once('exit', leave);
    const [code] = (await once(child, 'exit')) as [number | null];
    process.off('exit', leave);
    worst = Math.max(worst, code ?? 1);
  }
  return worst;
}

async function reading(name: string, { extent, keep, input }: Options, seed: number): Promise<number> {
  const { runTarget } = await import('./engine/run.ts');
  const { writeCorpus } = await import('./engine/corpus.ts');
  const load = READING_TARGETS[name];
  if (!load) throw new Error(`no target ${name}`);
  const only = input === undefined ? undefined : (JSON.parse(readFileSync(input, 'utf8')) as string);
  const { Watchdog } = await import('./engine/watchdog.ts');
  const again = `npm run fuzz -- --target ${name}`;
  const watchdog = new Watchdog({ file: join(OUTPUT, `${name}-for-ever.json`), again });
  const { outcome, kept } = await runTarget(name, load, {
    seed,
    extent,
    watchdog,
    ...(only !== undefined && { only }),
  });
  await watchdog.close();
  if (keep && !outcome.failure) writeCorpus(name, kept);
  console.log(summary(outcome));
  if (!outcome.failure) return 0;
  const { message, stack } = outcome.failure;
  const text = JSON.stringify(outcome.failure.input);
  mkdirSync(OUTPUT, { recursive: true });
  const file = join(OUTPUT, `${name}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`);
  writeFileSync(file, `${text}\n`);
  console.error(`\n${name}: ${stack ?? message}\n`);
  console.error(`input: ${text.slice(0, SHOWN_CHARS)}${text.length > SHOWN_CHARS ? '…' : ''}`);
  console.error(`again: ${again} --input ${relative(process.cwd(), file)}`);
  console.error(`or the whole run: ${again} --seed ${seed} ${extentOption(extent)}\n`);
  return 1;
}

async function wire({ extent }: Options, seed: number): Promise<number> {
  const { runWire } = await import('./wire/wire.ts');
  const outcome = await runWire(seed, extent);
  console.log(wireSummary(outcome));
  if (outcome.failures.length === 0) return 0;
  for (const failure of new Set(outcome.failures)) console.error(`${WIRE}: ${failure}`);
  console.error(`again: npm run fuzz -- --target ${WIRE} --seed ${seed} ${extentOption(extent)}\n`);
  return 1;
}

function summary({ target, seed, executions, seconds, pool, answers, covered, slowestMs, failure }: Outcome): string {
  return [
    `${target}: ${executions.toLocaleString('en')} texts in ${seconds.toFixed(1)} s`,
    `${answers} different answers`,
    `${pool} inputs that were new`,
    ...(covered === undefined ? [] : [`${Math.round(covered * 100)} % of its code`]),
    ...(slowestMs > 0 ? [`the slowest took ${slowestMs.toFixed(1)} ms`] : []),
    `seed ${seed}`,
    failure ? 'SOMETHING FOUND' : 'nothing found',
  ].join(', ');
}

function wireSummary(outcome: WireOutcome): string {
  const { seed, executions, connections, seconds, busiestMs, delayedMs, grewBytes, bystanders, failures } = outcome;
  const { calls, medianMs, p95Ms, worstMs } = bystanders;
  return [
    `${WIRE}: ${executions.toLocaleString('en')} frames and requests on ${connections.toLocaleString('en')} connections in ${seconds.toFixed(1)} s`,
    `busy for ${busiestMs.toFixed(1)} ms at most, delayed by ${delayedMs.toFixed(1)} ms`,
    `${(grewBytes / 2 ** 20).toFixed(1)} MiB more held afterwards`,
    `${calls} calls of bystanders, each step in ${medianMs.toFixed(1)} ms (median), ${p95Ms.toFixed(1)} ms (95 %), ${worstMs.toFixed(1)} ms (worst)`,
    `seed ${seed}`,
    failures.length > 0 ? 'SOMETHING FOUND' : 'nothing found',
  ].join(', ');
}

function extentOption(extent: Options['extent']): string {
  return 'seconds' in extent ? `--seconds ${extent.seconds}` : `--executions ${extent.executions}`;
}
