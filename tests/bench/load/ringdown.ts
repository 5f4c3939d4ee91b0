/** Clients of the service: plain ones from the contract alone, extended ones with hello, acknowledgements and resume. */
import type { Person } from '../subjects/people.ts';
import { Client } from './client.ts';
import { FRAMES_AN_ACK, type Line, payloads, type Side } from './line.ts';
import { ANSWER, OFFER } from './payloads.ts';

/** What a session needs in order to go on after a lost socket. */
export interface Resume {
  readonly token: string;
  readonly lastSeq: number;
}

/** An open session. */
export interface Session {
  readonly client: Client;
  readonly resumed: boolean;
  readonly resume: Resume;
}

const frame = (type: string, data: object) => JSON.stringify({ type, data });

/** Opens a plain session. */
export function openPlainSession(origin: string, { token }: Person): Promise<Client> {
  return Client.open(socketUrl(origin), ['ringdown.plain', `bearer.${token}`]);
}

/** Opens an extended session, or goes on with one. */
export async function openSession(origin: string, { token }: Person, resume?: Resume): Promise<Session> {
  const client = await Client.open(socketUrl(origin), ['ringdown.v1', `bearer.${token}`]);
  const answer = client.next('"hello"');
  client.send(
    frame('hello', {
      version: 1,
      deviceId: 'phone',
      caps: ['renegotiate', 'media_state'],
      ...(resume && { resume }),
    }),
  );
  const { data } = JSON.parse(await answer) as { data: { resumed: boolean; resumeToken: string; lastSeq: number } };
  return { client, resumed: data.resumed, resume: { token: data.resumeToken, lastSeq: data.lastSeq } };
}

function socketUrl(origin: string): string {
  return `${origin.replace('http', 'ws')}/ws`;
}

/** Two friends with one call at a time. */
export class RingdownLine implements Line {
  onCandidates: Line['onCandidates'] = () => {};
  readonly #ends: readonly [Client, Client];
  readonly #people: readonly [Person, Person];
  #callId: string | undefined;
  #batch = 1;

  private constructor(ends: readonly [Client, Client], people: readonly [Person, Person], extended: boolean) {
    this.#ends = ends;
    this.#people = people;
    ends.forEach((end, side) => {
      let unacknowledged = 0;
      end.onText = (text) => {
        // Later matches are for payloads that hold a word of another type.
        const head = text.slice(0, 60);
        if (head.includes('"error"')) throw new Error(`a server refused what the load sent: ${text}`);
        if (extended) {
          unacknowledged += 1;
          if (unacknowledged === FRAMES_AN_ACK) {
            unacknowledged = 0;
            end.send(frame('ack', { seq: Number(/"seq":(\d+)/.exec(head)?.[1] ?? 0) }));
          }
        }
        if (head.includes('"call:ice_candidate"')) this.onCandidates(side as Side, this.#batch);
      };
    });
  }

  /** Connects two friends. */
  static async open(origin: string, people: readonly [Person, Person], extended: boolean): Promise<RingdownLine> {
    const connect = async (person: Person) =>
      extended ? (await openSession(origin, person)).client : openPlainSession(origin, person);
    return new RingdownLine([await connect(people[0]), await connect(people[1])], people, extended);
  }

  async renew(): Promise<void> {
    if (this.#callId !== undefined) await this.hangUp();
    await this.call();
  }

  /** Dials, answers, and waits until the caller has the answer. */
  async call(): Promise<void> {
    const [caller, callee] = this.#ends;
    const [, { id }] = this.#people;
    const offered = callee.next('"call:offer"');
    const answered = caller.next('"call:answer"');
    caller.send(frame('call:offer', { receiverId: id, offer: OFFER, callType: 'video' }));
    const { data } = JSON.parse(await offered) as { data: { callId: string; senderId: string } };
    this.#callId = data.callId;
    callee.send(frame('call:answer', { callId: data.callId, receiverId: data.senderId, answer: ANSWER }));
    await answered;
  }

  /** Hangs up, and waits until the other side has heard it. */
  async hangUp(): Promise<void> {
    const [caller, callee] = this.#ends;
    const heard = callee.next('"call:hang_up"');
    caller.send(frame('call:hang_up', { callId: this.#callId, receiverId: this.#people[1].id, reason: 'normal' }));
    this.#callId = undefined;
    await heard;
  }

  send(from: Side, frames: number, candidatesAFrame: number): void {
    this.#batch = candidatesAFrame;
    const receiverId = this.#people[from === 0 ? 1 : 0].id;
    this.#ends[from].send(
      ...payloads(frames, candidatesAFrame).map((payload) =>
        frame('call:ice_candidate', { callId: this.#callId, receiverId, ...payload }),
      ),
    );
  }

  async close(): Promise<void> {
    if (this.#callId !== undefined) await this.hangUp();
    for (const end of this.#ends) end.vanish();
  }
}
