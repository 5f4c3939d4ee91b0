/** What the histories came by: which role said what in which phase, and what went wrong how often. */

/** Counts that can be sent between threads and added up. */
export interface Counts {
  cells: Record<string, number>;
  faults: Record<string, number>;
}

/** The counting. */
export class Tally {
  readonly counts: Counts = { cells: {}, faults: {} };

  /** A word was decided in a phase. */
  cell(role: string, phase: string, word: string): void {
    const key = `${role} ${phase} ${word}`;
    this.counts.cells[key] = (this.counts.cells[key] ?? 0) + 1;
  }

  /** Something went wrong. */
  fault(what: string): void {
    this.counts.faults[what] = (this.counts.faults[what] ?? 0) + 1;
  }

  /** Adds another one's counts. */
  add({ cells, faults }: Counts): void {
    for (const [key, count] of Object.entries(cells)) this.counts.cells[key] = (this.counts.cells[key] ?? 0) + count;
    for (const [key, count] of Object.entries(faults)) this.counts.faults[key] = (this.counts.faults[key] ?? 0) + count;
  }
}
