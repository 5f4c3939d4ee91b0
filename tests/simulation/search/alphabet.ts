/**
 * Everything that can happen in a searched world, as a numbered list: what each client may say, in its role or not, to
 * the live calls and to the last one that is over; sockets that come and go; frames that arrive; time; and two of these
 * at once, one between the steps of the other.
 */
import {
  attach,
  candidate,
  hasMail,
  isAttached,
  lose,
  loseStale,
  offer,
  overRest,
  read,
  readAll,
  say,
  wait,
} from './deeds.ts';
import { type Draft, pairsOf } from './pairs.ts';
import { nameOf, type Setup } from './people.ts';
import { type Scene, usersOf } from './scene.ts';
import type { Stage } from './stage.ts';
import { callOf, type Which, WORDS, type Word, type WordName } from './words.ts';

/** Something that can happen. */
export interface Action {
  /** Its place in the alphabet. */
  readonly id: number;
  /** As a line of a story. */
  readonly text: string;
  /** Whether it can happen in this scene. */
  isPossible(scene: Scene): boolean;
  /** Lets it happen on the stage. */
  run(stage: Stage): Promise<void>;
  /** Depends on the calls alone: where it changed nothing once, it changes nothing while they stay as they are. */
  readonly isAboutCalls: boolean;
  /** Two things at once, by their places in the alphabet: tried once for every picture of the calls. */
  readonly parts: readonly [number, number] | undefined;
}

/** Candidates of one endpoint in one call. */
const MOST_CANDIDATES = 1;

/** The alphabet of a setup; always the same list for the same setup. */
export function alphabetOf(setup: Setup): readonly Action[] {
  const users = usersOf(setup);
  const singles = new Map<string, Draft>();
  const add = (key: string, draft: Draft) => singles.set(key, draft);
  const nameOfDevice = (device: number) =>
    `${nameOf(setup.devices[device]?.user ?? '')}'s ${setup.devices[device]?.name}`;
  const mostLive = setup.busyPolicy === 'waiting' ? 2 : 1;

  add('due', {
    text: 'Time passes until something is due.',
    isPossible: (scene) => !scene.isMailUnread,
    run: (stage) => wait(stage, 'due'),
  });
  add('eve', {
    text: 'Time passes until just before something is due.',
    isPossible: (scene) => !scene.isMailUnread && scene.witness.hasLiveCalls,
    run: (stage) => wait(stage, 'eve'),
  });
  for (const user of users) {
    for (const type of ['hangUp', 'reject'] as const) {
      add(`rest ${type} ${user}`, {
        text: `${nameOf(user)} ${type === 'hangUp' ? 'hangs up' : 'rejects'} without any device.`,
        isPossible: (scene) => scene.witness.hasLiveCalls,
        run: (stage) => overRest(stage, user, type),
        isAboutCalls: true,
      });
    }
  }
  setup.devices.forEach(({ user, plain }, device) => {
    const name = nameOfDevice(device);
    const attached = (scene: Scene) => isAttached(scene, device);
    if (!setup.isMailPrompt) {
      add(`read ${device}`, {
        text: `${name} gets what is on the way, and confirms it.`,
        isPossible: (scene) => attached(scene) && hasMail(scene, device, true),
        run: (stage) => read(stage, device, true),
      });
      add(`receive ${device}`, {
        text: `${name} gets what is on the way.`,
        isPossible: (scene) => attached(scene) && hasMail(scene, device, false),
        run: (stage) => read(stage, device, false),
      });
    }
    add(`lose ${device}`, {
      text: `${name} loses its socket.`,
      isPossible: attached,
      run: (stage) => lose(stage, device),
    });
    if (!plain) {
      add(`resume ${device}`, {
        text: `${name} comes back where it was.`,
        isPossible: (scene) => !attached(scene) && scene.client(device).token !== undefined,
        run: (stage) => attach(stage, device, 'resume'),
      });
      add(`move ${device}`, {
        text: `${name} comes over a new socket before its old one is seen to close.`,
        isPossible: (scene) => attached(scene) && scene.client(device).stale === undefined,
        run: (stage) => attach(stage, device, 'move'),
      });
      add(`stale ${device}`, {
        text: `The old socket of ${name} is seen to close.`,
        isPossible: (scene) => scene.client(device).stale !== undefined,
        run: (stage) => loseStale(stage, device),
      });
    }
    add(`fresh ${device}`, {
      text: `${name} comes, knowing nothing.`,
      isPossible: (scene) => !attached(scene),
      run: (stage) => attach(stage, device, 'fresh'),
    });
    for (const to of users) {
      if (to === user) continue;
      const offers: ('plainly' | 'takeover' | 'blocked')[] = ['plainly'];
      if (!plain) offers.push('takeover');
      if (setup.devices.findIndex((other) => other.user === user) === device) offers.push('blocked');
      for (const how of offers) {
        add(`offer ${device} ${to} ${how}`, {
          text: `${name} calls ${nameOf(to)}${{ plainly: '', takeover: ', to go on here', blocked: ', who has blocked the caller' }[how]}.`,
          isPossible: (scene) => attached(scene) && (how !== 'takeover' || scene.witness.hasLiveCalls),
          run: (stage) => offer(stage, device, to, how),
          ...(how !== 'plainly' && { isAboutCalls: true }),
        });
      }
    }
    for (let nth = 0; nth < mostLive; nth += 1) addWords(device, name, plain, nth as Which);
    addWords(device, name, plain, 'over');
  });

  const drafts = setup.isMailPrompt
    ? [...singles.values()].map(prompt)
    : [...singles.values(), ...pairsOf(setup, singles)];
  return drafts.map(({ text, isPossible, run, isAboutCalls, parts }, id) => ({
    id,
    text,
    isPossible,
    run,
    isAboutCalls: isAboutCalls === true,
    parts,
  }));

  function addWords(device: number, name: string, plain: boolean, which: Which): void {
    const call = which === 'over' ? 'the last call that is over' : which === 0 ? 'the call' : 'the second call';
    const user = setup.devices[device]?.user;
    for (const key of Object.keys(WORDS) as WordName[]) {
      const word: Word = WORDS[key];
      if (word.extendedOnly && plain) continue;
      if (which === 'over' ? !word.late : word.live === false) continue;
      add(`${key} ${device} ${which}`, {
        text: `${name} ${word.text} ${call}.`,
        isPossible(scene) {
          if (!isAttached(scene, device)) return false;
          const callId = callOf(scene, which);
          const state = callId === undefined ? undefined : scene.witness.stateOf(callId);
          if (state === undefined) return false;
          const side = state.caller.id === user ? 'caller' : state.callee.id === user ? 'callee' : undefined;
          return word.isPossible?.(state, side) ?? true;
        },
        run: (stage) => say(stage, device, which, key),
        isAboutCalls: true,
      });
    }
    add(`candidate ${device} ${which}`, {
      text: `${name} sends a candidate of ${call}.`,
      isPossible(scene) {
        const callId = isAttached(scene, device) ? callOf(scene, which) : undefined;
        return callId !== undefined && scene.mail.keptOf(callId, scene.client(device).endpoint) < MOST_CANDIDATES;
      },
      run: (stage) => candidate(stage, device, which),
      isAboutCalls: true,
    });
  }
}

/** The same, and whatever is sent arrives. */
function prompt(draft: Draft): Draft {
  return {
    ...draft,
    async run(stage) {
      await draft.run(stage);
      if (stage.changed) await readAll(stage);
    },
  };
}
