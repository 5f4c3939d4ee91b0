/** Calls brought to the state that a scenario begins with. Nothing is checked here but what cannot be done without. */
import { ANSWER, OFFER } from './frame.ts';
import type { Line } from './line.ts';
import type { Person } from './person.ts';

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
