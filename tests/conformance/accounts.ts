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
  if (players.by === 'registration') return register(target, PER_SIDE, PER_SIDE);
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
  if (known === undefined && answer.status === 401) throw new CannotRun(`the ${n}. token was refused: HTTP 401`);
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

/**
 * Makes accounts and their friendships.
 * @param left how many of the one side, about as many as of the other @param right how many of the other
 * @throws CannotRun when the server lets too few be made
 */
export async function register(target: Target, left: number, right: number): Promise<Troupe> {
  const run = randomBytes(4).toString('hex');
  const password = randomBytes(12).toString('base64url');
  const made: Account[] = [];
  let refused: RestAnswer | undefined;
  const signUp = async (n: number): Promise<void> => {
    const username = `conformance-${run}-${n}`;
    const answer = await rest(target, 'POST', '/api/auth/register', { body: { username, password } });
    if (answer.status >= 300) refused = answer;
    else made.push({ ...accountOf(answer, username, 'a registration'), password });
  };
  // Two at a time: passwords are hashed slowly on purpose.
  for (let n = 0; n < left + right && !refused; n += 2) {
    await Promise.all([n, n + 1].filter((each) => each < left + right).map(signUp));
  }
  if (made.length < Math.min(3, left + right)) {
    const why = refused?.status === 429 ? 'the server limits registrations' : 'does the server offer registration?';
    throw new CannotRun(`--register: POST /api/auth/register answered HTTP ${refused?.status}: ${why}`);
  }
  // A server that limits registrations may have let fewer be made than were asked for.
  const onTheLeft = Math.ceil((made.length * left) / (left + right));
  const sides = { left: made.slice(0, onTheLeft), right: made.slice(onTheLeft) };
  await Promise.all(sides.left.map((account) => befriendAll(account, sides.right, target)));
  return { ...sides, own: true };
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
