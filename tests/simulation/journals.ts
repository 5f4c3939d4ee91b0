/**
 * Journals that a simulated process dies beside: what was written down outlives it, and nothing else does. One keeps its
 * rows in memory, the other is the real one, in a file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Changed,
  createLogger,
  type FileJournal,
  type Journal,
  type JournalRows,
  openJournal,
} from '@ringdown/server/core';

type Kind = keyof JournalRows;
const KINDS: readonly Kind[] = ['endpoint', 'acks', 'call', 'candidates', 'relays', 'record', 'request'];

/** Keys of rows that were written. */
export interface Written {
  readonly endpoint: ReadonlySet<string>;
  readonly candidates: ReadonlySet<string>;
}

/** A journal that says what was written, and can be left behind. */
export abstract class SimulatedJournal implements Journal {
  #written: { endpoint: Set<string>; candidates: Set<string> } | undefined;
  /** The process is dead: nothing that it still does is written. */
  dead = false;

  write(changed: Changed, current: JournalRows): void {
    if (this.dead) return;
    this.#written ??= { endpoint: new Set(), candidates: new Set() };
    for (const key of changed.endpoint) this.#written.endpoint.add(key);
    for (const key of changed.candidates) this.#written.candidates.add(key);
    this.put(changed, current);
  }

  /** Keys that were written since it was last asked. */
  takeWritten(): Written | undefined {
    const written = this.#written;
    this.#written = undefined;
    return written;
  }

  /** Writes rows. */
  protected abstract put(changed: Changed, current: JournalRows): void;
  abstract load(): ReturnType<Journal['load']>;
  /** Another process begins with what is there. */
  abstract reopen(): void;
  /** How many rows there are. */
  abstract get size(): number;
  /** It is not needed any more. */
  abstract dispose(): void;
}

/** Rows in memory. */
export class MemoryJournal extends SimulatedJournal {
  readonly #rows = new Map<Kind, Map<string, string>>(KINDS.map((kind) => [kind, new Map()]));

  override get size(): number {
    let size = 0;
    for (const rows of this.#rows.values()) size += rows.size;
    return size;
  }

  protected override put(changed: Changed, current: JournalRows): void {
    for (const kind of KINDS) {
      const rows = this.#rows.get(kind);
      for (const key of changed[kind]) {
        const row = current[kind](key);
        if (row === undefined) rows?.delete(key);
        else rows?.set(key, JSON.stringify(row));
      }
    }
  }

  override load(): ReturnType<Journal['load']> {
    const read = (kind: Kind) => {
      const rows = [...(this.#rows.get(kind) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return rows.map(([key, row]): [string, unknown] => [key, JSON.parse(row)]);
    };
    return Object.fromEntries(KINDS.map((kind) => [kind, read(kind)])) as unknown as ReturnType<Journal['load']>;
  }

  override reopen(): void {}

  override dispose(): void {}
}

/** The real journal. */
export class FileBackedJournal extends SimulatedJournal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringdown-journal-'));
  #journal = this.#open();

  #open(): FileJournal {
    return openJournal(join(this.#folder, 'live.db'), createLogger({ level: 'silent' }));
  }

  protected override put(changed: Changed, current: JournalRows): void {
    this.#journal.write(changed, current);
  }

  override load(): ReturnType<Journal['load']> {
    return this.#journal.load();
  }

  override reopen(): void {
    this.#journal.close();
    this.#journal = this.#open();
  }

  override get size(): number {
    this.reopen();
    return Object.values(this.#journal.load()).reduce((sum, rows) => sum + rows.length, 0);
  }

  override dispose(): void {
    this.#journal.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
