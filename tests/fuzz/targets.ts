/** Every target by its name, loaded when it is asked for: what it is about must not be compiled before it is watched. */
import type { OpenTarget } from './target.ts';

/** How long each target gets in `npm test`, seconds. */
export const SECONDS_PER_TARGET = 20;

/** The targets that read in their own process. */
export const READING_TARGETS: Readonly<Record<string, () => Promise<OpenTarget>>> = {
  frames: async () => (await import('./targets/frames.ts')).open,
  texts: async () => (await import('./targets/texts.ts')).open,
  tokens: async () => (await import('./targets/tokens.ts')).open,
  http: async () => (await import('./targets/http.ts')).open,
  sessions: async () => (await import('./targets/sessions.ts')).open,
};

/** The target that is a service of its own on real sockets, see `wire/`. */
export const WIRE = 'wire';

/** All of them, in the order in which they run. */
export const TARGETS: readonly string[] = [...Object.keys(READING_TARGETS), WIRE];
