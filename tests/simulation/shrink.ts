/** Makes a history that went wrong as short as it can be and still go wrong in the same way. */
import { History, STEPS } from './history.ts';
import { Tally } from './tally.ts';
import { Violation } from './witness.ts';

/** Plays a history. @returns what went wrong, if anything did; a fault of any other kind counts as well */
export async function playOnce(
  seed: number,
  keep?: readonly number[],
  story?: (line: string) => void,
): Promise<Error | undefined> {
  const options = { seed, tally: new Tally(), ...(keep && { keep }), ...(story && { story }) };
  try {
    await new History(options).play(options);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** What kind of wrong it is: the invariant, or the message of anything else. */
export function kindOf(error: Error): string {
  return error instanceof Violation ? error.invariant : `${error.name}: ${error.message}`;
}

/**
 * Takes steps away as long as the same invariant is broken (delta debugging).
 * @param most how many histories may be played for it
 * @returns the indexes of the steps that are left
 */
export async function shrink(seed: number, error: Error, most = 600): Promise<number[]> {
  const wanted = kindOf(error);
  let keep = Array.from({ length: STEPS.most }, (_, index) => index);
  let played = 0;
  const stillWrong = async (steps: readonly number[]) => {
    played += 1;
    const found = await playOnce(seed, steps);
    return found !== undefined && kindOf(found) === wanted;
  };
  for (let size = 128; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < keep.length && played < most; ) {
      const fewer = [...keep.slice(0, at), ...keep.slice(at + size)];
      if (await stillWrong(fewer)) keep = fewer;
      else at += size;
    }
  }
  return keep;
}

/** Steps as they are written on a command line: `0-3,7`. */
export function stepsText(steps: readonly number[]): string {
  const runs: string[] = [];
  for (let at = 0; at < steps.length; ) {
    const first = steps[at] ?? 0;
    let end = at;
    while (steps[end + 1] === (steps[end] ?? 0) + 1) end += 1;
    const last = steps[end] ?? first;
    runs.push(first === last ? `${first}` : `${first}-${last}`);
    at = end + 1;
  }
  return runs.join(',');
}

/** The other way round. @throws when it is not such a list */
export function stepsOf(text: string): number[] {
  // The end of a history alone can be enough.
  if (text === '') return [];
  return text.split(',').flatMap((run) => {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(run);
    if (!match) throw new Error(`"${run}" is neither a step nor a run of steps`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);
  });
}
