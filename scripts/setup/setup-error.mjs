/** A reason not to go on that a person can act on: its message is one line that says what to do. */
export class SetupError extends Error {}
