/**
 * The inner door of the server package: what decides and remembers calls, without sockets, HTTP or a database. For whoever
 * proves the rules over a store of their own making, or writes another adapter of the store.
 */
export {
  type Attached,
  type CallStore,
  type CandidateFrames,
  type Commit,
  type Frame,
  type NewSession,
  type Relayed,
  type Seq,
  type Snapshot,
  STORE_LIMITS,
  type Unreadable,
} from './call-store/call-store.ts';
export { type FileJournal, openJournal } from './call-store/journal.ts';
export { type Changed, type Journal, type JournalRows, MemoryWorld } from './call-store/memory.ts';
export { type Actor, type CallListeners, Calls, type OfferFacts, type Outcome, outgoingCall } from './calls.ts';
export { createLogger } from './log.ts';
