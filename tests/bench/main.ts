/** `npm run bench`: what the service costs, beside programs that do part of it, measured in one run. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, platform, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { calls } from './measure/calls.ts';
import type { Figures, Measurement } from './measure/measurement.ts';
import { memory } from './measure/memory.ts';
import { relay } from './measure/relay.ts';
import { resume } from './measure/resume.ts';
import { start } from './measure/start.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { type Measured, page, type Run, tables } from './report.ts';
import { installRivals } from './rivals.ts';
import { RAISED_LIMITS } from './subjects/server-process.ts';
import { BARE_RELAY, BENCH, RIVALS, ROOT, type Subject, service } from './subjects/subject.ts';

const MEASUREMENTS: readonly Measurement[] = [relay, calls, memory, resume, start];
const RESULTS = join(BENCH, 'results.jsonl');
const PAGE = join(BENCH, 'results.md');

const options = ((): Options => {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${(error as Error).message.split('\n')[0]}; see npm run bench -- --help`);
    process.exit(2);
  }
})();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
// An exit by process.exit runs what ends and removes all that was started; a signal alone would not.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  const run = await measureAll(options);
  console.log(`\n${tables(run, MEASUREMENTS)}`);
  if (options.write !== undefined) keep(run);
} catch (error) {
  console.error(`bench: ${(error as Error).stack}`);
  process.exit(1);
}
process.exit(0);

async function measureAll({ quick, rounds, only, against, profile, write }: Options): Promise<Run> {
  const subjects: Subject[] = [service('Ringdown', ROOT, profile && resolve(profile))];
  if (against !== undefined) subjects.push(service(`Ringdown at ${commitOf(resolve(against))}`, resolve(against)));
  if (!quick && profile === undefined) {
    installRivals();
    subjects.push(BARE_RELAY, ...RIVALS);
  }
  const wanted = MEASUREMENTS.filter(({ name }) => only.length === 0 || only.includes(name));
  const measured: Measured[] = [];
  for (const measurement of wanted) {
    const taking = subjects.filter(({ dialect }) => measurement.comparable || dialect === 'ringdown');
    const collected = new Map<string, Figures[]>(taking.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const subject of taking) {
        const figures = await measurement.measure(subject, quick ? 'quick' : 'full');
        collected.get(subject.name)?.push(figures);
        console.error(`${measurement.name} ${round}/${rounds} ${subject.name}: ${line(figures, measurement.decimals)}`);
      }
    }
    // So that the report says of everybody what he has not.
    for (const { name } of subjects) if (!collected.has(name)) collected.set(name, []);
    measured.push({ name: measurement.name, rounds: Object.fromEntries(collected) });
  }
  return {
    label: write ?? '',
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(ROOT),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.versions.node,
    rounds,
    measured,
  };
}

function line(figures: Figures, decimals: number): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toFixed(decimals)}`)
    .join(' · ');
}

function commitOf(folder: string): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--', 'packages', 'package-lock.json') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' and changes' : ''}`;
  } catch {
    return 'unknown';
  }
}

function keep(run: Run): void {
  const kept = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8').trim().split('\n') : [];
  const all = [...kept.map((line) => JSON.parse(line) as Run).filter(({ label }) => label !== run.label), run];
  writeFileSync(RESULTS, all.map((each) => `${JSON.stringify(each)}\n`).join(''));
  writeFileSync(PAGE, page(all, MEASUREMENTS, RAISED_LIMITS));
}
