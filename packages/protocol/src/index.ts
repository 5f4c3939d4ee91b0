/** The door of the protocol package: every byte that crosses a socket or the REST door, for both sides. */

export {
  decodeClientMessage,
  decodePlainServerMessage,
  decodeServerMessage,
  encode,
  explainMismatch,
  type Result,
  withSeq,
  withTtl,
} from './codec.ts';
export {
  CLOSED_AS_REPLACED,
  CLOSED_FOR_PROTOCOL,
  CLOSES,
  type CloseReason,
  ERRORS,
  type ErrorReason,
  mayRepeat,
  reconnectAdvice,
} from './codes.ts';
export { isUserId, userIdText } from './ids.ts';
export { WIRE_LIMITS } from './limits.ts';
export { CLOSE_MEANINGS, ERROR_MEANINGS } from './meanings.ts';
export * from './messages.ts';
export * from './rest.ts';
export {
  chooseLanguage,
  type DiagnosisCode,
  diagnosisText,
  errorText,
  eventText,
  LANGUAGES,
  type Language,
} from './texts.ts';
export { isoTime } from './time.ts';
