/** The part of docs/proof.md that is made of what the detectors saw, and the histories that are kept. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepsOf, stepsText } from '../shrink.ts';
import { readByFault, writeByFault } from './by-fault.ts';
import type { Fault } from './fault.ts';
import { FAULTS, INNER_FAULTS } from './faults.ts';
import type { Quarry } from './hunt.program.ts';
import type { Verdict } from './survey.ts';
import { ROOT } from './workshop.ts';

const PAGE = join(ROOT, 'docs', 'proof.md');
const SEEDS = join(ROOT, 'tests', 'simulation', 'seeds.json');
const NOT_SEEN = '·';

/** A history that once went wrong in a source with a fault in it, and the steps that are enough for that. */
export interface KeptSeed {
  readonly seed: number;
  readonly steps: readonly number[];
}

/** What a part of the page is called in its marks. */
export type Part = 'planted faults' | 'rules whose tests see no planted fault';

const markBefore = (part: Part) => `<!-- ${part}: made by npm run planted-faults -->`;
const markAfter = (part: Part) => `<!-- end of: ${part} -->`;

/** A part of the page as it stands there. @throws when it is not marked */
export function partOf(part: Part): string {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(markBefore(part)), page.indexOf(markAfter(part))];
  if (begin < 0 || end < begin) throw new Error(`docs/proof.md has no place for: ${part}`);
  return page.slice(begin + markBefore(part).length, end).trim();
}

/** Writes a part of the page anew. */
export function writePart(part: Part, text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(partOf(part), () => text),
  );
}

/** The rows of the table as they stand on the page, by fault. */
export function rowsOnPage(): Map<string, string> {
  const rows = partOf('planted faults').matchAll(/^\| `([a-z-]+)` \|.*$/gm);
  return new Map([...rows].map(([row, id]) => [id as string, row]));
}

const figure = new Intl.NumberFormat('en-US');

function cell(quarry: Quarry | undefined, unit: string): string {
  if (!quarry?.seen) return NOT_SEEN;
  return `${figure.format(quarry.after)}${unit}`;
}

function rowOf({ fault, simulation, search, table }: Verdict): string {
  const broken = simulation?.seen ? simulation.broken : search?.seen ? search.broken : undefined;
  return `| \`${fault.id}\` | ${fault.file.split('/').at(-1)} | ${fault.what} | ${[
    cell(simulation, ''),
    cell(search, ''),
    cell(table, ''),
    broken ?? NOT_SEEN,
  ].join(' | ')} |`;
}

/** Writes down what the detectors saw of a fault, and keeps what they saw of the others. */
export function record(verdict: Verdict): void {
  writeRow(verdict);
  keepSeed(verdict);
}

function writeRow(verdict: Verdict): void {
  const rows = rowsOnPage().set(verdict.fault.id, rowOf(verdict));
  const known = FAULTS.filter(({ id }) => rows.has(id));
  const columns = known.map(({ id }) => (rows.get(id) ?? '').split('|').slice(4, 7));
  const seenBy = (column: number) => columns.filter((each) => each[column]?.trim() !== NOT_SEEN).length;
  const group = (title: string, faults: readonly Fault[]) => [
    '',
    `**${title}**`,
    '',
    '| fault | planted in | what goes wrong | simulation | search | table | breaks |',
    '|---|---|---|--:|--:|--:|---|',
    ...faults.flatMap(({ id }) => rows.get(id) ?? []),
  ];
  writePart(
    'planted faults',
    [
      `Of ${known.length} faults, ${seenBy(0)} are seen by the simulation, ${seenBy(1)} by the search, ${seenBy(2)} by the table of the rules,`,
      `and ${columns.filter((each) => each.every((text) => text.trim() === NOT_SEEN)).length} by none.`,
      ...group('In the store, attaching, relaying, mailboxes and the journal', INNER_FAULTS.store),
      ...group('In the rules of a call', INNER_FAULTS.call),
    ].join('\n'),
  );
}

/** The histories that are kept, by fault. */
export function keptSeeds(): Map<string, KeptSeed> {
  return readByFault(SEEDS, (replay) => {
    const [seed, steps = ''] = replay.split(':');
    return { seed: Number(seed), steps: stepsOf(steps) };
  });
}

function keepSeed({ fault, simulation }: Verdict): void {
  const kept = keptSeeds();
  kept.delete(fault.id);
  if (simulation?.seen && simulation.replay) kept.set(fault.id, simulation.replay);
  writeByFault(SEEDS, kept, ({ seed, steps }) => `${seed}:${stepsText(steps)}`);
}
