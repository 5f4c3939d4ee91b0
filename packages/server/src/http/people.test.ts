import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Someone, type TestApp, testApp } from './app-for-tests.ts';

// A password hash takes 0.2 s, on a busy machine several times that.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let alice: Someone;
let it: TestApp;
beforeAll(async () => {
  it = await testApp();
  alice = await it.signUp('alice');
});
afterAll(() => it.close());

describe('people', () => {
  test('find each other, become friends, and part', async () => {
    const [dave, erin] = [await it.signUp('dave'), await it.signUp('erin')];
    const found = await it.ask('GET', `/api/users?username=${erin.username}`, { token: dave.token });
    expect(found.json.data).toMatchObject({ user: { id: erin.id } });
    const asked = await it.ask('POST', '/api/friends', { token: dave.token, body: { userId: Number(erin.id) } });
    expect(asked.json.data).toMatchObject({ user: { id: erin.id }, status: 'requested' });
    const accepted = await it.ask('POST', '/api/friends', { token: erin.token, body: { userId: dave.id } });
    expect(accepted.json.data).toMatchObject({ status: 'friends' });
    expect((await it.ask('GET', '/api/friends', { token: dave.token })).json.data).toMatchObject({
      friends: [{ id: erin.id }],
    });
    await it.ask('DELETE', `/api/friends/${dave.id}`, { token: erin.token });
    expect((await it.ask('GET', '/api/friends', { token: dave.token })).json.data).toEqual({
      friends: [],
      incoming: [],
      outgoing: [],
    });
  });

  test.each([
    ['GET', '/api/users?username=nobody', 404, 'receiver_not_found'],
    ['GET', '/api/users', 400, 'invalid_payload'],
    ['GET', `/api/users?username=${'x'.repeat(65)}`, 400, 'invalid_payload'],
    ['DELETE', '/api/friends/07', 400, 'invalid_payload'],
    ['PUT', '/api/blocks/x', 400, 'invalid_payload'],
    ['PUT', '/api/blocks/12345', 404, 'receiver_not_found'],
    ['DELETE', '/api/blocks/9007199254740993', 400, 'invalid_payload'],
    ['PUT', '/api/groups/g_nothing/members/12345', 404, 'not_found'],
    ['PUT', '/api/groups/g_nothing/members/me', 400, 'invalid_payload'],
    ['DELETE', '/api/groups/g_nothing/members/12345', 404, 'not_found'],
    ['GET', '/api/rtc/calls/nothing', 404, 'call_not_found'],
    ['GET', '/api/rtc/calls?cursor=nonsense', 400, 'invalid_payload'],
    ['GET', '/api/rtc/calls?limit=0', 400, 'invalid_payload'],
    ['GET', '/api/rtc/calls?limit=101', 400, 'invalid_payload'],
    ['GET', '/api/rtc/calls?limit=ten', 400, 'invalid_payload'],
  ])('%s %s is refused with %d %s', async (method, path, code, reason) => {
    const { status, json } = await it.ask(method, path, { token: alice.token, body: undefined });
    expect([status, json.error['code'], json.error['reason']]).toEqual([code, code, reason]);
  });

  test('cannot befriend themselves or nobody', async () => {
    const befriend = async (userId: string) =>
      (await it.ask('POST', '/api/friends', { token: alice.token, body: { userId } })).json.error;
    expect(await befriend(alice.id)).toMatchObject({ code: 400, reason: 'invalid_payload' });
    expect(await befriend('12345')).toMatchObject({ code: 404, reason: 'receiver_not_found' });
  });

  test('[BL-1] see the same answer to a request whether they are blocked or not', async () => {
    const [dave, erin] = [await it.signUp('dave'), await it.signUp('erin')];
    const before = await it.ask('POST', '/api/friends', { token: dave.token, body: { userId: erin.id } });
    await it.ask('PUT', `/api/blocks/${dave.id}`, { token: erin.token });
    const after = await it.ask('POST', '/api/friends', { token: dave.token, body: { userId: erin.id } });
    expect(after.text).toBe(before.text);
    expect((await it.ask('GET', '/api/friends', { token: erin.token })).json.data).toMatchObject({ incoming: [] });
  });

  test('only owners put people out of a group', async () => {
    const [dave, erin, finn] = [await it.signUp('dave'), await it.signUp('erin'), await it.signUp('finn')];
    const made = await it.ask('POST', '/api/groups', { token: dave.token, body: { name: 'band' } });
    const { id } = (made.json.data as { group: { id: string } }).group;
    for (const member of [erin, finn]) {
      await it.ask('PUT', `/api/groups/${id}/members/${member.id}`, { token: dave.token });
      await it.ask('PUT', `/api/groups/${id}/members/${member.id}`, { token: member.token });
    }
    const refused = await it.ask('DELETE', `/api/groups/${id}/members/${finn.id}`, { token: erin.token });
    expect(refused.json.error).toMatchObject({ code: 403, reason: 'not_owner' });
    expect((await it.ask('DELETE', `/api/groups/${id}/members/${finn.id}`, { token: dave.token })).status).toBe(200);
  });
});
