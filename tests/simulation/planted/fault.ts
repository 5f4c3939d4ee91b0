/** What a planted fault is: a small change of the real source that harms somebody. */

/** A fault, as it can be planted. */
export interface Fault {
  readonly id: string;
  /** The file it is planted in, from the root of the repository. */
  readonly file: string;
  /** What goes wrong for people, in one sentence. */
  readonly what: string;
  /** The text it takes away; stands there exactly once. */
  readonly find: string;
  /** The text it puts in its place. */
  readonly replace: string;
}

/** A fault of the way in and out, which no simulation passes through: the tests of the server have to see it. */
export interface DoorFault extends Fault {
  /** The test files that could see it, from the root of the repository. */
  readonly tests: readonly string[];
}
