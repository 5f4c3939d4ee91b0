/** The inputs that are kept: what has been interesting before, and what has once failed. One JSON file a target. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'corpus');

/** A kept input is no longer than this, in characters; what is interesting only when long is made by the generators. */
const LONGEST = 2_000;
/** So many are kept of what a long run found. */
const MOST = 100;

/** What is kept of a target. */
export interface Corpus {
  /** Once failed, by the sentence of what was wrong. Written by hand when a fault is fixed. */
  readonly faults: Readonly<Record<string, string>>;
  /** Each reached code or an answer that the ones before did not. */
  readonly inputs: readonly string[];
}

/** @param target its name */
export function readCorpus(target: string): Corpus {
  const file = join(FOLDER, `${target}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Corpus) : { faults: {}, inputs: [] };
}

/** Keeps the inputs of a run, shortest first; the faults stay. @param inputs the first ones matter most */
export function writeCorpus(target: string, inputs: readonly string[]): void {
  const short = [...new Set(inputs)].filter(({ length }) => length <= LONGEST).slice(0, MOST);
  short.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  mkdirSync(FOLDER, { recursive: true });
  const corpus: Corpus = { faults: readCorpus(target).faults, inputs: short };
  // In letters that every editor shows as they are.
  const text = JSON.stringify(corpus, null, 2).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  writeFileSync(join(FOLDER, `${target}.json`), `${text}\n`);
}
