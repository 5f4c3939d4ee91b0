import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningTurnServer, startTurnServer } from '../e2e/harness/turn-server.ts';
import { Person } from './harness/people.ts';
import { startServer } from './harness/server.ts';
import { allocate } from './harness/turn-client.ts';

const leftOut = process.env['RINGDOWN_WITHOUT'] === 'turnserver';
const SECRET = 'a secret shared with the TURN server';
const OTHER_SECRET = 'another secret, of the next rotation';
const REFUSED = 401;

const sign = (username: string, secret = SECRET) => createHmac('sha1', secret).update(username).digest('base64');
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe.skipIf(leftOut)('[T51] a real TURN server', () => {
  let turn: RunningTurnServer;
  beforeAll(async () => {
    turn = await startTurnServer(SECRET);
  });
  afterAll(() => turn?.stop());

  /** What the service hands out to somebody new. */
  async function handedOut(turnSecrets: string[]) {
    const server = await startServer({ turnUrls: [turn.url], turnSecrets });
    const anna = await Person.signUp(server, 'anna');
    const { body } = await anna.rest('GET', '/api/rtc/ice-servers');
    const { iceServers } = body.data as { iceServers: { urls: string[]; username: string; credential: string }[] };
    const [entry] = iceServers;
    if (!entry) throw new Error('no TURN server was handed out');
    return entry;
  }

  test('accepts the credential that the service hands out', async () => {
    const { urls, username, credential } = await handedOut([SECRET]);
    expect(urls).toEqual([turn.url]);
    expect(await allocate(turn.url, username, credential)).toBe('allocated');
  });

  test('accepts it during a rotation as long as it has the secret that signs', async () => {
    const first = await handedOut([SECRET, OTHER_SECRET]);
    expect(await allocate(turn.url, first.username, first.credential)).toBe('allocated');
    const second = await handedOut([OTHER_SECRET, SECRET]);
    expect(await allocate(turn.url, second.username, second.credential)).toBe(REFUSED);
  });

  test('refuses a credential that was changed', async () => {
    const { username, credential } = await handedOut([SECRET]);
    expect(await allocate(turn.url, username, `${credential.slice(0, -2)}A=`)).toBe(REFUSED);
    const later = username.replace(/^\d+/, (expiry) => String(Number(expiry) + 3600));
    expect(await allocate(turn.url, later, credential)).toBe(REFUSED);
  });

  test('[T50] refuses a credential whose time is over', async () => {
    const good = `${inSeconds(60)}:x`;
    expect(await allocate(turn.url, good, sign(good))).toBe('allocated');
    const expired = `${inSeconds(-60)}:x`;
    expect(await allocate(turn.url, expired, sign(expired))).toBe(REFUSED);
  });
});
