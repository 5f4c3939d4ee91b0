/** What can go wrong in a history. */

/** What can go wrong. Each is asserted to have happened often enough in the standard run. */
export const FAULTS = [
  /** A wire is cut, with what was on it. */
  'drop',
  /** A request comes again under its id. */
  'duplicate',
  /** Something younger is done before something older. */
  'reorder',
  /** A process dies. */
  'crash',
  /** A process dies with a step committed that nobody has been told of. */
  'crashAfterCommit',
  /** A process stands still while the others go on. */
  'pause',
  /** The clock jumps ahead. */
  'clockStep',
  /** A commit is refused although nothing has changed. */
  'conflict',
  /** A commit is based on what has changed. */
  'stale',
  /** Somebody acts whose session is not the current one any more. */
  'fenced',
  /** A detach comes after its endpoint has attached again. */
  'staleDetach',
  /** A socket is woken for nothing. */
  'wakeTwice',
  /** A mailbox overflows. */
  'overflow',
  /** The service is killed and begins again with what was written down. */
  'kill',
] as const;
/** Something that can go wrong. */
type Fault = (typeof FAULTS)[number];
/** Consequences that are counted and not asked for. */
export type Happening = Fault | 'fencedReader' | 'takenOver' | 'repeated';
