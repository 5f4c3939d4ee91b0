/** What happens in a scene: each deed as the service does it when a client speaks, comes, goes or reads, or time passes. */
import {
  type CallId,
  deviceEndpoint,
  type Endpoint,
  type Millis,
  type Party,
  plainEndpoint,
  type UserId,
} from '@ringdown/call';
import { encode } from '@ringdown/protocol';
import type { Actor, CandidateFrames, NewSession, Outcome } from '@ringdown/server/core';
import { Violation } from '../witness.ts';
import type { Letter } from './mail.ts';
import { CAN, nameOf, type Setup } from './people.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { type Common, callOf, type Which, WORDS, type Word, type WordName } from './words.ts';

const RING_MS = 60_000;
/** How long before something is due the clock may stop: less than what is left for a late ring (RI-2). */
const EVE_MS: Millis = 2_000;
const OFFER = { type: 'offer', sdp: 'v=0' } as const;

const PARTIES = new Map<UserId, Party>();

function partyOf(id: UserId): Party {
  let party = PARTIES.get(id);
  if (!party) {
    party = { id, info: { id: Number(id), username: nameOf(id), avatar: '' } };
    PARTIES.set(id, party);
  }
  return party;
}

const commonOf = (scene: Scene, device: number): Common => ({
  from: scene.client(device).endpoint,
  language: 'en',
  capabilities: scene.setup.devices[device]?.plain ? [] : CAN,
});

function actorOf(scene: Scene, device: number): Actor {
  const { endpoint, sessionId } = scene.client(device);
  return { endpoint, sessionId: sessionId ?? 'none' };
}

/** Whether a device has a socket. */
export const isAttached = (scene: Scene, device: number): boolean => scene.client(device).sessionId !== undefined;

/** Whether something is on the way to a device; `confirm`: or has arrived and is not confirmed. */
export function hasMail(scene: Scene, device: number, confirm: boolean): boolean {
  const { endpoint, lastSeq } = scene.client(device);
  const box = scene.mail.boxes.get(endpoint);
  return box !== undefined && (confirm ? box.lastSeq > box.goneUpTo : box.lastSeq > lastSeq);
}

/** A client says something of a call. */
export async function say(stage: Stage, device: number, which: Which, name: WordName): Promise<void> {
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

/** A device calls a person. @param how `takeover`: to go on here; `blocked`: the person has blocked the caller */
export async function offer(
  stage: Stage,
  device: number,
  to: UserId,
  how: 'plainly' | 'takeover' | 'blocked',
): Promise<void> {
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

/** A device sends a candidate of a call. */
export async function candidate(stage: Stage, device: number, which: Which): Promise<void> {
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

/** A device comes. @param how resuming with what the client has, or knowing nothing; `move`: while its old socket is still open */
export async function attach(stage: Stage, device: number, how: 'resume' | 'fresh' | 'move'): Promise<void> {
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
  const attached = await stage.calls.attached(endpoint, session);
  if (!attached) return lose(stage, device);
  const { resumed, after } = attached;
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
  const { leaves, devices } = stage.scene.setup;
  const leaving = leaves === 'all' || (leaves === 'plain' && devices[device]?.plain === true);
  await stage.calls.detached(endpoint, sessionId, leaving);
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
export async function wait(stage: Stage, until: 'due' | 'eve'): Promise<void> {
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

/** A person hangs up the oldest live call, or rejects it, without any device. */
export async function overRest(stage: Stage, user: UserId, type: 'hangUp' | 'reject'): Promise<void> {
  const callId = callOf(stage.scene, 0);
  if (callId === undefined) return;
  const common = { from: deviceEndpoint(user, '.rest'), language: 'en', capabilities: [] } as const;
  await stage.calls.apply(
    callId,
    type === 'hangUp' ? { type, ...common, anywhere: true } : { type, ...common, byPerson: true, reason: 'busy' },
  );
}

/** Everything on the way arrives everywhere, and what follows from that as well. */
export async function readAll(stage: Stage): Promise<void> {
  const { scene } = stage;
  for (let device = 0, quiet = 0; quiet < scene.clients.length; device = (device + 1) % scene.clients.length) {
    const hears = isAttached(scene, device) && hasMail(scene, device, true);
    if (hears) await read(stage, device, true);
    quiet = hears ? 0 : quiet + 1;
  }
}
