/**
 * A scene as a number: two scenes with the same key have the same future. Calls are numbered in the order of their
 * beginning, times count from now, positions from what was seen; which of a person's devices is which, and which of two
 * people, makes no difference. Timelines are left out: they are history.
 */
import { type CallId, type CallState, type Endpoint, isPlain, type Millis, type Seat, userOf } from '@ringdown/call';
import type { Box } from './mail.ts';
import type { Client, Scene } from './scene.ts';
import { usersOf } from './scene.ts';
import { Hash, numberOf } from './signature.ts';

/** How long a report that media flows counts (DS-1), ms. */
const FLOWING_COUNTS_MS = 25_000;

const whole = new Hash();
const person = new Hash();
const each = new Hash();
const seen = new Hash();

/** The two halves of a key. */
export interface Key {
  high: number;
  low: number;
}

/**
 * Works out the key of a scene.
 * @param picture filled with the key of the calls alone: their states and who has which part, without mail; here devices
 *   and people are told apart
 */
export function keyOf(scene: Scene, picture: Key): Key {
  const { calls, witness, mail, clients, setup } = scene;
  const now = scene.clock.ms;
  whole.reset();
  seen.reset();
  const states: (CallState | undefined)[] = [];
  for (const callId of calls) {
    const state = witness.stateOf(callId);
    states.push(state);
    addCall(whole, state, now);
    addCall(seen, state, now);
  }
  let high = 0;
  let low = 0;
  for (const user of usersOf(setup)) {
    person.reset();
    for (const state of states) person.add(state?.caller.id === user ? 1 : state?.callee.id === user ? 2 : 3);
    seen.add(person.high);
    let boxesHigh = 0;
    let boxesLow = 0;
    for (let device = 0; device < clients.length; device += 1) {
      const client = clients[device] as Client;
      if (setup.devices[device]?.user !== user) continue;
      each.reset();
      addParts(client.endpoint, scene, states, now);
      seen.add(each.high);
      seen.add(client.sessionId === undefined ? 1 : 2);
      addMail(mail.boxes.get(client.endpoint), client, calls, now);
      each.finish();
      boxesHigh = (boxesHigh + each.high) | 0;
      boxesLow = (boxesLow + each.low) | 0;
    }
    // Plain sockets that are gone for good; their ends and seats may go to another one.
    for (const [endpoint, box] of mail.boxes) {
      if (userOf(endpoint) !== user || !isPlain(endpoint) || isHere(endpoint, clients)) continue;
      each.reset();
      addParts(endpoint, scene, states, now);
      seen.add(each.high);
      addMail(box, undefined, calls, now);
      each.finish();
      boxesHigh = (boxesHigh + each.high) | 0;
      boxesLow = (boxesLow + each.low) | 0;
    }
    person.add(boxesHigh);
    person.add(boxesLow);
    person.finish();
    high = (high + person.high) | 0;
    low = (low + person.low) | 0;
  }
  whole.add(high);
  whole.add(low);
  whole.finish();
  seen.finish();
  picture.high = seen.high;
  picture.low = seen.low;
  return { high: whole.high, low: whole.low };
}

function isHere(endpoint: Endpoint, clients: readonly Client[]): boolean {
  for (const client of clients) if (client.endpoint === endpoint) return true;
  return false;
}

const offset = (at: Millis | undefined, now: Millis): number => (at === undefined ? 7 : at - now);

function addCall(hash: Hash, state: CallState | undefined, now: Millis): void {
  if (state === undefined) return hash.add(4);
  switch (state.phase) {
    case 'ringing':
      hash.add(1);
      hash.add(state.ringUntil - now);
      hash.add(state.acceptingBy === undefined ? 1 : 2);
      return;
    case 'active':
      hash.add(2);
      hash.add(offset(state.connectBy, now));
      hash.add(state.connectedAt === undefined ? 1 : 2);
      hash.add(state.negotiations);
      if (state.negotiation) {
        hash.add(state.negotiation.by === 'caller' ? 1 : 2);
        hash.add(state.negotiation.until - now);
      }
      hash.add((state.media.caller ? 1 : 0) + (state.media.callee ? 2 : 0));
      return;
    case 'ended':
      hash.add(3);
      hash.add(state.endedAt - now);
  }
}

function addSeat({ goneAt, leaving, flowingAt }: Seat, now: Millis): void {
  each.add(offset(goneAt, now) * 2 + (leaving ? 1 : 0));
  each.add(flowingAt !== undefined && now - flowingAt < FLOWING_COUNTS_MS ? flowingAt - now : 8);
}

/** What part an endpoint has in each call. */
function addParts(
  endpoint: Endpoint,
  { calls, mail }: Scene,
  states: readonly (CallState | undefined)[],
  now: Millis,
): void {
  each.add(isPlain(endpoint) ? 1 : 2);
  for (let n = 0; n < states.length; n += 1) {
    const state = states[n];
    if (state === undefined || state.phase === 'ended') continue;
    each.add(n);
    each.add(mail.keptOf(calls[n] as CallId, endpoint));
    if (state.callerSeat.endpoint === endpoint) {
      each.add(31);
      addSeat(state.callerSeat, now);
    }
    if (state.phase === 'active') {
      if (state.calleeSeat.endpoint !== endpoint) continue;
      each.add(32);
      addSeat(state.calleeSeat, now);
      continue;
    }
    const device = state.devices[endpoint];
    if (state.acceptingBy === endpoint) each.add(33);
    if (!device) continue;
    each.add(34 + (device.rang ? 1 : 0) + (device.said === undefined ? 0 : numberOf(device.said) * 4));
    each.add(offset(device.goneAt, now));
  }
}

/** What is on the way to an endpoint, and what its client knows. */
function addMail(box: Box | undefined, client: Client | undefined, calls: readonly CallId[], now: Millis): void {
  if (client) {
    each.add(client.sessionId === undefined ? 1 : 2);
    each.add(client.stale === undefined ? 1 : 2);
    for (const callId of client.believes) each.add(50 + calls.indexOf(callId));
  }
  if (!box) return each.add(3);
  each.add(offset(box.goneAt, now));
  if (client) {
    each.add(client.token === undefined ? -1 : [box.token, box.predecessor].indexOf(client.token));
    each.add(client.lastSeq - box.goneUpTo);
  }
  for (const { seq, signature, callId } of box.letters) {
    each.add(seq - box.goneUpTo);
    each.add(signature);
    each.add(callId === undefined ? -2 : calls.indexOf(callId));
  }
}
