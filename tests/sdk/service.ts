/**
 * The service, as far as two browsers see of it, in this process: the real sockets, switch, rules, store and alarm, over
 * wires that somebody else moves. Only the bytes, the accounts and the history are missing.
 */
import type { CallState } from '@ringdown/call';
import { deviceEndpoint } from '@ringdown/call';
import { type Config, readConfig } from '@ringdown/server';
import {
  Alarm,
  type Authenticator,
  CallLimits,
  type CallStore,
  Calls,
  Connections,
  createDispatch,
  createLogger,
  type Directory,
  MemoryWorld,
  Presence,
  type RawSocket,
} from '@ringdown/server/core';

/** Rates that no run comes near. */
const GENEROUS = { offersPerMinute: 10_000, offersPerPairPerMinute: 10_000, socketsPerUser: 1_000 };

/** Everybody is everybody's friend, and a token is `user-<id>`. */
const directory: Directory = {
  relation: async (sender, receiver) => ({
    sender: personOf(sender),
    receiver: personOf(receiver),
    tie: 'friends',
    blockedBySender: false,
    blockedByReceiver: false,
    conversationAllowed: true,
  }),
  friendsOf: async () => [],
};
const authenticator: Authenticator = {
  verify: async (token) => ({
    ok: true,
    identity: { userId: token.replace('user-', ''), sessionId: token, expiresAt: Number.MAX_SAFE_INTEGER },
  }),
  onRevoked: () => () => {},
};

/** The service of one run. Made under fake timers, it has no other clock than theirs. */
export class Service {
  readonly store: CallStore;
  readonly connections: Connections;
  readonly #calls: Calls;
  readonly #alarm: Alarm;
  /** Every call by its id, as it was committed last. */
  readonly states = new Map<string, CallState>();
  /** Warnings and errors that it logged. */
  readonly complaints: string[] = [];

  constructor() {
    const log = createLogger({
      level: 'warn',
      destination: { write: (line: string) => void this.complaints.push(line) },
    });
    const base = readConfig({}, '/nowhere');
    const config: Config = { ...base, limits: { ...base.limits, ...GENEROUS } };
    const store = new MemoryWorld(() => Date.now()).open('node');
    this.store = store;
    this.#calls = new Calls(store, {
      onRecord: () => {},
      onCommit: (states) => {
        for (const state of states) this.states.set(state.callId, state);
      },
      onQuality: async () => {},
    });
    this.#alarm = new Alarm(store, log, async (callId) => {
      await this.#calls.apply(callId, { type: 'tick' });
    });
    this.#calls.alarm = this.#alarm;
    const presence = new Presence({ store, directory, log });
    const limits = new CallLimits(config.limits);
    const calls = this.#calls;
    const isDraining = () => false;
    const dispatch = createDispatch({ config, store, calls, directory, limits, presence, log, isDraining });
    this.connections = new Connections({
      limits: config.limits,
      log,
      authenticator,
      store,
      calls,
      directory,
      presence,
      dispatch,
    });
  }

  /** Takes a socket in, as after an upgrade that was accepted. */
  accept(raw: RawSocket, userId: string, extended: boolean) {
    const identity = { userId, sessionId: `login-${userId}`, expiresAt: Number.MAX_SAFE_INTEGER };
    return this.connections.open(raw, { language: 'en', extended, identity });
  }

  /** The REST door, as far as the SDK knocks at it. */
  async fetch(userId: string, url: string, method: string | undefined): Promise<Response> {
    if (url.endsWith('/api/rtc/ice-servers'))
      return Response.json({ success: true, data: { iceServers: [], ttl: 600 } });
    const [, callId = '', action] = /\/api\/rtc\/calls\/([^/]+)(\/hang-up)?$/.exec(url) ?? [];
    const state = this.states.get(callId);
    if (!state || (state.caller.id !== userId && state.callee.id !== userId))
      return new Response('{}', { status: 404 });
    if (action && method === 'POST') {
      const from = deviceEndpoint(userId, '.rest');
      await this.#calls.apply(callId, { type: 'hangUp', from, language: 'en', capabilities: [], anywhere: true });
      return Response.json({ success: true, data: {} });
    }
    const mine = state.caller.id === userId ? 'caller' : 'callee';
    if (state.phase !== 'ended' || state.outcome[mine] === null) return new Response('{}', { status: 404 });
    const endedBy = state.endedBy === 'service' ? 'service' : state.endedBy === mine ? 'me' : 'peer';
    const endedAt = new Date(state.endedAt).toISOString();
    return Response.json({ success: true, data: { call: { callId, endedAt, outcome: state.outcome[mine], endedBy } } });
  }

  /** The calls that are not over. */
  get live(): readonly CallState[] {
    return [...this.states.values()].filter(({ phase }) => phase !== 'ended');
  }

  /** Ends its timers. */
  async close(): Promise<void> {
    await this.connections.drain();
    this.#alarm.stop();
  }
}

function personOf(userId: string) {
  const info = { id: Number(userId), username: `person ${userId}`, avatar: '' };
  return { id: userId, info, doNotDisturb: false, hideBusy: false };
}
