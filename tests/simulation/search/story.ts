/** A way through a searched world, told step by step, and played again. */
import { type CallId, type Endpoint, userOf } from '@ringdown/call';
import type { Commit } from '@ringdown/server/core';
import { alphabetOf } from './alphabet.ts';
import { closes } from './closing.ts';
import { nameOf, type Setup } from './people.ts';
import { opening } from './play.ts';
import { Stage } from './stage.ts';

/** A way told: a line a step and what followed from it, and what went wrong at its end, if anything did. */
export interface Story {
  readonly lines: readonly string[];
  readonly failure: unknown;
}

/** Plays a way again. @param close play the world to its end from there as well */
export async function tell(setup: Setup, way: readonly number[], close = false): Promise<Story> {
  const alphabet = alphabetOf(setup);
  const lines: string[] = [];
  const stage = new Stage((commit) => lines.push(...told(commit)));
  const scene = await opening(setup, stage);
  lines.length = 0;
  for (const [n, id] of way.entries()) {
    const action = alphabet[id];
    if (!action?.isPossible(scene)) throw new Error(`step ${n + 1} cannot happen: ${action?.text ?? id}`);
    lines.push(`${n + 1}. ${action.text}`);
    stage.enter(scene);
    try {
      await action.run(stage);
      await scene.judge();
    } catch (failure) {
      return { lines, failure };
    }
  }
  if (!close) return { lines, failure: undefined };
  lines.push('Then everybody leaves, or everybody comes and hangs up.');
  return { lines, failure: await closes(scene, stage) };
}

/** A commit in a few words. */
function told({ calls, effects }: Commit): string[] {
  const lines = calls.map((state) => {
    const outcome = state.phase === 'ended' ? ` as ${state.outcome.caller}, ${state.outcome.callee}` : '';
    return `     ${state.callId} ${{ ringing: 'rings', active: 'is on', ended: 'is over' }[state.phase]}${outcome}`;
  });
  const frames = new Map<Endpoint, string[]>();
  const note = (to: Endpoint, what: string) => frames.set(to, [...(frames.get(to) ?? []), what]);
  for (const effect of effects) {
    if (effect.type === 'send') {
      const { data, type } = effect.message;
      const reason = 'reason' in data && data.reason !== undefined ? ` (${data.reason})` : '';
      note(effect.to, `${type}${reason}${'callId' in data ? ofCall(data.callId) : ''}`);
    } else if (effect.type === 'sendCandidates') note(effect.to, `kept candidates of ${placeOf(effect.from)}`);
  }
  for (const [to, what] of frames) lines.push(`     ${placeOf(to)} is sent ${what.join(', ')}`);
  return lines;
}

const ofCall = (callId: CallId | undefined): string => (callId === undefined ? '' : ` of ${callId}`);

function placeOf(endpoint: Endpoint): string {
  return `${nameOf(userOf(endpoint))}'s ${endpoint.slice(endpoint.indexOf('/') + 1)}`;
}
