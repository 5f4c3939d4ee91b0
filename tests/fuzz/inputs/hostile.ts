/** From values that fit to texts that do not: what the structured half of the fuzzing feeds. */
import fc from 'fast-check';
import { chanceOf } from '../../recovery/random.ts';
import { spoil } from './spoil.ts';

/** Most things that are wrong with one input. */
const MOST_CHANGES = 4;

/**
 * A text with up to four things wrong with it, and now and then with none.
 * @param texts what is right @param words what means something to the reader
 */
export function hostile(texts: fc.Arbitrary<string>, words: readonly string[] = []): fc.Arbitrary<string> {
  const changes = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: MOST_CHANGES });
  return fc
    .tuple(texts, changes)
    .map(([text, seeds]) => seeds.reduce((spoiled, seed) => spoil(spoiled, chanceOf(seed), words), text));
}
