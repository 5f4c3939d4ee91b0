/** A journal in memory: what was written down outlives the process, and nothing else does. */
import type { Changed, Journal, JournalRows } from '@ringdown/server/core';

type Kind = keyof JournalRows;
const KINDS: readonly Kind[] = ['endpoint', 'call', 'candidates', 'record', 'request'];

/** A journal whose rows can be counted, and which says what was written. */
export class JournalDouble implements Journal {
  readonly #rows = new Map<Kind, Map<string, string>>(KINDS.map((kind) => [kind, new Map()]));
  #written: { endpoint: Set<string>; candidates: Set<string> } | undefined;
  /** While it is set nothing is written: the process is dead. */
  silent = false;

  /** How many rows it holds. */
  get size(): number {
    let size = 0;
    for (const rows of this.#rows.values()) size += rows.size;
    return size;
  }

  write(changed: Changed, current: JournalRows): void {
    if (this.silent) return;
    this.#written ??= { endpoint: new Set(), candidates: new Set() };
    for (const kind of KINDS) {
      const rows = this.#rows.get(kind);
      for (const key of changed[kind]) {
        const row = current[kind](key);
        if (row === undefined) rows?.delete(key);
        else rows?.set(key, JSON.stringify(row));
        if (kind === 'endpoint' || kind === 'candidates') this.#written[kind].add(key);
      }
    }
  }

  load(): ReturnType<Journal['load']> {
    const read = (kind: Kind) => {
      const rows = [...(this.#rows.get(kind) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return rows.map(([key, row]): [string, unknown] => [key, JSON.parse(row)]);
    };
    return Object.fromEntries(KINDS.map((kind) => [kind, read(kind)])) as unknown as ReturnType<Journal['load']>;
  }

  /** Keys that were written since it was last asked. */
  takeWritten(): { endpoint: ReadonlySet<string>; candidates: ReadonlySet<string> } | undefined {
    const written = this.#written;
    this.#written = undefined;
    return written;
  }
}
