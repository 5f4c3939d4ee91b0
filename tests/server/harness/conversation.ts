/**
 * Plays a conversation of PROTOCOL.md against a real service. What the document says is sent, is sent; what it says
 * comes has to come, to each socket in that order and nothing else. Ids, tokens and times differ from run to run: they
 * are bound to those of the document when they are first met.
 */
import { once } from 'node:events';
import { expect, vi } from 'vitest';
import { befriend, Person, wsUrl } from './people.ts';
import type { TestServer } from './server.ts';
import { TestSocket } from './socket.ts';

/** The people of every conversation, friends of each other, with the ids they have in the document. */
const CAST = { Anna: 2994817, Ben: 3170845, Cleo: 4408213 } as const;
type Name = keyof typeof CAST;

/** How long a frame or a close may take to come, ms. */
const PATIENCE_MS = 5_000;
/** How long an access token is good, ms. */
const TOKEN_LIFE_MS = 15 * 60_000;

/** Values that are the run's own: only their kind is compared. */
const FREE = new Set(['timestamp', 'serverTime', 'startedAt', 'answeredAt', 'avatar', 'ttlMs']);
/** Values that the service makes and the document names. */
const MADE = new Set(['callId', 'resumeToken', 'sessionId']);

interface Actor {
  readonly socket: TestSocket;
  readonly name: Name;
  /** Frames that were looked at. */
  read: number;
  /** Whether it may say anything: authenticated and, if extended, greeted. */
  ready: boolean;
}

/**
 * Plays it. `Date` has to be a fake one since before the server was started, so that tokens can run out.
 * @param lines as they stand in the document @throws naming the line where the service does otherwise
 */
export async function play(lines: readonly string[], server: TestServer): Promise<void> {
  const stage = await Stage.set(server, lines.join('\n'));
  for (const line of lines) {
    await stage.perform(line).catch((error: unknown) => {
      throw new Error(`${line}\n${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
  }
  await stage.end();
}

class Stage {
  readonly #server: TestServer;
  readonly #people: Map<Name, Person>;
  readonly #actors = new Map<string, Actor>();
  /** From the document's words to this run's, and back. */
  readonly #here = new Map<string, string>();
  readonly #there = new Map<string, string>();
  #asked = 0;

  private constructor(server: TestServer, people: Map<Name, Person>) {
    this.#server = server;
    this.#people = people;
    for (const [name, person] of people) {
      this.#bind(String(CAST[name]), person.id);
      this.#bind(name.toLowerCase(), person.username);
    }
  }

  /** Makes accounts for those who are meant in the text, by name or id. */
  static async set(server: TestServer, text: string): Promise<Stage> {
    const cast = (Object.keys(CAST) as Name[]).filter((name) => text.includes(name) || text.includes(`${CAST[name]}`));
    const people = await Promise.all(cast.map((name) => Person.signUp(server, name.toLowerCase())));
    await Promise.all(people.flatMap((one, n) => people.slice(n + 1).map((other) => befriend(one, other))));
    return new Stage(server, new Map(cast.map((name, n) => [name, people[n] as Person])));
  }

  async perform(line: string): Promise<void> {
    const frame = /^(\w+) (→|←) (\{.*\})$/.exec(line);
    if (frame) {
      const [, letter = '', arrow, text = ''] = frame;
      const actor = this.#actor(letter);
      return arrow === '→' ? this.#say(actor, JSON.parse(text)) : this.#hear(actor, JSON.parse(text));
    }
    const opens = /^\((\w+): (Anna|Ben|Cleo), (plain|extended|no token yet)\)$/.exec(line);
    if (opens) return this.#enter(opens[1] ?? '', opens[2] as Name, opens[3] ?? '');
    const closes = /^\((\w+) is closed with (\d{4})\)$/.exec(line);
    if (closes) {
      const { socket } = this.#actor(closes[1] ?? '');
      expect((await within(socket.closed)).code).toBe(Number(closes[2]));
      return;
    }
    const lost = /^\((\w+) loses its socket\)$/.exec(line);
    if (lost) return this.#lose(lost[1] ?? '');
    const passes = /^\((\d+) s pass\)$/.exec(line);
    if (passes) return this.#pass(Number(passes[1]) * 1_000);
    if (line === '(the service restarts)') return this.#server.restart();
    const expires = /^\(the token of (Anna|Ben|Cleo) runs out, and (?:she|he) gets a newer one\)$/.exec(line);
    if (expires) {
      this.#pass(TOKEN_LIFE_MS);
      this.#people.set(expires[1] as Name, await this.#person(expires[1] as Name).logIn());
      return;
    }
    throw new Error('not a line of a conversation');
  }

  /** Nothing more may come to anybody. */
  async end(): Promise<void> {
    for (const [letter, actor] of this.#actors) {
      await this.#settle(actor);
      expect(actor.socket.history.slice(actor.read).filter(isNotOurs), `what else ${letter} was sent`).toEqual([]);
    }
  }

  #actor(letter: string): Actor {
    const actor = this.#actors.get(letter);
    if (!actor) throw new Error(`nobody is called ${letter}`);
    return actor;
  }

  #person(name: Name): Person {
    const person = this.#people.get(name);
    if (!person) throw new Error(`${name} has no account`);
    return person;
  }

  async #enter(letter: string, name: Name, kind: string): Promise<void> {
    const bearer = `bearer.${this.#person(name).token}`;
    const offered = { plain: ['ringdown.plain', bearer], extended: ['ringdown.v1', bearer] }[kind];
    const socket = await new TestSocket(wsUrl(this.#server), offered).opened();
    const actor = { socket, name, read: 0, ready: kind === 'plain' };
    this.#actors.set(letter, actor);
    await this.#settle(actor);
  }

  async #say(actor: Actor, frame: { type: string; data: { token?: string } }): Promise<void> {
    if (frame.type === 'auth') frame.data.token = this.#person(actor.name).token;
    actor.socket.raw.send(JSON.stringify(this.#translated(frame)));
    await this.#settle(actor);
  }

  async #hear(actor: Actor, expected: { type: string }): Promise<void> {
    const { socket } = actor;
    const deadline = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const text = socket.history[actor.read];
      if (text === undefined) {
        await once(socket.raw, 'message', { signal: deadline }).catch(() => {
          throw new Error('it did not come');
        });
        continue;
      }
      actor.read += 1;
      if (!isNotOurs(text)) continue;
      expect(this.#told(JSON.parse(text), expected)).toEqual(expected);
      actor.ready ||= expected.type === (socket.extended ? 'hello' : 'ack');
      return;
    }
  }

  async #lose(letter: string): Promise<void> {
    const { sockets = 0 } = await this.#server.running.sizes();
    this.#actor(letter).socket.vanish();
    await expect.poll(async () => (await this.#server.running.sizes()).sockets).toBe(sockets - 1);
    // It is gone from the sockets a moment before it is from the calls.
    for (const actor of this.#actors.values()) await this.#settle(actor);
  }

  #pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
    this.#server.advance(ms);
  }

  /** Waits until the service has handled everything of a socket, and written what that brought. */
  async #settle({ socket, ready }: Actor): Promise<void> {
    if (!ready || socket.raw.readyState !== socket.raw.OPEN) return;
    this.#asked += 1;
    const id = `settle-${this.#asked}`;
    const type = socket.extended ? 'presence:unsubscribe' : 'ping';
    socket.raw.send(JSON.stringify({ type, id, data: {} }));
    const answered = () => socket.history.some((text) => text.includes(`"${id}"`));
    while (!answered() && socket.raw.readyState === socket.raw.OPEN) {
      await Promise.race([once(socket.raw, 'message'), socket.closed]);
    }
  }

  #bind(there: string, here: string): void {
    this.#here.set(there, here);
    this.#there.set(here, there);
  }

  /** A frame of the document in this run's words. */
  #translated(value: unknown): unknown {
    if (typeof value === 'string') return this.#here.get(value) ?? value;
    if (Array.isArray(value)) return value.map((each) => this.#translated(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.#translated(each)]));
  }

  /** A frame of this run in the document's words, where those are the run's own. @param expected what names new ones */
  #told(value: unknown, expected: unknown, key = ''): unknown {
    if (Array.isArray(value)) return value.map((each, n) => this.#told(each, at(expected, n)));
    if (key === 'limits') return expected;
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, this.#told(each, at(expected, name), name)]),
      );
    }
    if (FREE.has(key) && typeof value === typeof expected) return expected;
    if (MADE.has(key) && typeof value === 'string' && typeof expected === 'string') {
      if (!this.#there.has(value) && !this.#here.has(expected)) this.#bind(expected, value);
    }
    if (key === 'id' && typeof value === 'number') return Number(this.#there.get(String(value)) ?? value);
    return typeof value === 'string' ? (this.#there.get(value) ?? value) : value;
  }
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
}

function isNotOurs(text: string): boolean {
  return !text.includes('"settle-');
}

function within<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the socket stays open')), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
