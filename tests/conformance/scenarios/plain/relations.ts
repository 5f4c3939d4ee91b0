/** Friends, groups and blocks: whose call goes through. They change friendships, so only accounts of the kit play here. */
import { dialAbsent, offerTo, ring } from '../../calls.ts';
import { ANSWER } from '../../frame.ts';
import type { Person } from '../../person.ts';
import { asObject } from '../../rest.ts';
import type { Scenario } from '../../scenario.ts';
import { refused, Skipped, same } from '../../unmet.ts';

const types = (frames: readonly { type: string }[]) => frames.map(({ type }) => type);

/** A change of the scenario’s making. @throws Skipped when the server does not offer it */
async function change(person: Person, method: string, path: string, body?: unknown) {
  const answer = await person.rest(method, path, body);
  if (answer.status >= 400)
    throw new Skipped(`${method} ${path.replaceAll(/\d+/g, '…')} answers HTTP ${answer.status}`);
  return answer.data;
}

/** Makes two people friends again. */
async function befriend(a: Person, b: Person): Promise<void> {
  await a.rest('POST', '/api/friends', { userId: b.id });
  await b.rest('POST', '/api/friends', { userId: a.id });
}

export const relations: readonly Scenario[] = [
  {
    name: 'group-members-may-call',
    title: 'members of one group may call each other; an invitation alone is not membership',
    rules: ['§5.2', 'OF-1'],
    needs: ['own', 'third'],
    async run({ caller, third }) {
      const [a, c] = [await caller.online(), await third.online()];
      const { group } = await change(caller, 'POST', '/api/groups', { name: 'conformance' });
      const id = String(asObject(group)['id']);
      const membership = `/api/groups/${id}/members/${third.id}`;
      try {
        await change(caller, 'PUT', membership);
        a.send('call:offer', offerTo(third));
        refused(await a.next('error', 'an error 403 while the other is only invited'), 403);
        await change(third, 'PUT', membership);
        await ring(a, third, c);
      } finally {
        await third.rest('DELETE', membership);
      }
    },
  },
  {
    name: 'group-conversation',
    title: 'a conversationId that names a group needs both as members of it',
    rules: ['OF-5'],
    needs: ['own'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const { group } = await change(caller, 'POST', '/api/groups', { name: 'conformance' });
      const conversationId = String(asObject(group)['id']);
      a.send('call:offer', offerTo(callee, { conversationId }));
      refused(await a.next('error', 'an error 403 for the group of one'), 403, 'not_allowed');
      same('what the callee hears', types(await b.rest()), []);
    },
  },
  {
    name: 'unfriended',
    title: 'who is no friend any more may not call, and may not answer either',
    rules: ['AN-2', 'OF-1', '§5.2'],
    needs: ['own'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      const callId = await ring(a, callee, b);
      await change(callee, 'DELETE', `/api/friends/${caller.id}`);
      try {
        b.send('call:answer', { callId, receiverId: caller.id, answer: ANSWER });
        refused(await b.next('error', 'an error 403 for an answer after the friendship'), 403, 'not_allowed');
        await a.next('call:not_available', 'the call to end for the caller');
        a.send('call:offer', offerTo(callee));
        refused(await a.next('error', 'an error 403 after the friendship'), 403, 'not_allowed');
        same(
          'what the callee hears',
          types(await b.rest()).filter((type) => type === 'call:offer'),
          [],
        );
      } finally {
        await befriend(caller, callee);
      }
    },
  },
  {
    name: 'blocked-looks-offline',
    title: 'who is blocked gets what it would get if nobody were there, byte for byte, and leaves no trace',
    rules: ['BL-1'],
    needs: ['own', 'history'],
    async run({ caller, callee, pace }) {
      const a = await caller.online();
      const bare = (text: string) => text.replaceAll(/"(callId|receiverId)":"[^"]*"/g, '"$1":""');
      const offline = await dialAbsent(a, callee, pace);
      const b = await callee.online();
      await change(callee, 'PUT', `/api/blocks/${caller.id}`);
      try {
        a.send('call:offer', offerTo(callee));
        const blocked = await a.next('call:not_available', 'a blocked caller to hear call:not_available');
        same('the frame a blocked caller gets', bare(blocked.text), bare(offline.text));
        same('what the callee hears', types(await b.rest()), []);
        const { callId } = blocked.data;
        await caller.record(callId);
        const { data } = await callee.rest('GET', '/api/rtc/calls');
        const traces = (data['calls'] as unknown[]).filter((call) => asObject(call)['callId'] === callId);
        same('the traces in the callee’s history', traces.length, 0);
      } finally {
        await callee.rest('DELETE', `/api/blocks/${caller.id}`);
        await befriend(caller, callee);
      }
    },
  },
  {
    name: 'blocking-is-mutual-silence',
    title: 'whom one has blocked one cannot call',
    rules: ['OF-1'],
    needs: ['own'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      await change(caller, 'PUT', `/api/blocks/${callee.id}`);
      try {
        a.send('call:offer', offerTo(callee));
        refused(await a.next('error', 'an error 403 for an offer to whom one has blocked'), 403, 'not_allowed');
        same('what the callee hears', types(await b.rest()), []);
      } finally {
        await caller.rest('DELETE', `/api/blocks/${callee.id}`);
        await befriend(caller, callee);
      }
    },
  },
  {
    name: 'do-not-disturb',
    title: 'who does not want to be disturbed looks not available, and is not disturbed',
    rules: ['BU-1'],
    needs: ['own'],
    async run({ caller, callee }) {
      const [a, b] = [await caller.online(), await callee.online()];
      await change(callee, 'PATCH', '/api/users/me', { doNotDisturb: true });
      try {
        a.send('call:offer', offerTo(callee));
        await a.next('call:not_available');
        same('what the callee hears', types(await b.rest()), []);
      } finally {
        await callee.rest('PATCH', '/api/users/me', { doNotDisturb: false });
      }
    },
  },
];
