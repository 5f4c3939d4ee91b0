/** A reader of one kind of text. */
import type fc from 'fast-check';

/** The longest that a refusal may say, in characters: it names a place and what was expected there. */
export const LONGEST_MESSAGE = 1_000;

/** Something that reads a text. */
export interface Reader {
  /** Texts that it understands. */
  readonly examples: fc.Arbitrary<string>;
  /** Reads one and looks whether its promises hold. @param folder an empty one @returns a label @throws Violation */
  read(text: string, folder: string): string;
}
