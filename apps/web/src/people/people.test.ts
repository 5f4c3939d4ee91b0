/** What people are to each other, as the lists tell. */
import type { Group, PublicUser } from '@ringdown/protocol';
import { expect, test } from 'vitest';
import type { Api } from '../session/api.ts';
import { People } from './people.ts';

const user = (id: string): PublicUser => ({ id, username: `user ${id}`, avatar: '' });
const member = (id: string, membership: 'member' | 'invited' = 'member') => ({ ...user(id), membership });

async function peopleOf(own: string): Promise<People> {
  const groups: Group[] = [
    {
      id: 'g_1',
      name: 'hikers',
      ownerId: '5',
      membership: 'member',
      members: [member('5'), member('6', 'invited'), member(own)],
    },
    { id: 'g_2', name: 'singers', ownerId: '7', membership: 'invited', members: [member('7'), member(own, 'invited')] },
  ];
  const api = {
    friends: async () => ({ friends: [user('2')], incoming: [user('3')], outgoing: [user('4'), user('5')] }),
    blocked: async () => [user('8')],
    groups: async () => groups,
  } as Partial<Api> as Api;
  const people = new People(api, () => own);
  await people.refresh();
  return people;
}

test.each([
  ['1', 'me', false],
  ['2', 'friend', true],
  ['3', 'asked-me', false],
  ['4', 'asked-by-me', false],
  ['5', 'asked-by-me', true],
  ['6', 'stranger', false],
  ['7', 'stranger', false],
  ['8', 'blocked', false],
  ['9', 'stranger', false],
])('user %s is %s, and may be called: %s', async (id, tie, callable) => {
  const people = await peopleOf('1');
  expect(people.tieTo(id)).toBe(tie);
  expect(people.mayCall(id)).toBe(callable);
});

test('requests and invitations wait for an answer, both together', async () => {
  expect((await peopleOf('1')).waiting).toBe(2);
});

test('everybody in any list is known by name', async () => {
  const people = await peopleOf('1');
  for (const id of ['2', '3', '4', '5', '6', '7', '8']) expect(people.known(id)?.username).toBe(`user ${id}`);
  expect(people.known('9')).toBeUndefined();
});
