/**
 * Shows what a killed service keeps: people ring and talk, the process is killed with signal 9 and started again on the
 * same folder, and everything goes on. Prints a line a step; ends with code 0 when every step held.
 *
 * Usage: npm run recovery-demo
 */
import { Device } from '../tests/recovery/device.ts';
import { answerOf, candidateOf, offerOf } from '../tests/recovery/frames.ts';
import { befriend, Person } from '../tests/recovery/person.ts';
import { Service } from '../tests/recovery/service.ts';

/** How long a ring waits for a caller that is gone (DS-1), and what a slow machine may add, ms. */
const CALLER_GRACE_MS = 15_000;
const SLACK_MS = 3_000;

const began = performance.now();
/** @param {string} text */
const say = (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

/** @param {unknown} holds @param {string} text */
function check(holds, text) {
  if (!holds) throw new Error(`this did not hold: ${text}`);
  say(`✓ ${text}`);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
say('starting the service on an empty folder');
const service = await Service.begin();
/** @type {Device[]} */
const devices = [];
let failure;
try {
  await show();
} catch (error) {
  failure = error;
} finally {
  await Promise.all(devices.map((device) => device.vanish()));
  await service.remove();
}
if (failure) {
  console.error(failure);
  console.error('what the service printed:\n', service.output);
}
say(failure ? 'it did not go as promised' : 'nothing was lost');
process.exitCode = failure ? 1 : 0;

async function show() {
  const [anna, ben] = await pair('anna', 'ben', true);
  const [cleo, dora] = await pair('cleo', 'dora', false);
  const [emil, fay] = await pair('emil', 'fay', true);
  const [gus, hana] = await pair('gus', 'hana', false);
  const [ivan, jana] = await pair('ivan', 'jana', true);
  const [kurt, lena] = await pair('kurt', 'lena', false);
  say('twelve people signed up: anna, ben, emil, fay, ivan and jana on extended sessions, the others on plain ones');

  const talk1 = await dial(anna, ben);
  await answer(ben, anna, talk1);
  const talk2 = await dial(cleo, dora);
  await answer(dora, cleo, talk2);
  say('anna talks to ben, cleo to dora');
  const ring1 = await dial(emil, fay);
  await emil.request('call:ice_candidate', { callId: ring1, candidate: candidateOf(1) });
  await fay.next('call:ice_candidate', ring1);
  const ring2 = await dial(gus, hana);
  await gus.request('call:ice_candidate', { callId: ring2, candidate: candidateOf(2) });
  await hana.next('call:ice_candidate', ring2);
  say('emil rings fay, gus rings hana');
  const talk3 = await dial(ivan, jana);
  await ivan.vanish();
  await jana.request('call:answer', { callId: talk3, answer: answerOf('jana') });
  say('ivan rang jana and lost his connection; jana answered, and ivan has not heard of it');
  const ring3 = await dial(kurt, lena);
  say('kurt rings lena, and will never come back');

  // Candidates are written down within 100 ms; everything else before anybody hears of it.
  await pause(150);
  const killedAt = performance.now();
  await service.kill();
  say('the service is killed: kill -9');
  await service.start();
  say(`it is back after ${Math.round(performance.now() - killedAt)} ms; everybody but kurt reconnects`);

  const resumed = await Promise.all([anna, ben, emil, fay, ivan, jana].map((device) => device.connect()));
  check(
    resumed.every((each) => each),
    'all six extended sessions are resumed: nothing is missing and nothing comes twice',
  );
  await Promise.all([cleo, dora, gus, hana, lena].map((device) => device.connect()));

  const told = await ivan.next('call:answer', talk3);
  check(told.data.answer.sdp.includes('s=jana'), 'ivan gets the answer that jana gave before the kill');

  const offer = await hana.next('call:offer', ring2);
  check(offer.data.replayed && (offer.data.ttlMs ?? 0) > 0, `hana rings on: ${offer.data.ttlMs} ms are left`);
  await hana.next('call:ice_candidate', ring2);
  check(true, 'and has the candidates of gus again');
  await answer(hana, gus, ring2);
  check(true, 'hana answers, gus hears it');
  await answer(fay, emil, ring1);
  check(fay.of(ring1).filter(({ message }) => message.type === 'call:offer').length === 1, 'fay was rung once');
  check(true, 'fay answers, emil hears it');

  await anna.request('call:ice_candidate', { callId: talk1, candidate: candidateOf(3) });
  await ben.next('call:ice_candidate', talk1);
  await anna.request('call:offer', { callId: talk1, receiverId: ben.person.id, offer: offerOf('again') });
  const { data } = await ben.next('call:offer', talk1);
  await ben.request('call:answer', { callId: talk1, answer: answerOf('again'), negotiationId: data.negotiationId });
  await anna.next('call:answer', talk1);
  check(true, 'anna and ben exchange candidates and a new offer in the call they had before');

  for (const [from, to, callId] of /** @type {[Device, Device, string][]} */ ([
    [anna, ben, talk1],
    [dora, cleo, talk2],
    [emil, fay, ring1],
    [gus, hana, ring2],
    [jana, ivan, talk3],
  ])) {
    await from.request('call:hang_up', { callId, reason: 'normal' });
    await to.next('call:hang_up', callId);
    check(true, `${from.person.username} hangs up, ${to.person.username} hears it`);
  }

  say('waiting for the 15 s that a ring waits for its caller');
  const ended = await lena.next('call:hang_up', ring3, CALLER_GRACE_MS + SLACK_MS);
  check(ended.data.reason === 'connection_lost', 'lena stops ringing: kurt did not come back in time');

  // A record may take a second (HI-1).
  await pause(1_000);
  for (const [a, b, callId, outcome] of /** @type {[Device, Device, string, string][]} */ ([
    [anna, ben, talk1, 'completed'],
    [cleo, dora, talk2, 'completed'],
    [emil, fay, ring1, 'completed'],
    [gus, hana, ring2, 'completed'],
    [ivan, jana, talk3, 'completed'],
    [kurt, lena, ring3, 'connection_lost'],
  ])) {
    for (const { person } of [a, b]) {
      const lines = await person.history();
      check(
        lines.length === 1 && lines[0]?.callId === callId && lines[0].outcome === outcome,
        `${person.username}'s history has the call once: ${outcome}`,
      );
    }
  }
  const faults = devices.flatMap((device) => device.faults);
  check(faults.length === 0, `no frame came twice, out of order or in a foreign protocol ${faults.join('; ')}`);
}

/**
 * Two friends, each online with a device.
 * @param {string} a @param {string} b @param {boolean} extended @returns {Promise<[Device, Device]>}
 */
async function pair(a, b, extended) {
  const people = /** @type {[Person, Person]} */ (
    await Promise.all([a, b].map((name) => Person.signUp(service, name)))
  );
  await befriend(...people);
  const both = /** @type {[Device, Device]} */ (people.map((person) => new Device(person, extended)));
  devices.push(...both);
  for (const device of both) await device.connect();
  return both;
}

/** @param {Device} caller @param {Device} callee @returns the call's id, once the callee rings */
async function dial(caller, callee) {
  const { callId } = await caller.request('call:offer', { receiverId: callee.person.id, offer: offerOf('first') });
  await callee.next('call:offer', callId);
  return /** @type {string} */ (callId);
}

/** @param {Device} callee @param {Device} caller @param {string} callId */
async function answer(callee, caller, callId) {
  await callee.request('call:answer', { callId, answer: answerOf(callee.person.username) });
  await caller.next('call:answer', callId);
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
