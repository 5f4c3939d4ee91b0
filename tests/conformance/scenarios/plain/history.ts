/** What is left of a call: one record for each side, as that side was told. */
import { dialAbsent, ring, talk } from '../../calls.ts';
import { ANSWER } from '../../frame.ts';
import { asObject } from '../../rest.ts';
import type { Scenario } from '../../scenario.ts';
import { holds, same } from '../../unmet.ts';

/** Holds when the fields of a history entry are as given. */
function entry(of: string, record: Readonly<Record<string, unknown>>, expected: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(expected))
    same(`\`${name}\` in the history of ${of}`, record[name], value);
}

export const history: readonly Scenario[] = [
  {
    name: 'history-of-a-call',
    title: 'both sides find an answered call, with its times, its length and who ended it',
    rules: ['HI-1'],
    needs: ['history'],
    async run({ caller, callee, pace }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      await pace.quiet();
      a.send('call:hang_up', { callId, receiverId: callee.id, reason: 'normal' });
      await b.next('call:hang_up');
      for (const [me, peer, direction, endedBy] of [
        [caller, callee, 'outgoing', 'me'],
        [callee, caller, 'incoming', 'peer'],
      ] as const) {
        const record = await me.record(callId);
        entry(me.role, record, {
          direction,
          endedBy,
          outcome: 'completed',
          missed: false,
          reason: 'normal',
          callType: 'video',
        });
        same(`the peer in the history of ${me.role}`, asObject(record['peer'])['id'], peer.id);
        const [start, answer, end] = ['startedAt', 'answeredAt', 'endedAt'].map((name) =>
          Date.parse(String(record[name])),
        );
        holds(
          'startedAt ≤ answeredAt ≤ endedAt',
          Number(start) <= Number(answer) && Number(answer) <= Number(end),
          record,
        );
        same(`talkMs in the history of ${me.role}`, record['talkMs'], Number(end) - Number(answer));
      }
    },
  },
  ...(
    [
      ['cancelled', 'cancelled', true],
      ['rejected', 'rejected', false],
      ['busy', 'busy', true],
      ['unavailable', 'unavailable', true],
    ] as const
  ).map(
    ([how, outcome, missed]): Scenario => ({
      name: `history-${how}`,
      title: `a call that was ${how} is so in both histories, and ${missed ? '' : 'not '}missed by the callee`,
      rules: ['HI-1'],
      needs: ['history'],
      async run({ caller, callee, pace }) {
        const a = await caller.online();
        let callId: unknown;
        if (how === 'unavailable') {
          callId = (await dialAbsent(a, callee, pace)).data['callId'];
        } else {
          const b = await callee.online();
          callId = await ring(a, callee, b);
          if (how === 'cancelled') a.send('call:hang_up', { callId, receiverId: callee.id });
          else b.send(how === 'busy' ? 'call:busy' : 'call:reject', { callId, receiverId: caller.id });
        }
        entry('the caller', await caller.record(callId), { outcome, missed: false, answeredAt: null, talkMs: 0 });
        entry('the callee', await callee.record(callId), { outcome, missed, answeredAt: null, talkMs: 0 });
      },
    }),
  ),
  {
    name: 'history-quality',
    title: 'quality figures are kept for the side that sent them, without those out of range',
    rules: ['QU-1', '§4.4'],
    needs: ['history'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await talk(a, caller, callee, b);
      const metrics = { quality: 4, packetLoss: 1.5, latency: -80 };
      a.send('call:hang_up', { callId, receiverId: callee.id, metrics });
      await b.next('call:hang_up');
      entry('the caller', await caller.record(callId), { quality: { quality: 4, packetLoss: 1.5 } });
      entry('the callee', await callee.record(callId), { quality: null });
    },
  },
  {
    name: 'history-once',
    title: 'a call that both ended at once is in the history once',
    rules: ['HI-1', 'HU-2'],
    needs: ['history'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
      await a.next('call:answer');
      a.send('call:hang_up', { callId, receiverId: callee.id });
      b.send('call:hang_up', { callId, receiverId: caller.id });
      await Promise.all([a.rest(), b.rest()]);
      await caller.record(callId);
      const { data } = await caller.rest('GET', '/api/rtc/calls');
      const entries = (data['calls'] as unknown[]).filter((call) => asObject(call)['callId'] === callId);
      same('how often it is in the history', entries.length, 1);
    },
  },
];
