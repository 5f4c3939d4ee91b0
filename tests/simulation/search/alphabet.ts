/**
 * Everything that can happen in a searched world, as a numbered list: what each client may say, in its role or not, to
 * the live calls and to the last one that is over; sockets that come and go; frames that arrive; time; and two of these
 * at once, one between the steps of the other.
 */
import {
  type CallId,
  type CallState,
  type ClientEvent,
  deviceEndpoint,
  type Endpoint,
  type Millis,
  type Party,
  plainEndpoint,
  type UserId,
  userOf,
} from '@ringdown/call';
import { encode } from '@ringdown/protocol';
import type { Actor, CandidateFrames, NewSession, Outcome } from '@ringdown/server/core';
import { Violation } from '../witness.ts';
import type { Letter } from './mail.ts';
import { CAN, nameOf, type Setup } from './people.ts';
import { type Scene, usersOf } from './scene.ts';
import type { Stage } from './stage.ts';

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

const RING_MS = 60_000;
/** How long before something is due the clock may stop: less than what is left for a late ring (RI-2). */
const EVE_MS: Millis = 2_000;
/** Candidates of one endpoint in one call. */
const MOST_CANDIDATES = 1;

const OFFER = { type: 'offer', sdp: 'v=0' } as const;
const ANSWER = { type: 'answer', sdp: 'v=0' } as const;
const AGAIN = { type: 'offer', sdp: 'v=0 again' } as const;

const PARTIES = new Map<UserId, Party>();

function partyOf(id: UserId): Party {
  let party = PARTIES.get(id);
  if (!party) {
    party = { id, info: { id: Number(id), username: nameOf(id), avatar: '' } };
    PARTIES.set(id, party);
  }
  return party;
}

/** Which call is meant: a live one by age, or the last that is over. */
type Which = 0 | 1 | 'over';

function callOf(scene: Scene, which: Which): CallId | undefined {
  if (which !== 'over') return scene.witness.liveCall(which)?.callId;
  for (let n = scene.calls.length - 1; n >= 0; n -= 1) {
    const callId = scene.calls[n] as CallId;
    if (scene.witness.stateOf(callId)?.phase === 'ended') return callId;
  }
  return undefined;
}

/** What a client can say about a call. */
interface Word {
  readonly text: string;
  readonly extendedOnly?: true;
  /** Said to calls that are over as well. */
  readonly late?: true;
  /** Said to live calls too, unless this is false. */
  readonly live?: false;
  readonly isPossible?: (state: CallState, side: 'caller' | 'callee' | undefined) => boolean;
  event(common: Common, state: CallState): ClientEvent;
  /** After it the client has left the call by its own doing. */
  readonly leaves?: true;
}
type Common = Pick<ClientEvent, 'from' | 'language' | 'capabilities'>;

const negotiationOf = (state: CallState): number => (state.phase === 'active' ? Math.max(1, state.negotiations) : 1);

const WORDS = {
  answer: { text: 'answers', late: true, event: (by) => ({ type: 'answer', ...by, answer: ANSWER, allowed: true }) },
  answerForbidden: {
    text: 'answers, and is not allowed to any more,',
    event: (by) => ({ type: 'answer', ...by, answer: ANSWER, allowed: false }),
  },
  reject: { text: 'rejects', leaves: true, event: (by) => ({ type: 'reject', ...by, reason: 'rejected' }) },
  refuse: { text: 'cannot take', leaves: true, event: (by) => ({ type: 'reject', ...by, reason: 'media_error' }) },
  busy: { text: 'is too busy for', leaves: true, event: (by) => ({ type: 'busy', ...by }) },
  hangUp: {
    text: 'hangs up',
    late: true,
    leaves: true,
    event: (by) => ({ type: 'hangUp', ...by, reason: 'normal' }),
  },
  claim: { text: 'speaks up in', event: (by) => ({ type: 'claim', ...by }) },
  accepting: {
    text: 'wakes up to answer',
    extendedOnly: true,
    late: true,
    event: (by) => ({ type: 'accepting', ...by }),
  },
  renegotiate: {
    text: 'renegotiates',
    extendedOnly: true,
    late: true,
    isPossible: (state) => state.phase !== 'active' || state.negotiations < 3,
    event: (by) => ({ type: 'renegotiate', ...by, offer: AGAIN }),
  },
  answerNegotiation: {
    text: 'answers the last negotiation of',
    extendedOnly: true,
    event: (by, state) => ({
      type: 'answer',
      ...by,
      answer: ANSWER,
      allowed: true,
      negotiationId: negotiationOf(state),
    }),
  },
  report: {
    text: 'reports media in',
    extendedOnly: true,
    event: (by) => ({ type: 'report', ...by, report: { state: 'flowing' } }),
  },
  mediaState: {
    text: 'turns its camera off in',
    extendedOnly: true,
    isPossible: (state, side) => state.phase !== 'active' || side === undefined || state.media[side] === undefined,
    event: (by) => ({ type: 'mediaState', ...by, media: { audio: 'on', video: 'off' } }),
  },
  quality: {
    text: 'tells how it was in',
    extendedOnly: true,
    late: true,
    live: false,
    event: (by) => ({ type: 'quality', ...by, metrics: { quality: 4 } }),
  },
} as const satisfies Record<string, Word>;
type WordName = keyof typeof WORDS;

const commonOf = (scene: Scene, device: number): Common => ({
  from: scene.client(device).endpoint,
  language: 'en',
  capabilities: scene.setup.devices[device]?.plain ? [] : CAN,
});

function actorOf(scene: Scene, device: number): Actor {
  const { endpoint, sessionId } = scene.client(device);
  return { endpoint, sessionId: sessionId ?? 'none' };
}

const isAttached = (scene: Scene, device: number): boolean => scene.client(device).sessionId !== undefined;

// ------------------------------------------------------------------------------------------------------ what happens

async function say(stage: Stage, device: number, which: Which, name: WordName): Promise<void> {
  const { scene } = stage;
  const callId = callOf(scene, which);
  const state = callId === undefined ? undefined : scene.witness.stateOf(callId);
  if (callId === undefined || state === undefined) return;
  const word: Word = WORDS[name];
  const outcome = await stage.calls.apply(callId, word.event(commonOf(scene, device), state), actorOf(scene, device));
  if (name === 'answer') scene.witness.answered(scene.client(device).endpoint, callId, true, outcome);
  if (name === 'answerForbidden') scene.witness.answered(scene.client(device).endpoint, callId, false, outcome);
  learn(stage, device, callId, outcome, word.leaves === true);
}

/** What a client makes of the answer to what it said. */
function learn(stage: Stage, device: number, callId: CallId, outcome: Outcome, leaves: boolean): void {
  const { scene } = stage;
  const { believes, endpoint } = scene.client(device);
  const over = outcome.ok ? leaves : outcome.reason === 'call_ended' || outcome.reason === 'call_not_found';
  if (over && believes.includes(callId)) {
    scene.update(device, { believes: believes.filter((each) => each !== callId) });
    stage.changed = true;
  }
  believeSeats(scene, device, endpoint);
}

/** A client knows the calls it dialled or answered. */
function believeSeats(scene: Scene, device: number, endpoint: Endpoint): void {
  for (let n = 0; ; n += 1) {
    const call = scene.witness.liveCall(n);
    if (!call) return;
    const isSeated =
      call.callerSeat.endpoint === endpoint || (call.phase === 'active' && call.calleeSeat.endpoint === endpoint);
    const { believes } = scene.client(device);
    if (isSeated && !believes.includes(call.callId)) scene.update(device, { believes: [...believes, call.callId] });
  }
}

async function offer(stage: Stage, device: number, to: UserId, how: 'plainly' | 'takeover' | 'blocked'): Promise<void> {
  const { scene } = stage;
  const { user } = scene.setup.devices[device] as Setup['devices'][number];
  const { from, language, capabilities } = commonOf(scene, device);
  const callId = `c${scene.nextCall}`;
  scene.nextCall += 1;
  stage.blocked = how === 'blocked';
  const outcome = await stage.calls.offer(
    {
      callId,
      from,
      language,
      capabilities,
      caller: partyOf(user),
      callee: partyOf(to),
      offer: OFFER,
      callType: 'video',
      ringTimeoutMs: RING_MS,
      ...(how === 'takeover' && { takeover: true }),
    },
    { blocked: how === 'blocked', doNotDisturb: false, hideBusy: false, busyPolicy: scene.setup.busyPolicy },
    actorOf(scene, device),
  );
  stage.blocked = false;
  learn(stage, device, callId, outcome, false);
}

async function candidate(stage: Stage, device: number, which: Which): Promise<void> {
  const { scene } = stage;
  const callId = callOf(scene, which);
  if (callId === undefined) return;
  const { endpoint, sessionId } = scene.client(device);
  const frames = candidateFrames(callId, scene.setup.devices[device]?.user ?? '', scene.mail.keptOf(callId, endpoint));
  const { calls } = stage;
  // As dispatch does: a plain socket first takes the place it may take, and asks again.
  let relayed = await stage.store.relay(endpoint, sessionId ?? 'none', callId, frames);
  if (relayed !== 'claim') return;
  const outcome = await calls.apply(callId, { type: 'claim', ...commonOf(scene, device) }, actorOf(scene, device));
  relayed = await stage.store.relay(endpoint, sessionId ?? 'none', callId, frames);
  if (relayed === 'claim')
    throw new Violation('I6', `${endpoint} took the free seat of ${callId} and may take it again`);
  learn(stage, device, callId, outcome, false);
}

const FRAMES = new Map<string, CandidateFrames>();

function candidateFrames(callId: CallId, senderId: UserId, nth: number): CandidateFrames {
  const key = `${callId} ${senderId} ${nth}`;
  let frames = FRAMES.get(key);
  if (!frames) {
    const text = encode({
      type: 'call:ice_candidate',
      data: { callId, senderId, candidate: { candidate: `candidate:${nth}` }, timestamp: '2026-01-01T00:00:00.000Z' },
    });
    frames = { single: [text], whole: text };
    FRAMES.set(key, frames);
  }
  return frames;
}

/** @param how resuming with what the client has, or knowing nothing; `move`: while its old socket is still open */
async function attach(stage: Stage, device: number, how: 'resume' | 'fresh' | 'move'): Promise<void> {
  const { scene } = stage;
  const { user, plain } = scene.setup.devices[device] as Setup['devices'][number];
  const { endpoint: before, token, lastSeq, sessionId: old } = scene.client(device);
  const sessionId = `s${scene.nextSession}`;
  scene.nextSession += 1;
  const endpoint = plain
    ? plainEndpoint(user, sessionId)
    : deviceEndpoint(user, scene.setup.devices[device]?.name ?? '');
  const session: NewSession = {
    sessionId,
    language: 'en',
    capabilities: plain ? [] : CAN,
    ...(!plain && { resumeHash: sessionId }),
    ...(how !== 'fresh' && token !== undefined && endpoint === before && { resume: { hash: token, lastSeq } }),
  };
  scene.update(device, { endpoint, sessionId, stale: how === 'move' ? old : undefined });
  const { resumed, after } = await stage.calls.attached(endpoint, session);
  // It may have been lost again before it learnt of this.
  scene.update(device, {
    token: plain ? undefined : sessionId,
    lastSeq: after,
    ...(!resumed && { believes: [], answers: [] }),
  });
  believeSeats(scene, device, endpoint);
}

/** A device loses its socket, if it has one. */
export async function lose(stage: Stage, device: number): Promise<void> {
  const { endpoint, sessionId } = stage.scene.client(device);
  if (sessionId === undefined) return;
  stage.changed = true;
  stage.scene.update(device, { sessionId: undefined });
  await stage.calls.detached(endpoint, sessionId);
}

/** The socket that a device had before this one is seen to close, if there is one. */
export async function loseStale(stage: Stage, device: number): Promise<void> {
  const { endpoint, stale } = stage.scene.client(device);
  if (stale === undefined) return;
  stage.changed = true;
  stage.scene.update(device, { stale: undefined });
  await stage.calls.detached(endpoint, stale);
}

/** Everything on the way arrives; `confirm`: and the service hears so. */
export async function read(stage: Stage, device: number, confirm: boolean): Promise<void> {
  const { scene } = stage;
  const { endpoint, sessionId, lastSeq } = scene.client(device);
  const plain = scene.setup.devices[device]?.plain === true;
  if (sessionId === undefined) return;
  stage.changed = true;
  const frames = await stage.store.mailbox(endpoint, sessionId, lastSeq, 1_000);
  const letters = scene.mail.read(endpoint, lastSeq, frames, scene.isOver);
  let { believes, answers } = scene.client(device);
  for (const { callId, isEnd, ringUntil, content } of letters) {
    if (callId === undefined) continue;
    if (isWinningAnswer(content)) {
      if (answers.includes(callId)) throw new Violation('I1', `${endpoint} got the answer of ${callId} twice`);
      answers = [...answers, callId];
    }
    if (isEnd) believes = believes.filter((each) => each !== callId);
    else if (ringUntil !== undefined && !believes.includes(callId) && scene.takesPart(endpoint, callId)) {
      believes = [...believes, callId];
    }
  }
  const last = scene.mail.boxes.get(endpoint)?.lastSeq ?? lastSeq;
  scene.update(device, { believes, answers, lastSeq: last });
  const rung = plain
    ? letters.flatMap(({ callId, ringUntil }) => (callId && ringUntil !== undefined ? [callId] : []))
    : [];
  for (const callId of rung) await stage.calls.apply(callId, { type: 'rang', endpoint }, { endpoint, sessionId });
  if (!confirm) return;
  const confirmed = await stage.store.ack(endpoint, sessionId, last);
  const expected = scene.mail.acked(endpoint, last);
  if (confirmed.join() !== expected.join()) {
    throw new Violation(
      'RI-1',
      `${endpoint} confirmed the rings ${expected.join()}, and ${confirmed.join()} was heard`,
    );
  }
  for (const callId of confirmed) await stage.calls.apply(callId, { type: 'rang', endpoint }, { endpoint, sessionId });
}

/** The answer that began a call, and not one inside it. */
function isWinningAnswer(content: Letter['content']): boolean {
  return typeof content !== 'string' && content.type === 'call:answer' && content.data.negotiationId === undefined;
}

/** Time passes until something is due, and the alarm goes off; `eve`: until just before. */
async function wait(stage: Stage, until: 'due' | 'eve'): Promise<void> {
  const { scene, calls, store } = stage;
  const due = await store.nextDue();
  if (due === undefined) return;
  const at = until === 'due' ? due : due - EVE_MS;
  if (at <= scene.clock.ms && until === 'eve') return;
  scene.clock.ms = Math.max(at, scene.clock.ms);
  stage.changed = true;
  for (let rounds = 0; ; rounds += 1) {
    const overdue = await store.due(100);
    scene.forget();
    if (overdue.length === 0) return;
    if (rounds > 3) throw new Violation('I9', `${overdue.join()} stay overdue whatever the alarm does`);
    for (const callId of overdue) await calls.apply(callId, { type: 'tick' });
  }
}

async function overRest(stage: Stage, user: UserId, type: 'hangUp' | 'reject'): Promise<void> {
  const callId = callOf(stage.scene, 0);
  if (callId === undefined) return;
  const common = { from: deviceEndpoint(user, '.rest'), language: 'en', capabilities: [] } as const;
  await stage.calls.apply(
    callId,
    type === 'hangUp' ? { type, ...common, anywhere: true } : { type, ...common, byPerson: true, reason: 'busy' },
  );
}

// -------------------------------------------------------------------------------------------------------- the alphabet

type Draft = Pick<Action, 'text' | 'isPossible' | 'run'> & {
  readonly isAboutCalls?: true;
  readonly parts?: readonly [number, number];
};

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

function hasMail(scene: Scene, device: number, confirm: boolean): boolean {
  const { endpoint, lastSeq } = scene.client(device);
  const box = scene.mail.boxes.get(endpoint);
  return box !== undefined && (confirm ? box.lastSeq > box.goneUpTo : box.lastSeq > lastSeq);
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

async function readAll(stage: Stage): Promise<void> {
  const { scene } = stage;
  for (let device = 0, quiet = 0; quiet < scene.clients.length; device = (device + 1) % scene.clients.length) {
    const hears = isAttached(scene, device) && hasMail(scene, device, true);
    if (hears) await read(stage, device, true);
    quiet = hears ? 0 : quiet + 1;
  }
}

/** What is held back, before which of its steps at the store, and what happens in between. */
interface PairRule {
  readonly first: readonly string[];
  readonly before: readonly number[];
  readonly between: (first: string) => readonly string[];
  /** Without a live call the first one takes no step that could be held back. */
  readonly needsCall?: true;
}

/** Two things at once, wherever the second may change what the first was decided on. */
function pairsOf(setup: Setup, singles: ReadonlyMap<string, Draft>): Draft[] {
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

/** A device comes for the first time. */
export function attachFirst(stage: Stage, device: number): Promise<void> {
  return attach(stage, device, 'fresh');
}

/** Time passes until something is due. */
export function passTime(stage: Stage): Promise<void> {
  return wait(stage, 'due');
}

/** Whoever dialled or answered the live calls hangs up. */
export async function hangUpAll(stage: Stage): Promise<void> {
  const { scene } = stage;
  for (const { callId, callerSeat } of [...scene.witness.liveCalls]) {
    const device = scene.clients.findIndex(({ endpoint }) => endpoint === callerSeat.endpoint);
    if (device >= 0) await hangUp(stage, device, callId);
    else await overRest(stage, userOf(callerSeat.endpoint), 'hangUp');
  }
}

async function hangUp(stage: Stage, device: number, callId: CallId): Promise<void> {
  const event = WORDS.hangUp.event(commonOf(stage.scene, device));
  learn(stage, device, callId, await stage.calls.apply(callId, event, actorOf(stage.scene, device)), true);
}

/** The first person calls the second, and it rings: nobody is held by anything any more. */
export async function callFreely(stage: Stage): Promise<void> {
  const { scene } = stage;
  const [, callee = ''] = usersOf(scene.setup);
  await offer(stage, 0, callee, 'plainly');
  const state = scene.witness.liveCall(0);
  if (state?.phase !== 'ringing') throw new Violation('I10', 'nobody is in a call, and a new one does not ring');
}
