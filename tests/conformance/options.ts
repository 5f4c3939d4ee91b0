/** The command line: what may be asked for, and one clear line about what may not. */
import { parseArgs } from 'node:util';
import { CannotRun } from './cannot-run.ts';
import { type Group, SCENARIOS } from './scenarios/all.ts';

/** Who plays. */
export type Players =
  | { readonly by: 'tokens'; readonly tokens: readonly string[] }
  | { readonly by: 'accounts'; readonly accounts: readonly { readonly username: string; readonly password: string }[] }
  | { readonly by: 'registration' };

/** What was asked for. */
export interface Options {
  readonly url: string;
  /** `http(s)://host`, without a trailing slash. */
  readonly rest: string;
  readonly players: Players;
  readonly only?: Group | 'contract';
  /** Names of scenarios and ids of rules; empty for all. */
  readonly scenarios: readonly string[];
  readonly json?: string;
  readonly slow: boolean;
  /** The whole run, ms. */
  readonly timeoutMs: number;
  /** One frame that must come, ms. */
  readonly patienceMs: number;
}

export const HELP = `Plays the contract, and the extended protocol where it is offered, against a server.

npm run conformance -- --url ws://host/ws (--register | --token A --token B [--token C] | --account name:password ×2–3)

  --url URL            where sockets are opened; {token} in it stands for the access token
  --token TOKEN        an access token; twice, or three times. 42:TOKEN says the user id, too
  --account NAME:PASS  an account to log in with over REST; twice, or three times
  --register           makes accounts and friendships of its own, where the server offers that
  --rest URL           where REST is; default: the host of --url
  --only GROUP         plain, extended, or contract (plain scenarios about the text of the contract alone)
  --scenario WORD      a scenario's name or a rule's id (busy-in-a-call, AN-1, §4.2); may be repeated
  --slow               also what waits for time limits of the server (about two minutes more)
  --patience MS        how long a frame that must come may take; default 3000
  --timeout SECONDS    how long the run may take as a whole; default 300, with --slow 600
  --json FILE          writes the report as JSON, too
  --list               lists the scenarios and their rules
  --help               this text

The first and second account must be allowed to call each other. The third should be allowed to call the second and not
the first; without it what needs a third person is skipped.
Ends with 0 when nothing failed, 1 when something did, 2 when nothing could be judged.`;

const DEFAULT_PATIENCE_MS = 3_000;
const DEFAULT_TIMEOUT_S = 300;
const SLOW_TIMEOUT_S = 600;

/**
 * Reads the arguments.
 * @returns what was asked for, or that only help or a list was
 * @throws CannotRun with one line on the first thing that is wrong
 */
export function readOptions(args: readonly string[]): Options | 'help' | 'list' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.list) return 'list';
  const { url } = values;
  if (url === undefined) throw new CannotRun('--url is missing: where does the server open sockets? See --help');
  const target = urlOf('--url', url.replace('{token}', 'token'), ['ws:', 'wss:']);
  const rest = values.rest ?? `${target.protocol === 'wss:' ? 'https' : 'http'}://${target.host}`;
  urlOf('--rest', rest, ['http:', 'https:']);
  const slow = values.slow ?? false;
  return {
    url,
    rest: rest.replace(/\/$/, ''),
    players: playersOf(values),
    ...(values.only !== undefined && { only: groupOf(values.only) }),
    scenarios: (values.scenario ?? []).map(knownScenario),
    ...(values.json !== undefined && { json: values.json }),
    slow,
    timeoutMs: 1_000 * number('--timeout', values.timeout, slow ? SLOW_TIMEOUT_S : DEFAULT_TIMEOUT_S, 1, 86_400),
    patienceMs: number('--patience', values.patience, DEFAULT_PATIENCE_MS, 50, 60_000),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        rest: { type: 'string' },
        token: { type: 'string', multiple: true },
        account: { type: 'string', multiple: true },
        register: { type: 'boolean' },
        only: { type: 'string' },
        scenario: { type: 'string', multiple: true },
        slow: { type: 'boolean' },
        patience: { type: 'string' },
        timeout: { type: 'string' },
        json: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    // The parser's advice on how to escape arguments is of no use here.
    throw new CannotRun(`${(error as Error).message.split('. ')[0]?.split('\n')[0]}. See --help`);
  }
}

function playersOf(values: ReturnType<typeof parse>): Players {
  const { token, account, register } = values;
  const kinds = [token, account, register].filter((each) => each !== undefined).length;
  if (kinds !== 1) {
    throw new CannotRun(
      kinds === 0
        ? 'nobody to play: give --register, --token twice, or --account twice. See --help'
        : '--register, --token and --account exclude each other',
    );
  }
  if (register) return { by: 'registration' };
  const count = (token ?? account)?.length ?? 0;
  if (count < 2 || count > 3) {
    throw new CannotRun(`two or three accounts play, got ${count}: repeat ${token ? '--token' : '--account'}`);
  }
  if (token) return { by: 'tokens', tokens: token };
  const accounts = (account ?? []).map((text, n) => {
    const at = text.indexOf(':');
    // The text is not repeated: it may be a password.
    if (at < 1) throw new CannotRun(`--account must be name:password; the ${n + 1}. one has no colon`);
    return { username: text.slice(0, at), password: text.slice(at + 1) };
  });
  return { by: 'accounts', accounts };
}

function urlOf(option: string, text: string, protocols: readonly string[]): URL {
  const url = URL.parse(text);
  if (url && protocols.includes(url.protocol)) return url;
  const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ');
  // Without its query, which may hold a token.
  throw new CannotRun(`${option} must begin with ${wanted}, got ${text.split('?')[0]}`);
}

function groupOf(text: string): Group | 'contract' {
  if (text === 'plain' || text === 'extended' || text === 'contract') return text;
  throw new CannotRun(`--only must be plain, extended or contract, got ${text}`);
}

function knownScenario(word: string): string {
  const all = [...SCENARIOS.plain, ...SCENARIOS.extended];
  if (all.some(({ name, rules }) => name === word || rules.includes(word))) return word;
  throw new CannotRun(`--scenario ${word} is neither a scenario nor a rule of one. See --list`);
}

function number(option: string, text: string | undefined, fallback: number, least: number, most: number): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CannotRun(`${option} must be a whole number from ${least} to ${most}, got ${text}`);
}
