/** Dialling: what reaches the callee, and what a client cannot make the server say. */
import { offerTo, ring, talk } from '../../calls.ts';
import { NO_CALL, OFFER, SDP } from '../../frame.ts';
import type { Scenario } from '../../scenario.ts';
import { fields, holds, refused, same, shaped, shown } from '../../unmet.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const offers: readonly Scenario[] = [
  {
    name: 'offer-arrives',
    title: 'an offer reaches the callee with the fields of the contract',
    rules: ['§4.1', '§7.1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee));
      const offer = await b.next('call:offer');
      shaped(offer);
      fields(offer, { offer: OFFER, callType: 'video' });
      holds('a `callId` that is not empty', String(offer.data['callId']).length > 0, offer.data['callId']);
    },
  },
  {
    name: 'offer-says-who-calls',
    title: 'the callee is told who calls, by id and by name',
    rules: ['§4.1', 'OF-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee));
      const { data } = await b.next('call:offer');
      same('the senderId of the offer', data['senderId'], caller.id);
      const { id, username } = (data['senderInfo'] ?? {}) as { id?: unknown; username?: unknown };
      same('the id in senderInfo', id, caller.info.id);
      if (caller.info.username !== undefined) same('the username in senderInfo', username, caller.info.username);
    },
  },
  {
    name: 'offer-sender-cannot-be-forged',
    title: 'senderId, senderInfo, callId and timestamp of a client are ignored in an offer',
    rules: ['OF-2', '§4.1', '§5.1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const forged = { senderId: callee.id, callId: NO_CALL, timestamp: '1999-01-01T00:00:00.000Z' };
      const senderInfo = { id: Number(callee.id), username: 'somebody else', avatar: '' };
      a.send('call:offer', offerTo(callee, { ...forged, senderInfo }));
      const { data } = await b.next('call:offer');
      same('the senderId of the offer', data['senderId'], caller.id);
      same('the id in senderInfo', (data['senderInfo'] as { id?: unknown } | undefined)?.id, caller.info.id);
      for (const [name, value] of [
        ['callId', forged.callId],
        ['timestamp', forged.timestamp],
      ] as const) {
        holds(`a ${name} made by the server, not the client's`, data[name] !== value, data[name]);
      }
    },
  },
  {
    name: 'offer-sdp-untouched',
    title: 'a description arrives byte for byte, line ends and other scripts included',
    rules: ['§4.1', '§8.4'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const sdp = `${SDP}a=x-long:${'0123456789abcdef'.repeat(1_500)}\r\na=x-name:安娜\r\n`;
      a.send('call:offer', offerTo(callee, { offer: { type: 'offer', sdp } }));
      const { offer } = (await b.next('call:offer')).data as { offer?: { sdp?: unknown } };
      holds('the sdp as it was sent', offer?.sdp === sdp, `${String(offer?.sdp).length} characters, others than sent`);
    },
  },
  {
    name: 'offer-audio',
    title: 'an audio call says so',
    rules: ['§4.1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee, { callType: 'audio' }));
      fields(await b.next('call:offer'), { callType: 'audio' });
    },
  },
  {
    name: 'offer-conversation',
    title: 'a conversationId is passed on; without one there is none',
    rules: ['§4.1', 'OF-5'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      same('conversationId of an offer without one', b.heard.at(-1)?.data['conversationId'], undefined);
      a.send('call:hang_up', { callId, receiverId: callee.id });
      await b.next('call:hang_up');
      a.send('call:offer', offerTo(callee, { conversationId: 'chat-7' }));
      fields(await b.next('call:offer'), { conversationId: 'chat-7' });
    },
  },
  {
    name: 'offer-call-ids-differ',
    title: 'each call has its own callId',
    rules: ['§4.1', 'OF-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const first = await ring(a, callee, b);
      a.send('call:hang_up', { callId: first, receiverId: callee.id });
      await b.next('call:hang_up');
      const second = await ring(a, callee, b);
      holds('another callId for the second call', first !== second, second);
    },
  },
  {
    name: 'offer-times',
    title: 'a timestamp is ISO 8601 in UTC with milliseconds, and about now',
    rules: ['Transport'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee));
      const { timestamp } = (await b.next('call:offer')).data;
      holds('a timestamp like 2026-01-01T12:00:00.000Z', ISO.test(String(timestamp)), timestamp);
      const awayMs = Math.abs(Date.now() - Date.parse(String(timestamp)));
      holds('a timestamp within ten minutes of this machine’s clock', awayMs < 600_000, timestamp);
    },
  },
  {
    name: 'offer-rings-every-device',
    title: 'every session of the callee rings, with the time left to ring',
    rules: ['OF-4'],
    async run({ caller, callee }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await callee.online()];
      await ring(a, callee, b, c);
      for (const device of [b, c]) {
        const ttlMs = device.heard.at(-1)?.data['ttlMs'];
        holds('ttlMs from 1 to 180000', typeof ttlMs === 'number' && ttlMs > 0 && ttlMs <= 180_000, ttlMs);
      }
    },
  },
  {
    name: 'offer-receiver-as-number',
    title: 'a receiverId written as a number means the same person',
    rules: ['OF-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', { ...offerTo(callee), receiverId: Number(callee.id) });
      await b.next('call:offer');
    },
  },
  {
    name: 'offer-receiver-not-canonical',
    title: 'a receiverId that only looks like the id is refused',
    rules: ['OF-2'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      for (const receiverId of [`0${callee.id}`, ` ${callee.id}`, `${callee.id}.0`, [callee.id], -1, null]) {
        a.send('call:offer', { ...offerTo(callee), receiverId });
        refused(await a.next('error', `an error for the receiverId ${shown(receiverId)}`), 400, 'invalid_payload');
      }
      same(
        'what the callee hears',
        (await b.rest()).map(({ type }) => type),
        [],
      );
    },
  },
  {
    name: 'offer-acknowledged',
    title: 'a caller that gave an id learns the callId at once, under that id',
    rules: ['OF-3', 'Transport'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const ack = await a.done('call:offer', offerTo(callee), 'my-first');
      same('the callId of the ack', ack.data['callId'], (await b.next('call:offer')).data['callId']);
    },
  },
  {
    name: 'offer-repeated',
    title: 'an offer repeated under its id gets the same ack and rings nobody twice; with other content it is refused',
    rules: ['OF-4'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const ack = await a.done('call:offer', offerTo(callee), 'same');
      await b.next('call:offer');
      const again = await a.done('call:offer', offerTo(callee), 'same');
      same('the repeated ack', again.data, ack.data);
      const other = await a.request('call:offer', offerTo(callee, { callType: 'audio' }), 'same');
      refused(other, 409, 'duplicate_id');
      same(
        'what the callee hears besides',
        (await b.rest()).map(({ type }) => type),
        [],
      );
    },
  },
  {
    name: 'plain-types-only',
    title: 'a session that knows the contract alone is sent nothing else during a whole call',
    rules: ['§3', 'Transport'],
    async run({ caller, callee }) {
      const [a, b, c] = [await caller.online(), await callee.online(), await callee.online()];
      const before = [a, b, c].map((line) => line.heard.length);
      const callId = await talk(a, caller, callee, b, c);
      a.send('call:ice_candidate', {
        callId,
        receiverId: callee.id,
        candidate: { candidate: 'candidate:1', sdpMid: '0' },
      });
      await b.next('call:ice_candidate');
      b.send('call:hang_up', { callId, receiverId: caller.id, reason: 'normal' });
      await a.next('call:hang_up');
      await c.settled();
      for (const [n, line] of [a, b, c].entries()) {
        // Only the kit's own pings ask for answers by an `id`.
        const frames = line.heard.slice(before[n]).filter(({ id }) => id === undefined);
        const extra = frames.filter(({ type }) => !type.startsWith('call:'));
        same(
          `the frames of ${line.name} that are no call events`,
          extra.map(({ type }) => type),
          [],
        );
        for (const frame of frames) shaped(frame);
        same(`the texts ${line.name} hears that are not JSON`, line.noise.length, 0);
        same(`the positions (seq) ${line.name} hears of`, line.seqs, []);
      }
    },
  },
];
