/** What is fuzzed: something that reads what strangers write, and what must hold whatever they write. */
import type fc from 'fast-check';

/** A promise of the code that an input broke. Whatever else is thrown counts as a crash. */
class Violation extends Error {
  override readonly name = 'Violation';
}

/** @throws Violation with the sentence, when it does not hold */
export function expect(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Violation(sentence);
}

/** One thing under test. Inputs are texts; a lone surrogate U+DC80–U+DCFF stands for a raw byte where bytes are read. */
export interface Target {
  /** Inputs built from the real schemas, then spoiled. */
  readonly inputs: fc.Arbitrary<string>;
  /** Words that mean something to it, for the mutations. */
  readonly words: readonly string[];
  /** The source files it is about, as the ends of their paths: what the share of covered code is told of. */
  readonly about: readonly string[];
  /**
   * Reads one input and looks whether everything holds.
   * @returns a short label of what came of it, the same for the same behaviour; an input with a new label is kept
   * @throws Violation, or whatever the code under test threw
   */
  run(input: string): string | Promise<string>;
  /** How many texts it has read so far, when an input is several of them. */
  texts?(): number;
  /** Gives back what it holds, and looks a last time. @throws Violation */
  close?(): Promise<void>;
}

/** Makes a target. */
export type OpenTarget = () => Target | Promise<Target>;
