/** Two people who may send each other candidates, in every dialect: the load of the relay. */
import { Client } from './client.ts';
import { candidate } from './payloads.ts';

/** Most candidates of a side before {@link Line.renew}: what the service allows in one negotiation (IC-3). */
export const CANDIDATES_A_SIDE = 100;
/** After how many frames an extended client acknowledges: about once a second while a call gathers (HE-1). */
export const FRAMES_AN_ACK = 25;

/** Either end of a line. */
export type Side = 0 | 1;

/** Two connected clients. */
export interface Line {
  /** Called with the number of candidates that came to a side. */
  onCandidates: (side: Side, count: number) => void;
  /** Makes {@link CANDIDATES_A_SIDE} more candidates possible. */
  renew(): Promise<void>;
  /** Sends frames of so many candidates each to the other side, in one write. */
  send(from: Side, frames: number, candidatesAFrame: number): void;
  /** Ends what goes on and closes both sockets. */
  close(): Promise<void>;
}

/** How a line of a dialect that has no calls is made: two clients that know each other's name. */
interface Plain {
  url(origin: string, id: string): string;
  /** Does what must be done before the first message; gets every frame until it returns true. */
  greet?(text: string, client: Client): boolean;
  /** Answers what a client of this dialect must answer. @returns whether that was all about this frame */
  upkeep?(text: string, client: Client): boolean;
  message(to: string, payload: object): string;
}

const PLAIN: Record<'bare' | 'peerjs' | 'socket.io', Plain> = {
  bare: {
    url: (origin, id) => `${origin}/?id=${id}`,
    message: (to, payload) => JSON.stringify({ type: 'candidate', to, ...payload }),
  },
  peerjs: {
    url: (origin, id) => `${origin}/peerjs?key=peerjs&id=${id}&token=t${id}&version=1.5.5`,
    greet: (text) => text.includes('"OPEN"'),
    message: (dst, payload) =>
      JSON.stringify({ type: 'CANDIDATE', payload: { ...payload, type: 'media', connectionId: 'mc_k3v9qx' }, dst }),
  },
  'socket.io': {
    url: (origin, id) => `${origin}/socket.io/?EIO=4&transport=websocket&id=${id}`,
    // The handshakes of Engine.IO and Socket.IO, one after the other.
    greet: (text, client) => {
      if (text.startsWith('0')) client.send('40');
      return text.startsWith('40');
    },
    upkeep: (text, client) => {
      if (text !== '2') return false;
      client.send('3');
      return true;
    },
    message: (to, payload) => `42${JSON.stringify(['signal', { type: 'candidate', to, ...payload }])}`,
  },
};

/** A dialect that has no calls. */
export type PlainDialect = keyof typeof PLAIN;

/** Opens one client of a dialect that has no calls. @param id its name */
export async function openPlain(dialect: PlainDialect, origin: string, id: string): Promise<Client> {
  const { url, greet, upkeep } = PLAIN[dialect];
  const early: string[] = [];
  const client = await Client.open(url(origin.replace('http', 'ws'), id), [], (text) => early.push(text));
  if (greet) {
    await new Promise<void>((greeted) => {
      client.onText = (text) => {
        if (greet(text, client)) greeted();
      };
      for (const text of early) client.onText(text);
    });
  }
  client.onText = (text) => void upkeep?.(text, client);
  return client;
}

/** Opens a line of a dialect that has no calls. @param ids the names of its ends */
export async function openPlainLine(dialect: PlainDialect, origin: string, ids: [string, string]): Promise<Line> {
  const { message, upkeep } = PLAIN[dialect];
  const ends = [await openPlain(dialect, origin, ids[0]), await openPlain(dialect, origin, ids[1])] as const;
  let batch = 1;
  const line: Line = {
    onCandidates: () => {},
    renew: async () => {},
    send: (from, frames, candidatesAFrame) => {
      batch = candidatesAFrame;
      ends[from].send(...payloads(frames, batch).map((payload) => message(ids[from === 0 ? 1 : 0], payload)));
    },
    close: async () => ends.forEach((end) => void end.vanish()),
  };
  ends.forEach((end, side) => {
    end.onText = (text) => {
      if (!upkeep?.(text, end)) line.onCandidates(side as Side, batch);
    };
  });
  return line;
}

/** What one write carries: frames of one candidate, or of several. */
export function payloads(frames: number, candidatesAFrame: number): object[] {
  return Array.from({ length: frames }, (_, frame) =>
    candidatesAFrame === 1
      ? { candidate: candidate(frame) }
      : { candidates: Array.from({ length: candidatesAFrame }, (_, n) => candidate(n)) },
  );
}
