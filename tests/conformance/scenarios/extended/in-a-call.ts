/** Extended sessions in a call: ringing devices, glare, renegotiation, media states, reports, taking a call along. */
import { offerTo, ring, rung, talk } from '../../calls.ts';
import { ANSWER, candidate, OFFER } from '../../frame.ts';
import type { Device } from '../../person.ts';
import { candidatesOf } from '../../person.ts';
import type { Scenario, Stage } from '../../scenario.ts';
import { fields, holds, refused, same } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

/** An answered call between two devices called `phone`. */
async function talking({ caller, callee }: Stage): Promise<{ a: Device; b: Device; callId: string }> {
  const [a, b] = [await caller.device('phone'), await callee.device('phone')];
  const callId = await talk(a, caller, callee, b);
  await Promise.all([a.rest(), b.rest()]);
  return { a, b, callId };
}

/** Opens a negotiation. @returns its number, as the other side was told it */
async function negotiate(from: Device, to: Device, receiverId: string, callId: string): Promise<number> {
  const ack = await from.done('call:offer', { receiverId, offer: OFFER, callId });
  const offer = await to.next('call:offer', `${to.name} to receive the renegotiation`);
  same('the negotiationId of the ack and of the offer', ack.data['negotiationId'], offer.data['negotiationId']);
  return Number(offer.data['negotiationId']);
}

export const inACall: readonly Scenario[] = [
  {
    name: 'ringing-is-counted',
    title: 'the caller hears how many devices ring: plain ones at once, extended ones when they acknowledge the offer',
    rules: ['RI-1'],
    async run({ caller, callee }) {
      const [a, plain] = [await caller.device('phone'), await callee.online()];
      const phone = await callee.device('phone');
      const callId = await ring(a, callee, plain, phone);
      fields(await a.next('call:ringing'), { callId, devices: 1 });
      phone.send('ack', { seq: phone.seqs.at(-1) });
      fields(await a.next('call:ringing'), { callId, devices: 2 });
    },
  },
  {
    name: 'extended-and-plain',
    title: 'extended and plain sessions call each other, both ways; a plain one is sent no extended type',
    rules: ['Transport', 'IC-3', 'RI-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.online()];
      for (const [from, to, me, receiver] of [
        [a, b, caller, callee],
        [b, a, callee, caller],
      ] as const) {
        const before = b.heard.length;
        from.send('call:offer', offerTo(receiver));
        const callId = await rung(from, receiver, to);
        from.send('call:ice_candidate', { callId, receiverId: receiver.id, candidates: [candidate(1), null] });
        await to.next('call:ice_candidate');
        to.send('call:answer', { callId, receiverId: me.id, answer: ANSWER });
        await from.next('call:answer');
        to.send('call:hang_up', { callId, receiverId: me.id });
        await from.next('call:hang_up');
        await Promise.all([a.rest(), b.rest()]);
        const plainHeard = b.heard.slice(before).filter(({ type }) => type !== 'ack');
        const allowed = ['call:offer', 'call:answer', 'call:ice_candidate', 'call:hang_up'];
        same(
          'the extended types the plain session hears',
          types(plainHeard.filter(({ type }) => !allowed.includes(type))),
          [],
        );
        same('the positions (seq) the plain session hears of', b.seqs, []);
      }
    },
  },
  {
    name: 'candidates-batch',
    title: 'an extended session gets a batch of candidates as it was sent, marks of the end included',
    rules: ['IC-3'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const batch = [candidate(1), candidate(2), null];
      await a.done('call:ice_candidate', { callId, candidates: batch });
      fields(await b.next('call:ice_candidate'), { callId, candidates: batch });
    },
  },
  {
    name: 'candidates-of-extended-callee',
    title: 'an extended callee’s candidates are held until its answer, too',
    rules: ['IC-1', 'AN-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await ring(a, callee, b);
      await b.done('call:ice_candidate', { callId, candidate: candidate(1) });
      const early = (await a.rest()).filter(({ type }) => type !== 'call:ringing' && type !== 'ack');
      same('what the caller hears before the answer', types(early), []);
      await b.done('call:answer', { callId, answer: ANSWER });
      const got = (await a.rest()).filter(({ type }) => type === 'call:answer' || type === 'call:ice_candidate');
      same('what it hears then', types(got), ['call:answer', 'call:ice_candidate']);
      same('the candidates', candidatesOf(got), [candidate(1).candidate]);
    },
  },
  {
    name: 'glare-is-told',
    title:
      'an extended callee that dials its caller is told 409 glare with the call to accept, after that call’s offer',
    rules: ['GL-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.device('phone')];
      const callId = await ring(a, callee, b);
      const error = await b.request('call:offer', offerTo(caller));
      refused(error, 409, 'glare');
      fields(error, { callId });
      const order = types(b.heard).filter((type) => type === 'call:offer' || type === 'error');
      same('the order on the callee’s socket', order, ['call:offer', 'error']);
      await b.done('call:answer', { callId, answer: ANSWER });
      await a.next('call:answer');
    },
  },
  {
    name: 'accepting',
    title: 'a device that wakes up holds the ring; the callee’s other extended sessions are told, any may answer',
    rules: ['TI-2'],
    async run({ caller, callee }) {
      const [a, phone, plain] = [await caller.device('phone'), await callee.device('phone'), await callee.online()];
      const laptop = await callee.device('laptop');
      const callId = await ring(a, callee, phone, laptop, plain);
      await phone.done('call:accepting', { callId });
      const told = await laptop.next('call:accepting_elsewhere');
      fields(told, { callId });
      holds(
        'holdMs from 1 to 15000',
        Number(told.data['holdMs']) > 0 && Number(told.data['holdMs']) <= 15_000,
        told.data,
      );
      same('what the plain session hears', types(await plain.rest()), []);
      laptop.send('call:answer', { callId, answer: ANSWER });
      await a.next('call:answer');
    },
  },
  {
    name: 'renegotiation',
    title: 'either side renegotiates a running call: no ring, one answer, and the callee is the polite one',
    rules: ['RN-1'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      for (const [from, to, receiver, polite] of [
        [a, b, stage.callee, true],
        [b, a, stage.caller, false],
      ] as const) {
        const ack = await from.done('call:offer', { ...offerTo(receiver), callId });
        const offer = await to.next('call:offer', `${to.name} to receive the renegotiation`);
        const { negotiationId } = ack.data;
        fields(offer, { callId, renegotiation: true, negotiationId, polite, offer: OFFER });
        await to.done('call:answer', { callId, answer: ANSWER, negotiationId });
        fields(await from.next('call:answer'), { callId, negotiationId, answer: ANSWER });
      }
    },
  },
  {
    name: 'renegotiation-collides',
    title:
      'while a negotiation is open the callee’s offer is 409, the caller’s takes its place, and the old one is stale',
    rules: ['RN-2'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const first = await negotiate(b, a, stage.caller.id, callId);
      const second = await negotiate(a, b, stage.callee.id, callId);
      refused(
        await a.request('call:answer', { callId, answer: ANSWER, negotiationId: first }),
        409,
        'stale_negotiation',
      );
      const third = await b.request('call:offer', { ...offerTo(stage.caller), callId });
      refused(third, 409, 'negotiation_collision');
      await b.done('call:answer', { callId, answer: ANSWER, negotiationId: second });
      fields(await a.next('call:answer'), { negotiationId: second });
      same(
        'the answers the callee hears',
        types(await b.rest()).filter((type) => type === 'call:answer'),
        [],
      );
    },
  },
  {
    name: 'renegotiation-with-a-plain-peer',
    title: 'a peer that cannot renegotiate is left alone: 409 peer_unsupported',
    rules: ['RN-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      refused(await a.request('call:offer', { ...offerTo(callee), callId }), 409, 'peer_unsupported');
      same('what the plain peer hears', types(await b.rest()), []);
      const laptop = await callee.device('laptop', { caps: [] });
      same('what another device hears', types(await laptop.rest()), []);
    },
  },
  {
    name: 'renegotiation-is-for-the-bound',
    title: 'only the two devices in a call renegotiate it; a stranger finds no such call',
    rules: ['RN-1', 'HU-2'],
    needs: ['third'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const [laptop, c] = [await stage.caller.device('laptop'), await stage.third.device('phone')];
      refused(await laptop.request('call:offer', { ...offerTo(stage.callee), callId }), 403, 'not_participant');
      refused(await c.request('call:offer', { ...offerTo(stage.callee), callId }), 404, 'call_not_found');
      same('what the two in the call hear', types([...(await a.rest()), ...(await b.rest())]), []);
    },
  },
  {
    name: 'renegotiation-has-its-own-candidates',
    title: 'each negotiation has its own hundred candidates',
    rules: ['RN-1', 'IC-3'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const twenty = Array.from({ length: 20 }, (_, n) => candidate(n));
      for (let round = 0; round < 2; round += 1) {
        if (round > 0) await negotiate(a, b, stage.callee.id, callId);
        for (let n = 0; n < 5; n += 1) await a.done('call:ice_candidate', { callId, candidates: twenty });
        refused(await a.request('call:ice_candidate', { callId, candidate: candidate(1) }), 429);
      }
    },
  },
  {
    name: 'media-state',
    title: 'what a side sends is passed on, signed by the service',
    rules: ['MS-1'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await a.done('call:media_state', { callId, audio: 'off', video: 'screen', senderId: stage.callee.id });
      const told = await b.next('call:media_state');
      fields(told, { callId, senderId: stage.caller.id, audio: 'off', video: 'screen' });
    },
  },
  {
    name: 'media-state-is-limited',
    title: 'more than five media states a second are 429, with the time to wait',
    rules: ['MS-1'],
    async run(stage) {
      const { a, callId } = await talking(stage);
      const state = { callId, audio: 'on', video: 'on' };
      const answers = [];
      for (let n = 0; n < 12; n += 1) answers.push(await a.request('call:media_state', state));
      const refusals = answers.filter(({ type }) => type === 'error');
      holds(
        'five to be taken',
        answers.slice(0, 5).every(({ type }) => type === 'ack'),
        types(answers),
      );
      holds('one of twelve in a row to be refused', refusals.length > 0, 'all were taken');
      for (const refusal of refusals) {
        refused(refusal, 429, 'rate_limited');
        const { retryAfterMs } = refusal.data;
        holds('retryAfterMs above 0', typeof retryAfterMs === 'number' && retryAfterMs > 0, retryAfterMs);
      }
    },
  },
  {
    name: 'media-state-is-repeated',
    title: 'the last media state is told again to a peer that comes back without resuming',
    rules: ['MS-1'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await a.done('call:media_state', { callId, audio: 'off', video: 'on' });
      await b.next('call:media_state');
      b.vanish();
      await b.closed;
      await stage.pace.quiet();
      const back = await stage.callee.device('phone');
      fields(await back.next('call:media_state'), { callId, audio: 'off', video: 'on' });
    },
  },
  {
    name: 'media-state-spares-plain-peers',
    title: 'a plain peer hears nothing of media states and reports',
    rules: ['MS-1', 'Transport'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.device('phone'), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      await a.done('call:media_state', { callId, audio: 'off', video: 'on' });
      await a.done('call:report', { callId, state: 'connected' });
      same('what the plain peer hears', types(await b.rest()), []);
    },
  },
  {
    name: 'reports-are-for-the-bound',
    title: 'reports of how media goes are taken from the devices in the call and go to nobody',
    rules: ['ST-1'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const report = { callId, state: 'connected', path: 'relay', gathered: ['host', 'relay'], iceErrors: [701] };
      await a.done('call:report', report);
      await b.done('call:report', { callId, state: 'flowing' });
      same('what the two hear', types([...(await a.rest()), ...(await b.rest())]), []);
      const wrong = await a.request('call:report', { callId, state: 'connected', path: '192.0.2.1' });
      refused(wrong, 400, 'invalid_payload');
    },
  },
  {
    name: 'takeover',
    title: 'a call moves to another device of the same person by a renegotiation',
    rules: ['GL-2'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const laptop = await stage.caller.device('laptop');
      const without = await laptop.request('call:offer', offerTo(stage.callee));
      refused(without, 409, 'already_in_call');
      fields(without, { callId });
      laptop.send('call:offer', offerTo(stage.callee, { takeover: true }));
      fields(await a.next('call:hang_up'), { callId, reason: 'takeover', senderId: stage.caller.id });
      const moved = await b.next('call:offer');
      fields(moved, { callId, renegotiation: true, takeover: true });
      await b.done('call:answer', { callId, answer: ANSWER, negotiationId: moved.data['negotiationId'] });
      fields(await laptop.next('call:answer'), { callId });
      await laptop.done('call:hang_up', { callId });
      await b.next('call:hang_up');
    },
  },
  {
    name: 'takeover-after-a-reload',
    title: 'a device that has lost its state comes back into its call by a renegotiation, and nobody rings',
    rules: ['GL-2'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      await a.leave();
      const page = await stage.caller.device('phone');
      page.send('call:offer', offerTo(stage.callee, { takeover: true }));
      const anew = await b.next('call:offer');
      fields(anew, { callId, renegotiation: true, takeover: true });
      await b.done('call:answer', { callId, answer: ANSWER, negotiationId: anew.data['negotiationId'] });
      fields(await page.next('call:answer'), { callId });
      await b.done('call:hang_up', { callId });
      fields(await page.next('call:hang_up'), { callId });
    },
  },
  {
    name: 'takeover-from-a-plain-peer',
    title: 'a call with a peer that cannot renegotiate is replaced when it is taken over',
    rules: ['GL-2'],
    async run({ caller, callee }) {
      const [a, laptop] = [await caller.device('phone'), await caller.device('laptop')];
      const b = await callee.online();
      const callId = await talk(a, caller, callee, b);
      laptop.send('call:offer', offerTo(callee, { takeover: true }));
      fields(await b.next('call:hang_up'), { callId, reason: 'replaced' });
      const anew = (await b.next('call:offer')).data;
      holds('a call of its own', anew['callId'] !== callId && anew['renegotiation'] === undefined, anew['callId']);
    },
  },
  {
    name: 'quality-after-the-end',
    title: 'a side may tell its quality after the end; whose call it is not finds none',
    rules: ['QU-1', 'HU-2'],
    needs: ['history', 'third'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const c = await stage.third.device('phone');
      await a.done('call:hang_up', { callId, metrics: { quality: 5 } });
      await b.next('call:hang_up');
      await b.done('call:quality', { callId, metrics: { quality: 2, latency: 300 } });
      refused(await c.request('call:quality', { callId, metrics: { quality: 1 } }), 404, 'call_not_found');
      same('the quality of the caller', (await stage.caller.record(callId))['quality'], { quality: 5 });
      same('the quality of the callee', (await stage.callee.record(callId))['quality'], { quality: 2, latency: 300 });
    },
  },
  {
    name: 'connect-timeout',
    title: 'an answered call of which no side reports connected fails after 45 seconds',
    rules: ['TI-3'],
    needs: ['slow'],
    async run(stage) {
      const { a, b, callId } = await talking(stage);
      const end = await a.next('call:timeout', 'the call to fail', 50_000);
      fields(end, { callId, stage: 'connect' });
      fields(await b.next('call:timeout'), { callId, stage: 'connect' });
    },
  },
];
