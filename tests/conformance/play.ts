/** Plays one scenario: hands out the roles, lets it run, and leaves nothing behind. */
import type { Line } from './line.ts';
import type { Pace } from './pace.ts';
import { Person, type Target } from './person.ts';
import type { Offered } from './preflight.ts';
import { asObject } from './rest.ts';
import type { Scenario } from './scenario.ts';
import type { Cast } from './troupe.ts';
import { RateLimited, Skipped, Unmet } from './unmet.ts';

/** How a scenario ended. */
export type Verdict =
  | { readonly state: 'passed' }
  | { readonly state: 'skipped'; readonly why: string }
  | { readonly state: 'limited'; readonly retryAfterMs: number }
  | { readonly state: 'failed'; readonly expected: string; readonly got: string; readonly trace: readonly string[] };

/** What a play stands on. */
export interface Theatre {
  readonly target: Target;
  readonly offered: Offered;
  readonly pace: Pace;
  /** Calls of the plays so far. */
  readonly past: Set<string>;
}

/** How much a failure shows of what was said and heard. */
const TRACE_MOMENTS = 20;

/** Plays a scenario once. Never throws. */
export async function play(scenario: Scenario, cast: Cast, theatre: Theatre): Promise<Verdict> {
  const { target, offered, past } = theatre;
  const pace = theatre.pace.fresh();
  const lines: Line[] = [];
  const ground = { target, pace, past, lines };
  const people = [
    new Person('the caller', cast.caller, ground),
    new Person('the callee', cast.callee, ground),
  ] as const;
  const [caller, callee] = people;
  // Who needs no third never asks for it.
  const third = cast.third ? new Person('a third', cast.third, ground) : caller;
  let verdict: Verdict;
  try {
    await scenario.run({ caller, callee, third, target, pace });
    verdict = { state: 'passed' };
  } catch (error) {
    verdict = verdictOf(error, scenario, lines);
  }
  const gone = lines.some((line) => !line.isOpen);
  await Promise.all(lines.map(endCalls));
  await Promise.all(lines.map((line) => line.leave()));
  const everybody = cast.third ? [...people, third] : people;
  if (gone || verdict.state !== 'passed') {
    if (offered.liveCalls) await Promise.all(everybody.map((each) => endCallsOf(each).catch(() => {})));
    await Promise.all(everybody.map((each) => takeWhatWaits(each).catch(() => {})));
    await Promise.all(lines.map((line) => line.leave()));
  }
  for (const { type, data } of lines.flatMap(({ heard }) => heard)) {
    if (type.startsWith('call:') && typeof data['callId'] === 'string') past.add(data['callId']);
  }
  return verdict;
}

function verdictOf(error: unknown, { title }: Scenario, lines: readonly Line[]): Verdict {
  if (error instanceof RateLimited) return { state: 'limited', retryAfterMs: error.retryAfterMs };
  if (error instanceof Skipped) return { state: 'skipped', why: error.message };
  const trace = lastMoments(lines);
  if (error instanceof Unmet) return { state: 'failed', expected: error.expected, got: error.got, trace };
  const { name, message } = error as Error;
  return { state: 'failed', expected: title, got: `${name}: ${message}`, trace };
}

/** The end of what the sockets of a play said and heard, in order, with the time since its beginning. */
function lastMoments(lines: readonly Line[]): string[] {
  const all = lines.flatMap((line) => line.trace).sort((one, other) => one.atMs - other.atMs);
  const beganMs = all[0]?.atMs ?? 0;
  return all.slice(-TRACE_MOMENTS).map(({ atMs, text }) => `${Math.round(atMs - beganMs)} ms ${text}`);
}

/** Hangs up whatever a socket may be in. */
async function endCalls(line: Line): Promise<void> {
  if (!line.isOpen) return;
  for (const [callId, receiverId] of line.calls) line.send('call:hang_up', { callId, receiverId });
  for (const receiverId of line.dialled) line.send('call:hang_up', { receiverId });
  // The goodbye would overtake what the server has not read yet.
  if (line.calls.size + line.dialled.size > 0) await line.settled().catch(() => {});
}

/** Ends what is left of a person's calls, from anywhere. */
async function endCallsOf(person: Person): Promise<void> {
  const { data } = await person.rest('GET', '/api/rtc/calls/active');
  for (const call of Array.isArray(data['calls']) ? data['calls'].map(asObject) : []) {
    await person.rest('POST', `/api/rtc/calls/${String(call['callId'])}/hang-up`);
  }
}

/** Takes what waits for a person's next session, and what still rings there, so that the next play begins with nothing. */
async function takeWhatWaits(person: Person): Promise<void> {
  await endCalls(await person.online());
}
