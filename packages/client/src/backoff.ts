/** How long to wait before connecting again. Pure. */

/** The bound of the first wait, ms. It doubles with every attempt. */
const FIRST_MS = 500;
/** The bound never grows beyond this, ms: well inside the time the service keeps the place in a call (DS-1: 30 s). */
const LONGEST_MS = 10_000;

/**
 * Exponential back-off with full jitter: anything from nothing up to a bound that doubles, so that clients that lost
 * their service at one moment do not come back at one moment.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt attempts that failed in a row, from 0
 * @param random from 0 up to, but not including, 1
 * @returns ms, a whole number
 */
export function backoffDelayMs(attempt: number, random: number): number {
  const boundMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.floor(random * boundMs);
}
