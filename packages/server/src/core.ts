/**
 * The inner door of the server package: what decides and remembers calls, and what speaks the protocol over any socket,
 * without HTTP or a database. For whoever proves the rules over a store of their own making, plays whole sessions in
 * memory, or writes another adapter of the store.
 */
export { Alarm } from './alarm.ts';
export type { Authenticator } from './auth/auth.ts';
export { CallLimits } from './call-limits.ts';
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
export { Connections } from './connections.ts';
export type { Directory, Person } from './directory/directory.ts';
export { createDispatch } from './dispatch.ts';
export { createLogger } from './log.ts';
export { Presence } from './presence.ts';
export type { RawSocket } from './socket.ts';
