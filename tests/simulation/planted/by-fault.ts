/** What is written down of each fault in a file under git: one line each, in the order of the faults. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS, OUTER_FAULTS } from './faults.ts';

/** Reads what a file holds, by the ids of the faults. @param read makes something of a fault's text */
export function readByFault<T>(file: string, read: (text: string) => T): Map<string, T> {
  const texts = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
  return new Map(texts.map(([id, text]) => [id, read(text)]));
}

/** Writes the file anew; faults that are no more, and those with nothing to say, have no line. */
export function writeByFault<T>(file: string, held: ReadonlyMap<string, T>, write: (one: T) => string): void {
  const lines = [...FAULTS, ...OUTER_FAULTS].flatMap(({ id }) => {
    const one = held.get(id);
    return one === undefined ? [] : `  ${JSON.stringify(id)}: ${JSON.stringify(write(one))}`;
  });
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}
