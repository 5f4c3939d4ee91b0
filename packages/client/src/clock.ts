/** A clock for measuring by: it goes as the given one does, but never back. */

/**
 * When a person or the system sets the clock back, this one stands still for that moment and goes on from there: what is
 * to happen after a while is not put off by as much. Set ahead, as by a sleep that was not seen, it goes ahead.
 * @param now ms since 1970
 */
export function neverBack(now: () => number): () => number {
  let last = 0;
  let aheadMs = 0;
  return () => {
    const time = now();
    if (time < last) aheadMs += last - time;
    last = time;
    return time + aheadMs;
  };
}
