/** Calls brought to the state that a scenario begins with. Nothing is checked here but what cannot be done without. */

import type { Frame } from './frame.ts';
import { ANSWER, OFFER } from './frame.ts';
import type { Line } from './line.ts';
import type { Pace } from './pace.ts';
import type { Person } from './person.ts';
import { RateLimited } from './unmet.ts';

/** An offer's payload. */
export const offerTo = (receiver: Person | string, more: object = {}) => ({
  receiverId: typeof receiver === 'string' ? receiver : receiver.id,
  offer: OFFER,
  ...more,
});

/** Dials and waits until it rings on the given sockets of the receiver. @returns the call's id */
export async function ring(caller: Line, receiver: Person, ...devices: Line[]): Promise<string> {
  caller.send('call:offer', offerTo(receiver));
  return rung(caller, receiver, ...devices);
}

/** Waits until the offer that a caller sent rings on the given sockets. @returns the call's id */
export async function rung(caller: Line, receiver: Person, ...devices: Line[]): Promise<string> {
  const offers = await Promise.all(devices.map((device) => device.next('call:offer')));
  const callId = String(offers[0]?.data['callId']);
  caller.calls.set(callId, receiver.id);
  return callId;
}

/** Dials, answers on the first socket and waits until the caller has the answer. @returns the call's id */
export async function talk(caller: Line, callerIs: Person, receiver: Person, ...devices: Line[]): Promise<string> {
  const callId = await ring(caller, receiver, ...devices);
  devices[0]?.send('call:answer', { callId, receiverId: callerIs.id, answer: ANSWER });
  await caller.next('call:answer');
  return callId;
}

/** How often somebody who should not be there is dialled. */
const ABSENT_TRIES = 3;

/**
 * Dials somebody who is not there. A server may need a moment to notice that a socket is gone: what rings nobody then is
 * hung up, and dialled again.
 * @param ids what the request ids begin with; without it there are none @returns the frame that says so
 */
export async function dialAbsent(caller: Line, receiver: Person, pace: Pace, ids?: string): Promise<Frame> {
  for (let attempt = 1; ; attempt += 1) {
    caller.send('call:offer', offerTo(receiver), ids === undefined ? undefined : `${ids}${attempt}`);
    try {
      const withinMs = Math.ceil(pace.patienceMs / ABSENT_TRIES);
      return await caller.next('call:not_available', `${caller.name} to receive call:not_available`, withinMs);
    } catch (error) {
      if (attempt === ABSENT_TRIES || error instanceof RateLimited) throw error;
      caller.send('call:hang_up', { receiverId: receiver.id });
    }
  }
}
