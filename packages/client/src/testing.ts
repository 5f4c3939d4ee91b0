/** Doubles for applications that test against the SDK. */
export type {} from './peer.ts';
