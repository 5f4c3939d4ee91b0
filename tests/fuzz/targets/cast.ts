/** Three people: Anna and Ben are friends, Anna and Cleo share a group. Signed up once, then copied with the database. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, createLogger, readConfig } from '@ringdown/server';
import type { Accounts, SignedIn } from '../../../packages/server/src/auth/accounts.ts';
import { loginGuard } from '../../../packages/server/src/auth/login-guard.ts';
import type { Tokens } from '../../../packages/server/src/auth/sessions.ts';
import type { Logger } from '../../../packages/server/src/log.ts';
import { openPeople, type People } from '../../../packages/server/src/people.ts';
import { CANARY } from '../inputs/words.ts';

const NAMES = ['anna', 'ben', 'cleo'] as const;
type Name = (typeof NAMES)[number];

/** People who can be fuzzed around. */
export interface Cast {
  readonly config: Config;
  /** The people half on their database, with passwords that cost nothing. */
  readonly people: People;
  readonly who: Readonly<Record<Name, Tokens>>;
  /** A group of Anna's that Cleo is in. */
  readonly groupId: string;
  close(): Promise<void>;
}

let template: Promise<{ file: string; groupId: string }> | undefined;

/** Opens a copy of them. @param settings as in the environment @param log takes what the people half logs */
export async function openCast(settings: Readonly<Record<string, string>>, log: Logger): Promise<Cast> {
  template ??= signUp();
  const { file, groupId } = await template;
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-fuzz-'));
  copyFileSync(file, join(folder, 'ringdown.db'));
  const base = readConfig({ ...settings, DATA_DIR: folder }, folder);
  // Rates are tested elsewhere; here they would only hide what is behind them.
  const limits = Object.fromEntries(Object.keys(base.limits).map((name) => [name, 1_000_000]));
  const config = { ...base, limits: limits as unknown as Config['limits'] };
  const people = await openPeople(config, log);
  const who = Object.fromEntries(
    await Promise.all(
      NAMES.map(async (name) => {
        const user = await people.profiles.byUsername(name);
        return [name, await people.authenticator.begin(user?.id ?? '')];
      }),
    ),
  ) as Record<Name, Tokens>;
  return {
    config,
    people: {
      ...people,
      accounts: unhashed(people.accounts, who.anna),
      // Who guesses waits; here nobody has to.
      loginGuard: loginGuard(config.limits, async () => {}),
    },
    who,
    groupId,
    async close() {
      await people.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Hashing is slow on purpose and reads nothing of a stranger but bytes: everything around it is as in earnest. */
function unhashed(accounts: Accounts, anna: Tokens): Accounts {
  const user = { id: anna.userId, username: 'anna', avatar: '' };
  const signedIn = (...texts: unknown[]): SignedIn => {
    if (!texts.every((text) => typeof text === 'string')) throw new TypeError('a body was let through unchecked');
    return { user, ...anna };
  };
  return {
    register: async (username, password) => (username === 'anna' ? 'username_taken' : signedIn(username, password)),
    login: async (username, password) => (password === CANARY ? undefined : signedIn(username, password)),
    changePassword: async (userId, current, next) => (current === CANARY ? undefined : signedIn(userId, current, next)),
    refresh: (token) => accounts.refresh(token),
  };
}

async function signUp(): Promise<{ file: string; groupId: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-fuzz-cast-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const config = readConfig({ DATA_DIR: folder, PASSWORD_COST: '10' }, folder);
  const people = await openPeople(config, createLogger({ level: 'silent' }));
  const ids: string[] = [];
  for (const name of NAMES) {
    const made = await people.accounts.register(name, `the password of ${name}`);
    if (typeof made === 'string') throw new Error(`${name} could not be signed up: ${made}`);
    ids.push(made.user.id);
  }
  const [anna = '', ben = '', cleo = ''] = ids;
  await people.friendships.ask(anna, ben);
  await people.friendships.ask(ben, anna);
  const group = await people.groups.create(anna, 'a group');
  await people.groups.put(anna, group.id, cleo);
  await people.groups.put(cleo, group.id, cleo);
  await people.close();
  return { file: config.databaseFile, groupId: group.id };
}
