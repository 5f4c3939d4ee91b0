/** What all measurements share: a subject, the process of its clients, and the figures that come out. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { atExit } from '../leftovers.ts';
import type { Load } from '../load/load.program.ts';
import { Remote } from '../remote.ts';
import { ServerProcess } from '../subjects/server-process.ts';
import type { Subject } from '../subjects/subject.ts';

/** Figures of one subject in one round, by name. */
export type Figures = Record<string, number>;

/** How much is measured: enough for a figure, or only enough to see that everything works. */
export type Size = 'full' | 'quick';

/** A question and how it is answered. */
export interface Measurement {
  /** As `--only` names it. */
  readonly name: string;
  /** As the report heads it. */
  readonly title: string;
  readonly unit: string;
  /** Decimals that mean something. */
  readonly decimals: number;
  /** What the figures are and how they came about, for the report. */
  readonly explanation: string;
  /** Whether less is better; else more is. */
  readonly lessIsBetter: boolean;
  /** Whether other programs have such a thing at all. */
  readonly comparable: boolean;
  measure(subject: Subject, size: Size): Promise<Figures>;
}

/** A subject with its clients, gone when the work is done. */
export async function withServer<T>(
  subject: Subject,
  people: number,
  work: (server: ServerProcess, load: Remote<Load>) => Promise<T>,
): Promise<T> {
  const server = await ServerProcess.start(subject, people);
  const { load, end } = startLoad();
  try {
    return await work(server, load);
  } finally {
    await end();
    await server.remove();
  }
}

/** Starts the process of the clients. @returns how to ask it, and how to end it */
function startLoad(): { load: Remote<Load>; end: () => Promise<void> } {
  const child = fork(join(import.meta.dirname, '..', 'load', 'load.program.ts'));
  const settled = atExit(() => child.kill('SIGKILL'));
  const end = async () => {
    settled();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { load: new Remote<Load>(child), end };
}

/** The processor time a server spends on some work, µs. */
export async function cpuOf(server: ServerProcess, work: () => Promise<unknown>): Promise<number> {
  const { profiles: folder } = server.subject;
  if (folder !== undefined) await server.probe.ask('startProfile', null);
  const before = await server.probe.ask('cpuMicros', null);
  await work();
  const spent = (await server.probe.ask('cpuMicros', null)) - before;
  if (folder !== undefined) await server.probe.ask('stopProfile', { folder });
  return spent;
}
