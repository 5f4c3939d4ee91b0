/** The door of the call package: the rules of a call, pure. */
export {
  type Admission,
  type AdmissionFacts,
  type Attempt,
  admit,
  answerConsequences,
  type Consequence,
} from './admission.ts';
export { type CandidateRoute, candidateRoute } from './candidates.ts';
export { DIAGNOSES, type Diagnosis } from './diagnosis.ts';
export type { CallEvent, ClientEvent, Effect, Reply, ServiceEvent } from './events.ts';
export * from './ids.ts';
export { type CallRecord, type SideRecord, toCallRecord } from './record.ts';
export { type Role, roleOf } from './role.ts';
export * from './state.ts';
export type { Step } from './step.ts';
export type { TimelineEntry, TimelineWord } from './timeline.ts';
export { transition } from './transition.ts';
