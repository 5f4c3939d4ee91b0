/** What is measured: the service and, beside it, relays that others would use or write. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The language a subject's clients speak. */
export type Dialect = 'ringdown' | 'bare' | 'peerjs' | 'socket.io';

/** One program. */
export interface Subject {
  /** As the report calls it. */
  readonly name: string;
  readonly dialect: Dialect;
  /** The file Node runs. */
  readonly program: string;
  /** The folder it runs in: the repository it is of. */
  readonly folder: string;
  /** What it prints once it takes connections. */
  readonly ready: string;
  /** Where a profile of everything that is measured goes, when that is wanted. */
  readonly profiles?: string;
}

const HERE = import.meta.dirname;
/** The repository this benchmark is part of. */
export const ROOT = resolve(HERE, '..', '..', '..');
/** The folder whose package file names what is compared with. */
export const BENCH = resolve(HERE, '..');

const rival = (name: string, dialect: Dialect, file: string): Subject => ({
  name,
  dialect,
  program: join(HERE, file),
  folder: BENCH,
  ready: 'ready',
});

/**
 * The service in a checkout.
 * @param name as the report calls it @param profiles see {@link Subject.profiles}
 * @throws when there is none in that folder
 */
export function service(name: string, folder: string, profiles?: string): Subject {
  const program = join(folder, 'packages/server/src/main.ts');
  if (!existsSync(program)) throw new Error(`${folder}: expected a checkout of Ringdown`);
  return {
    name,
    dialect: 'ringdown',
    program,
    folder,
    ready: 'Ringdown is ready',
    ...(profiles !== undefined && { profiles }),
  };
}

/** The least a relay can do, in as many lines as that takes. */
export const BARE_RELAY = rival('bare `ws` relay', 'bare', 'bare-relay.program.ts');
/** What others offer. */
export const RIVALS: readonly Subject[] = [
  rival('PeerServer 1.0.2', 'peerjs', 'peer-server.program.ts'),
  rival('Socket.IO 4.8.4', 'socket.io', 'socket-io.program.ts'),
];
