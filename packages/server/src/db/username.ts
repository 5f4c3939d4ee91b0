/** User names: what is shown, and what makes one unique. Pure. */
import { USERNAME_PATTERN } from '@ringdown/protocol';

const SHAPE = new RegExp(USERNAME_PATTERN, 'u');

/** What is compared: compatibility forms and case make no difference. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/**
 * Makes the form of a new name that is stored and shown.
 * @returns undefined when the name, its compatibility forms resolved, is no name any more: a single letter may resolve
 *   to a phrase with blanks
 */
export function displayName(username: string): string | undefined {
  const shown = username.normalize('NFC');
  return SHAPE.test(shown) && SHAPE.test(usernameKey(username)) ? shown : undefined;
}
