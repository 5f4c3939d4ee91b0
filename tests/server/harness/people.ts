/** People of a test, named by the state they are in. */
import type { ServerMessageOf } from '@ringdown/protocol';
import type { TestServer } from './server.ts';
import { TestSocket } from './socket.ts';

/** An extended session, and how it was greeted. */
export type Device = TestSocket & { hello: ServerMessageOf<'hello'>['data'] };

let counter = 0;

/** A person with an account. */
export class Person {
  readonly server: TestServer;
  readonly username: string;
  readonly id: string;
  readonly token: string;
  readonly refreshToken: string;

  private constructor(
    server: TestServer,
    username: string,
    data: { user: { id: string }; token: string; refreshToken: string },
  ) {
    this.server = server;
    this.username = username;
    this.id = data.user.id;
    this.token = data.token;
    this.refreshToken = data.refreshToken;
  }

  /** Signs somebody up. */
  static async signUp(server: TestServer, name = 'person'): Promise<Person> {
    counter += 1;
    const username = `${name}${counter}`;
    const { body } = await rest(server, 'POST', '/api/auth/register', undefined, {
      username,
      password: 'correct horse',
    });
    return new Person(server, username, body.data);
  }

  /** Logs in once more, as on another device. */
  async logIn(): Promise<Person> {
    const { body } = await rest(this.server, 'POST', '/api/auth/login', undefined, {
      username: this.username,
      password: 'correct horse',
    });
    return new Person(this.server, this.username, body.data);
  }

  /** A REST call of this person. */
  async rest(method: string, path: string, body?: unknown) {
    return rest(this.server, method, path, this.token, body);
  }

  /** A plain session, authenticated on the upgrade and attached. */
  async online(headers: Record<string, string> = {}): Promise<TestSocket> {
    const socket = new TestSocket(wsUrl(this.server), ['ringdown.plain', `bearer.${this.token}`], headers);
    await socket.opened();
    await socket.request('ping');
    return socket;
  }

  /** An extended session that has said hello, as a device of this person. */
  async onDevice(deviceId: string, hello: object = {}): Promise<Device> {
    const socket = new TestSocket(wsUrl(this.server), ['ringdown.v1', `bearer.${this.token}`]);
    await socket.opened();
    socket.send('hello', { version: 1, deviceId, caps: ['renegotiate', 'media_state'], ...hello }, 'hello');
    const { data } = await socket.next('hello');
    return Object.assign(socket, { hello: data });
  }

  /** The history of this person. */
  async history() {
    const { body } = await this.rest('GET', '/api/rtc/calls');
    return (body.data as { calls: unknown }).calls as {
      callId: string;
      outcome: string;
      missed: boolean;
      direction: string;
      [key: string]: unknown;
    }[];
  }
}

/** A REST call. */
export async function rest(server: TestServer, method: string, path: string, token?: string, body?: unknown) {
  const response = await fetch(`${server.origin}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as { success: boolean; data: never; error: never } & Record<string, never>,
  };
}

/** Where sockets of a server are opened. */
export function wsUrl(server: TestServer): string {
  return `${server.origin.replace('http', 'ws')}/ws`;
}

/** Makes two people friends. */
export async function befriend(a: Person, b: Person): Promise<void> {
  await a.rest('POST', '/api/friends', { userId: b.id });
  await b.rest('POST', '/api/friends', { userId: a.id });
}

/** Puts people into one group, all accepted. @returns the group's id */
export async function shareGroup(owner: Person, ...others: Person[]): Promise<string> {
  const { body } = await owner.rest('POST', '/api/groups', { name: 'a group' });
  const { id } = (body.data as { group: { id: string } }).group;
  for (const other of others) {
    await owner.rest('PUT', `/api/groups/${id}/members/${other.id}`);
    await other.rest('PUT', `/api/groups/${id}/members/${other.id}`);
  }
  return id;
}

/** Two friends with an account each. */
export async function twoFriends(server: TestServer): Promise<[Person, Person]> {
  const anna = await Person.signUp(server, 'anna');
  const ben = await Person.signUp(server, 'ben');
  await befriend(anna, ben);
  return [anna, ben];
}

/** An offer's payload. */
export const offerTo = (receiver: Person | string, more: object = {}) => ({
  receiverId: typeof receiver === 'string' ? receiver : receiver.id,
  offer: { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n' },
  ...more,
});

/** An answer's description. */
export const ANSWER = { type: 'answer', sdp: 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\n' };

/** A candidate. */
export const candidate = (n: number) => ({
  candidate: `candidate:${n} 1 udp 2122260223 192.0.2.1 5000${n % 10} typ host`,
  sdpMid: '0',
  sdpMLineIndex: 0,
});

/** A call of Anna's that rings on every socket of Ben's. */
export interface RingingCall {
  readonly callId: string;
  readonly offer: ServerMessageOf<'call:offer'>;
}

/** Dials and waits until it rings. */
export async function ring(caller: TestSocket, receiver: Person, ...devices: TestSocket[]): Promise<RingingCall> {
  const ack = await caller.request('call:offer', offerTo(receiver));
  if (ack.type === 'error') throw new Error(`the offer was refused: ${ack.data.reason}`);
  const offers = await Promise.all(devices.map((device) => device.next('call:offer')));
  return { callId: ack.data.callId as string, offer: offers[0] as ServerMessageOf<'call:offer'> };
}

/** Dials, answers on the first device and waits until the caller has the answer. */
export async function talk(caller: TestSocket, receiver: Person, ...devices: TestSocket[]): Promise<RingingCall> {
  const call = await ring(caller, receiver, ...devices);
  devices[0]?.send('call:answer', { callId: call.callId, answer: ANSWER });
  await caller.next('call:answer');
  return call;
}
