/** What the SDK says about a call on somebody's page, noted from a moment on: every state, every look at its quality. */
import type { Call, CallPhase, ClientState, QualitySample, RingdownClient } from '@ringdown/client';
import { expect } from 'vitest';
import type { Person } from './person.ts';

/** As much of the page as tests look at. */
interface DebugWindow {
  __ringdown: { client: RingdownClient };
}
interface NotedWindow extends DebugWindow {
  notes: { phases: CallPhase[]; samples: QualitySample[]; lines: ClientState[] };
}

/** What was noted on one page. Everything is read when it is asked for. */
export interface Notes {
  /** The states that the call has taken since. */
  phases(): Promise<CallPhase[]>;
  /** One look at its quality for every second. */
  samples(): Promise<QualitySample[]>;
  /** The states that the way to the service has taken since. */
  lines(): Promise<ClientState[]>;
}

/** Begins to take notes of the call that runs on this page. */
export async function takeNotes({ page }: Person): Promise<Notes> {
  await page.evaluate(() => {
    const here = globalThis as unknown as NotedWindow;
    const notes: NotedWindow['notes'] = { phases: [], samples: [], lines: [] };
    here.notes = notes;
    const { client } = here.__ringdown;
    const call = client.activeCall as Call;
    call.on('state', (phase) => notes.phases.push(phase));
    call.on('quality', (sample) => notes.samples.push(sample));
    client.on('state', (state) => notes.lines.push(state));
  });
  return {
    phases: () => page.evaluate(() => (globalThis as unknown as NotedWindow).notes.phases),
    samples: () => page.evaluate(() => (globalThis as unknown as NotedWindow).notes.samples),
    lines: () => page.evaluate(() => (globalThis as unknown as NotedWindow).notes.lines),
  };
}

/**
 * What names the generation of candidates in use: another one after every restart. Undefined without a call, and in
 * browsers whose statistics do not name it.
 */
export function generation({ page }: Person): Promise<string | undefined> {
  return page.evaluate(async () => {
    const stats = await (globalThis as unknown as DebugWindow).__ringdown.client.activeCall?.getStats();
    const transport = [...(stats?.values() ?? [])].find(({ type }) => type === 'transport');
    return transport?.iceLocalUsernameFragment as string | undefined;
  });
}

/** Waits until the path broke at one of them, whoever notices first: the other one may never see it broken. */
export async function pathBreaks(several: readonly Notes[]): Promise<void> {
  await expect
    .poll(async () => (await Promise.all(several.map((notes) => notes.phases()))).flat(), { timeout: 30_000 })
    .toContain('reconnecting');
}

/** Makes the SDK on this page believe that the path to the other browser is lost. */
export async function loseThePath({ page }: Person): Promise<void> {
  await page.evaluate(() => (globalThis as unknown as DebugWindow).__ringdown.client.simulate('ice-failure'));
}
