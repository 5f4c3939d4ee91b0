/** A socket that is cut every 300 ms for 20 s: its session misses nothing, gets nothing twice, and keeps the order. */
import { expect, onTestFinished, test } from 'vitest';
import { type Cable, layCable } from '../e2e/harness/cable.ts';
import { Device } from './device.ts';
import { answerOf, candidateOf, offerOf } from './frames.ts';
import { befriend, Person } from './person.ts';
import { Service } from './service.ts';

const FLAPS_FOR_MS = 20_000;
const CUT_EVERY_MS = 300;
/** How often the peer speaks, ms. */
const SPEAKS_EVERY_MS = 15;
/** A side may send a hundred candidates a negotiation (IC-3), so every so many begin a new one. */
const CANDIDATES = 20;

test('[HE-2] [F4] a session whose socket is cut every 300 ms for 20 s gets every frame once and in order', async () => {
  const service = await Service.begin();
  onTestFinished(() => service.remove());
  const cable = await layCable();
  onTestFinished(() => cable.close());
  cable.plugInto(service.origin);
  const [anna, ben] = [await Person.signUp(service, 'anna'), await Person.signUp(service, 'ben')];
  await befriend(anna, ben);
  const [a, b] = [new Device(anna, true), new Device(ben, true)];
  onTestFinished(async () => void (await Promise.all([a.vanish(), b.vanish()])));
  const through = `${cable.url.replace('http', 'ws')}/ws`;
  await a.connect();
  await b.connect(through);
  const { callId } = await a.request('call:offer', { receiverId: ben.id, offer: offerOf('first') });
  await b.request('call:answer', { callId, answer: answerOf('first') });
  await a.next('call:answer');
  const before = b.received.length;

  let isOver = false;
  const flapping = flap(b, cable, through, () => isOver);
  const sent: string[] = [];
  const until = performance.now() + FLAPS_FOR_MS;
  for (let n = 1; performance.now() < until; n += 1) {
    if (n % CANDIDATES === 0) {
      const ack = await a.request('call:offer', { callId, receiverId: ben.id, offer: offerOf(`again ${n}`) });
      sent.push(`negotiation ${ack.negotiationId}`);
    } else {
      await a.request('call:ice_candidate', { callId, candidate: candidateOf(n) });
      sent.push(candidateOf(n).candidate);
    }
    await new Promise((resolve) => setTimeout(resolve, SPEAKS_EVERY_MS));
  }
  isOver = true;
  const { cuts, resumes } = await flapping;
  await b.settle();

  const came = b.received.slice(before).flatMap(({ message }) => {
    if (message.type === 'call:offer') return [`negotiation ${message.data.negotiationId}`];
    return message.type === 'call:ice_candidate' ? [message.data.candidate?.candidate ?? ''] : [];
  });
  console.log(`${cuts} cuts, ${resumes} resumes, ${sent.length} frames sent, ${came.length} received`);
  expect(came).toEqual(sent);
  expect(b.faults).toEqual([]);
  expect(b.session).toBe(1);
  expect(cuts).toBeGreaterThan(FLAPS_FOR_MS / CUT_EVERY_MS / 2);
  // The call itself has seen nothing of it.
  await b.request('call:hang_up', { callId });
  await a.next('call:hang_up', callId);
}, 60_000);

/** Cuts the cable again and again, and reconnects. Leaves the device online. */
async function flap(device: Device, cable: Cable, url: string, isOver: () => boolean) {
  let cuts = 0;
  let resumes = 0;
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, CUT_EVERY_MS));
    const gone = device.closed();
    cable.pull();
    await gone;
    cuts += 1;
    cable.mend();
    if (await device.connect(url)) resumes += 1;
  }
  return { cuts, resumes };
}
