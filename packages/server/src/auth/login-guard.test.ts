import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../config.ts';
import { loginGuard } from './login-guard.ts';

const limits = { ...DEFAULT_LIMITS, failedLoginsPer30Minutes: 10, registrationsPerHour: 20 };

describe('the login guard', () => {
  test('lets a name and address fail 10 times in 30 minutes, and the 11th wait', async () => {
    const guard = loginGuard(limits, async () => {});
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect(await guard.admit('alice', '192.0.2.1')).toEqual({ ok: true, used: attempt });
    }
    const refused = await guard.admit('ALICE', '192.0.2.1');
    expect(refused).toMatchObject({ ok: false });
    if (!refused.ok) {
      expect(refused.retryAfterMs).toBeGreaterThan(29 * 60_000);
      expect(refused.retryAfterMs).toBeLessThanOrEqual(30 * 60_000);
    }
    expect(await guard.admit('bob', '192.0.2.1')).toMatchObject({ ok: true });
    expect(await guard.admit('alice', '192.0.2.2')).toMatchObject({ ok: true });
  });

  test('counts attempts that come at once', async () => {
    const guard = loginGuard(limits, async () => {});
    const answers = await Promise.all(Array.from({ length: 30 }, () => guard.admit('alice', 'x')));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
  });

  test('forgets the failures of a name once its password was right', async () => {
    const guard = loginGuard(limits, async () => {});
    for (let attempt = 0; attempt < 9; attempt += 1) await guard.admit('alice', 'x');
    await guard.admit('alice', 'x');
    await guard.succeeded('alice', 'x');
    expect(await guard.admit('alice', 'x')).toEqual({ ok: true, used: 1 });
  });

  test('lets one address fail with ten names’ worth, not with any number of names', async () => {
    const guard = loginGuard(limits, async () => {});
    for (let name = 0; name < 100; name += 1) expect(await guard.admit(`user${name}`, 'x')).toMatchObject({ ok: true });
    expect(await guard.admit('one more', 'x')).toMatchObject({ ok: false });
    expect(await guard.admit('one more', 'y')).toMatchObject({ ok: true });
  });

  test('does not wear out an address by logins that succeed', async () => {
    const guard = loginGuard(limits, async () => {});
    for (let round = 0; round < 200; round += 1) {
      expect(await guard.admit(`user${round}`, 'school')).toMatchObject({ ok: true });
      await guard.succeeded(`user${round}`, 'school');
    }
  });

  test('answers a failure later each time, but never later than 4 s', async () => {
    const waits: number[] = [];
    const guard = loginGuard(limits, async (ms) => waits.push(ms));
    for (let used = 1; used <= 10; used += 1) await guard.failed(used);
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000, 4000]);
  });

  test('lets an address make 20 accounts in an hour', async () => {
    const guard = loginGuard(limits, async () => {});
    for (let attempt = 0; attempt < 20; attempt += 1)
      expect(await guard.admitRegistration('x')).toMatchObject({ ok: true });
    expect(await guard.admitRegistration('x')).toMatchObject({ ok: false });
    expect(await guard.admitRegistration('y')).toMatchObject({ ok: true });
  });
});
