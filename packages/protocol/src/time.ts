/**
 * A time as it stands on the wire: ISO 8601 UTC with milliseconds.
 * @param at ms since the epoch
 */
export function isoTime(at: number): string {
  // Many frames are made in one millisecond.
  if (at !== lastAt) {
    lastText = new Date(at).toISOString();
    lastAt = at;
  }
  return lastText;
}

let lastAt = Number.NaN;
let lastText = '';
