/** Plants one fault after another, several at a time, and asks the detectors who sees it. */
import { bySearch, bySimulation, byTable } from './detectors.ts';
import type { Fault } from './fault.ts';
import type { Quarry } from './hunt.program.ts';
import { Workshop } from './workshop.ts';

/** What the detectors made of a fault; one that was not asked is missing. */
export interface Verdict {
  readonly fault: Fault;
  readonly simulation?: Quarry;
  readonly search?: Quarry;
  readonly table?: Quarry;
}

/** How the detectors are asked. */
export interface Asking {
  /** The first seed of the simulation. */
  readonly seed: number;
  /** How many histories it plays at most. */
  readonly histories: number;
  /** Stop at the first detector that sees it, the quicker ones first. */
  readonly untilSeen: boolean;
}

/** Histories played before the other detectors are asked, when one is enough. */
const QUICK_HISTORIES = 100;

/** Whether any detector has seen it. */
export function isSeen({ simulation, search, table }: Verdict): boolean {
  return [simulation, search, table].some((quarry) => quarry?.seen === true);
}

async function judge(workshop: Workshop, fault: Fault, { seed, histories, untilSeen }: Asking): Promise<Verdict> {
  workshop.plant(fault);
  if (!untilSeen) {
    const simulation = await bySimulation(workshop, seed, histories, true);
    const table = await byTable(workshop);
    return { fault, simulation, table, search: await bySearch(workshop) };
  }
  const first = await bySimulation(workshop, seed, Math.min(QUICK_HISTORIES, histories));
  if (first.seen) return { fault, simulation: first };
  const table = await byTable(workshop);
  if (table.seen) return { fault, table };
  const later = await bySimulation(workshop, seed + QUICK_HISTORIES, histories - first.after);
  const simulation: Quarry = { ...later, after: later.after + first.after };
  return later.seen ? { fault, simulation } : { fault, simulation, search: await bySearch(workshop) };
}

/**
 * Judges faults, each worker in a workshop of its own.
 * @param told of each verdict as it is reached
 */
export async function survey(
  faults: readonly Fault[],
  asking: Asking,
  workers: number,
  told: (verdict: Verdict) => void,
): Promise<Verdict[]> {
  return inWorkshops(faults, workers, async (workshop, fault) => {
    const verdict = await judge(workshop, fault, asking);
    told(verdict);
    return verdict;
  });
}

/** The workshops there are, so that whoever is interrupted can close them. */
const open = new Set<Workshop>();

/** Removes every copy there is. */
export function closeWorkshops(): void {
  for (const workshop of open) workshop.close();
  open.clear();
}

/** Does something for each of many, several at a time, each in a workshop of its own. @returns in the order of the many */
export async function inWorkshops<In, Out>(
  many: readonly In[],
  workers: number,
  work: (workshop: Workshop, one: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  const waiting = [...many.entries()];
  await Promise.all(
    Array.from({ length: Math.min(workers, many.length) }, async () => {
      const workshop = new Workshop();
      open.add(workshop);
      try {
        for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(workshop, next[1]);
      } finally {
        workshop.close();
        open.delete(workshop);
      }
    }),
  );
  return results;
}
