/** Wiring, and the order in which things start and stop. Nothing else. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { CallState } from '@ringdown/call';
import { Alarm } from './alarm.ts';
import { CallLimits } from './call-limits.ts';
import { openJournal } from './call-store/journal.ts';
import { MemoryWorld, steadyClock } from './call-store/memory.ts';
import { Calls } from './calls.ts';
import type { Config } from './config.ts';
import { Connections } from './connections.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { createDispatch } from './dispatch.ts';
import { createHttpApp } from './http/app.ts';
import { openLiveCalls } from './live-calls.ts';
import type { Logger } from './log.ts';
import { openPeople } from './people.ts';
import { Presence } from './presence.ts';
import { Recorder } from './records/recorder.ts';
import { acceptSockets } from './upgrade.ts';

/**
 * Bounds of HTTP requests (T44), ms and bytes, and which of them may become sockets. Node looks for late ones every 30 s
 * unless told otherwise.
 */
const HTTP_BOUNDS = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  // Some clients ask every server for HTTP/2 in clear text: they are answered as if they had not (RFC 9110 §7.8).
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};
/** How often this node says that it is alive, and looks for what dead ones left, ms. */
const BEAT_MS = 5_000;
/** How long a stop lets balancers notice that the service is not ready before it closes sockets, ms. */
const UNREADY_FIRST_MS = 250;
/** How long sockets get to say goodbye on a stop, ms. */
const GOODBYE_MS = 2_500;

/** How a server is made. */
export interface ServerOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Folder of the built web app; without it there is only the API. */
  readonly webRoot?: string;
  /** The clock of calls, ms since the epoch and never going back; the machine's steady one by default. */
  readonly callClock?: () => number;
}

/** A running server. */
export interface RunningServer {
  /** The port it listens on, chosen by the system when the configured one is 0. */
  readonly port: number;
  /** What is alive in it, for tests and metrics: sockets and the store's rows. */
  sizes(): Promise<Record<string, number>>;
  /** Looks at the clock of calls now; for a {@link ServerOptions.callClock} that jumps. */
  wake(): void;
  /** Stops: no new offers, sockets asked to come back later, records written, database closed. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Opens the database and starts to listen.
 * @throws when the data folder is in use, the database is refused or the address cannot be listened on; nothing is left running then
 */
export async function createServer({ config, log, webRoot, callClock }: ServerOptions): Promise<RunningServer> {
  const unlock = lockDataDir(config.dataDir);
  const people = await openPeople(config, log).catch((error: unknown) => {
    unlock();
    throw error;
  });
  let draining = false;
  const isDraining = () => draining;

  const journal = openJournal(join(config.dataDir, 'live.db'), log);
  const world = new MemoryWorld(callClock ?? steadyClock(), journal);
  const store = world.open(randomUUID());
  const recorder = new Recorder(store, people.records, log);
  const calls = new Calls(store, {
    onRecord: () => recorder.kick(),
    onCommit: (states) => states.forEach((state) => void logCall(log, state)),
    onQuality: async (callId, side, metrics) => {
      await recorder.settled();
      const stored = await people.records.addQuality(callId, side, metrics);
      if (!stored) throw new Error('the record of this call is not in the history yet');
    },
  });
  const alarm = new Alarm(store, log, async (callId) => {
    await calls.apply(callId, { type: 'tick' });
  });
  calls.alarm = alarm;
  const limits = new CallLimits(config.limits);
  const { authenticator, directory } = people;
  const presence = new Presence({ store, directory, log });
  const dispatch = createDispatch({ config, store, calls, directory, limits, presence, log, isDraining });
  const connections = new Connections({
    limits: config.limits,
    log,
    authenticator,
    store,
    calls,
    directory,
    presence,
    dispatch,
  });

  const beating = setInterval(() => {
    takeOver().catch((error: unknown) => log.error({ err: error }, 'the call store did not take a heartbeat'));
  }, BEAT_MS);

  /** What dead nodes left is detached by whoever sees it first. */
  async function takeOver(): Promise<void> {
    for (const { endpoint, sessionId } of await store.beat()) await calls.detached(endpoint, sessionId);
  }

  const app = createHttpApp({
    config,
    log,
    people,
    liveCalls: openLiveCalls(store, calls),
    ready: () => !draining,
    ...(webRoot !== undefined && { webRoot }),
  });
  const http = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: HTTP_BOUNDS,
  }) as Server;
  const endSockets = acceptSockets(http, { config, authenticator, connections, log, isDraining });

  async function closeAll(): Promise<void> {
    draining = true;
    clearInterval(beating);
    if (connections.size > 0) await new Promise((resolve) => setTimeout(resolve, UNREADY_FIRST_MS));
    const gone = new Promise<void>((resolve) => http.close(() => resolve()));
    await connections.drain();
    const deadline = Date.now() + GOODBYE_MS;
    while (connections.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    endSockets();
    await connections.settled();
    alarm.stop();
    await recorder.stop();
    http.closeAllConnections();
    await gone;
    world.flush();
    journal.close();
    await people.close();
    unlock();
  }

  // What another process left: its sockets are gone, its calls wait for them, its records are still to be written.
  const orphans = world.orphans();
  for (const { callId, endpoint } of orphans) await calls.apply(callId, { type: 'detached', endpoint });
  if (orphans.length > 0) log.info({ calls: new Set(orphans.map(({ callId }) => callId)).size }, 'live calls taken up');
  alarm.note(store.now());
  recorder.kick();

  try {
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(config.port, config.host, resolve);
    });
  } catch (error) {
    clearInterval(beating);
    alarm.stop();
    await connections.drain();
    await recorder.stop();
    world.flush();
    journal.close();
    await people.close();
    unlock();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    port: (http.address() as AddressInfo).port,
    sizes: async () => ({
      sockets: connections.size,
      timers: alarm.size,
      ...presence.sizes,
      ...(await store.sizes()),
    }),
    wake: () => alarm.wake(),
    stop: () => {
      stopping ??= closeAll();
      return stopping;
    },
  };
}

/** One line for each step of a call: ids, phases and outcomes, nothing of its media. */
function logCall(log: Logger, state: CallState): void {
  log.info({
    callId: state.callId,
    phase: state.phase,
    caller: state.caller.id,
    callee: state.callee.id,
    ...(state.phase === 'ended' && { outcome: state.outcome.caller ?? 'glare', endedBy: state.endedBy }),
  });
}
