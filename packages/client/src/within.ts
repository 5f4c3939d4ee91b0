/** Waiting for what somebody else promised, but not for ever. */
import type { Platform } from './platform.ts';

/** Waits for it at most so long, ms. @throws what it throws, or an error of its own once that time is over */
export function within<T>(given: Promise<T>, ms: number, platform: Pick<Platform, 'setTimer'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = platform.setTimer(() => reject(new Error('late')), ms);
    void given.then(resolve, reject).finally(stop);
  });
}
