/** The client side of every measurement, in a process of its own, so that its work is not counted as the server's. */
import { serve } from '../remote.ts';
import type { Person } from '../subjects/people.ts';
import type { Dialect } from '../subjects/subject.ts';
import type { Client } from './client.ts';
import { CANDIDATES_A_SIDE, type Line, openPlain, openPlainLine, type Side } from './line.ts';
import { openPlainSession, openSession, RingdownLine, type Session } from './ringdown.ts';

/** How many sockets are opened at once: a crowd, but not so many that the queue of new connections overflows. */
const OPENING_AT_ONCE = 100;

let lines: Line[] = [];
let idle: Client[] = [];
let sessions: Session[] = [];

const handlers = {
  /** Connects pairs of people. */
  openLines: async (input: {
    origin: string;
    dialect: Dialect;
    extended: boolean;
    count: number;
    people: readonly Person[];
  }) => {
    const { origin, dialect, extended, count, people } = input;
    lines = await inTurns(count, (n) => {
      if (dialect !== 'ringdown') return openPlainLine(dialect, origin, [`left${n}`, `right${n}`]);
      return RingdownLine.open(origin, [people[2 * n] as Person, people[2 * n + 1] as Person], extended);
    });
  },
  /** Makes {@link CANDIDATES_A_SIDE} more candidates possible on every line. */
  renewLines: async (_: null) => {
    await Promise.all(lines.map((line) => line.renew()));
  },
  /**
   * On every line at once the two sides send to and fro, the next when the one before has come; or each side by the
   * clock, if an interval is given.
   * @returns how many candidates came
   */
  relay: async (input: { framesAWrite: number; candidatesAFrame: number; everyMs: number }) => {
    const { framesAWrite, candidatesAFrame, everyMs } = input;
    const came = await Promise.all(
      lines.map((line, n) =>
        everyMs > 0
          ? byTheClock(line, everyMs, (n * everyMs) / lines.length)
          : toAndFro(line, framesAWrite, candidatesAFrame),
      ),
    );
    return came.reduce((sum, count) => sum + count, 0);
  },
  /** On every line at once: dials, answers, hangs up, so often. @returns how many calls that were */
  call: async ({ times }: { times: number }) => {
    await Promise.all(
      lines.map(async (line) => {
        for (let n = 0; n < times; n += 1) {
          await (line as RingdownLine).call();
          await (line as RingdownLine).hangUp();
        }
      }),
    );
    return lines.length * times;
  },
  /** Opens connections that then do nothing but stay alive. */
  openIdle: async (input: { origin: string; dialect: Dialect; count: number; people: readonly Person[] }) => {
    const { origin, dialect, count, people } = input;
    idle = await inTurns(count, async (n) =>
      dialect === 'ringdown'
        ? (await openSession(origin, people[n] as Person)).client
        : openPlain(dialect, origin, `idle${n}`),
    );
  },
  /** Opens plain sessions that then do nothing but stay alive. */
  openIdlePlain: async ({ origin, people }: { origin: string; people: readonly Person[] }) => {
    idle = await inTurns(people.length, (n) => openPlainSession(origin, people[n] as Person));
  },
  /** Opens extended sessions that will be resumed. */
  openSessions: async ({ origin, people }: { origin: string; people: readonly Person[] }) => {
    sessions = await inTurns(people.length, (n) => openSession(origin, people[n] as Person));
  },
  /** Cuts every session's socket and comes back with all of them at once. @returns ms until the last has its answer */
  resumeSessions: async ({ origin, people }: { origin: string; people: readonly Person[] }) => {
    for (const { client } of sessions) client.vanish();
    const began = performance.now();
    sessions = await Promise.all(sessions.map(({ resume }, n) => openSession(origin, people[n] as Person, resume)));
    return { tookMs: performance.now() - began, resumed: sessions.filter(({ resumed }) => resumed).length };
  },
  /** Closes everything. */
  close: async (_: null) => {
    await Promise.all(lines.map((line) => line.close()));
    for (const client of idle) client.vanish();
    for (const { client } of sessions) client.vanish();
    lines = [];
    idle = [];
    sessions = [];
  },
};

/** What the load can be asked. */
export type Load = typeof handlers;

/** Runs so many tasks, a limited number of them at a time. @returns their results, in order */
async function inTurns<T>(count: number, task: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(count, OPENING_AT_ONCE) }, async () => {
      for (let n = next++; n < count; n = next++) results[n] = await task(n);
    }),
  );
  return results;
}

function toAndFro(line: Line, framesAWrite: number, candidatesAFrame: number): Promise<number> {
  return new Promise((resolve) => {
    const aWrite = framesAWrite * candidatesAFrame;
    const most = Math.floor(CANDIDATES_A_SIDE / aWrite) * aWrite;
    const came: [number, number] = [0, 0];
    const sent: [number, number] = [0, 0];
    const send = (from: Side) => {
      if (sent[from] >= most) return;
      sent[from] += aWrite;
      line.send(from, framesAWrite, candidatesAFrame);
    };
    line.onCandidates = (side, count) => {
      came[side] += count;
      if (came[side] % aWrite === 0) send(side);
      if (came[0] === most && came[1] === most) resolve(most * 2);
    };
    send(0);
  });
}

/** Both sides send one candidate at a time. @param delayMs before the first, so that not all lines speak at once */
function byTheClock(line: Line, everyMs: number, delayMs: number): Promise<number> {
  return new Promise((resolve) => {
    let came = 0;
    line.onCandidates = () => {
      came += 1;
      if (came === CANDIDATES_A_SIDE * 2) resolve(came);
    };
    for (const side of [0, 1] as const) {
      let sent = 0;
      setTimeout(
        () => {
          const timer = setInterval(() => {
            line.send(side, 1, 1);
            sent += 1;
            if (sent === CANDIDATES_A_SIDE) clearInterval(timer);
          }, everyMs);
        },
        delayMs + (side * everyMs) / 2,
      );
    }
  });
}

// A measurement that loses a connection is none.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});

serve(handlers);
