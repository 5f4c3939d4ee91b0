/** What a scenario is: a small play with people in roles, and the rules it is about. */
import type { Pace } from './pace.ts';
import type { Person, Target } from './person.ts';

/**
 * What a scenario cannot be played without.
 * - `third`: a third account, that may call the callee and not the caller
 * - `own`: accounts the kit made itself, whose friendships, blocks and profiles it may change
 * - `history`: the server offers `GET /api/rtc/calls`
 * - `slow`: it has to wait for a time limit of the server
 */
export type Need = 'third' | 'own' | 'history' | 'slow';

/** The people of a scenario and what they stand on. */
export interface Stage {
  /** May call the callee, and be called by it. */
  readonly caller: Person;
  readonly callee: Person;
  /** May call the callee, and be called by it; may not call the caller. Only for who has the need `third`. */
  readonly third: Person;
  readonly target: Target;
  readonly pace: Pace;
}

/** A scenario. It is over when `run` settles, and holds when it does not throw. */
export interface Scenario {
  /** Its word on the command line and in the report. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly title: string;
  /** The rules it is about, the most important first: sections of the contract (`§4.1`), ids of the protocol (`OF-2`). */
  readonly rules: readonly string[];
  readonly needs?: readonly Need[];
  run(stage: Stage): Promise<void>;
}
