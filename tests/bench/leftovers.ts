/** What must be ended and removed even when the benchmark is cut short. */

const leftovers = new Set<() => void>();
process.once('exit', () => {
  for (const clear of leftovers) clear();
});

/** Clears something away when this process exits, unless that was taken back before. @returns takes it back */
export function atExit(clear: () => void): () => void {
  leftovers.add(clear);
  return () => leftovers.delete(clear);
}
