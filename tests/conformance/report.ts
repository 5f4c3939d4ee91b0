/** What a run found: the shape of the JSON report, and the same for a terminal. `docs/guide/conformance.md` explains it. */

import { type Source, sourceOf } from './rules.ts';
import type { Group } from './scenarios/all.ts';

/** What became of a scenario. */
export interface ScenarioReport {
  readonly name: string;
  readonly title: string;
  readonly group: Group;
  readonly rules: readonly string[];
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Of a skipped one: why. */
  readonly why?: string;
  /** Of a failed one: what should have been, and what was. */
  readonly expected?: string;
  readonly got?: string;
  /** Of a failed one: where its rules stand. */
  readonly sources?: readonly Source[];
  /** Of a failed one: what its sockets said and heard last; types and ids, never descriptions. */
  readonly trace?: readonly string[];
}

/** How many. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The JSON report. */
export interface Report {
  readonly report: 'ringdown-conformance';
  /** Rises when a field changes its meaning or goes. */
  readonly version: 1;
  /** Without its query. */
  readonly url: string;
  readonly startedAt: string;
  readonly durationMs: number;
  /** False when the time was up before all were played: then the run has failed, too. */
  readonly complete: boolean;
  readonly extendedOffered: boolean;
  readonly totals: Totals;
  readonly groups: Readonly<Record<Group, Totals>>;
  readonly scenarios: readonly ScenarioReport[];
}

/** Counts scenarios by what became of them. */
export function totalsOf(scenarios: readonly ScenarioReport[]): Totals {
  const count = (state: ScenarioReport['state']) => scenarios.filter((each) => each.state === state).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** How lines are coloured. */
type Paint = (text: string, colour: 'red' | 'green' | 'yellow' | 'grey') => string;
const CODES = { red: 31, green: 32, yellow: 33, grey: 90 };
const coloured: Paint = (text, colour) => `\u001b[${CODES[colour]}m${text}\u001b[0m`;
const plain: Paint = (text) => text;

/** Writes for a person. */
export class Terminal {
  readonly #write: (line: string) => void;
  readonly #paint: Paint;
  #group: Group | undefined;

  /** @param colour whether the place it writes to shows colours */
  constructor(write: (line: string) => void, colour: boolean) {
    this.#write = write;
    this.#paint = colour ? coloured : plain;
  }

  /** A line about the run itself. */
  say(text: string): void {
    this.#write(this.#paint(text, 'grey'));
  }

  /** A scenario is over. */
  tell(report: ScenarioReport): void {
    if (report.group !== this.#group) {
      this.#group = report.group;
      this.#write(`\n${report.group}`);
    }
    const { name, title, rules, state, durationMs } = report;
    const about = this.#paint(`[${rules.join(', ')}]`, 'grey');
    if (state === 'passed') {
      this.#write(`  ${this.#paint('✓', 'green')} ${title} ${about} ${this.#paint(`${durationMs} ms`, 'grey')}`);
    } else if (state === 'skipped') {
      this.#write(`  ${this.#paint('-', 'yellow')} ${name} ${about} skipped: ${report.why}`);
    } else {
      this.#write(`  ${this.#paint('✗', 'red')} ${name}: ${title} ${about} ${durationMs} ms`);
      this.#failure(report);
    }
  }

  /** The run is over. */
  sum({ groups, totals, durationMs, complete, scenarios }: Report): void {
    this.#write('');
    const words = ({ passed, failed, skipped }: Totals) => `${passed} passed, ${failed} failed, ${skipped} skipped`;
    for (const [group, each] of Object.entries(groups)) {
      if (each.passed + each.failed + each.skipped > 0) this.#write(`${group.padEnd(9)} ${words(each)}`);
    }
    this.#write(`${'all'.padEnd(9)} ${words(totals)}, in ${(durationMs / 1000).toFixed(1)} s`);
    if (!complete) this.#write(this.#paint('the time was up before all were played', 'red'));
    const failed = scenarios.filter(({ state }) => state === 'failed');
    const colour = failed.length > 0 || !complete ? 'red' : 'green';
    const names = failed.map(({ name }) => name).join(', ');
    const good = complete ? (totals.passed > 0 ? 'conforms' : 'nothing was judged') : 'not judged to the end';
    this.#write(this.#paint(failed.length > 0 ? `does not conform: ${names}` : good, colour));
  }

  #failure({ expected, got, sources = [], trace = [] }: ScenarioReport): void {
    this.#write(`      expected  ${expected}`);
    this.#write(`      got       ${this.#paint(got ?? '', 'red')}`);
    for (const { rule, place, text } of sources) {
      this.#write(`      rule      ${rule}${text ? `: ${text}` : ''} (${place})`);
    }
    for (const line of trace) this.#write(this.#paint(`      · ${line}`, 'grey'));
  }
}

/** Where the rules of a failed scenario stand. */
export function sourcesOf(rules: readonly string[]): Source[] {
  return rules.map(sourceOf);
}
