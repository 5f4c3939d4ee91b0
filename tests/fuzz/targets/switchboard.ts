/** The calling half of the service as `server.ts` wires it, with sockets that are played by a script instead of a network. */
import { randomUUID } from 'node:crypto';
import {
  CLOSES,
  chooseLanguage,
  decodePlainServerMessage,
  decodeServerMessage,
  type ServerMessage,
} from '@ringdown/protocol';
import { createLogger } from '@ringdown/server';
import { type CallStore, Calls, type Journal, type JournalRows, MemoryWorld } from '@ringdown/server/core';
import { Alarm } from '../../../packages/server/src/alarm.ts';
import type { Authenticator, Identity } from '../../../packages/server/src/auth/auth.ts';
import { CallLimits } from '../../../packages/server/src/call-limits.ts';
import { Connections } from '../../../packages/server/src/connections.ts';
import { createDispatch } from '../../../packages/server/src/dispatch.ts';
import { Presence } from '../../../packages/server/src/presence.ts';
import type { RawSocket, Socket } from '../../../packages/server/src/socket.ts';
import { CANARY } from '../inputs/words.ts';
import { expect } from '../target.ts';
import { type Cast, openCast } from './cast.ts';

/** By then every call, mailbox, tombstone and remembered request is over (I10). */
const FORGOTTEN_AFTER_MS = 24 * 3_600_000;
const CODES: ReadonlySet<number> = new Set(Object.values(CLOSES).map(({ code }) => code));
const OWNERS: Readonly<Record<string, 'anna' | 'ben' | 'cleo'>> = { a: 'anna', b: 'ben', c: 'cleo' };

/** Plays scripts, each on an empty store. */
export class Switchboard {
  /** Texts that sockets have said, of all scripts. */
  said = 0;
  readonly #cast: Cast;
  readonly #logged: string[];
  readonly #limits: CallLimits;
  readonly #log: ReturnType<typeof createLogger>;

  private constructor(cast: Cast, log: ReturnType<typeof createLogger>, logged: string[]) {
    this.#cast = cast;
    this.#log = log;
    this.#logged = logged;
    this.#limits = new CallLimits(cast.config.limits);
  }

  static async open(): Promise<Switchboard> {
    const logged: string[] = [];
    const log = createLogger({ level: 'warn', destination: { write: (line: string) => void logged.push(line) } });
    return new Switchboard(await openCast({}, log), log, logged);
  }

  /** @returns a label @throws Violation */
  async play(lines: readonly string[]): Promise<string> {
    this.#logged.length = 0;
    const scene = new Scene(this.#cast, this.#limits, this.#log);
    try {
      for (const line of lines) if (await scene.step(line)) this.said += 1;
      await scene.end();
    } finally {
      await scene.close();
    }
    for (const line of this.#logged) {
      expect(!line.includes(CANARY), 'the log shows what must not be logged');
      const { level, msg, err } = JSON.parse(line) as {
        level: string;
        msg: string;
        err?: { message?: string; stack?: string };
      };
      expect(level !== 'error', `a fault of the service: ${msg}: ${err?.stack ?? err?.message}`);
    }
    return scene.label;
  }

  close(): Promise<void> {
    return this.#cast.close();
  }
}

/** One script on a store of its own. */
class Scene {
  readonly #cast: Cast;
  readonly #store: CallStore;
  readonly #world: MemoryWorld;
  readonly #calls: Calls;
  readonly #connections: Connections;
  readonly #journal = new Map<string, string>();
  readonly #open = new Map<string, Player>();
  readonly #seen = new Set<string>();
  readonly #verifying = new Set<Promise<unknown>>();
  readonly #listeners = new Set<(revoked: { userId: string }) => void>();
  readonly #named: Record<string, string>;
  #now = 1_800_000_000_000;

  constructor(cast: Cast, limits: CallLimits, log: ReturnType<typeof createLogger>) {
    this.#cast = cast;
    const { config, people, who, groupId } = cast;
    this.#world = new MemoryWorld(() => this.#now, this.#paper());
    const store = this.#world.open(randomUUID());
    this.#store = store;
    const calls = new Calls(store, {
      // The history has tests of its own; here a record is taken and forgotten.
      onRecord: () => void store.unsettled(100).then((records) => store.settle(records.map(({ callId }) => callId))),
      onCommit: () => {},
      onQuality: async () => {},
    });
    this.#calls = calls;
    // Time passes when the script says so.
    const alarm = new Alarm(store, log, async () => {});
    alarm.stop();
    calls.alarm = alarm;
    const { directory } = people;
    const presence = new Presence({ store, directory, log });
    const dispatch = createDispatch({
      config,
      store,
      calls,
      directory,
      limits,
      presence,
      log,
      isDraining: () => false,
    });
    this.#connections = new Connections({
      limits: config.limits,
      log,
      authenticator: this.#authenticator(),
      store,
      calls,
      directory,
      presence,
      dispatch,
    });
    this.#named = {
      '{anna}': who.anna.userId,
      '{ben}': who.ben.userId,
      '{cleo}': who.cleo.userId,
      '{token:anna}': who.anna.token,
      '{token:ben}': who.ben.token,
      '{group}': groupId,
      '{call}': 'none-yet',
      '{resume}': 'none-yet',
    };
  }

  /** What the clients were told, by kind. */
  get label(): string {
    return [...this.#seen].sort().join(' ');
  }

  /** @returns whether a socket said something */
  async step(line: string): Promise<boolean> {
    const control = /^! (gone|pong|binary|wait|revoke) (\w{1,8})$/.exec(line);
    if (control) {
      await this.#control(control[1] ?? '', control[2] ?? '');
      await this.#settle();
      return false;
    }
    const [, hurry, name = '', text = ''] = /^(\+?)([abcnABCN]) ([\s\S]*)$/.exec(line) ?? [];
    if (name === '') return false;
    let player = this.#open.get(name);
    if (!player) {
      player = this.#connect(name);
      this.#open.set(name, player);
      await this.#settle();
    }
    player.say(text.replace(/\{[a-z:]{3,12}\}/g, (word) => this.#named[word] ?? word));
    if (!hurry) await this.#settle();
    return true;
  }

  /** Everybody goes, a day passes: nothing may be left, and what was written down on the way must be readable. */
  async end(): Promise<void> {
    await this.#settle();
    const written = new Map(this.#journal);
    for (const name of [...this.#open.keys()]) await this.#control('gone', name);
    await this.#connections.settled();
    for (let rounds = 0; rounds < 8; rounds += 1) {
      await this.#pass(FORGOTTEN_AFTER_MS);
      if (Object.values(await this.#store.sizes()).every((size) => size === 0)) break;
    }
    const left = Object.entries({ ...(await this.#store.sizes()), sockets: this.#connections.size }).filter(
      ([, size]) => size > 0,
    );
    expect(left.length === 0, `something is left for ever: ${left.join(' ')}`);
    // A restart in the middle of it all.
    new MemoryWorld(() => this.#now, { write: () => {}, load: () => rowsOf(written) }).orphans();
  }

  async close(): Promise<void> {
    await this.#connections.drain();
  }

  async #control(what: string, whom: string): Promise<void> {
    const player = this.#open.get(whom);
    switch (what) {
      case 'gone':
        this.#open.delete(whom);
        if (player?.socket) this.#connections.gone(player.socket);
        return;
      case 'pong':
        return player?.socket?.onPong();
      case 'binary':
        return player?.socket?.onBinary();
      case 'wait':
        return this.#pass(Math.min(Number(whom) || 0, FORGOTTEN_AFTER_MS));
      case 'revoke': {
        const tokens = Object.hasOwn(this.#cast.who, whom) ? this.#cast.who[whom as 'anna'] : undefined;
        if (tokens) for (const listener of this.#listeners) listener({ userId: tokens.userId });
      }
    }
  }

  /** Time passes, and what is due happens, as the alarm would have it. */
  async #pass(ms: number): Promise<void> {
    this.#now += ms;
    for (const callId of await this.#store.due(100)) await this.#calls.apply(callId, { type: 'tick' });
    await this.#settle();
  }

  #connect(name: string): Player {
    const owner = OWNERS[name.toLowerCase()];
    const extended = name !== name.toLowerCase();
    const identity: Identity | undefined = owner && {
      userId: this.#cast.who[owner].userId,
      sessionId: 'session',
      // The tokens run by the machine's clock, calls by the script's.
      expiresAt: Date.now() + 3_600_000,
    };
    const player = new Player(extended, (message) => this.#note(message));
    player.socket = this.#connections.open(player.raw, {
      language: chooseLanguage(undefined),
      extended,
      ...(identity && { identity }),
    });
    return player;
  }

  #note(message: ServerMessage): void {
    if (message.type === 'error') this.#seen.add(String(message.data.reason));
    else this.#seen.add(message.type);
    if ('callId' in message.data && message.data.callId !== undefined) this.#named['{call}'] = message.data.callId;
    if (message.type === 'hello') this.#named['{resume}'] = message.data.resumeToken;
  }

  /** Resolves when nothing more comes of what was said: promises are done between two turns of the loop. */
  async #settle(): Promise<void> {
    do {
      await Promise.allSettled(this.#verifying);
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#verifying.size > 0);
    for (const { faults } of this.#open.values()) expect(faults.length === 0, faults[0] ?? '');
  }

  /** The real one, but that it is known when it is at work. */
  #authenticator(): Authenticator {
    const { authenticator } = this.#cast.people;
    return {
      verify: (token) => {
        const verifying = authenticator.verify(token);
        const done: Promise<unknown> = verifying.catch(() => {}).then(() => this.#verifying.delete(done));
        this.#verifying.add(done);
        return verifying;
      },
      onRevoked: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** A journal that keeps what it was told as text, as a file would. */
  #paper(): Journal {
    return {
      write: (changed, rows) => {
        for (const kind of Object.keys(changed) as (keyof JournalRows)[]) {
          for (const key of changed[kind]) {
            const row = rows[kind](key);
            if (row === undefined) this.#journal.delete(`${kind} ${key}`);
            else this.#journal.set(`${kind} ${key}`, JSON.stringify(row));
          }
        }
      },
      load: () => rowsOf(new Map()),
    };
  }
}

function rowsOf(journal: ReadonlyMap<string, string>): ReturnType<Journal['load']> {
  const rows = { endpoint: [], acks: [], call: [], candidates: [], relays: [], record: [], request: [] } as Record<
    keyof JournalRows,
    [string, unknown][]
  >;
  for (const [name, text] of journal) {
    const [kind = ''] = name.split(' ');
    rows[kind as keyof JournalRows].push([name.slice(kind.length + 1), JSON.parse(text)]);
  }
  return rows;
}

/** One socket of a script: says lines, and looks at everything it is sent. */
class Player {
  socket: Socket | undefined;
  /** What it was sent that it must not be sent. */
  readonly faults: string[] = [];
  readonly raw: RawSocket;
  #closed = false;

  /** @param onMessage hears what came */
  constructor(extended: boolean, onMessage: (message: ServerMessage) => void) {
    const decode = extended ? decodeServerMessage : decodePlainServerMessage;
    this.raw = {
      send: (texts, sent) => {
        if (this.#closed) this.faults.push('something is sent on a socket that was closed');
        for (const text of texts) {
          const decoded = decode(text);
          if (!decoded.ok) {
            this.faults.push(`what is sent is not of the protocol: ${decoded.message}`);
            continue;
          }
          const message = decoded.value as ServerMessage;
          if (message.type === 'error' && text.includes(CANARY) && !String(message.id).includes(CANARY)) {
            const { callId } = message.data;
            if (!callId?.includes(CANARY)) this.faults.push('an error repeats what came');
          }
          onMessage(message);
        }
        queueMicrotask(sent);
      },
      unsent: () => 0,
      ping: () => {},
      close: (code) => {
        if (!CODES.has(code)) this.faults.push('a socket is closed with a code that is not of the table');
        this.#closed = true;
      },
      pause: () => {},
      resume: () => {},
    };
  }

  say(text: string): void {
    this.socket?.onText(text);
  }
}
