/** Where the accounts come from: tokens, logins, or a registration of the kit's own. */
import { randomBytes } from 'node:crypto';
import { isUserId } from '@ringdown/protocol';
import { CannotRun, oneLine } from './cannot-run.ts';
import type { Players } from './options.ts';
import type { Account, Target } from './person.ts';
import { ask, asObject, type RestAnswer } from './rest.ts';
import type { Troupe } from './troupe.ts';

/** How many accounts a registration makes for each side: enough pairs for a usual limit of offers a minute. */
const PER_SIDE = 5;

/**
 * Makes the accounts ready.
 * @throws CannotRun when they cannot be had
 */
export async function gather(players: Players, target: Target): Promise<Troupe> {
  if (players.by === 'registration') return register(target);
  const accounts: Account[] = [];
  if (players.by === 'tokens') {
    for (const [n, token] of players.tokens.entries()) accounts.push(await fromToken(token, n + 1, target));
  } else {
    for (const { username, password } of players.accounts) accounts.push(await logIn(username, password, target));
  }
  const ids = new Set(accounts.map(({ id }) => id));
  if (ids.size < accounts.length) throw new CannotRun('two of the accounts are the same person');
  const [first, second, ...third] = accounts as [Account, Account, Account?];
  return { left: [first, ...third.filter((each) => each !== undefined)], right: [second], own: false };
}

async function fromToken(text: string, n: number, target: Target): Promise<Account> {
  const [, known, token = text] = /^([1-9]\d{0,15}):(.+)$/.exec(text) ?? [];
  const answer = await rest(target, 'GET', '/api/users/me', { token });
  const user = asObject(answer.data['user']);
  const id = String(known ?? user['id'] ?? idInToken(token));
  if (!isUserId(id)) {
    throw new CannotRun(
      `the user id of the ${n}. token is not known: GET /api/users/me answered HTTP ${answer.status}; give it as --token 42:TOKEN`,
    );
  }
  const { username } = user;
  return { id, token, ...(typeof username === 'string' && { username }) };
}

/** The id that a JSON Web Token names, not verified: the server will say what it thinks of it. */
function idInToken(token: string): unknown {
  try {
    const claims = asObject(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
    return claims['sub'] ?? claims['userId'] ?? claims['id'];
  } catch {
    return undefined;
  }
}

async function logIn(username: string, password: string, target: Target): Promise<Account> {
  const answer = await rest(target, 'POST', '/api/auth/login', { body: { username, password } });
  return accountOf(answer, username, `the login of ${username}`);
}

async function register(target: Target): Promise<Troupe> {
  const run = randomBytes(4).toString('hex');
  const answers: { username: string; password: string; answer: RestAnswer }[] = [];
  const password = randomBytes(12).toString('base64url');
  for (let n = 0; n < PER_SIDE * 2; n += 2) {
    // Two at a time: passwords are hashed slowly on purpose.
    const two = [n, n + 1].map(async (k) => {
      const username = `conformance-${run}-${k}`;
      const answer = await rest(target, 'POST', '/api/auth/register', { body: { username, password } });
      answers.push({ username, password, answer });
    });
    await Promise.all(two);
  }
  const made = answers.filter(({ answer }) => answer.status < 300);
  const refused = answers.find(({ answer }) => answer.status >= 300)?.answer;
  if (made.length < 3) {
    const why = refused?.status === 429 ? 'the server limits registrations' : 'does the server offer registration?';
    throw new CannotRun(`--register: POST /api/auth/register answered HTTP ${refused?.status}: ${why}`);
  }
  const accounts = made.map(({ answer, username, password }) => ({
    ...accountOf(answer, username, 'a registration'),
    password,
  }));
  const [left, right] = [accounts.filter((_, n) => n % 2 === 0), accounts.filter((_, n) => n % 2 === 1)];
  await Promise.all(left.map((account) => befriendAll(account, right, target)));
  return { left, right, own: true };
}

async function befriendAll(account: Account, others: readonly Account[], target: Target): Promise<void> {
  for (const other of others) {
    await rest(target, 'POST', '/api/friends', { token: account.token, body: { userId: other.id } });
    const { status } = await rest(target, 'POST', '/api/friends', { token: other.token, body: { userId: account.id } });
    if (status >= 300) throw new CannotRun(`--register: POST /api/friends answered HTTP ${status}`);
  }
}

function accountOf({ status, data }: RestAnswer, username: string, what: string): Account {
  const { id } = asObject(data['user']);
  const { token } = data;
  if (status >= 300 || typeof token !== 'string' || id === undefined) {
    throw new CannotRun(`${what} was answered by HTTP ${status}, without a token and a user`);
  }
  return { id: String(id), token, username };
}

async function rest(target: Target, method: string, path: string, options: Parameters<typeof ask>[3]) {
  try {
    return await ask(target.rest, method, path, options);
  } catch (error) {
    throw new CannotRun(`${target.rest} does not answer ${method} ${path}: ${oneLine(error)}`);
  }
}
