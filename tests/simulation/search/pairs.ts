/** Two things at once: one is held back between its steps at the store while the other one happens. */
import type { Action } from './alphabet.ts';
import type { Setup } from './people.ts';
import type { WordName } from './words.ts';

/** An action that has no place in the alphabet yet. */
export type Draft = Pick<Action, 'text' | 'isPossible' | 'run'> & Partial<Pick<Action, 'isAboutCalls' | 'parts'>>;

/** What is held back, before which of its steps at the store, and what happens in between. */
interface PairRule {
  readonly first: readonly string[];
  readonly before: readonly number[];
  readonly between: (first: string) => readonly string[];
  /** Without a live call the first one takes no step that could be held back. */
  readonly needsCall?: true;
}

/**
 * Two things at once, wherever the second may change what the first was decided on.
 * @param singles by verb, device and what else there is to it, in the order of the alphabet, which they begin
 */
export function pairsOf(setup: Setup, singles: ReadonlyMap<string, Draft>): Draft[] {
  const all = setup.devices.map((_, device) => device);
  const on = (...words: string[]) => words.flatMap((word) => all.map((device) => `${word} ${device}`));
  const said = (...words: WordName[]) => words.flatMap((word) => all.map((device) => `${word} ${device} 0`));
  const dialled = [...singles.keys()].filter((key) => key.startsWith('offer ') && key.endsWith('plainly'));
  const takeovers = [...singles.keys()].filter((key) => key.endsWith('takeover'));
  const comings = on('fresh', 'resume', 'lose');
  const same = (first: string, ...words: string[]) => words.map((word) => `${word} ${first.split(' ')[1]}`);
  const rules: PairRule[] = [
    { first: dialled, before: [2], between: () => [...dialled, ...comings] },
    {
      first: takeovers,
      before: [2, 3],
      between: () => [...takeovers, ...said('hangUp', 'renegotiate'), ...on('lose')],
    },
    { first: said('answer'), before: [2], between: () => [...said('answer', 'hangUp', 'reject'), ...comings, 'due'] },
    {
      first: said('hangUp', 'reject'),
      before: [2],
      between: () => [...said('answer', 'hangUp', 'renegotiate'), ...comings, 'due'],
    },
    { first: said('busy'), before: [2], between: () => [...said('busy', 'answer'), ...on('fresh', 'lose')] },
    {
      first: said('renegotiate'),
      before: [2],
      between: () => [...said('renegotiate', 'answerNegotiation', 'hangUp'), ...takeovers, ...on('lose')],
    },
    { first: said('claim'), before: [2], between: () => [...said('hangUp', 'claim'), ...on('fresh')] },
    {
      first: on('fresh', 'resume', 'move'),
      before: [1, 2],
      between: (first) => [...said('hangUp', 'answer'), ...same(first, 'lose')],
      needsCall: true,
    },
    {
      first: on('lose'),
      before: [1, 2],
      between: (first) => [...said('hangUp', 'answer'), ...same(first, 'resume'), ...on('fresh')],
      needsCall: true,
    },
  ];
  const keys = [...singles.keys()];
  const pairs: Draft[] = [];
  for (const { first, before, between, needsCall } of rules) {
    for (const held of first) {
      const one = singles.get(held);
      for (const then of between(held)) {
        const other = singles.get(then);
        if (!one || !other || held === then) continue;
        for (const step of before) {
          pairs.push({
            text: `${one.text} Before its step ${step} is done: ${other.text}`,
            isPossible: (scene) =>
              one.isPossible(scene) &&
              (!needsCall || scene.witness.hasLiveCalls) &&
              (other.isPossible(scene) || isReturn(held, then)),
            async run(stage) {
              stage.interruptBefore(step, async () => {
                if (other.isPossible(stage.scene)) await other.run(stage);
              });
              await one.run(stage);
              // With fewer steps than that there was nothing in between.
              stage.dropInterruption();
            },
            parts: [keys.indexOf(held), keys.indexOf(then)],
          });
        }
      }
    }
  }
  return pairs;
}

/** A device that comes back while its loss is still being dealt with, or is lost while its coming is. */
function isReturn(held: string, then: string): boolean {
  const [verb, device] = held.split(' ');
  const [back, again] = then.split(' ');
  if (device !== again) return false;
  if (verb === 'lose') return back === 'fresh' || back === 'resume';
  return (verb === 'fresh' || verb === 'resume') && back === 'lose';
}
