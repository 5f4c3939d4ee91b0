/** A person with an account on the server under test, and the ways it comes online. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from './frame.ts';
import { Line } from './line.ts';
import type { Pace } from './pace.ts';
import { ask, asObject, type RestAnswer } from './rest.ts';
import { told, Unmet } from './unmet.ts';

/** Where a server is. */
export interface Target {
  /** The WebSocket address; `{token}` in it stands for the access token. */
  readonly url: string;
  /** `http(s)://host`, without a trailing slash. */
  readonly rest: string;
}

/** An account. */
export interface Account {
  /** The id on the wire: decimal digits. */
  readonly id: string;
  readonly token: string;
  /** Undefined when it could not be found out. */
  readonly username?: string;
  /** Of an account the kit made itself. */
  readonly password?: string;
}

/** An extended session, and how it was greeted. */
export interface Device extends Line {
  readonly hello: Readonly<Record<string, unknown>>;
}

/** What the sockets of one play stand on. */
export interface Ground {
  readonly target: Target;
  readonly pace: Pace;
  /** Calls of earlier plays. A server may tell a plain session's successor their end once more (DS-3): that is no news. */
  readonly past: ReadonlySet<string>;
  /** Every socket that was opened, so that somebody closes it. */
  readonly lines: Line[];
}

/** How often a place that fills in later is looked at, ms. */
const LOOK_EVERY_MS = 50;

/** A person in a role of a scenario. */
export class Person {
  /** The role, in reports: `the caller`. */
  readonly role: string;
  readonly account: Account;
  readonly #ground: Ground;
  /** Makes the devices of one play others than those of the next. */
  readonly #devices = crypto.randomUUID().slice(0, 8);
  #lines = 0;

  constructor(role: string, account: Account, ground: Ground) {
    this.role = role;
    this.account = account;
    this.#ground = ground;
  }

  get id(): string {
    return this.account.id;
  }

  /** Who it is, as frames tell it. `username` only where the kit knows it. */
  get info(): { id: number; username?: string } {
    const { username } = this.account;
    return { id: Number(this.id), ...(username !== undefined && { username }) };
  }

  /** A socket that may or may not be let in. */
  dial(options: { protocols?: string[]; headers?: Record<string, string>; url?: string } = {}): Line {
    this.#lines += 1;
    const name = this.#lines === 1 ? this.role : `${this.role} (socket ${this.#lines})`;
    const url = options.url ?? this.#ground.target.url.replace('{token}', this.account.token);
    const line = new Line({ name, pace: this.#ground.pace, past: this.#ground.past, ...options, url });
    this.#ground.lines.push(line);
    return line;
  }

  /** A plain session: one that knows the contract alone. */
  async online(headers: Record<string, string> = {}): Promise<Line> {
    const line = await this.dial({ headers: { authorization: `Bearer ${this.account.token}`, ...headers } }).opened();
    // A session is there when it can be rung; the answer to a ping says so where there is one.
    await line.settled();
    return line;
  }

  /** An extended session that has negotiated the protocol and owes its hello. */
  async wordless(): Promise<Line> {
    return this.dial({
      protocols: ['ringdown.v1'],
      headers: { authorization: `Bearer ${this.account.token}` },
    }).opened();
  }

  /** An extended session that has said hello, as a device of this person. */
  async device(deviceId: string, hello: object = {}): Promise<Device> {
    const line = await this.wordless();
    const said = {
      version: 1,
      deviceId: `${deviceId}-${this.#devices}`,
      caps: ['renegotiate', 'media_state'],
      ...hello,
    };
    const answer = await line.request('hello', said);
    if (answer.type !== 'hello') throw new Unmet(`the hello of ${line.name} to be answered`, told(answer));
    return Object.assign(line, { hello: answer.data });
  }

  /** The same device on a new socket, going on from the last frame it has seen. */
  async resume(deviceId: string, from: Device, more: { token?: string; lastSeq?: number } = {}): Promise<Device> {
    const lastSeq = from.seqs.at(-1) ?? Number(from.hello['lastSeq'] ?? 0);
    return this.device(deviceId, { resume: { token: String(from.hello['resumeToken']), lastSeq, ...more } });
  }

  /** A REST call of this person. */
  async rest(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    return ask(this.#ground.target.rest, method, path, { token: this.account.token, body });
  }

  /** This person's entry of a call in its history, which is there within a second of the end (HI-1). */
  async record(callId: unknown): Promise<Readonly<Record<string, unknown>>> {
    const deadline = performance.now() + 1_000 + this.#ground.pace.patienceMs;
    for (;;) {
      const { status, data } = await this.rest('GET', '/api/rtc/calls');
      const calls = Array.isArray(data['calls']) ? data['calls'].map(asObject) : [];
      const entry = calls.find((call) => call['callId'] === callId);
      if (entry) return entry;
      if (performance.now() > deadline) {
        throw new Unmet(
          `${this.role} to find the call in its history within a second of its end`,
          status === 200 ? `${calls.length} other calls` : `HTTP ${status}`,
        );
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}

/** The candidate texts of frames, in order. */
export function candidatesOf(frames: readonly Frame[]): unknown[] {
  return frames
    .filter(({ type }) => type === 'call:ice_candidate')
    .flatMap(({ data }) => (Array.isArray(data['candidates']) ? data['candidates'] : [data['candidate']]))
    .map((each) => asObject(each)['candidate']);
}
