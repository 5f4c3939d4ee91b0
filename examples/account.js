/**
 * An account of the service, for the examples: signs in, keeps the access token fresh, lists the friends. It is kept over
 * a reload, so that one can go back into a call. An application with a backend would ask that one for tokens instead.
 */

/** @typedef {{ token: string, expiresAt: string, refreshToken: string }} Tokens */
/** @typedef {{ id: string, username: string }} Friend */

const KEY = 'example.tokens';
/** The SDK asks for another token a minute before the end of one. */
const RENEW_BEFORE_MS = 90_000;

/** Whether somebody is signed in. */
export const isSignedIn = () => tokens() !== undefined;

/**
 * Signs in with what a form holds: `username` and `password`.
 * @param {HTMLFormElement} form
 */
export async function signIn(form) {
  keep(await ask('POST', '/api/auth/login', Object.fromEntries(new FormData(form))));
}

export function signOut() {
  localStorage.removeItem(KEY);
}

/**
 * The access token, for the SDK: a fresh one when it is about to end, and an empty one when nobody is signed in.
 * @returns {Promise<{ token: string, expiresAt?: string }>}
 */
export async function token() {
  const kept = tokens();
  if (!kept || lasts(kept)) return kept ?? { token: '' };
  // A refresh token is good once, so one tab at a time uses it; the others find what it got.
  return await navigator.locks.request(KEY, async () => {
    const now = tokens();
    if (!now || lasts(now)) return now ?? { token: '' };
    try {
      return keep(await ask('POST', '/api/auth/refresh', { refreshToken: now.refreshToken }));
    } catch (error) {
      // Only a refusal means that the person has to sign in again; the SDK asks again later after any other failure.
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      signOut();
      return { token: '' };
    }
  });
}

/** @returns {Promise<readonly Friend[]>} */
export async function friends() {
  return (await ask('GET', '/api/friends', undefined, (await token()).token)).friends;
}

/** The service said no. */
class Refused extends Error {
  /** @param {string} message @param {number} status */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {string} [bearer]
 */
async function ask(method, path, body, bearer) {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { success, data, error } = await response.json();
  if (!success) throw new Refused(error.message, response.status);
  return data;
}

/** @returns {Tokens | undefined} */
function tokens() {
  return JSON.parse(localStorage.getItem(KEY) ?? 'null') ?? undefined;
}

/** @param {Tokens} given */
function keep({ token, expiresAt, refreshToken }) {
  const kept = { token, expiresAt, refreshToken };
  localStorage.setItem(KEY, JSON.stringify(kept));
  return kept;
}

/** @param {Tokens} kept */
function lasts({ expiresAt }) {
  return Date.parse(expiresAt) - Date.now() > RENEW_BEFORE_MS;
}
