/** Tokens are renewed once, whoever asks, in however many tabs. */
import { describe, expect, test } from 'vitest';
import { ApiError } from './api-error.ts';
import { Session, type SessionPlatform, type Tokens } from './session.ts';

const NOW = Date.parse('2026-03-12T08:00:00.000Z');

function tokensNumbered(number: number, goodForMs: number, userId = '1'): Tokens {
  return {
    user: { id: userId, username: 'anna', avatar: '' },
    token: `token-${number}`,
    expiresAt: new Date(NOW + goodForMs).toISOString(),
    refreshToken: `refresh-${number}`,
    refreshExpiresAt: new Date(NOW + 1e9).toISOString(),
  };
}

/** A service that takes each refresh token once, and a browser whose tabs share storage and locks. */
function browserWith(stored: Tokens | undefined) {
  const items = new Map<string, string>();
  if (stored) items.set('ringdown.session', JSON.stringify(stored));
  const used: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const platform: SessionPlatform = {
    storage: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
      removeItem: (key) => void items.delete(key),
    },
    locks: {
      request: ((_name: string, work: () => Promise<unknown>) => {
        const mine = last.then(work, work);
        last = mine;
        return mine;
      }) as LockManager['request'],
    },
    now: () => NOW,
    refresh: async (refreshToken) => {
      await Promise.resolve();
      if (used.includes(refreshToken)) throw new ApiError('unauthenticated', 401, '');
      used.push(refreshToken);
      return tokensNumbered(used.length + 1, 900_000);
    },
  };
  return { platform, used, items };
}

describe('a token that runs out', () => {
  test('is used as it is while it is good for more than half a minute', async () => {
    const { platform, used } = browserWith(tokensNumbered(1, 31_000));
    await expect(new Session(platform).accessToken()).resolves.toBe('token-1');
    expect(used).toEqual([]);
  });

  test('is renewed once for everybody who asks at the same time', async () => {
    const { platform, used } = browserWith(tokensNumbered(1, 10_000));
    const session = new Session(platform);
    const answers = await Promise.all(Array.from({ length: 5 }, () => session.accessToken()));
    expect(new Set(answers)).toEqual(new Set(['token-2']));
    expect(used).toEqual(['refresh-1']);
  });

  test('is renewed by one tab only; the other takes what the first has got', async () => {
    const { platform, used } = browserWith(tokensNumbered(1, 10_000));
    const [one, other] = [new Session(platform), new Session(platform)];
    await expect(Promise.all([one.accessToken(), other.accessToken()])).resolves.toEqual(['token-2', 'token-2']);
    expect(used).toEqual(['refresh-1']);
    expect(other.tokens.value?.refreshToken).toBe('refresh-2');
  });

  test('is renewed also when a request was refused before its time', async () => {
    const { platform } = browserWith(tokensNumbered(1, 900_000));
    await expect(new Session(platform).renew('token-1')).resolves.toBe('token-2');
  });

  test('is not renewed again when the refused one is not the current one', async () => {
    const { platform, used } = browserWith(tokensNumbered(5, 900_000));
    await expect(new Session(platform).renew('token-4')).resolves.toBe('token-5');
    expect(used).toEqual([]);
  });
});

describe('a renewal that fails', () => {
  test('ends the session when the service refuses it, in every tab', async () => {
    const { platform, used, items } = browserWith(tokensNumbered(1, 10_000));
    used.push('refresh-1');
    const session = new Session(platform);
    await expect(session.accessToken()).rejects.toMatchObject({ reason: 'unauthenticated' });
    expect(session.tokens.value).toBeUndefined();
    expect(items.size).toBe(0);
    await expect(session.accessToken()).rejects.toMatchObject({ status: 401 });
  });

  test('keeps the session when the service was only out of reach', async () => {
    const browser = browserWith(tokensNumbered(1, 10_000));
    let reachable = false;
    const platform: SessionPlatform = {
      ...browser.platform,
      refresh: (token) =>
        reachable ? browser.platform.refresh(token) : Promise.reject(new ApiError('offline', 0, '')),
    };
    const session = new Session(platform);
    await expect(session.accessToken()).rejects.toMatchObject({ reason: 'offline' });
    reachable = true;
    await expect(session.accessToken()).resolves.toBe('token-2');
  });

  test('leaves alone whoever has signed in anew meanwhile', async () => {
    const { platform, items } = browserWith(tokensNumbered(1, 10_000));
    const anew = tokensNumbered(9, 900_000, '2');
    const session = new Session({
      ...platform,
      refresh: async () => {
        items.set('ringdown.session', JSON.stringify(anew));
        throw new ApiError('unauthenticated', 401, '');
      },
    });
    await expect(session.accessToken()).rejects.toMatchObject({ status: 401 });
    expect(JSON.parse(items.get('ringdown.session') ?? '')).toEqual(anew);
  });
});

test('a tab sees that another one signed in and out', () => {
  const { platform } = browserWith(undefined);
  const [one, other] = [new Session(platform), new Session(platform)];
  one.adopt(tokensNumbered(1, 900_000));
  other.reread();
  expect(other.tokens.value?.token).toBe('token-1');
  one.clear();
  other.reread();
  expect(other.tokens.value).toBeUndefined();
});

test.each(['', 'not json', '{}', '{"token":1}', 'null'])('what cannot be a session counts as none: %j', (stored) => {
  const { platform, items } = browserWith(undefined);
  items.set('ringdown.session', stored);
  expect(new Session(platform).tokens.value).toBeUndefined();
});
