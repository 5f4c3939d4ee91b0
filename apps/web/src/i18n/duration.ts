/** How long something took, as a clock shows it. */

/**
 * Writes a duration as `m:ss`, from an hour on `h:mm:ss`. Started seconds do not count.
 * @param durationMs milliseconds; what is below zero or no number counts as zero
 */
export function formatDuration(durationMs: number): string {
  const totalSeconds = Number.isFinite(durationMs) ? Math.max(0, Math.floor(durationMs / 1000)) : 0;
  const seconds = String(totalSeconds % 60).padStart(2, '0');
  const totalMinutes = Math.floor(totalSeconds / 60);
  if (totalMinutes < 60) return `${totalMinutes}:${seconds}`;
  return `${Math.floor(totalMinutes / 60)}:${String(totalMinutes % 60).padStart(2, '0')}:${seconds}`;
}
