/**
 * A time as it stands on the wire: ISO 8601 UTC with milliseconds.
 * @param at ms since the epoch
 */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
