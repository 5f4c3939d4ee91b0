import { describe, expect, test } from 'vitest';
import { testConfig } from '../people-for-tests.ts';
import { iceServers, turnCredential } from './ice-servers.ts';

const config = testConfig({
  stunUrls: ['stun:stun.example:3478'],
  turnUrls: ['turn:turn.example:3478', 'turns:turn.example:443?transport=tcp'],
  turnSecrets: ['the first secret of at least 32 characters', 'the second secret of at least 32 characters'],
});
const NOW = 1_800_000_000_000;
const HALF_HOUR_MS = 1_800_000;

describe('the ICE servers', () => {
  test('have the shape of the contract: STUN as it is, TURN with a credential', () => {
    const { iceServers: servers, ttl, expiresAt } = iceServers(config)('7', NOW);
    expect(servers).toEqual([
      { urls: ['stun:stun.example:3478'] },
      {
        urls: ['turn:turn.example:3478', 'turns:turn.example:443?transport=tcp'],
        username: expect.stringMatching(/^\d{10}:[0-9a-f]{32}$/),
        credential: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
      },
    ]);
    expect(Date.parse(expiresAt)).toBe(NOW + ttl * 1000);
    expect(servers[1]?.username?.split(':')[0]).toBe(String(Date.parse(expiresAt) / 1000));
  });

  // echo -n '1433895918:ninefingers' | openssl dgst -sha1 -hmac 'my_secret' -binary | base64
  test('[T51] are signed as TURN servers check it: base64 of the HMAC-SHA1 of the user name', () => {
    expect(turnCredential('my_secret', 1433895918, 'ninefingers')).toEqual({
      username: '1433895918:ninefingers',
      credential: 'AYiCUwX+eluB3k0edPWe+Lw8+EA=',
    });
  });

  test('give a user the same credential for half an hour, and then one that has an hour', () => {
    const ask = iceServers(config);
    const lifetimes: number[] = [];
    const credentials = new Map<string, number>();
    for (let minute = 0; minute < 240; minute += 1) {
      const answer = ask('7', NOW + minute * 60_000);
      lifetimes.push(answer.ttl);
      const name = answer.iceServers[1]?.username ?? '';
      credentials.set(name, (credentials.get(name) ?? 0) + 1);
    }
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual(3600);
    expect(Math.min(...lifetimes)).toBeGreaterThan(1800);
    expect([...credentials.values()].slice(1, -1).every((minutes) => minutes === 30)).toBe(true);
    expect(credentials.size).toBeGreaterThanOrEqual(8);
  });

  test('are the same from every node and after a restart', () => {
    expect(iceServers(config)('7', NOW)).toEqual(iceServers({ ...config })('7', NOW));
  });

  test('do not change for everybody at the same moment', () => {
    const ask = iceServers(config);
    const expiries = new Set(Array.from({ length: 50 }, (_, user) => ask(String(user + 1), NOW).expiresAt));
    expect(expiries.size).toBeGreaterThan(40);
  });

  test('[T51] name no user: the id in a credential tells nothing, and stays the same over time and secrets', () => {
    const nameOf = (user: string, now: number, secrets = config.turnSecrets) =>
      iceServers({ ...config, turnSecrets: secrets })(user, now).iceServers[1]?.username?.split(':')[1];
    expect(nameOf('4011870253231667', NOW)).not.toContain('4011870253231667');
    expect(nameOf('7', NOW)).toBe(nameOf('7', NOW + 10 * HALF_HOUR_MS));
    expect(nameOf('7', NOW)).toBe(nameOf('7', NOW, [...config.turnSecrets].reverse()));
    expect(nameOf('7', NOW)).not.toBe(nameOf('8', NOW));
  });

  test('are signed by the first of two secrets', () => {
    const [first = '', second = ''] = config.turnSecrets;
    const credentialOf = (secrets: string[]) =>
      iceServers({ ...config, turnSecrets: secrets })('7', NOW).iceServers[1]?.credential;
    expect(credentialOf([first, second])).toBe(credentialOf([first]));
    expect(credentialOf([second, first])).not.toBe(credentialOf([first]));
  });

  test('are none when none are configured, and STUN alone needs no credential', () => {
    expect(iceServers(testConfig())('7', NOW).iceServers).toEqual([]);
    expect(iceServers(testConfig({ stunUrls: ['stun:a.example'] }))('7', NOW).iceServers).toEqual([
      { urls: ['stun:a.example'] },
    ]);
  });
});
