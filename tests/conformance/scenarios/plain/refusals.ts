/** Who may not call whom, what is not a frame, and that an error costs nothing but itself. */
import { dialAbsent, offerTo, ring, talk } from '../../calls.ts';
import { ANSWER, NOBODY, OFFER } from '../../frame.ts';
import type { Line } from '../../line.ts';
import type { Scenario } from '../../scenario.ts';
import { holds, refused, same, shaped, shown } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

/** Where the contract describes an event. */
const sectionOf = {
  'call:offer': '§4.1',
  'call:answer': '§4.2',
  'call:ice_candidate': '§4.3',
  'call:reject': '§4.5',
  'call:busy': '§4.7',
} as const;

/** After an error the session still works: an offer goes through. */
async function stillWorks(a: Line, callee: Parameters<typeof ring>[1], b: Line): Promise<void> {
  a.send('call:offer', offerTo(callee));
  await b.next('call:offer', 'the session to work as before: its next offer to reach the callee');
}

export const refusals: readonly Scenario[] = [
  {
    name: 'receiver-unknown',
    title: 'an offer to nobody is error 404 in the shape of the contract',
    rules: ['§5.2', '§6', 'OF-1'],
    async run({ caller }) {
      const a = await caller.online();
      a.send('call:offer', offerTo(NOBODY));
      const error = await a.next('error', 'an error 404 for a receiver that does not exist');
      refused(error, 404);
      shaped(error);
      holds('a message for people', String(error.data['message'] ?? '').length > 0, error.data['message']);
    },
  },
  {
    name: 'receiver-a-stranger',
    title: 'an offer to somebody who is neither friend nor in a group is error 403, and nobody hears of it',
    rules: ['§5.2', '§6', 'OF-1'],
    needs: ['third'],
    async run({ caller, third }) {
      const [a, c] = [await caller.online(), await third.online()];
      a.send('call:offer', offerTo(third));
      refused(await a.next('error', 'an error 403 for a receiver one may not call'), 403);
      same('what the stranger hears', types(await c.rest()), []);
    },
  },
  {
    name: 'receiver-oneself',
    title: 'an offer to oneself is error 403',
    rules: ['OF-1'],
    async run({ caller }) {
      const [a, a2] = [await caller.online(), await caller.online()];
      a.send('call:offer', offerTo(caller));
      refused(await a.next('error', 'an error 403 for an offer to oneself'), 403, 'self_call');
      same('what one’s other session hears', types(await a2.rest()), []);
    },
  },
  {
    name: 'receiver-offline',
    title: 'an offer to somebody who is not online is answered by call:not_available',
    rules: ['§4.6', '§5.3', '§7.1'],
    async run({ caller, callee, pace }) {
      const frame = await dialAbsent(await caller.online(), callee, pace);
      shaped(frame);
      same('the receiverId of call:not_available', frame.data['receiverId'], callee.id);
    },
  },
  {
    name: 'receiver-offline-acknowledged',
    title: 'with an id the acknowledgement comes before call:not_available',
    rules: ['OF-1'],
    async run({ caller, callee, pace }) {
      const a = await caller.online();
      await dialAbsent(a, callee, pace, 'x');
      const answers = a.heard.filter(({ type, id }) => type.startsWith('call:') || String(id).startsWith('x'));
      same('the order of the answers', types(answers.slice(-2)), ['ack', 'call:not_available']);
    },
  },
  {
    name: 'receiver-gone-offline',
    title: 'somebody who has gone offline is not available either, and can be rung when back',
    rules: ['§5.3', '§4.6'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.online(), await callee.online()];
      await b.leave();
      await pace.quiet();
      await dialAbsent(a, callee, pace);
      await ring(a, callee, await callee.online());
    },
  },
  {
    name: 'error-carries-the-id',
    title: 'an error answers under the id of the frame it is about',
    rules: ['Transport'],
    async run({ caller }) {
      const a = await caller.online();
      refused(await a.request('call:offer', offerTo(NOBODY), 'mine'), 404, 'receiver_not_found');
    },
  },
  ...[
    ['not-json', 'text that is not JSON', '{"type":"call:offer",', '§8.1'],
    ['not-an-object', 'JSON that is not an object', '["call:offer"]', '§8.1'],
    ['without-a-type', 'a frame without a type', '{"data":{}}', '§8.1'],
    ['unknown-type', 'a type nobody knows', '{"type":"call:levitate","data":{}}', '§3'],
    ['without-data', 'an event without data', '{"type":"call:answer"}', '§4.2'],
    ['too-deep', 'nine levels', `{"type":"call:hang_up","data":{"x":${'['.repeat(9)}${']'.repeat(9)}}}`, 'Limits'],
  ].map(
    ([name, what, text, rule]): Scenario => ({
      name: `frame-${name}`,
      title: `${what} is an error, and the session goes on`,
      rules: ['Errors', rule as string],
      async run({ caller, callee }) {
        const [a, b] = [await caller.online(), await callee.online()];
        a.sendText(text as string);
        refused(await a.next('error', `an error 400 for ${what}`), 400);
        await stillWorks(a, callee, b);
      },
    }),
  ),
  ...(
    [
      ['call:offer', { offer: OFFER }, 'receiverId'],
      ['call:offer', { receiverId: '1' }, 'offer'],
      ['call:offer', { receiverId: '1', offer: { type: 'answer', sdp: 'v=0' } }, 'offer of type offer'],
      ['call:offer', { receiverId: '1', offer: { type: 'offer' } }, 'sdp'],
      ['call:offer', { receiverId: '1', offer: OFFER, callType: 'smell' }, 'callType of the contract'],
      ['call:answer', { answer: ANSWER, receiverId: '1' }, 'callId'],
      ['call:answer', { callId: 'x', receiverId: '1' }, 'answer'],
      ['call:ice_candidate', { callId: 'x', receiverId: '1' }, 'candidate'],
      ['call:reject', { receiverId: '1' }, 'callId'],
      ['call:busy', { receiverId: '1' }, 'callId'],
    ] as const
  ).map(
    ([type, data, missing]): Scenario => ({
      name: `${type.slice(5).replace('_', '-')}-without-${missing.replaceAll(' ', '-').toLowerCase()}`,
      title: `${type} without ${missing} is an error`,
      rules: ['Errors', sectionOf[type]],
      async run({ caller, callee }) {
        const a = await caller.online();
        const receiver = 'receiverId' in data ? { receiverId: callee.id } : {};
        a.send(type, { ...data, ...receiver });
        refused(await a.next('error', `an error 400 for ${type} without ${missing}`), 400);
      },
    }),
  ),
  {
    name: 'frame-too-large',
    title: 'a frame above 64 KiB closes its socket with 1009 and reaches nobody',
    rules: ['Limits'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.sendText(JSON.stringify({ type: 'call:offer', data: offerTo(callee, { x: 'x'.repeat(66_000) }) }));
      same('the close code', (await a.ends('the socket to be closed for a frame of 66 kB')).code, 1009);
      same('what the callee hears', types(await b.rest()), []);
    },
  },
  {
    name: 'sdp-too-large',
    title: 'a description above 48 KiB is refused, and the session goes on',
    rules: ['IC-3'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      a.send('call:offer', offerTo(callee, { offer: { type: 'offer', sdp: 'x'.repeat(48 * 1024 + 1) } }));
      const error = await a.next('error', 'an error for a description of 48 KiB and one');
      holds('code 400 or 413', [400, 413].includes(Number(error.data['code'])), error.data['code']);
      await stillWorks(a, callee, b);
    },
  },
  {
    name: 'frame-binary',
    title: 'a binary frame closes its socket with 1003',
    rules: ['Limits', '§8.1'],
    async run({ caller }) {
      const a = await caller.online();
      a.raw.send(Buffer.from([1, 2, 3]), { binary: true });
      same('the close code', (await a.ends('the socket to be closed for a binary frame')).code, 1003);
    },
  },
  {
    name: 'server-events-are-the-servers',
    title: 'a client cannot send what only the server says',
    rules: ['Messages', '§4.6', '§3', 'TI-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      for (const type of ['call:not_available', 'call:timeout', 'call:ringing']) {
        b.send(type, { callId, receiverId: caller.id, message: 'x' });
        refused(await b.next('error', `an error 400 for a client’s ${type}`), 400);
      }
      same('what the caller hears', types(await a.rest()), []);
    },
  },
  {
    name: 'extended-types-need-the-extended-protocol',
    title: 'what only extended sessions may say is refused to a plain one',
    rules: ['Transport', 'HE-1'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      for (const [type, data] of [
        ['hello', { version: 1, deviceId: 'x' }],
        ['call:report', { callId, state: 'connected' }],
        ['call:media_state', { callId, audio: 'on', video: 'on' }],
        ['presence:subscribe', {}],
      ] as const) {
        a.send(type, data);
        refused(await a.next('error', `an error 400 for ${shown(type)}`), 400, 'invalid_payload');
      }
      same('what the callee hears', types(await b.rest()), []);
    },
  },
];
