/** Makes a failing input smaller while it still fails, so that a person can read it. */

/** How long it may try, ms. */
const PATIENCE_MS = 3_000;

/**
 * @param input fails @param fails whether another input fails too
 * @returns the smallest that was found in time
 */
export async function shrink(input: string, fails: (input: string) => Promise<boolean>): Promise<string> {
  const deadline = performance.now() + PATIENCE_MS;
  let best = input;
  for (const separator of ['\n', '']) {
    for (let size = Math.ceil(best.split(separator).length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < best.split(separator).length; ) {
        if (performance.now() > deadline) return best;
        const parts = best.split(separator);
        parts.splice(at, size);
        const smaller = parts.join(separator);
        if (smaller !== best && (await fails(smaller))) best = smaller;
        else at += size;
      }
    }
  }
  return best;
}
