/** A run: which scenarios are played, in which order, how long the kit waits when told to, and what is reported. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRun } from './cannot-run.ts';
import type { Options } from './options.ts';
import { play, type Theatre, type Verdict } from './play.ts';
import { type Report, type ScenarioReport, sourcesOf, type Terminal, totalsOf } from './report.ts';
import { isContract } from './rules.ts';
import type { Need, Scenario } from './scenario.ts';
import { type Group, SCENARIOS } from './scenarios/all.ts';
import { Casting, type Troupe } from './troupe.ts';

/** What is played of all there is. */
export type Choice = Pick<Options, 'only' | 'scenarios' | 'slow' | 'timeoutMs'>;

/** How often a scenario that met a rate limit is tried. */
const ATTEMPTS = 4;
/** There was no time left to play. */
const OUT_OF_TIME: Verdict = { state: 'limited', retryAfterMs: 0 };

interface Chosen {
  readonly scenario: Scenario;
  readonly group: Group;
}

/**
 * The scenarios that a choice means.
 * @throws CannotRun when it means none
 */
export function chosen({ only, scenarios }: Pick<Choice, 'only' | 'scenarios'>): Chosen[] {
  const groups: Group[] = only === undefined ? ['plain', 'extended'] : [only === 'contract' ? 'plain' : only];
  const all = groups
    .flatMap((group) => SCENARIOS[group].map((scenario) => ({ scenario, group })))
    .filter(({ scenario }) => only !== 'contract' || isContract(scenario.rules[0] ?? ''))
    .filter(({ scenario: { name, rules } }) => {
      return scenarios.length === 0 || scenarios.some((word) => word === name || rules.includes(word));
    });
  if (all.length === 0) throw new CannotRun(`--only ${only} has no scenario of ${scenarios.join(', ')}`);
  return all;
}

/**
 * Plays the chosen scenarios, one after the other.
 * @param terminal is told of each as it ends
 */
export async function run(choice: Choice, troupe: Troupe, theatre: Theatre, terminal: Terminal): Promise<Report> {
  const [startedAt, began] = [new Date().toISOString(), performance.now()];
  const deadline = began + choice.timeoutMs;
  const casting = new Casting(troupe);
  const reports: ScenarioReport[] = [];
  let complete = true;
  for (const { scenario, group } of chosen(choice)) {
    const { name, title, rules } = scenario;
    const missing = whatIsMissing(scenario, group, choice, troupe, theatre);
    const { verdict, durationMs } = missing
      ? { verdict: missing, durationMs: 0 }
      : await played(scenario, casting, theatre, deadline, terminal);
    if (verdict.state === 'limited') complete = false;
    const report: ScenarioReport = {
      name,
      title,
      group,
      rules,
      durationMs,
      ...outcome(verdict),
      ...(verdict.state === 'failed' && { sources: sourcesOf(rules) }),
    };
    reports.push(report);
    terminal.tell(report);
  }
  const groupTotals = (group: Group) => totalsOf(reports.filter((each) => each.group === group));
  return {
    report: 'ringdown-conformance',
    version: 1,
    url: theatre.target.url.split('?')[0] as string,
    startedAt,
    durationMs: Math.round(performance.now() - began),
    complete,
    extendedOffered: theatre.offered.extended,
    totals: totalsOf(reports),
    groups: { plain: groupTotals('plain'), extended: groupTotals('extended') },
    scenarios: reports,
  };
}

function outcome(verdict: Verdict): Pick<ScenarioReport, 'state' | 'why' | 'expected' | 'got' | 'trace'> {
  if (verdict.state !== 'limited') return verdict;
  if (verdict === OUT_OF_TIME) return { state: 'skipped', why: 'the time is up' };
  return { state: 'skipped', why: `the server limits the rate of offers for ${seconds(verdict.retryAfterMs)} more` };
}

const seconds = (ms: number) => `${Math.ceil(ms / 1000)} s`;

/** Why a scenario cannot be played here; undefined when it can. */
function whatIsMissing(
  { needs = [] }: Scenario,
  group: Group,
  { slow }: Choice,
  { own, left, right, noThird }: Troupe,
  { offered }: Theatre,
): Verdict | undefined {
  const reasons: Readonly<Record<Need, string | undefined>> = {
    third: Math.max(left.length, right.length) > 1 ? undefined : (noThird ?? 'it needs a third account'),
    own: own ? undefined : 'it changes friendships and profiles, so it needs --register',
    history: offered.history ? undefined : 'the server offers no GET /api/rtc/calls',
    slow: slow ? undefined : 'it waits for a time limit of the server: --slow',
  };
  const extended = group === 'extended' && !offered.extended ? 'the server does not offer ringdown.v1' : undefined;
  const why = extended ?? needs.map((need) => reasons[need]).find((reason) => reason !== undefined);
  return why === undefined ? undefined : { state: 'skipped', why };
}

/** Plays a scenario, again when a rate limit was in the way. @returns the last play's verdict and time, without the waits */
async function played(
  scenario: Scenario,
  casting: Casting,
  theatre: Theatre,
  deadline: number,
  terminal: Terminal,
): Promise<{ verdict: Verdict; durationMs: number }> {
  const needsThird = scenario.needs?.includes('third') ?? false;
  for (let attempt = 1; ; attempt += 1) {
    const began = performance.now();
    const cast = casting.next(needsThird);
    if (began >= deadline || !cast) return { verdict: OUT_OF_TIME, durationMs: 0 };
    const timer = new AbortController();
    const verdict = await Promise.race([
      play(scenario, cast, theatre),
      sleep(deadline - began, OUT_OF_TIME, { signal: timer.signal }),
    ]);
    timer.abort();
    const durationMs = Math.round(performance.now() - began);
    if (verdict.state !== 'limited' || verdict === OUT_OF_TIME) return { verdict, durationMs };
    const waitMs = verdict.retryAfterMs + 50;
    if (attempt === ATTEMPTS || performance.now() + waitMs > deadline) return { verdict, durationMs };
    terminal.say(`  … waiting ${seconds(waitMs)}: the server limits the rate of offers`);
    await sleep(waitMs);
  }
}
