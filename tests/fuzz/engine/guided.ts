/**
 * The coverage-guided half: changes inputs that were interesting, and keeps what reaches code or an answer that nothing
 * before has reached. Coverage is read once for a handful of inputs; when the handful reached something new, halves of
 * it are run again until it is known which input it was.
 */
import type { Chance } from '../../recovery/random.ts';
import { spoil } from '../inputs/spoil.ts';
import type { Target } from '../target.ts';
import type { Blocks, Coverage } from './coverage.ts';
import type { Judge } from './judge.ts';

/** Readings of the coverage may take this share of the time; so many inputs go between two of them. */
const READING_SHARE = 0.15;
const HANDFUL = { first: 64, least: 16, most: 8_192 };
/** Inputs that the pool holds. */
const POOL = 2_000;
/** Of two inputs of which one is longer than this, the shorter is taken. */
const LONG = 2_000;
/** Most changes made to one input before it is tried. */
const MOST_CHANGES = 5;

/** What failed, and how. */
export interface Failure {
  readonly input: string;
  readonly error: unknown;
}

/** What is to be searched, and how long. */
export interface Search {
  readonly target: Target;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly chance: Chance;
  /** Inputs to begin with. */
  readonly seeds: readonly string[];
  readonly goesOn: () => boolean;
}

/** What a search found. */
export interface Found {
  readonly failure?: Failure;
  /** The inputs that reached something new. */
  readonly pool: readonly string[];
  /** Those of them that reached new code, and not only a new answer. */
  readonly reached: readonly string[];
  /** How many different answers there were. */
  readonly answers: number;
}

/** Searches until something fails or time is up. */
export async function searchGuided(search: Search): Promise<Found> {
  const { coverage, chance, target, goesOn } = search;
  const trial = new Trial(search.judge);
  const pool: string[] = [];
  const reached = new Set<string>();
  const keep = (input: string) => {
    if (pool.length >= POOL) pool.splice(chance.whole(0, pool.length - 1), 1);
    pool.push(input);
  };

  /** Runs halves of a handful again until it is known who reaches these blocks. */
  async function keepWho(handful: readonly string[], blocks: Blocks): Promise<void> {
    const [only] = handful;
    if (only === undefined || trial.failure) return;
    if (handful.length === 1) {
      reached.add(only);
      return keep(only);
    }
    const middle = Math.ceil(handful.length / 2);
    const first = handful.slice(0, middle);
    for (const input of first) await trial.run(input);
    const found = await coverage.ran(blocks);
    if (found.length > 0) await keepWho(first, found);
    const others = blocks.filter((block) => !found.includes(block));
    if (others.length > 0) await keepWho(handful.slice(middle), others);
  }

  async function runHandful(handful: readonly string[]): Promise<void> {
    for (const input of handful) if ((await trial.run(input)) && !trial.failure) keep(input);
    const blocks = await coverage.fresh();
    if (blocks) await keepWho(handful, blocks);
  }

  await coverage.fresh();
  for (let at = 0; at < search.seeds.length && goesOn() && !trial.failure; at += HANDFUL.first) {
    await runHandful(search.seeds.slice(at, at + HANDFUL.first));
  }
  if (pool.length === 0) pool.push('');

  let size = HANDFUL.first;
  while (goesOn() && !trial.failure) {
    const handful: string[] = [];
    const began = performance.now();
    while (handful.length < size && goesOn() && !trial.failure) {
      const input = change(pool, chance, target.words);
      handful.push(input);
      if (await trial.run(input)) keep(input);
    }
    const readAt = performance.now();
    const blocks = await coverage.fresh();
    const now = performance.now();
    const tooOften = now - readAt > READING_SHARE * (readAt - began);
    size = Math.min(HANDFUL.most, Math.max(HANDFUL.least, Math.round(tooOften ? size * 1.5 : size / 1.1)));
    if (blocks) await keepWho(handful, blocks);
  }
  return { ...(trial.failure && { failure: trial.failure }), pool, reached: [...reached], answers: trial.answers };
}

/** A changed input: newer and shorter ones of the pool are taken more often, and now and then two are joined. */
function change(pool: readonly string[], chance: Chance, words: readonly string[]): string {
  const any = () => pool[Math.floor(pool.length * Math.sqrt(chance.next()))] ?? '';
  const pick = () => {
    const [one, other] = [any(), any()];
    return one.length > LONG || other.length > LONG ? (one.length < other.length ? one : other) : one;
  };
  let input = pick();
  if (chance.happens(0.1)) {
    const other = pick();
    const [a, b] = [input.split('\n'), other.split('\n')];
    input = [...a.slice(0, chance.whole(0, a.length)), ...b.slice(chance.whole(0, b.length))].join('\n');
  }
  for (let changes = chance.whole(1, MOST_CHANGES); changes > 0; changes -= 1) input = spoil(input, chance, words);
  return input;
}

/** Runs inputs and remembers the answers, and the first failure. */
class Trial {
  failure: Failure | undefined;
  readonly #judge: Judge;
  readonly #answers = new Set<string>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  get answers(): number {
    return this.#answers.size;
  }

  /** @returns whether there was no such answer before */
  async run(input: string): Promise<boolean> {
    const judged = await this.#judge.judge(input);
    if (!judged.ok) {
      this.failure ??= { input, error: judged.error };
      return false;
    }
    if (this.#answers.has(judged.label)) return false;
    this.#answers.add(judged.label);
    return true;
  }
}
