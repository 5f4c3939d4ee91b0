/** Why a scenario does not hold, in words a stranger understands; and the two reasons for it not to be judged at all. */
import { isDeepStrictEqual } from 'node:util';
import type { ErrorReason } from '@ringdown/protocol';
import type { Frame } from './frame.ts';
import { shapeMismatch } from './shapes.ts';

/** Something a server must do, and what it did instead. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
  readonly expected: string;
  readonly got: string;
  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** The server limits the rate of what the scenario did before its point was reached: it is tried again later. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited';
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`rate limited for ${retryAfterMs} ms`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The scenario cannot be played here. The message says why. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** The most of a value that is shown. */
const SHOWN_CHARS = 300;

/** A value as it is shown in a report. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text;
}

/**
 * Holds when two values are the same, deeply.
 * @param what the thing, e.g. `the senderId of the offer`
 * @throws Unmet
 */
export function same(what: string, got: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(got, expected)) throw new Unmet(`${what} to be ${shown(expected)}`, shown(got));
}

/**
 * Holds when a condition does.
 * @param expected the condition as the end of "expected …" @param got what is shown when it does not hold
 * @throws Unmet
 */
export function holds(expected: string, condition: boolean, got: unknown): void {
  if (!condition) throw new Unmet(expected, shown(got));
}

/**
 * Holds when the fields of a frame are as given; other fields do not matter.
 * @throws Unmet that names the first field that is not
 */
export function fields(frame: { type: string; data: object }, expected: Readonly<Record<string, unknown>>): void {
  const data = frame.data as Record<string, unknown>;
  for (const [name, value] of Object.entries(expected)) same(`\`${name}\` of ${frame.type}`, data[name], value);
}

/**
 * Holds when a frame has the shape that its type asks for; further fields are allowed.
 * @throws Unmet
 */
export function shaped(frame: Frame): void {
  const mismatch = shapeMismatch(frame);
  if (mismatch !== undefined) throw new Unmet(`${frame.type} in the shape of the contract`, mismatch);
}

/**
 * Holds when a frame is an error with a code and, where the protocol names one, its reason.
 * @throws Unmet
 */
export function refused(frame: Frame, code: number, reason?: ErrorReason): void {
  const wanted = `an error with code ${code}${reason === undefined ? '' : ` and reason ${reason}`}`;
  const isIt = frame.type === 'error' && frame.data['code'] === code;
  if (!isIt || (reason !== undefined && frame.data['reason'] !== reason)) throw new Unmet(wanted, told(frame));
}

/** A frame in a few words: its type and the small fields that matter, never a description or a token. */
export function told(frame: Frame): string {
  const kept = ['callId', 'code', 'reason', 'resumed', 'state', 'devices', 'replayed', 'negotiationId'].filter(
    (name) => frame.data[name] !== undefined,
  );
  const words = kept.map((name) => `${name} ${String(frame.data[name]).slice(0, 64)}`);
  return [frame.type, ...(words.length > 0 ? [`(${words.join(', ')})`] : [])].join(' ');
}
