/** A look at the server before anything is judged: does it answer at all, whom may the accounts call, what does it offer. */

import { offerTo } from './calls.ts';
import { CannotRun } from './cannot-run.ts';
import { Line } from './line.ts';
import type { Pace } from './pace.ts';
import { type Account, Person, type Target } from './person.ts';
import { ask } from './rest.ts';
import type { Troupe } from './troupe.ts';
import { RateLimited } from './unmet.ts';

/** What a server offers beyond the contract. */
export interface Offered {
  /** A `ping` with an `id` is answered. */
  readonly ping: boolean;
  /** The subprotocol `ringdown.v1` and its `hello`. */
  readonly extended: boolean;
  /** `GET /api/rtc/calls`. */
  readonly history: boolean;
  /** `GET /api/rtc/calls/active`, and ending one of them. */
  readonly liveCalls: boolean;
}

/** HTTP statuses of a server that opens sockets, only not for nobody. */
const REFUSALS = [401, 403, 429];

/**
 * Opens a socket without a token.
 * @throws CannotRun when there is no WebSocket server
 */
export async function reach(target: Target, pace: Pace): Promise<void> {
  const shown = target.url.split('?')[0];
  const line = new Line({ name: 'nobody', url: target.url.replace('{token}', ''), pace });
  let error: (Error & { code?: string }) | undefined;
  line.raw.on('error', (each) => {
    error ??= each;
  });
  await Promise.race([line.opened().catch(() => {}), line.closed]);
  const { isOpen, refusal } = line;
  line.vanish();
  await line.closed;
  if (isOpen || (refusal && REFUSALS.includes(refusal.status))) return;
  if (refusal) throw new CannotRun(`${shown} is no WebSocket: it answered the upgrade with HTTP ${refusal.status}`);
  if (
    !error ||
    /handshake has timed out/.test(error.message) ||
    /before the connection was established/.test(error.message)
  ) {
    throw new CannotRun(`${shown} did not answer the WebSocket upgrade within ${pace.patienceMs} ms`);
  }
  throw new CannotRun(`${shown} cannot be reached: ${error.code ?? error.message}`);
}

/**
 * Finds out what the server answers and offers.
 * @throws CannotRun when a token is refused, or nothing is answered
 */
export async function look(target: Target, { left, right }: Troupe, pace: Pace): Promise<Offered> {
  const [first, second] = [left[0] as Account, right[0] as Account];
  const lines: Line[] = [];
  const person = new Person('the first account', first, { target, pace, past: new Set(), lines });
  try {
    const line = person.dial({ headers: { authorization: `Bearer ${first.token}` } });
    await Promise.race([line.opened().catch(() => {}), line.closed]);
    if (!line.isOpen) {
      const status = line.refusal ? `HTTP ${line.refusal.status}` : `close code ${(await line.closed).code}`;
      throw new CannotRun(`the server refused the first account: ${status}`);
    }
    const ping = await answersPing(line);
    if (!ping) await answersAnything(line, second);
    const get = async (path: string) =>
      (await ask(target.rest, 'GET', path, { token: first.token }).catch(() => undefined))?.status === 200;
    const extended = await person.device('phone').then(
      ({ raw }) => raw.protocol === 'ringdown.v1',
      () => false,
    );
    return { ping, extended, history: await get('/api/rtc/calls'), liveCalls: await get('/api/rtc/calls/active') };
  } finally {
    await Promise.all(lines.map((line) => line.leave()));
  }
}

async function answersPing(line: Line): Promise<boolean> {
  return line.done('ping').then(
    () => true,
    () => false,
  );
}

/** A server of the contract answers an offer to somebody absent, and a text that is no frame. */
async function answersAnything(line: Line, absent: Account): Promise<void> {
  line.send('call:offer', offerTo(absent.id));
  line.sendText('this is not JSON');
  await line.settled();
  const heard = () => line.heard.length > 0 || !line.isOpen;
  if (!heard()) await line.next('error').catch(() => {});
  if (!heard()) {
    throw new CannotRun('the server opened a socket and answered nothing: no ping, no offer, no text that is not JSON');
  }
}

/**
 * Finds out how accounts that were given stand to each other, by offers while nobody is there to be rung.
 * @returns the troupe without what does not fit, and why
 * @throws CannotRun when the first may not call the second
 */
export async function checkRelations(target: Target, troupe: Troupe, pace: Pace): Promise<Troupe> {
  const [first, third] = troupe.left as [Account, Account?];
  const second = troupe.right[0] as Account;
  const verdict = await verdictOn(first, second, target, pace);
  if (verdict === 403 || verdict === 404) {
    throw new CannotRun(
      `the first account may not call the second: error ${verdict}. They must be friends or share a group`,
    );
  }
  if (!third) return troupe;
  const without = (noThird: string): Troupe => ({ ...troupe, left: [first], noThird });
  if ((await verdictOn(third, second, target, pace)) === 403)
    return without('the third account may not call the second');
  if ((await verdictOn(third, first, target, pace)) !== 403) return without('the third account may call the first');
  return troupe;
}

/** The error that an offer meets; undefined when it passes. A server that limits rates has let it pass before. */
async function verdictOn(from: Account, to: Account, target: Target, pace: Pace): Promise<unknown> {
  const lines: Line[] = [];
  const person = new Person('an account', from, { target, pace: pace.fresh(), past: new Set(), lines });
  try {
    const line = await person.online();
    line.send('call:offer', offerTo(to.id));
    const isAnswer = () => line.heard.find(({ type }) => type === 'error' || type.startsWith('call:'));
    await line.settled();
    if (!isAnswer()) await line.next('call:not_available').catch(() => {});
    line.send('call:hang_up', { receiverId: to.id });
    await line.settled();
    const answer = isAnswer();
    return answer?.type === 'error' ? answer.data['code'] : undefined;
  } catch (error) {
    if (error instanceof RateLimited) return 429;
    throw error;
  } finally {
    await Promise.all(lines.map((line) => line.leave()));
  }
}
